"""A reseller's clients: adding, editing, finding, and the states they go through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal import identity
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope, bind, unscoped
from portal.identity import (
    ClientFilter,
    ClientSort,
    ClientStatus,
    ResellerFacts,
    Role,
    StaffAction,
    SuspendedFor,
)
from tests.identity.people import (
    HASH,
    add_client,
    add_owner,
    add_reseller,
    details,
    log_in,
    within,
)


def test_a_client_gets_a_number_and_the_person_who_logs_in(northwind: ResellerFacts) -> None:
    client = add_client(northwind, " Ada@Example.com ", first_name=" Ada ", company="Lamp  & Co")

    assert len(client.number) == 6
    assert client.number.isdigit()
    assert client.details.email == "ada@example.com"
    assert client.details.company == "Lamp & Co"
    assert (client.name, client.title) == ("Ada Moreau", "Lamp & Co")
    assert log_in(northwind).visitor.name == "Ada Moreau"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", " "), ("last_name", ""), ("first_name", "x" * 61), ("email", "ada"),
        ("email", "a@b"), ("email", "a b@example.com"), ("email", "a@example.com\nBcc: b@x.com"),
        ("email", "a@-example.com"), ("email", ".a@example.com"), ("country", "Canada"),
        ("phone", "call me"), ("language", "de"), ("time_zone", "Mars/Base"),
        ("time_zone", "../etc"), ("balance_mode", "medium"), ("company", "x" * 121),
        ("low_balance_threshold", Money.of("9.99")), ("low_balance_threshold", Money.of("500.01")),
        ("low_balance_email", "nobody"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named(
    northwind: ResellerFacts, field: str, value: object
) -> None:
    with within(northwind), pytest.raises(InvalidInput) as refusal:
        identity.add_client(replace(details(), **{field: value}))  # type: ignore[arg-type]

    assert refusal.value.field == field


def test_an_email_is_one_clients_per_reseller(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    add_client(northwind)
    bo = add_client(northwind, "bo@example.com")
    add_client(globex)

    with within(northwind), pytest.raises(InvalidInput) as adding:
        identity.add_client(details("ADA@example.com"), password=HASH)
    with within(northwind), pytest.raises(InvalidInput) as editing:
        identity.edit_client(bo.id, replace(bo.details, email="ada@example.com"))

    assert adding.value.field == editing.value.field == "email"
    with bind(Scope(northwind.id)):
        assert identity.client_facts(bo.id).details.email == "bo@example.com"


def test_a_refused_email_leaves_the_rest_of_the_transaction_alone(app_on_each: Flask) -> None:
    reseller = add_reseller()
    add_client(reseller)

    with within(reseller):
        identity.add_client(details("first@example.com"))
        with pytest.raises(InvalidInput):
            identity.add_client(details())
        identity.add_client(details("last@example.com"))

    with bind(Scope(reseller.id)):
        assert identity.count_clients()[ClientStatus.ACTIVE] == 3


def test_a_new_email_is_the_new_login(northwind: ResellerFacts) -> None:
    client = add_client(northwind)

    with within(northwind):
        identity.edit_client(
            client.id, replace(client.details, email="new@example.com", last_name="Moreau-Roy")
        )

    assert log_in(northwind, "new@example.com").visitor.name == "Ada Moreau-Roy"
    with bind(Scope(northwind.id)):
        (edited, *_) = [e for e in identity.events(client.id).rows if e.action == "client.edited"]
    assert edited.facts == {"fields": ["email", "last_name"]}


def test_another_resellers_client_does_not_exist(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    theirs = add_client(globex)

    with within(northwind):
        for attempt in (
            lambda: identity.edit_client(theirs.id, theirs.details),
            lambda: identity.suspend_client(theirs.id),
            lambda: identity.client_by_public_id(theirs.public_id),
            lambda: identity.client_by_public_id("not a uuid"),
            lambda: identity.client_facts(theirs.id),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_money_does_not_lift_what_staff_decided(northwind: ResellerFacts) -> None:
    client = add_client(northwind)
    balance, staff = SuspendedFor.BALANCE, SuspendedFor.STAFF
    with within(northwind):
        assert identity.suspend_client(client.id, reason=balance)
        assert not identity.suspend_client(client.id, reason=balance), "once"
        assert identity.suspend_client(client.id, reason=staff), "staff go above it"

        assert not identity.resume_client(client.id, reason=balance)
        assert identity.client_facts(client.id).status is ClientStatus.SUSPENDED
        assert identity.resume_client(client.id, reason=staff)
        assert not identity.resume_client(client.id, reason=staff)

        assert identity.suspend_client(client.id, reason=balance)
        assert identity.resume_client(client.id, reason=balance)
        assert identity.client_facts(client.id).status is ClientStatus.ACTIVE


def test_who_signed_up_is_activated_once(northwind: ResellerFacts) -> None:
    client = add_client(northwind, status=ClientStatus.WAIT)
    with within(northwind):
        assert identity.waiting_count() == 1

        assert not identity.suspend_client(client.id)
        assert identity.activate_client(client.id)
        assert not identity.activate_client(client.id)

    assert log_in(northwind).visitor.client_status is ClientStatus.ACTIVE


def test_a_client_is_closed_only_when_nothing_hangs_on_it_and_by_name(
    northwind: ResellerFacts,
) -> None:
    client = add_client(northwind)
    token = log_in(northwind).token
    with within(northwind):
        with pytest.raises(Refused):
            identity.close_client(client.id, typed_name="Ada Moreau", still_connected=["100001_a"])
        with pytest.raises(InvalidInput) as refusal:
            identity.close_client(client.id, typed_name="Ada", still_connected=())
        assert refusal.value.field == "typed_name"

        identity.close_client(client.id, typed_name="Ada Moreau", still_connected=())

        assert identity.client_facts(client.id).status is ClientStatus.CLOSED, "records stay"
        with pytest.raises(NotFound):
            identity.edit_client(client.id, client.details)
    assert identity.resume_session(token) is None


def test_money_does_nothing_to_a_closed_client(northwind: ResellerFacts) -> None:
    client = add_client(northwind, status=ClientStatus.CLOSED)

    with within(northwind):
        assert not identity.suspend_client(client.id, reason=SuspendedFor.BALANCE)
        assert not identity.resume_client(client.id, reason=SuspendedFor.BALANCE)


def test_a_low_balance_is_warned_of_once_per_crossing(northwind: ResellerFacts) -> None:
    client = add_client(northwind)
    with within(northwind):
        identity.set_low_balance(client.id, Money.of("25"), email="books@example.com")

        assert identity.note_low_balance_warned(client.id)
        assert not identity.note_low_balance_warned(client.id)
        assert identity.forget_low_balance_warning(client.id)
        assert identity.note_low_balance_warned(client.id)
        changed = identity.set_low_balance(client.id, Money.of("50"))

    assert changed.low_balance_warned_at is None, "another threshold, another crossing"


@pytest.mark.parametrize(
    "text",
    [
        "beaulieu", "BEAULIEU", "béaulieu", "Zoë", "zoe", "lumiere", "zoe@", "555", "5550123",
        "(514) 555", "zoe lumi", "lumière ZOE",
    ],
)  # fmt: skip
def test_search_sees_past_accents_capitals_and_order(app_on_each: Flask, text: str) -> None:
    reseller = add_reseller()
    add_client(
        reseller,
        "zoe@example.com",
        first_name="Zoë",
        last_name="Beaulieu",
        company="Café Lumière",
        phone="+1 (514) 555-0123",
        number="200101",
    )
    add_client(reseller, "other@example.com", first_name="Bob", last_name="Stone", number="200102")

    with bind(Scope(reseller.id)):
        found = identity.find_clients(ClientFilter(text=text))
        by_number = identity.find_clients(ClientFilter(text=found.rows[0].number))

    assert [row.email for row in found.rows] == ["zoe@example.com"]
    assert [row.email for row in by_number.rows] == ["zoe@example.com"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "zzz", "ada%", "' or 1=1 --"])
def test_a_search_for_what_is_not_there_finds_nobody(northwind: ResellerFacts, text: str) -> None:
    add_client(northwind)

    with bind(Scope(northwind.id)):
        assert not identity.find_clients(ClientFilter(text=text))
        assert not any(identity.search_clients(ClientFilter(text)).counts.values())


def test_tabs_count_what_the_search_matches(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    for number, status in enumerate([*ClientStatus, ClientStatus.ACTIVE]):
        add_client(northwind, f"lamp{number}@example.com", status=status)
    add_client(northwind, "else@example.com")
    add_client(globex, "lamp@example.com")

    with bind(Scope(northwind.id)):
        suspended = identity.search_clients(ClientFilter("lamp", status=ClientStatus.SUSPENDED))
        everybody = identity.search_clients(ClientFilter("lamp"), rows=1)
        every_row = identity.find_clients(ClientFilter("lamp")).rows

    assert suspended.counts == everybody.counts == {
        ClientStatus.WAIT: 1, ClientStatus.ACTIVE: 2, ClientStatus.SUSPENDED: 1, ClientStatus.CLOSED: 1,
    }  # fmt: skip
    assert (len(suspended.page.rows), suspended.total) == (1, 1)
    assert (len(everybody.page.rows), everybody.total) == (1, 4)
    assert {row.status for row in every_row} == set(ClientStatus) - {ClientStatus.CLOSED}


@pytest.mark.parametrize("sort", list(ClientSort))
@pytest.mark.parametrize("text", ["", "example"])
def test_paging_forth_and_back_shows_every_client_once(
    app_on_each: Flask, sort: ClientSort, text: str
) -> None:
    reseller = add_reseller()
    with within(reseller):
        for number in range(11):
            identity.add_client(
                details(f"c{number}@example.com", last_name="Doe" if number % 2 else f"Roe{number}")
            )

    forth, back, cursor = [], [], None
    with bind(Scope(reseller.id)):
        whole = [
            row.id for row in identity.find_clients(ClientFilter(text, sort=sort), rows=50).rows
        ]
        while True:
            page = identity.find_clients(ClientFilter(text, sort=sort, cursor=cursor), rows=4)
            forth.append([row.id for row in page.rows])
            if page.older is None:
                break
            cursor = page.older
        while page.newer is not None:
            page = identity.find_clients(ClientFilter(text, sort=sort, cursor=page.newer), rows=4)
            back.append([row.id for row in page.rows])

    assert [len(rows) for rows in forth] == [4, 4, 3]
    assert [client_id for rows in forth for client_id in rows] == whole
    assert back == [forth[1], forth[0]]
    assert page.newer is None
    assert page.older is not None


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ", "é", "bnVsbA", "W2ZhbHNlLDEsMV0"])
def test_a_bent_cursor_begins_at_the_start(northwind: ResellerFacts, cursor: str) -> None:
    add_client(northwind)

    with bind(Scope(northwind.id)):
        assert len(identity.find_clients(ClientFilter(cursor=cursor)).rows) == 1


def test_the_list_says_who_was_here_last(northwind: ResellerFacts) -> None:
    add_client(northwind)
    add_client(northwind, "never@example.com")
    log_in(northwind)

    with bind(Scope(northwind.id)):
        rows = {row.email: row for row in identity.find_clients(ClientFilter()).rows}

    seen = rows["ada@example.com"].last_login_at
    assert seen is not None
    assert clock.now() - seen < timedelta(minutes=1)
    assert rows["never@example.com"].last_login_at is None


def test_a_reseller_has_a_number_and_perhaps_a_host_name(app: Flask) -> None:
    northwind = add_reseller(uid="100482", hostname="Phones.Northwind.example")

    assert identity.reseller_by_uid("100482") == northwind
    assert identity.reseller_by_hostname("PHONES.northwind.example.") == northwind
    assert identity.reseller_by_uid("10048") is None
    assert identity.reseller_by_hostname("") is None
    for taken in ({"uid": "100482"}, {"hostname": "phones.northwind.example"}):
        with unscoped("a test"), transaction(), pytest.raises(InvalidInput) as refusal:
            identity.add_reseller(name="Another", **taken)
        assert refusal.value.field == next(iter(taken))


def test_staff_emails_are_unique_in_the_installation(
    northwind: ResellerFacts, globex: ResellerFacts
) -> None:
    add_owner(northwind)

    with pytest.raises(InvalidInput) as refusal:
        add_owner(globex)

    assert refusal.value.field == "email"


def test_the_last_owner_stays(northwind: ResellerFacts) -> None:
    owner = add_owner(northwind)
    with within(northwind):
        with pytest.raises(Refused):
            identity.set_role(owner.public_id, Role.SUPPORT)
        with pytest.raises(Refused):
            identity.disable_teammate(owner.public_id)
    second = add_owner(northwind, "second@example.com")

    with within(northwind):
        identity.set_role(owner.public_id, Role.SUPPORT)

    with bind(Scope(northwind.id)):
        roles = {member.id: member.role for member in identity.staff_members()}
    assert roles == {owner.id: Role.SUPPORT, second.id: Role.OWNER}


def test_what_each_role_may_do() -> None:
    def allowed(role: Role) -> set[StaffAction]:
        return {action for action in StaffAction if identity.may(role, action)}

    a = StaffAction
    assert allowed(Role.OWNER) == set(StaffAction)
    assert allowed(Role.OWNER) - allowed(Role.BILLING) == {a.BRANDING, a.CONFIGURATION, a.TEAM}
    assert allowed(Role.BILLING) - allowed(Role.SUPPORT) == {a.MONEY, a.PACKAGES}
    assert allowed(Role.READ_ONLY) == {a.READ, a.OWN_ACCOUNT}
    assert not identity.may(None, a.READ)
    assert not identity.may(Role.OWNER, "fly")
    assert not identity.may("client", "read")


def test_a_purge_takes_what_is_over_and_leaves_the_rest(northwind: ResellerFacts) -> None:
    add_client(northwind)
    kept, short = log_in(northwind, keep=True).token, log_in(northwind).token
    with transaction():
        identity.begin_reset(northwind.id, "ada@example.com", address="198.51.100.7")

    with transaction():
        assert identity.purge_expired(clock.now()) == 0
    with transaction():
        gone = identity.purge_expired(clock.now() + timedelta(days=8))
        again = identity.purge_expired(clock.now() + timedelta(days=8))

    assert gone >= 2
    assert again == 0
    assert identity.resume_session(kept) is not None
    assert identity.resume_session(short) is None


@pytest.mark.parametrize("text", ["a\x00da", "\x00", "\udcff", "ada\r\n"])
def test_control_characters_are_only_noise(app_on_each: Flask, text: str) -> None:
    reseller = add_reseller()
    client = add_client(reseller)

    with within(reseller):
        identity.find_clients(ClientFilter(text=text))
        edited = identity.edit_client(client.id, replace(client.details, company=f"Lamp{text}"))
    with transaction():
        identity.begin_login(reseller.id, text, address=text)

    assert edited.details.company.isprintable()
