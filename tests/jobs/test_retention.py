"""Closed clients become nameless when their time is over; the books go on adding up."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from jobs.upkeep import anonymise_closed
from portal import identity, ledger, mail, numbers, payments, pbx
from portal.calls.models import Call
from portal.contacts.models import Contact
from portal.core import clock
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import bind, unscoped
from portal.identity.models import AuditEvent, Person
from portal.ledger import check
from portal.messaging.models import Conversation, Message
from portal.numbers.models import DidLink, NumberOrder
from tests.world import World

SAID = ("priya", "raman", "harbourlight", "613 555 0142", "198.51.100.9", "asked by phone")


def close(world: World) -> None:
    """Client a had a mail, a view by staff and a login; then everything is unlinked and it is closed."""
    a = world.a
    with world.within(world.northwind):
        mail.queue_mail("suspended", client_id=a.id, values={"balance": "1.00"})
        identity.record("acting.began", client_id=a.id, reason="Priya asked by phone")
        priya = identity.people_of(a.id)[0]
        session().add(
            AuditEvent(
                client_id=a.id, person_id=priya.id, person_name=priya.name, action="person.logged_in",
                facts={}, address="198.51.100.9",
            )
        )  # fmt: skip
        session().add(
            NumberOrder(
                client_id=a.id, reference="r", action="connect", state="done", finished_at=clock.now(),
                wish={"dids": [], "mailbox": {"email": "priya@harbourlight.example"}},
            )
        )  # fmt: skip
        session().execute(
            update(DidLink).where(DidLink.client_id == a.id).values(label="Priya's desk")
        )
        for did in numbers.dids_of(a.id):
            assert did.link_public_id is not None
            numbers.unconnect(did.link_public_id)
        for account in pbx.sub_accounts_of(a.id):
            pbx.unlink_account(account.public_id)
        identity.close_client(a.id, typed_name=a.title, still_connected=())


def everything_said(world: World) -> str:
    """What is still known of the client, from every table that had a name in it."""
    rows: list[object] = []
    with bind(world.a.scope()):
        rows.append(identity.client_facts(world.a.id))
        rows += [(one.name, one.email) for one in session().scalars(select(Person))]
        rows += [
            (one.person_name, one.facts, one.address)
            for one in session().scalars(select(AuditEvent))
        ]
        rows += [one.text for one in session().scalars(select(Message))]
        rows += [one.last_text for one in session().scalars(select(Conversation))]
        rows += [(one.name, one.search_key) for one in session().scalars(select(Contact))]
        rows += [one.wish for one in session().scalars(select(NumberOrder))]
        rows += [one.label for one in session().scalars(select(DidLink))]
        rows += [(one.recipient, one.subject, one.text) for one in mail.unsent_mails()]
        session().rollback()
    return str(rows).casefold()


def run() -> None:
    with unscoped("the job serves every reseller"):
        anonymise_closed()


def test_after_the_years_the_person_is_gone_and_the_books_are_not(world: World) -> None:
    with world.reading(world.northwind):
        before = ledger.balance_of(world.a.id)
        texts = len(session().scalars(select(Message.id)).all())
        legs = len(session().scalars(select(Call.id)).all())
    close(world)

    run()
    kept = everything_said(world)
    with time_machine.travel(clock.now() + timedelta(days=7 * 366)):
        run()
        run()
    left = everything_said(world)

    assert "raman" in kept, "seven years are not over"
    assert [word for word in SAID if word in left] == []
    with world.reading(world.northwind):
        assert ledger.balance_of(world.a.id) == before
        assert len(session().scalars(select(Message.id)).all()) == texts
        assert len(session().scalars(select(Call.id)).all()) == legs
        assert identity.client_facts(world.b.id).details.last_name == "Castellan"
        done = [one.action for one in identity.events(world.a.id).rows]
        assert done.count("client.anonymised") == 1
    with unscoped("the proof of the books"):
        assert list(check.findings()) == []


def test_money_that_comes_after_that_is_written_down_and_nobody_is_written_to(
    world: World,
) -> None:
    with world.within(world.northwind):
        identity.set_keep_closed_years(0)
    close(world)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        run()

        with world.within(world.northwind):
            payments.add_payment(world.a.id, Money.of("12"), reference="late")

        with world.reading(world.northwind):
            assert [one for one in mail.unsent_mails() if "removed.invalid" in one.recipient] == []


def test_mails_of_another_client_with_the_same_address_stay(world: World) -> None:
    with world.within(world.northwind):
        desk = identity.client_facts(world.a.id).details.low_balance_email
        identity.set_low_balance(world.b.id, Money.of("25"), email=desk)
        mail.queue_mail(
            "low_balance",
            client_id=world.b.id,
            values={"balance": Money.of("5"), "threshold": Money.of("25")},
        )
    close(world)

    with time_machine.travel(clock.now() + timedelta(days=8 * 366)):
        anonymise_closed()

    with world.reading(world.northwind):
        assert desk in {one.recipient for one in mail.unsent_mails()}


def test_who_has_an_order_or_a_text_on_its_way_keeps_the_name_until_that_is_over(
    world: World,
) -> None:
    with world.within(world.northwind):
        identity.set_keep_closed_years(0)
    close(world)
    with world.within(world.northwind):
        order = session().scalars(select(NumberOrder)).one()
        order.state, order.finished_at = "undoing", None
        text = session().scalars(select(Message).where(Message.direction == "out")).first()
        assert text is not None
        text.state = "unknown"
    with time_machine.travel(clock.now() + timedelta(days=1)):
        run()
        kept = everything_said(world)
        with world.within(world.northwind):
            session().execute(update(NumberOrder).values(state="undone", finished_at=clock.now()))
        run()
        still = everything_said(world)
        with world.within(world.northwind):
            session().execute(
                update(Message).where(Message.state == "unknown").values(state="sent")
            )

        run()

    assert "raman" in kept
    assert "raman" in still
    assert [word for word in SAID if word in everything_said(world)] == []


def test_a_line_of_the_log_can_be_emptied_but_not_rewritten(world: World) -> None:
    close(world)

    for changed in (
        {"action": "nothing.happened"},
        {"person_name": "Mallory"},
        {"facts": {"a": 1}},
    ):
        with pytest.raises(DatabaseError, match="never changed"), world.within(world.northwind):
            session().execute(
                update(AuditEvent).where(AuditEvent.client_id == world.a.id).values(**changed)
            )


def test_who_is_not_closed_keeps_the_name_and_another_resellers_years_are_theirs(
    world: World,
) -> None:
    with world.within(world.globex):
        identity.set_keep_closed_years(0)
    close(world)

    with time_machine.travel(clock.now() + timedelta(days=400)):
        run()

    assert "raman" in everything_said(world)
    with world.reading(world.globex):
        assert identity.client_facts(world.x.id).details.first_name == "Mina"
