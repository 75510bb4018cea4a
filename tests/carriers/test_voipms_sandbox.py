"""The real adapter against the practice carrier, as a process over HTTP and in this one."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal import carriers
from portal.carriers import (
    Breaker,
    Carrier,
    CarrierError,
    DidOrder,
    Direction,
    Disposition,
    MessageKind,
    NewMailbox,
    NewSubAccount,
    OutcomeUnknown,
    Route,
)
from portal.carriers.voipms import VoipMs
from sandbox.app import create_app
from sandbox.world import Options
from tests.carrier import PASSWORD, USER
from tests.carrier import Carrier as Practice

DID, CONTACT = "5145550100", "4165550142"
JULY = datetime(2026, 7, 14, 16, 28, 34, tzinfo=UTC)
SEED: dict[str, Any] = {
    "sub_accounts": [{"username": "front"}, {"username": "back"}],
    "dids": [{"did": DID, "account": "front", "sms_available": True, "sms_enabled": True}],
}


@pytest.fixture
def practice(process: Practice) -> Practice:
    process.reset()
    process.control("faults/clear", {})
    process.seed(**SEED)
    return process


@pytest.fixture
def carrier(practice: Practice) -> VoipMs:
    return connect(practice)


def connect(practice: Practice, **how: Any) -> VoipMs:
    made = carriers.connect(
        practice.rest_url,
        how.pop("username", USER),
        how.pop("password", PASSWORD),
        allow_private=["127.0.0.1"],
        breaker=Breaker(),
        **how,
    )
    assert isinstance(made, VoipMs)
    return made


def front(practice: Practice) -> str:
    return (
        str(practice.call("getSubAccounts")["accounts"][0]["account"].rpartition("_")[0]) + "_front"
    )


def around(at: datetime) -> tuple[datetime, datetime]:
    return at - timedelta(hours=1), at + timedelta(hours=1)


def test_the_adapter_is_a_carrier(carrier: VoipMs) -> None:
    assert isinstance(carrier, Carrier)


@pytest.mark.parametrize("timezone", ["-12", "-5", "-4", "0", "5.5", "13"])
@pytest.mark.parametrize("at", [JULY, datetime(2026, 1, 14, 16, 28, 34, tzinfo=UTC)])
def test_e1_one_call_is_one_moment_however_it_is_asked_for(
    practice: Practice, carrier: VoipMs, timezone: str, at: datetime
) -> None:
    practice.post(
        "calls",
        account=front(practice),
        destination="14165550142",
        seconds=61,
        started_at=at.isoformat(),
    )

    calls = carrier.calls(*around(at), timezone=Decimal(timezone))

    assert [call.started_at for call in calls] == [at]
    assert calls[0].seconds == 61
    assert calls[0].direction is Direction.OUT
    assert calls[0].rate_e8 is not None


def test_e7_two_calls_in_the_repeated_hour_are_both_kept_and_marked(
    practice: Practice, carrier: VoipMs
) -> None:
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
    for at in (first, second):
        practice.post(
            "calls",
            account=front(practice),
            destination="14165550142",
            started_at=at.isoformat(),
        )

    calls = carrier.calls(first - timedelta(hours=2), second + timedelta(hours=2))
    only_the_second = carrier.calls(second - timedelta(minutes=10), second + timedelta(minutes=10))

    assert len({call.key() for call in calls}) == 2
    assert [call.ambiguous for call in calls] == [True, True]
    assert [call.started_at for call in calls] == [first, first], "the first pass is assumed"
    assert len(only_the_second) == 2, "a window over the second pass sees both"


def test_every_call_of_the_carriers_own_list_arrives_once_with_its_cost(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("calls/bulk", count=400, days=40, twin_share=0.3, quirks=1)
    until = datetime.now(UTC) + timedelta(minutes=5)
    unreadable: list[Any] = []

    calls = carrier.calls(until - timedelta(days=60), until, unreadable=unreadable.append)

    truth = practice.control("truth/calls")["calls"]
    expected = {
        (row["uniqueid"], row["direction"], row["account"]): row for row in truth
    }  # copies of a row are left out of the truth
    found = {(call.uniqueid, str(call.direction), call.account): call for call in calls}
    assert unreadable == []
    assert len(found) == len(calls)
    assert found.keys() == expected.keys()
    for key, call in found.items():
        row = expected[key]
        assert call.total_e8 == int(Decimal(row["total"]) * 10**8)
        assert call.seconds == row["seconds"]
        if not call.ambiguous:
            assert call.started_at == datetime.fromisoformat(row["started_at"])


def test_all_four_endings_twins_forwarded_pairs_and_on_net_calls(
    practice: Practice, carrier: VoipMs
) -> None:
    account = front(practice)
    for disposition in ("ANSWERED", "NO ANSWER", "BUSY", "FAILED"):
        practice.post(
            "calls",
            account=account,
            destination="14165550142",
            seconds=30 if disposition == "ANSWERED" else 0,
            disposition=disposition,
        )
    practice.post("calls", did=DID, caller="Jane <4165550142>", twin=True)
    practice.post("calls", did=DID, forward_to="14165550143", one_uniqueid=True)
    practice.post("calls", did=DID, forward_to="14165550144", one_uniqueid=False)
    practice.post("calls", account=account, kind="on_net", destination="5145550199")

    calls = carrier.calls(*around(datetime.now(UTC)))

    outbound = [call for call in calls if call.destination.endswith("4165550142")]
    assert {call.disposition for call in outbound} == set(Disposition)
    assert len([call for call in calls if call.direction is Direction.IN]) == 3
    pairs = [c for c in calls if c.destination.endswith(("5550143", "5550144"))]
    assert len(pairs) == 2
    assert sum(1 for call in calls if call.onnet and call.direction is Direction.OUT) == 1


def test_nothing_happened_is_an_empty_list(carrier: VoipMs) -> None:
    long_ago = datetime(2026, 2, 1, tzinfo=UTC)

    assert carrier.calls(*around(long_ago)) == ()
    assert carrier.sms(*around(long_ago)) == ()
    assert carrier.mms(*around(long_ago)) == ()
    assert carrier.calls(long_ago, long_ago) == ()


def test_a_period_longer_than_the_carrier_allows_is_asked_in_parts(
    practice: Practice, carrier: VoipMs
) -> None:
    days = (datetime(2026, 1, 2, 12, tzinfo=UTC), JULY)
    for at in days:
        practice.post(
            "calls", account=front(practice), destination="14165550142", started_at=at.isoformat()
        )

    calls = carrier.calls(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))

    assert [call.started_at for call in calls] == list(days)


def test_hostile_caller_ids_arrive_as_harmless_text(practice: Practice, carrier: VoipMs) -> None:
    practice.post("calls/hostile", did=DID)

    calls = carrier.calls(*around(datetime.now(UTC)))

    assert calls
    for call in calls:
        assert call.caller_id_name.isprintable()
        assert len(call.caller_id_name) <= 80
        call.caller_id_name.encode()


@pytest.mark.parametrize("text", ["Hello, it's me", "Où êtes-vous ? 😀", 'She said "1+1=2" & left'])
def test_a_text_is_sent_once_and_found_again(carrier: VoipMs, text: str) -> None:
    receipt = carrier.send_sms(DID, f"+1{CONTACT}", text)

    now = datetime.now(UTC)
    found = carrier.find_message(DID, CONTACT, text, around=now)
    assert receipt.kind is MessageKind.SMS
    assert found is not None
    assert found.id == receipt.carrier_ref
    assert found.text == text
    assert abs((found.at - now).total_seconds()) < 60
    assert carrier.find_message(DID, CONTACT, text, around=now, exclude=[found.id]) is None
    assert carrier.find_message(DID, CONTACT, "another text", around=now) is None


def test_pictures_are_sent_and_listed_in_their_own_list(carrier: VoipMs) -> None:
    picture = "data:image/png;base64," + "iVBORw0KGgoA" * 3000
    receipt = carrier.send_mms(DID, CONTACT, "look", media=[picture])

    listed = carrier.mms(*around(datetime.now(UTC)))

    assert [(message.id, message.kind) for message in listed] == [
        (receipt.carrier_ref, MessageKind.MMS)
    ]
    assert len(listed[0].media) == 1
    assert carrier.sms(*around(datetime.now(UTC))) == ()


def test_received_texts_are_listed(practice: Practice, carrier: VoipMs) -> None:
    practice.post("messages", did=DID, contact=CONTACT, message='it\'s "me"', quiet=True)

    received = carrier.sms(*around(datetime.now(UTC)), did=DID, contact=CONTACT)

    assert [(m.direction, m.did, m.contact, m.text) for m in received] == [
        (Direction.IN, DID, CONTACT, 'it\'s "me"')
    ]


@pytest.mark.parametrize(
    "did, to, text, code",
    [
        (DID, CONTACT, "é" * 81, "sms_toolong"),
        (DID, "12", "hello", "invalid_dst"),
        ("5145550111", CONTACT, "hello", "invalid_did"),
    ],
)
def test_a_refused_text_says_why_and_was_not_sent(
    carrier: VoipMs, did: str, to: str, text: str, code: str
) -> None:
    with pytest.raises(CarrierError) as caught:
        carrier.send_sms(did, to, text)

    assert caught.value.code == code
    assert caught.value.permanent
    assert not caught.value.maybe_sent
    assert carrier.sms(*around(datetime.now(UTC))) == ()


def test_a_text_whose_answer_is_lost_is_an_unknown_outcome_and_can_be_looked_up(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("faults", kind="reset_after", method="sendSMS")

    with pytest.raises(OutcomeUnknown):
        carrier.send_sms(DID, CONTACT, "did it arrive?")

    found = carrier.find_message(DID, CONTACT, "did it arrive?", around=datetime.now(UTC))
    assert found is not None


def test_a_text_that_never_reached_the_carrier_is_not_found(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("faults", kind="reset", method="sendSMS")

    with pytest.raises(OutcomeUnknown):
        carrier.send_sms(DID, CONTACT, "lost")

    assert carrier.find_message(DID, CONTACT, "lost", around=datetime.now(UTC)) is None


def test_a_read_outlives_a_short_outage(practice: Practice, carrier: VoipMs) -> None:
    practice.post("faults", kind="html", method="getBalance", calls=1)
    practice.post("faults", kind="http", method="getBalance", calls=1, code=500)

    assert carrier.balance().current_e8 > 0


def test_a_dripping_answer_ends_at_the_deadline(practice: Practice) -> None:
    practice.post("faults", kind="drip", method="getBalance", calls=0)
    started = time.monotonic()

    with pytest.raises(CarrierError) as caught:
        connect(practice, deadline_seconds=0.5).balance()

    assert caught.value.code == "too_slow"
    assert time.monotonic() - started < 30, "the whole answer would have taken a minute"


def test_general_facts(carrier: VoipMs) -> None:
    assert carrier.balance().current_e8 == 500 * 10**8
    assert carrier.my_address() == "127.0.0.1"
    servers = carrier.servers()
    assert len(servers) > 3
    assert all(server.pop and server.hostname for server in servers)


def test_wrong_credentials_and_a_closed_door_say_what_to_do(practice: Practice) -> None:
    with pytest.raises(CarrierError) as caught:
        connect(practice, password="wrong").balance()
    assert caught.value.code == "invalid_credentials"
    assert not caught.value.permanent, "somebody can repair it"

    practice.seed(allow_ips="203.0.113.9")
    with pytest.raises(CarrierError) as closed:
        connect(practice).balance()
    assert closed.value.code == "ip_not_enabled"
    assert connect(practice).my_address() == "127.0.0.1", "works all the same, to be typed in there"


def test_rates_of_both_routes(carrier: VoipMs) -> None:
    value = carrier.termination_rates("Canada", Route.VALUE)
    premium = carrier.termination_rates("Canada", Route.PREMIUM)

    assert len(value) > 10
    assert {rate.prefix for rate in value} == {rate.prefix for rate in premium}
    assert all(rate.rate_e8 > 0 and rate.increment_seconds > 0 for rate in value)
    assert value != premium
    assert carrier.termination_rates("no such place", Route.VALUE) == ()


def test_sub_accounts_are_listed_and_created_once(practice: Practice, carrier: VoipMs) -> None:
    new = NewSubAccount("reception", "Secret-2026", description="Front desk")

    created = carrier.create_sub_account(new)
    with pytest.raises(CarrierError) as caught:
        carrier.create_sub_account(new)

    assert caught.value.code == "used_username"
    listed = {account.account: account for account in carrier.sub_accounts()}
    assert listed[created.account].description == "Front desk"
    assert listed[created.account].international_locked
    assert len(listed) == 3
    assert "Secret-2026" not in repr(listed)


def test_an_account_created_behind_a_lost_answer_is_there_when_looked_for(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("faults", kind="reset_after", method="createSubAccount")

    with pytest.raises(OutcomeUnknown):
        carrier.create_sub_account(NewSubAccount("lost", "Secret-2026"))

    assert [a.username for a in carrier.sub_accounts()].count("lost") == 1


def test_registration(practice: Practice, carrier: VoipMs) -> None:
    account = front(practice)

    assert carrier.registration(account).account == account
    with pytest.raises(CarrierError) as caught:
        carrier.registration("100000_nobody")
    assert caught.value.code == "invalid_account"


def test_numbers_are_listed_routed_searched_and_ordered(
    practice: Practice, carrier: VoipMs
) -> None:
    account = front(practice)
    back = account.replace("_front", "_back")
    assert [did.routing for did in carrier.dids()] == [f"account:{account}"]

    carrier.route_did(DID, f"account:{back}")
    assert carrier.dids()[0].routing == f"account:{back}"
    with pytest.raises(CarrierError) as caught:
        carrier.route_did(DID, "nowhere:1")
    assert caught.value.code == "invalid_routing_header"

    for_sale = carrier.search_dids("514", country="CA", region="QC")
    assert for_sale
    assert all(number.did.startswith("514") for number in for_sale)
    pop = carrier.servers()[0].pop
    carrier.order_did(DidOrder(for_sale[0].did, f"account:{account}", pop))
    assert for_sale[0].did in {did.did for did in carrier.dids()}
    with pytest.raises(CarrierError):
        carrier.order_did(DidOrder(for_sale[0].did, f"account:{account}", pop))


def test_changing_one_text_setting_keeps_the_others(carrier: VoipMs) -> None:
    url = "https://portal.example/hooks/sms/abc?to={TO}&from={FROM}&message={MESSAGE}&id={ID}"
    carrier.set_sms(DID, url_callback=url, url_callback_enabled=True, url_callback_retry=True)

    now = carrier.set_sms(DID, email_enabled=True, email_address="desk@northwind.test")

    assert now.enabled
    assert now.url_callback == url
    assert now.url_callback_enabled
    assert now.url_callback_retry
    assert now.email_address == "desk@northwind.test"
    assert carrier.dids()[0].sms == now
    with pytest.raises(ValueError, match="no such text setting"):
        carrier.set_sms(DID, colour="blue")


def test_the_same_adapter_runs_in_one_process_without_a_network(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(
        '{"history_days": 0, "resellers": [{"api_username": "u", "api_password": "p",'
        ' "sub_accounts": [{"username": "front"}],'
        f' "dids": [{{"did": "{DID}", "account": "front", "sms_enabled": true}}]}}]}}'
    )
    app = create_app(
        tmp_path / "carrier",
        options=Options(traffic=False, history_days=0),
        seed_file=seed,
        clockwork=False,
    )
    carrier = carriers.connect(
        "http://carrier.test/api/v1/rest.php",
        "u",
        "p",
        allow_private=["carrier.test"],
        transport=httpx.WSGITransport(app=app),
        breaker=Breaker(),
    )

    receipt = carrier.send_sms(DID, CONTACT, "hello")
    found = carrier.find_message(DID, CONTACT, "hello", around=datetime.now(UTC))

    assert found is not None
    assert found.id == receipt.carrier_ref
    assert carrier.send_mms(DID, CONTACT, "look", media=["https://example.com/a.png"]).carrier_ref
    assert len(carrier.sub_accounts()) == 1


def test_a_forwarding_is_made_found_and_removed_twice(carrier: VoipMs) -> None:
    made = carrier.create_forwarding("+16135550187", "Mobile of Priya")
    [found] = carrier.forwardings()
    carrier.route_did(DID, f"fwd:{made}")
    now = carrier.did(DID).routing
    carrier.route_did(DID, "none:")
    carrier.remove_forwarding(made)
    carrier.remove_forwarding(made)

    assert (found.id, found.number, found.description) == (made, "6135550187", "Mobile of Priya")
    assert now == f"fwd:{made}"
    assert carrier.forwardings() == ()


def test_a_mailbox_is_made_given_to_a_number_and_removed_twice(carrier: VoipMs) -> None:
    new = NewMailbox("1001", "Front desk", "4711", "desk@harbourlight.example", "America/Toronto")
    carrier.create_voicemail(new)
    [found] = carrier.voicemails()
    carrier.set_did_voicemail(DID, "1001")
    with_it = carrier.did(DID).voicemail
    carrier.set_did_voicemail(DID, "")
    carrier.remove_voicemail("1001")
    carrier.remove_voicemail("1001")

    assert (found.mailbox, found.name, found.email) == (
        "1001", "Front desk", "desk@harbourlight.example",
    )  # fmt: skip
    assert (with_it, carrier.did(DID).voicemail) == ("1001", "0")
    assert "4711" not in repr(new)


def test_what_was_made_although_the_answer_was_lost_is_found_in_the_list(
    practice: Practice, carrier: VoipMs
) -> None:
    practice.post("faults", kind="truncated", method="setForwarding")
    with pytest.raises(OutcomeUnknown):
        carrier.create_forwarding("6135550187", "Mobile")

    assert [one.description for one in carrier.forwardings()] == ["Mobile"]


def test_fax_numbers_are_listed_apart_and_without_their_dots(
    practice: Practice, carrier: VoipMs
) -> None:
    before = carrier.fax_numbers()
    practice.seed(faxes=[{"did": "6135550177", "description": "Canada, ON, OTTAWA"}])

    assert before == ()
    assert [(one.did, one.description) for one in carrier.fax_numbers()] == [
        ("6135550177", "Canada, ON, OTTAWA")
    ]
    assert [one.did for one in carrier.dids()] == [DID]
