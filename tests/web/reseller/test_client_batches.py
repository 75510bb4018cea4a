"""Many clients at once: chosen in the list, brought in from a file, written out again."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal import batches, identity, ledger, mail
from portal.batches import BatchKind
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.money import Money
from portal.identity import ClientDetails, ClientFilter, ClientStatus
from portal.mail.models import OutgoingMail
from tests.browser import Browser, Page
from tests.worker import work
from tests.world import World


def of_status(world: World, status: ClientStatus) -> set[str]:
    with world.reading(world.northwind):
        rows = identity.find_clients(ClientFilter(status=status)).rows
        return {row.company or row.name for row in rows}


def add_waiting(world: World, email: str = "wes@example.com") -> Any:
    with world.within(world.northwind):
        made = identity.add_client(ClientDetails("Wes", "Waiting", email), status=ClientStatus.WAIT)
        ledger.open_wallet(made.id, mode=identity.BalanceMode.SOFT)
    return made


def notices(world: World) -> list[tuple[str, str, str]]:
    with world.reading(world.northwind):
        found = session().execute(
            select(OutgoingMail.recipient, OutgoingMail.subject, OutgoingMail.text)
            .where(OutgoingMail.name == "notice")
            .order_by(OutgoingMail.recipient)
        )
        return [(one.recipient, one.subject, one.text) for one in found]


def chosen(browser: Browser, action: str, *clients: Any, **more: Any) -> Page:
    browser.open("/staff/clients")
    ids = [str(one.public_id) for one in clients]
    return browser.post("/staff/clients/bulk", {"action": action, "chosen": ids} | more)


def test_the_bar_says_how_many_are_chosen_and_what_they_hold(owner: Browser, world: World) -> None:
    with world.reading(world.northwind):
        held = sum((ledger.balance_of(one.id) for one in (world.a, world.b)), Money(0))

    part = owner.open(
        "/staff/clients/selection",
        htmx=True,
        chosen=[str(one.public_id) for one in (world.a, world.b, world.x)] + ["nonsense"],
    )
    listed = owner.open("/staff/clients")

    assert part.text("#selection") == f"2 selected ${held.decimal:.2f} held"
    assert len(listed.all('#client-rows [name=chosen][form="bulk"]')) == 2
    assert listed.text("#selection") == "Nothing selected"


def test_the_chosen_are_suspended_and_activated_and_who_was_not_is_named(
    owner: Browser, world: World
) -> None:
    wes = add_waiting(world)

    done = chosen(owner, "suspend", world.a, world.b)
    suspended = of_status(world, ClientStatus.SUSPENDED)
    partly = chosen(owner, "suspend", world.a, wes)
    lifted = chosen(owner, "activate", world.a, wes, world.x)

    assert "2 clients are suspended now." in done.words
    assert suspended == {"Harbourlight Dental", "Kestrel Landscaping"}
    assert "Wes Waiting" in partly.text("#batch")
    assert "Was not active." in partly.text("#batch")
    assert "2 clients are active now." in lifted.words
    assert of_status(world, ClientStatus.ACTIVE) == {"Harbourlight Dental", "Wes Waiting"}
    with world.reading(world.globex):
        assert identity.client_facts(world.x.id).status is ClientStatus.ACTIVE
    with world.reading(world.northwind):
        told = [row.recipient for row in mail.unsent_mails() if row.name == "account_activated"]
    assert told == ["wes@example.com"]


def test_a_message_goes_to_each_of_a_filter_once(owner: Browser, world: World) -> None:
    owner.open("/staff/clients")
    owner.post("/staff/clients/bulk", {"action": "message", "everyone": "1", "q": "", "state": ""})
    page = owner.page
    assert page is not None
    empty = owner.submit("#notice-form", subject="", text="")
    sent = owner.submit("#notice-form", subject="Works on <Sunday>", text="We dig.\n\nSorry.")
    again = owner.post(f"{page.path}/send", {"subject": "Twice", "text": "no"})

    work()
    work(later=True)

    assert empty.status == 422
    assert "0 of 2" in sent.text("#batch")
    assert again.path == page.path
    found = notices(world)
    assert [to for to, _, _ in found] == ["owen@kestrel.example", "priya@harbourlight.example"]
    assert {subject for _, subject, _ in found} == {"Works on <Sunday>"}
    assert "We dig." in found[0][2]
    assert "2 messages are on their way." in owner.open(page.path).text("#batch")


def test_all_that_match_are_suspended_once_a_page_has_named_their_number(
    owner: Browser, world: World
) -> None:
    with world.within(world.northwind):
        for at in range(51):
            identity.add_client(ClientDetails("Lena", f"Lampert {at}", f"lamp{at}@example.com"))
    listed = owner.open("/staff/clients", q="lamp")
    few = owner.open("/staff/clients", q="harbourlight")

    assert "Select all 51 that match" in listed.text("#bulk")
    assert not few.has("[name=everyone]"), "one page has them all"

    owner.open("/staff/clients", q="lamp")
    asked = owner.submit("#bulk", everyone="1", action="suspend")
    before = of_status(world, ClientStatus.SUSPENDED)
    running = owner.submit('form[action$="/start"]')
    again = owner.post(f"{asked.path}/start")
    work()

    assert asked.text("#confirm-title") == "Suspend 51 clients?"
    assert not before
    assert running.path == again.path == asked.path
    assert "0 of 51" in running.text("#batch")
    assert "Done for 51 clients." in owner.open(asked.path).text("#batch")
    assert of_status(world, ClientStatus.ACTIVE) == {"Harbourlight Dental", "Kestrel Landscaping"}


def test_whoever_thinks_again_at_the_number_changes_nobody(owner: Browser, world: World) -> None:
    owner.open("/staff/clients")
    asked = owner.post("/staff/clients/bulk", {"action": "suspend", "everyone": "1"})
    left = owner.submit('form[action$="/discard"]')

    assert asked.text("#confirm-title") == "Suspend 2 clients?"
    assert left.path == "/staff/clients"
    assert owner.post(f"{asked.path}/start").status == 404
    assert not of_status(world, ClientStatus.SUSPENDED)


def upload(browser: Browser, content: str | bytes, name: str = "clients.csv") -> Page:
    browser.open("/staff/clients/import")
    raw = content.encode() if isinstance(content, str) else content
    return browser.ask(
        "POST",
        "/staff/clients/import",
        data={"csrf_token": browser.token(), "file": (io.BytesIO(raw), name)},
        content_type="multipart/form-data",
    )


FILE = """First name;Surname;Courriel;Company;Country;Threshold;Notes
Ada;Lindqvist;ada@lindqvist.example;Lindqvist Optics;Sweden;25;vip
Bo;Adeyemi;bo@adeyemi.example;;Canada;;
Bo;Again;BO@adeyemi.example;;CA;;
Priya;Raman;priya@harbourlight.example;;CA;;
;Nobody;nobody@example.com;;CA;;
Zed;Zero;not an address;;CA;;
Low;Threshold;low@example.com;;CA;5;
"""


def test_a_file_is_tried_first_and_creates_what_the_trial_said(
    owner: Browser, world: World
) -> None:
    page = upload(owner, FILE)
    trial = page.text("#trial")
    before = of_status(world, ClientStatus.ACTIVE)

    assert page.status == 200
    assert page.find("#column_01 option[selected]")["value"] == "last_name"
    assert page.find("#column_02 option[selected]")["value"] == "email"
    assert "2 clients would be created , 2 lines left out, 3 lines are wrong" in trial
    assert "This e-mail stands in the file before." in trial
    assert "There is a client with this e-mail already." in trial
    assert "First name: This is needed." in trial
    assert "E-mail: This is not an e-mail address." in trial
    assert "Low balance threshold: Choose an amount from 10 to 500." in trial

    owner.submit("#create", invite="1")
    owner.post(f"{page.path}/create")
    work()
    work(later=True)

    assert of_status(world, ClientStatus.ACTIVE) - before == {"Lindqvist Optics", "Bo Adeyemi"}
    assert "2 clients were created." in owner.open(page.path).text("#batch")
    with world.reading(world.northwind):
        (row,) = identity.find_clients(ClientFilter("lindqvist")).rows
        details = identity.client_facts(row.id).details
        assert (details.country, details.low_balance_threshold) == ("SE", Money.of("25"))
        assert ledger.balance_of(row.id) == Money(0)
    assert "3 clients would" not in upload(owner, FILE).words, "the same file has nothing new"
    assert "0 clients would be created" in upload(owner, FILE).text("#trial")


def test_the_trial_says_which_user_ids_are_taken(owner: Browser, world: World) -> None:
    page = upload(
        owner,
        "first name,last name,email,user id\n"
        f"Ida,Novak,ida@novak.example,{world.a.number}\n"
        "Bo,Adeyemi,bo@adeyemi.example,400002\n"
        "Cy,Adeyemi,cy@adeyemi.example,400002\n",
    )
    trial = page.text("#trial")

    owner.submit("#create")
    work()

    assert "1 client would be created , 0 lines left out, 2 lines are wrong" in trial
    assert "User ID: Another client has this number." in trial
    assert "1 client was created." in owner.open(page.path).text("#batch")


def test_every_one_of_very_many_chosen_ids_counts_once_and_strangers_do_not(
    owner: Browser, world: World
) -> None:
    owner.open("/staff/clients")
    ids = [str(uuid.uuid4()) for _ in range(5_000)]
    ids += ["nonsense", str(world.x.public_id), *[str(world.b.public_id)] * 3]

    owner.post("/staff/clients/bulk", {"action": "suspend", "chosen": ids})

    assert of_status(world, ClientStatus.SUSPENDED) == {"Kestrel Landscaping"}
    with world.reading(world.globex):
        assert identity.client_facts(world.x.id).status is ClientStatus.ACTIVE


def test_a_draft_is_not_begun_as_another_kind_of_work(owner: Browser, world: World) -> None:
    chosen(owner, "message", world.a)
    assert owner.page is not None
    message = owner.page.path
    file = upload(owner, "first name,last name,email\nIda,Novak,ida@novak.example\n").path

    wrong = (
        owner.post(f"{message}/create"),
        owner.post(f"{file}/send", {"subject": "Hello", "text": "There"}),
    )
    work()

    assert [page.status >= 400 for page in wrong] == [True, True]
    assert notices(world) == []
    assert "Novak" not in owner.open("/staff/clients").words


def test_who_is_brought_in_chooses_a_password_by_a_link_once(
    owner: Browser, browser: Callable[..., Browser], world: World
) -> None:
    upload(owner, "first name,last name,email\nIda,Novak,ida@novak.example\n")
    owner.submit("#create", invite="1")
    work()
    with world.reading(world.northwind):
        (written,) = [row for row in mail.unsent_mails() if row.name == "welcome"]
    link = re.search(r"/r/\d+/welcome/\S+", written.text)
    assert link is not None
    ida = browser(world.northwind)
    ida.open(link.group(0))

    elsewhere = browser(world.globex).open(link.group(0).replace("100482", "100731"))
    ida.submit("#welcome", password="seven calm otters", again="seven calm otters")
    inside = ida.log_in("ida@novak.example", "seven calm otters")
    again = ida.open(link.group(0))

    assert inside.title.endswith("Ida")
    assert (elsewhere.status, again.status) == (422, 422)


def test_columns_can_be_named_by_hand(owner: Browser, world: World) -> None:
    page = upload(owner, "a\tb\tc\nIda\tNovak\tida@novak.example\n")
    assert "Say which columns hold: First name, Last name, E-mail." in page.words

    mapped = owner.submit(
        "#columns-form", column_00="first_name", column_01="last_name", column_02="email"
    )

    assert "1 client would be created" in mapped.text("#trial")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The first line must name the columns"),
        (b"first name,email\n", "There is no line below"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "This is not a CSV file."),
        (b"email\n" + b"a@b.example\n" * 5_001, "more than 5,000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    owner: Browser, content: bytes, sentence: str
) -> None:
    page = upload(owner, content)

    assert page.status == 422
    assert sentence in page.text("#file-error")


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too large"):
        batches.read_sheet(b"email\n" + b"a" * batches.MOST_BYTES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    sheet = batches.read_sheet("prénom,nom\r\nÉlodie,Côté\r\n\r\n".encode(encoding))

    assert sheet.head == ("prénom", "nom")
    assert sheet.rows == ((2, ("Élodie", "Côté")),)


def test_a_download_honours_the_filter_runs_no_formula_and_comes_back(
    owner: Browser, world: World
) -> None:
    with world.within(world.northwind):
        identity.add_client(ClientDetails("=1+1", "@SUM", "f@example.com", phone="+1 613 555 0199"))

    every = _rows(owner.open("/staff/clients.csv"))
    some = _rows(owner.open("/staff/clients.csv", q="kestrel", state="active"))
    everything = owner.open("/staff/clients.csv")
    back = upload(owner, everything.body)

    assert [row["email"] for row in some] == ["owen@kestrel.example"]
    formula = next(row for row in every if row["email"] == "f@example.com")
    assert (formula["first_name"], formula["phone"]) == ("'=1+1", "'+1 613 555 0199")
    assert "mina@meridian.example" not in str(every)
    assert "3 lines left out" in back.text("#trial")


def _rows(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.body.decode("utf-8-sig"))))


def test_another_resellers_work_does_not_exist(
    owner: Browser, browse: Callable[..., Browser], world: World
) -> None:
    page = upload(owner, "first name,last name,email\nIda,Novak,ida@novak.example\n")
    theirs = browse(world.globex.owner)

    assert theirs.open(page.path).status == 404
    for action in ("send", "create", "discard", "columns"):
        assert theirs.post(f"{page.path}/{action}", {"subject": "a", "text": "b"}).status == 404


def test_a_reader_may_download_and_nothing_else(reader: Browser, world: World) -> None:
    listed = reader.open("/staff/clients")

    assert not listed.has("#bulk")
    assert reader.open("/staff/clients.csv").status == 200
    assert reader.open("/staff/clients/import").status == 403
    assert reader.post("/staff/clients/bulk", {"action": "suspend"}).status == 403


def test_old_work_is_forgotten_and_a_closed_client_is_not_written_to(world: World) -> None:
    with world.within(world.northwind):
        made = identity.add_client(ClientDetails("Old", "Timer", "old@example.com"))
        work_id = batches.begin(BatchKind.MESSAGE, [made.id])
        identity.close_client(made.id, typed_name="Old Timer", still_connected=())
        batches.start(work_id, BatchKind.MESSAGE, subject="Hello", text="There")
        batches.run_now(work_id)
        facts = batches.find(work_id)
    with world.within(world.northwind):
        batches.forget_old(facts.created_at.replace(year=facts.created_at.year + 1))

    assert (facts.counts.failed, facts.counts.done) == (1, 0)
    with world.reading(world.northwind), pytest.raises(Exception, match="no such work"):
        batches.find(work_id)
