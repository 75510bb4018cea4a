"""Staff looking at a client's portal as that client."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine

from portal import identity
from portal.core import clock
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.scope import Scope, bind
from portal.identity import ClientFacts, ClientStatus, Entered, ResellerFacts, Role
from tests.identity.people import ADDRESS, BROWSER, add_client, add_owner, log_in, within


def act(
    reseller: ResellerFacts, staff: Entered, client_id: uuid.UUID, reason: str = "a ticket"
) -> Entered:
    with within(reseller):
        return identity.begin_acting(
            staff.visitor, client_id, reason=reason, address=ADDRESS, browser=BROWSER
        )


def stop(reseller: ResellerFacts, acting: Entered) -> Entered | None:
    with within(reseller, acting.visitor.client_id):
        return identity.end_acting(acting.visitor, address=ADDRESS, browser=BROWSER)


@pytest.fixture
def owner(northwind: ResellerFacts) -> Entered:
    """The owner, logged in."""
    add_owner(northwind)
    return log_in(None, "owner@example.com")


@pytest.fixture
def ada(northwind: ResellerFacts) -> ClientFacts:
    """A client to look at."""
    return add_client(northwind)


def test_acting_is_a_session_of_its_own_and_read_only(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    visitor = acting.visitor
    assert visitor.acting
    assert (visitor.client_id, visitor.role, visitor.may_change) == (ada.id, None, False)
    assert visitor.name == "Olive Owner", "in the staff member's own name"
    assert acting.token != owner.token
    assert identity.resume_session(owner.token) is not None


def test_changes_are_allowed_by_a_step_of_its_own(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    with within(northwind, ada.id):
        identity.allow_changes(acting.visitor, address=ADDRESS)

    visitor = identity.resume_session(acting.token)
    assert visitor is not None
    assert visitor.may_change


def test_acting_ends_by_itself_after_half_an_hour(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    with time_machine.travel(clock.now() + timedelta(minutes=30, seconds=1)):
        assert identity.resume_session(acting.token) is None


def test_ending_it_goes_on_as_staff_under_a_new_token(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    back = stop(northwind, acting)

    assert back is not None
    assert back.visitor.role is Role.OWNER
    assert abs(back.visitor.expires_at - owner.visitor.expires_at) < timedelta(minutes=1)
    assert identity.resume_session(acting.token) is None
    assert identity.resume_session(owner.token) is None


def test_it_does_not_make_the_staff_session_last_longer(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    begin = clock.now()
    with time_machine.travel(begin, tick=False) as machine:
        entered = log_in(None, "owner@example.com")
        for _ in range(5):
            machine.shift(timedelta(minutes=20))
            back = stop(northwind, act(northwind, entered, ada.public_id))
            assert back is not None
            entered = back
        machine.move_to(begin + timedelta(hours=8, seconds=1))
        assert identity.resume_session(entered.token) is None


def test_a_staff_session_revoked_meanwhile_stays_ended(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)
    with within(northwind):
        identity.log_out(owner.token)

    assert stop(northwind, acting) is None
    assert identity.resume_session(acting.token) is None


def test_a_reason_is_needed(northwind: ResellerFacts, owner: Entered, ada: ClientFacts) -> None:
    with pytest.raises(InvalidInput) as refusal:
        act(northwind, owner, ada.public_id, "   ")

    assert refusal.value.field == "reason"


def test_nobody_acts_as_another_resellers_client(
    northwind: ResellerFacts, globex: ResellerFacts, owner: Entered
) -> None:
    theirs = add_client(globex)

    with pytest.raises(NotFound):
        act(northwind, owner, theirs.public_id)


def test_a_closed_clients_portal_is_not_opened_but_a_waiting_ones_is(
    northwind: ResellerFacts, owner: Entered
) -> None:
    closed = add_client(northwind, "closed@example.com", status=ClientStatus.CLOSED)
    waiting = add_client(northwind, "waiting@example.com", status=ClientStatus.WAIT)

    with pytest.raises(NotFound):
        act(northwind, owner, closed.public_id)
    assert act(northwind, owner, waiting.public_id).visitor.client_id == waiting.id


def test_roles_that_may_not_act_are_refused(northwind: ResellerFacts, ada: ClientFacts) -> None:
    add_owner(northwind, "reader@example.com", Role.READ_ONLY)
    reader = log_in(None, "reader@example.com")
    client = log_in(northwind)

    for who in (reader, client):
        with pytest.raises(Refused):
            act(northwind, who, ada.public_id)


def test_from_within_acting_one_cannot_act_again(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    with pytest.raises(Refused):
        act(northwind, acting, ada.public_id)


def test_a_password_is_not_changed_while_acting(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    with within(northwind, ada.id), pytest.raises(Refused):
        identity.begin_change(acting.visitor, address=ADDRESS)


def test_the_client_sees_who_looked_when_and_why(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    bo = add_client(northwind, "bo@example.com")
    acting = act(northwind, owner, ada.public_id, "Ticket 12")
    with within(northwind, ada.id):
        identity.allow_changes(acting.visitor, address=ADDRESS)
    stop(northwind, acting)

    with bind(Scope(northwind.id, ada.id)):
        (seen,) = identity.viewers_of(ada.id)
        events = [event.action for event in identity.events(ada.id).rows]
    with bind(Scope(northwind.id, bo.id)):
        assert identity.viewers_of(ada.id) == []
        assert identity.viewers_of(bo.id) == []

    assert (seen.person_name, seen.acting, seen.address) == ("Olive Owner", True, ADDRESS)
    assert seen.facts == {"reason": "Ticket 12", "changes": False}
    assert events == ["acting.ended", "acting.may_change", "acting.began", "client.added"]


def test_closing_the_client_ends_the_view(
    northwind: ResellerFacts, owner: Entered, ada: ClientFacts
) -> None:
    acting = act(northwind, owner, ada.public_id)

    with within(northwind):
        identity.close_client(ada.id, typed_name="ada moreau", still_connected=())

    assert identity.resume_session(acting.token) is None
