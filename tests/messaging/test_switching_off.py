"""Texts of a number that are switched off are off at the carrier too, and come back as they were."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine

from portal import messaging, numbers, upstream
from portal.core import clock
from tests.messaging.conftest import OWN, Desk
from tests.messaging.test_relays import did_of, wish
from tests.worker import queued_tasks, work


def at_carrier(desk: Desk) -> dict[str, Any]:
    rows = desk.carrier.call("getDIDsInfo")["dids"]
    row: dict[str, Any] = next(one for one in rows if one["did"] == OWN[2:])
    return row


def looks_again(desk: Desk) -> None:
    """The portal reads the carrier's list of numbers, as it does all day."""
    with desk.reading():
        listed = upstream.carrier().dids()
    with desk.writing():
        numbers.record_inventory(listed)


def can_send(desk: Desk) -> bool:
    with desk.reading():
        return OWN in {one.number for one in numbers.sms_choices(desk.client_id)}


def test_off_is_off_at_the_carrier_and_on_brings_back_what_was_there(desk: Desk) -> None:
    desk.carrier.call("setSMS", did=OWN[2:], enable=1, email_enabled=1, email_address="a@desk.test")
    before = at_carrier(desk)

    wish(desk, is_on=False)
    work()
    off = at_carrier(desk)
    looks_again(desk)
    with desk.reading():
        [(did, still)] = messaging.every_number(desk.client_id)

    assert off == before | {"sms_enabled": "0"}, "merged, and nothing wiped"
    assert (did.sms_enabled, did.texts_off, still.is_on, can_send(desk)) == (
        False,
        True,
        False,
        False,
    )

    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        wish(desk, is_on=True)
        work()
        on = at_carrier(desk)
    assert on["sms_enabled"] == "1"
    assert on | {name: before[name] for name in on if "callback" in name} == before
    assert can_send(desk)


def test_a_switch_pressed_to_and_fro_is_one_change_a_minute_and_ends_as_it_was_left(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.carrier.post("settings", sms_wait_seconds=60)
    wish(desk, is_on=False)
    work()
    for on in (True, False, True):
        wish(desk, is_on=on)
    work()
    during = at_carrier(desk)["sms_enabled"]
    assert queued_tasks() == ["push_sms_callback"] * 3, "they wait for their minute"

    desk.carrier.post("settings", sms_wait_seconds=0)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        work()
    assert (during, at_carrier(desk)["sms_enabled"]) == ("0", "1")
    with desk.reading():
        assert numbers.push_problems() == []


def test_what_others_switched_off_stays_off_and_what_they_switched_on_goes_off_again(
    desk_on_sqlite: Desk,
) -> None:
    desk = desk_on_sqlite
    desk.carrier.call("setSMS", did=OWN[2:], enable=0)
    looks_again(desk)
    wish(desk, is_on=False)
    wish(desk, is_on=True)
    work(later=True)
    assert at_carrier(desk)["sms_enabled"] == "0", "nobody here switched it off"

    wish(desk, is_on=False)
    desk.carrier.call("setSMS", did=OWN[2:], enable=1)
    looks_again(desk)
    work(later=True)
    assert at_carrier(desk)["sms_enabled"] == "0", "the client still wants none"


def test_a_number_that_goes_to_somebody_else_has_its_texts_again(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    wish(desk, is_on=False)
    work()
    with desk.reading():
        did = next(one for one in numbers.dids_of(desk.client_id) if one.number == OWN)
        other = numbers.dids_of(desk.other_id)[0]
    assert did.link_public_id is not None
    assert other.sub_account_id is not None
    with desk.writing():
        numbers.unconnect(did.link_public_id)
    with desk.writing():
        numbers.connect_dids(
            [did_of_free(desk)], other.sub_account_id, numbers.DidFees(), client_id=desk.other_id
        )
    work(later=True)
    assert at_carrier(desk)["sms_enabled"] == "1"


def did_of_free(desk: Desk) -> Any:
    return next(one.public_id for one in numbers.free_dids() if one.number == OWN)


def test_the_carrier_down_is_tried_again_until_it_is_off(desk_on_sqlite: Desk) -> None:
    desk = desk_on_sqlite
    desk.fault("html", method="setSMS", calls=1)
    did = did_of(desk)
    wish(desk, is_on=False)
    work()
    with desk.reading():
        [problem] = numbers.push_problems()
    desk.well_again()
    work(later=True)
    assert problem.public_id == did
    assert at_carrier(desk)["sms_enabled"] == "0"
