"""People hear of what came: under the bell, by mail when it stays unread, in their browsers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from portal import fax, identity, ledger, messaging, notices, numbers, pbx
from portal.core import clock
from portal.core.db import session
from portal.core.queue import enqueue
from portal.fax import FaxState, MailWish
from portal.fax.models import Fax
from portal.identity import Access, MemberRole
from portal.mail.models import OutgoingMail
from portal.notices import Wish, sealing
from portal.tasks import DELIVER_FAX
from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.notices.push_service import PushService
from tests.worker import bring_forward, work
from tests.world import HASH, World, receive_text

Browse = Callable[..., Browser]
# A push service may be on this machine, which otherwise only the carrier and mail may.
push_here = pytest.mark.own_app(PORTAL_CALLBACKS_PRIVATE="127.0.0.1")
NADIA = "+16135550155"


def test_a_push_is_sealed_as_the_standard_shows() -> None:
    """Appendix A of RFC 8291."""
    own = sealing.key_of(
        int.from_bytes(sealing.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    )

    body = sealing.seal(
        b"When I grow up, I want to be a watermelon",
        browser_key="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        browser_secret="BTBZMqHH6r4Tts7J_aSIgg",
        own_key=own,
        salt=sealing.decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert base64.urlsafe_b64encode(body).rstrip(b"=") == (
        b"DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        b"AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    ("clock_there", "until"),
    [("21:59", None), ("22:00", "07:30+1"), ("03:00", "07:30"), ("07:30", None), ("12:00", None)],
)
def test_the_quiet_of_a_night_ends_in_the_morning(clock_there: str, until: str | None) -> None:
    wish = Wish(quiet_from=time(22), quiet_until=time(7, 30))
    zone = ZoneInfo("America/Toronto")
    now = datetime.combine(date(2026, 11, 20), time.fromisoformat(clock_there), zone).astimezone(
        UTC
    )

    found = wish.quiet_end(now, "America/Toronto")

    if until is None:
        assert found is None
    else:
        day = date(2026, 11, 20) + timedelta(days=until.count("+1"))
        assert found == datetime.combine(day, time(7, 30), zone)


@pytest.fixture
def push_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@push_here
def test_a_text_is_under_the_bell_in_the_browser_and_then_in_the_mailbox(
    world: World, browse: Browse, push_service: PushService
) -> None:
    ada, b = browse(world.a), browse(world.b)
    key = json.loads(ada.post("/profile/notifications/key").body)["key"]
    ada.post("/profile/notifications/browser", push_service.subscription())
    ada.open("/profile/notifications")
    ada.submit("#notifications", mail_texts="y", minutes="5", push_shows_text=None)

    receive_text(world.northwind, world.a.dids[0], NADIA, "The code is 4711")
    work()
    receive_text(world.northwind, world.a.dids[0], NADIA, "Did you get it?")
    work()

    first, second = push_service.shown
    assert first["title"] == "Text from +1 613 555 0155"
    assert first["body"] == second["body"] == "", "what was written is nobody's on a locked screen"
    assert second["title"] == "2 texts from +1 613 555 0155"
    assert first["tag"] == second["tag"]
    assert first["url"] == thread_of(world).removeprefix("/")
    signer = push_service.signer()
    assert (signer["aud"], signer["k"]) == (push_service.origin, key)
    assert push_service.got[-1][0]["content-encoding"] == "aes128gcm"
    assert ada.open("/dashboard").has("#bell-pip .pip")
    assert "2 texts from +1 613 555 0155" in ada.open("/notices").words
    assert "Nothing yet" in b.open("/notices").words

    assert mails(world) == []
    work(later=True)
    [mail] = mails(world)
    assert (mail.recipient, mail.subject) == (world.a.email, "2 texts from +1 613 555 0155")
    assert f"/r/100482{thread_of(world)}" in mail.text

    ada.open(thread_of(world))
    page = ada.open("/notices")
    assert not page.has("#bell-pip .pip")
    assert not page.has(".square-accent")
    ada.post("/profile/notifications/browser", push_service.subscription() | {"on": "0"})
    receive_text(world.northwind, world.a.dids[0], NADIA, "Hello?")
    work()
    assert len(push_service.got) == 2


@push_here
def test_how_a_fax_ended_is_told_to_whoever_sent_it_and_mailed_as_they_wish(
    world: World, browse: Browse, push_service: PushService
) -> None:
    ada, b = browse(world.a), browse(world.b)
    ada.post("/profile/notifications/browser", push_service.subscription())
    with world.within(world.a):
        me = messaging.who_sees(world.a.id, did_of(world))[0].person_id
        own = give_faxes(world.a.id, "+16135550198")
        identity.suspend_client(world.a.id)  # so none of them goes out

    for wish, sent in ((MailWish.NEVER, own["waiting"]), (MailWish.FAILED, own["failed"])):
        with world.within(world.a):
            fax.save_mail_wish(world.a.id, me, wish)
            row = session().scalars(select(Fax).where(Fax.public_id == sent)).one()
            row.sent_by_id, row.pdf, row.state, row.due_at = me, "kept", FaxState.QUEUED, None
            session().flush()
            ledger.hold(world.a.id, row.price, source_type="fax", source_id=str(sent), kind="send")
            enqueue(DELIVER_FAX, fax_id=row.id)
        work()

    titles = [f"Your fax to +1 613 555 {end} failed" for end in ("0136", "0190")]
    assert [one["title"] for one in push_service.shown] == titles
    bell = ada.open("/notices").words
    assert [title in bell for title in titles] == [True, True]
    assert "Nothing yet" in b.open("/notices").words
    [mail] = mails(world, "fax_result")
    assert mail.recipient == world.a.email
    assert "The account was suspended when it was to be sent" in mail.text


@push_here
def test_what_somebody_read_is_not_mailed_and_quiet_hours_wait(
    world: World, browse: Browse, push_service: PushService
) -> None:
    ada = browse(world.a)
    with world.within(world.a):
        me = messaging.who_sees(world.a.id, did_of(world))[0].person_id
        now = clock.now().astimezone(ZoneInfo("America/Toronto"))
        night = ((now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time())
        wish = Wish(mail_texts=True, minutes=1, push_shows_text=True)
        notices.save_wish(world.a.id, me, wish)
    ada.post("/profile/notifications/browser", push_service.subscription())

    receive_text(world.northwind, world.a.dids[0], NADIA, "Read at once")
    work()
    assert push_service.shown[-1]["body"] == "Read at once"
    ada.open(thread_of(world))
    work(later=True)
    assert mails(world) == [], "read before its time"

    with world.within(world.a):
        notices.save_wish(world.a.id, me, replace(wish, quiet_from=night[0], quiet_until=night[1]))
    receive_text(world.northwind, world.a.dids[0], NADIA, "Late at night")
    work()
    bring_forward()
    work()
    assert mails(world) == [], "it waits for the morning"
    assert len(push_service.got) == 1, "and no telephone rings"
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        work(later=True)
        assert [mail.subject for mail in mails(world)] == ["Text from +1 613 555 0155"]


@push_here
@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_told_no_more(
    world: World, browse: Browse, push_service: PushService, status: int
) -> None:
    ada, push_service.answers = browse(world.a), status
    ada.post("/profile/notifications/browser", push_service.subscription())

    for text in ("One", "Two"):
        receive_text(world.northwind, world.a.dids[0], NADIA, text)
        work()

    assert len(push_service.got) == 1
    assert "Show them in this browser" in ada.open("/profile/notifications").words


@push_here
def test_a_push_service_that_does_not_answer_gets_one_try_and_the_rest_later(
    world: World, browse: Browse, push_service: PushService
) -> None:
    browse(world.a).post("/profile/notifications/browser", push_service.subscription())
    push_service.hangs_up = True
    for who in (NADIA, "+16135550156", "+16135550157"):
        receive_text(world.northwind, world.a.dids[0], who, "Hello")
    work()
    assert len(push_service.got) == 1
    push_service.hangs_up = False
    work(later=True)
    assert len(push_service.got) == 4
    with time_machine.travel(clock.now() + timedelta(days=2)):
        work(later=True)
    assert len(push_service.got) == 4


def test_a_limited_member_hears_of_the_own_numbers_alone(world: World) -> None:
    with world.within(world.northwind):
        kanata = next(
            row.id for row in pbx.all_sub_accounts() if row.public_id == world.a.accounts["kanata"]
        )
        kim = identity.add_member(
            world.a.id, name="Kim Kanata", email="kim@harbourlight.example", password=HASH,
            access=Access(MemberRole.MEMBER, frozenset({kanata}), sees_money=False),
        )  # fmt: skip

    receive_text(world.northwind, world.a.dids[0], NADIA, "For the whole office")
    work()

    with world.reading(world.a):
        [priya] = [one for one in identity.people_of(world.a.id) if one.id != kim.id]
        assert notices.waiting(world.a.id, kim.id)[1] == 0
        assert notices.waiting(world.a.id, priya.id)[1] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": "https://push.example/" + "x" * 1_100},
        {"endpoint": "https://[::1/"},
        {"endpoint": "https://push.example:99999/"},
        {"endpoint": "https://push.example/\u202egpj"},
        {"key": "AAAA"},
        {"key": "é"},
        {"secret": "short"},
    ],
)
def test_a_subscription_that_is_none_is_refused(
    world: World, browse: Browse, push_service: PushService, wrong: dict[str, str]
) -> None:
    answer = browse(world.a).post(
        "/profile/notifications/browser", push_service.subscription() | wrong
    )

    assert answer.status == 422


def test_a_push_service_on_our_own_network_is_never_called(
    world: World, browse: Browse, push_service: PushService
) -> None:
    browse(world.a).post("/profile/notifications/browser", push_service.subscription())

    receive_text(world.northwind, world.a.dids[0], NADIA, "Hello")
    work()

    assert push_service.got == []


def test_the_worker_is_served_at_the_portals_root(world: World, browse: Browse) -> None:
    answer = browse(world.a).open("/worker.js")

    assert answer.status == 200
    assert "javascript" in answer.headers["Content-Type"]
    assert answer.headers["Cache-Control"] == "public, no-cache"


def thread_of(world: World) -> str:
    with world.reading(world.a):
        found = messaging.find_conversation(world.a.id, world.a.dids[0], NADIA)
    return f"/messages/{found}"


def did_of(world: World) -> int:
    owner = numbers.owner_of(world.a.dids[0])
    assert owner is not None
    return owner.did_id


def mails(world: World, name: str = "news") -> list[OutgoingMail]:
    with world.reading(world.northwind):
        return list(session().scalars(select(OutgoingMail).where(OutgoingMail.name == name)))
