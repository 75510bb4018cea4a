"""Two clients from PyPI, written by others for the real carrier, use this one."""

from __future__ import annotations

import base64
import sys
import types
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.paper import sample
from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.conftest import DID
from tests.sandbox.listener import until


class NotAnAddress:
    """What `voipms` expects from `validators` for a bad address."""


# `voipms` imports `validators` without asking for it, in a version that exists only as source. It
# uses one function of it, before sending a picture.
stand_in = types.ModuleType("validators")
stand_in.ValidationFailure = NotAnAddress  # type: ignore[attr-defined]
stand_in.url = lambda text: text.startswith("http") or NotAnAddress()  # type: ignore[attr-defined]
sys.modules.setdefault("validators", stand_in)

with warnings.catch_warnings():
    # Old code: invalid escapes and such are its authors' business.
    warnings.simplefilter("ignore")
    from voipms import VoipMs
    from voipms_api import SMS, Accounts, DIDs, Fax, Forwarding, General, Voicemail

YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%F}"
TODAY = f"{datetime.now(UTC):%F}"
NUMBER = int(DID)


@pytest.fixture
def old(carrier: Carrier) -> Any:
    """`voipms` 0.2.6, pointed here."""
    client = VoipMs(USER, PASSWORD)
    client.base_url = f"{carrier.rest_url}?api_username={USER}&api_password={PASSWORD}&"
    client.post_url = carrier.rest_url
    return client


@pytest.fixture
def new(carrier: Carrier) -> Any:
    """`voipms-api` 1.2.1, pointed here: makes its group objects."""

    def make(group: Any) -> Any:
        client = group(USER, PASSWORD)
        client.voipms_url = carrier.rest_url
        return client

    return make


def ok(answer: Any) -> Any:
    assert answer["status"] == "success", answer
    return answer


def test_voipms_reads_the_general_group(old: Any) -> None:
    get = old.general.get

    assert ok(get.balance())["balance"]["current_balance"] == "500.000000"
    assert ok(get.balance(True))["balance"]["calls_today"] == "0"
    assert ok(get.ip())["ip"] == "127.0.0.1"
    for name in ("countries", "languages", "servers_info"):
        assert len(ok(getattr(get, name)())) == 2  # its `locales` has a slip of its own
    assert ok(get.servers_info(1))["servers"][0]["server_pop"] == "1"


def test_voipms_reads_the_catalogues_of_accounts(old: Any) -> None:
    get = old.accounts.get

    for name in (
        "allowed_codecs", "auth_types", "device_types", "dtmf_modes", "lock_international",
        "music_on_hold", "nat", "protocols", "routes",
    ):  # fmt: skip
        answer = ok(getattr(get, name)())
        (rows,) = [value for value in answer.values() if isinstance(value, list)]
        assert {"value", "description"} <= set(rows[0])


def test_voipms_creates_changes_and_deletes_a_line(old: Any) -> None:
    how = {
        "auth_type": 1, "device_type": 2, "lock_international": 0, "international_route": 1,
        "music_on_hold": "default", "allowed_codecs": "ulaw;g729", "dtmf_mode": "auto", "nat": "yes",
    }  # fmt: skip
    made = ok(
        old.accounts.create.sub_account("Lobby", "Sturdy2pass", 1, description="Lobby", **how)
    )

    ok(old.accounts.set.sub_account(made["id"], "Sturdy2pass", **how))
    listed = ok(old.accounts.get.sub_accounts("100482_Lobby"))["accounts"]
    ok(old.accounts.get.registration_status("100482_Lobby"))
    ok(old.accounts.delete.sub_account(made["id"]))

    assert [row["description"] for row in listed] == [""]


def test_voipms_reads_calls_and_rates(carrier: Carrier, old: Any) -> None:
    carrier.post(
        "calls", account="100482_desk", destination="447700900123", seconds=27,
        started_at=f"{YESTERDAY}T12:00:00Z",
    )  # fmt: skip
    get = old.calls.get

    rows = ok(get.cdr(YESTERDAY, TODAY, 0, answered=True))["cdr"]
    of_client = ok(get.reseller_cdr(YESTERDAY, TODAY, 561115, 0, answered=True))["cdr"]

    assert [row["seconds"] for row in rows] == ["27"]
    assert [row["uniqueid"] for row in of_client] == [rows[0]["uniqueid"]]
    assert {"value": "100482_desk", "description": "100482_desk"} in ok(get.call_accounts())[
        "accounts"
    ]
    assert ok(get.call_billing())["call_billing"][0]["value"] == "all"
    assert DID in {row["value"] for row in ok(get.call_types())["call_types"]}
    assert ok(get.rates(8378, "Canada"))["rates"][0]["client_rate"]
    assert ok(get.termination_rates(1, "Jamaica"))["rates"][0]["destination"].startswith("Jamaica")


def test_voipms_raises_the_text_of_a_status(old: Any) -> None:
    with pytest.raises(TypeError, match="CDR"):
        old.calls.get.cdr("2020-01-01", "2020-01-02", 0, answered=True)


def test_voipms_keeps_clients(old: Any) -> None:
    made = ok(
        old.clients.add.client(
            "Ann", "Lee", "1 Main", "Ottawa", "ON", "CA", "K1A0A1", "6135550188", "ann@example.com",
            "ann@example.com", "longenough", "longenough", activate=True,
        )
    )  # fmt: skip
    number = int(made["client"])

    ok(old.clients.add.payment(number, 25.0, "Cheque"))
    ok(old.clients.add.charge(number, 4.99, "Desk set"))
    ok(old.clients.set.client(number, "ann@example.com", "longenough", "Anne", "Lee", "6135550188"))
    ok(old.clients.set.client_threshold(number, 20, "ann@example.com"))
    get = old.clients.get

    assert ok(get.clients(number))["clients"][0]["firstname"] == "Anne"
    assert ok(get.charges(number))["charges"][0]["amount"] == 4.99
    assert ok(get.deposits(number))["deposits"][0]["description"] == "Cheque"
    assert ok(get.client_threshold(number))["threshold_information"]["threshold"] == "20"
    assert ok(get.reseller_balance(number))["balance"]["current_balance"] == "20.010000"
    assert ok(get.packages())["packages"][0]["name"] == "Office"
    assert ok(get.client_packages(561115))["packages"] == [
        {"value": "8378", "description": "Office"}
    ]
    assert len(ok(get.balance_management())["balance_management"]) == 2
    ok(old.dids.delete.client(number))


def test_voipms_finds_buys_and_sets_numbers(old: Any) -> None:
    offer = int(ok(old.dids.search.dids_usa("starts", "305"))["dids"][0]["did"])

    ok(old.dids.order.order_did(offer, "account:100482_desk", 1, 60, False, 1))
    ok(old.dids.set.did_routing(offer, "vm:101"))
    ok(old.dids.set.did_pop(offer, 5))
    ok(old.dids.set.did_billing_type(offer, 2))
    ok(old.dids.set.did_info(offer, "account:100482_desk", 5, 30, 1, 1, note="front"))
    ok(old.dids.connect.connect_did(offer, "100482_desk", 3.5, 1.99, 0.03))
    info = ok(old.dids.get.dids_info(did=offer))["dids"][0]
    ok(old.dids.unconnect.did(offer))
    ok(old.dids.cancel.did(offer))

    assert (info["note"], info["pop"], info["reseller_monthly"]) == ("front", "5", "3.50000000")
    get = old.dids.get
    assert ok(get.states())["states"]
    assert ok(get.provinces())["provinces"]
    assert ok(get.rate_centers_usa("FL"))["ratecenters"]
    assert ok(get.dids_can("ON", "Toronto"))["dids"]
    assert ok(old.dids.search.toll_free_usa())["dids"]


def test_voipms_sends_and_lists_messages(old: Any) -> None:
    ok(old.dids.set.sms(NUMBER, True))
    sent = ok(old.dids.send.sms(NUMBER, 2125550123, "hello there"))
    rows = ok(old.dids.get.sms(sms=sent["sms"]))["sms"]
    ok(old.dids.delete.sms(sent["sms"]))

    assert [(row["type"], row["message"]) for row in rows] == [("0", "hello there")]


def test_voipms_sends_lists_and_deletes_pictures(old: Any) -> None:
    picture = "https://example.test/cat.png"
    sent = ok(old.dids.send.mms(NUMBER, 2125550123, "look", media1=picture))
    [row] = ok(old.dids.get.mms(mms=sent["mms"]))["sms"]
    files = ok(old.dids.get.media_mms(mms=sent["mms"], media_as_array=True))["media"]
    listed = ok(old.dids.get.mms(date_from=YESTERDAY, date_to=TODAY, all_messages=True))["sms"]
    ok(old.dids.delete.mms(sent["mms"]))

    assert (row["message"], row["col_media1"], row["media"]) == ("look", picture, [picture])
    assert files == [picture]
    assert [one["id"] for one in listed] == [row["id"]]


def test_voipms_buys_sets_and_gives_back_fax_numbers(old: Any) -> None:
    get, fax = old.fax.get, old.fax
    assert ok(get.fax_provinces("ON"))["provinces"][0]["province_name"] == "Ontario"
    assert ok(get.fax_states())["states"]
    assert ok(get.fax_rate_centers_usa("NY"))["ratecenters"]
    [ottawa] = ok(fax.search.fax_area_code_can(613))["ratecenters"]
    place = next(
        row for row in ok(get.fax_rate_centers_can("ON"))["ratecenters"]
        if row["ratecenter"] == ottawa["ratecenter"]
    )  # fmt: skip
    assert ok(get.fax_numbers_portability(6135550111))["getFaxNumbersPortability"] == "yes"

    [did] = ok(fax.order.fax_number(int(place["location"]), 1, email="a@example.com"))["dids"]
    ok(fax.set.fax_number_email(int(did), email="b@example.com", email_attach_file=True))
    ok(fax.set.fax_number_info(int(did), email="c@example.com", url_callback_retry=True))
    [info] = ok(get.fax_numbers_info(int(did)))["numbers"]
    ok(fax.set.email_to_fax("a@example.com", int(info["id"]), "12345", enabled=True))
    [sender] = ok(get.email_to_fax())["emailToFax"]
    ok(fax.delete.email_to_fax(int(sender["id"])))
    gone = ok(fax.cancel.fax_number(int(info["id"])))

    assert (info["email"], info["retry"], info["city"]) == ("c@example.com", "1", "OTTAWA-HULL")
    assert gone["deleted_did"] == did


def test_both_clients_fax_and_one_tidies_up(
    carrier: Carrier, old: Any, new: Any, tmp_path: Path
) -> None:
    carrier.seed(faxes=[{"did": "6135550177"}])
    carrier.control("settings", {"fax_speed": 2000})
    file = tmp_path / "letter.pdf"
    file.write_bytes(sample(2))
    typed = base64.b64encode(b"Dear all").decode()
    get = old.fax.get

    ok(old.fax.send.fax_message(4165550142, "Clinic", 6135550177, typed, station_id="DESK"))
    ok(new(Fax).send_fax("4165550142", "Clinic", "6135550177", str(file), station_id="DESK"))
    until(lambda: [one["settled"] for one in carrier.control("truth/faxes")["faxes"]] == [True] * 2)
    rows = ok(get.fax_messages(date_from=YESTERDAY, date_to=TODAY, folder="SENT"))["faxes"]
    number = int(rows[0]["id"])
    ok(old.fax.set.fax_folder("FAMILY"))
    folder = ok(get.fax_folders())["folders"][-1]
    ok(old.fax.move.fax_message(number, int(folder["id"])))
    pdf = base64.b64decode(ok(get.fax_message_pdf(number))["message_base64"])
    ok(old.fax.mail.fax_message_pdf(number, "a@example.com"))
    ok(old.fax.delete.fax_message(number))
    ok(old.fax.delete.fax_folder(int(folder["id"])))

    assert [row["pages"] for row in rows] == ["2", "1"]
    assert (folder["name"], pdf) == ("FAMILY", file.read_bytes())


def test_voipms_api_uses_general_accounts_numbers_and_texts(new: Any) -> None:
    general, accounts, dids, sms = new(General), new(Accounts), new(DIDs), new(SMS)

    assert ok(general.get_balance(True))["balance"]["current_balance"] == "500.000000"
    assert ok(general.test_connection())["ip"] == "127.0.0.1"
    assert ok(general.get_servers())["servers"]
    made = ok(accounts.create_subaccount("porch", password="Sturdy2pass"))
    ok(
        accounts.update_subaccount(
            "100482_porch", description="Porch", password="Sturdy3pass", auth_type=1
        )
    )
    listed = ok(accounts.get_subaccounts("100482_porch"))["accounts"]
    assert [(row["description"], row["allowed_codecs"]) for row in listed] == [("Porch", "g722")]
    ok(accounts.delete_subaccount(made["id"]))
    ok(dids.order_did("3055550177"))
    ok(dids.set_did_routing("3055550177", "account:100482_desk"))
    assert len(ok(dids.get_dids_info())["dids"]) == 3
    ok(dids.cancel_did("3055550177"))
    assert isinstance(ok(sms.send_sms(DID, "2125550123", "hi"))["sms"], int)
    rows = ok(sms.get_sms(date_from=YESTERDAY, date_to=TODAY, timezone="-5"))["sms"]
    assert rows[0]["message"] == "hi"
    posted = ok(general.post("getSubAccounts"))
    assert len(posted["accounts"]) == 2


def test_voipms_keeps_forwardings_mailboxes_and_fax_numbers(carrier: Carrier, old: Any) -> None:
    carrier.seed(faxes=[{"did": "6135550177", "description": "Canada, ON, OTTAWA"}])
    forwarding = int(ok(old.dids.set.forwarding(6135550187, description="Mobile"))["forwarding"])
    listed = ok(old.dids.get.forwardings(forwarding))["forwardings"]
    ok(old.dids.set.did_routing(NUMBER, f"fwd:{forwarding}"))
    ok(old.dids.delete.forwarding(forwarding))
    box = ("Desk", 4711, False, "yes", "no", "yes", "America/Toronto", "yes", "u", "en")
    ok(old.voicemail.create.voicemail(1001, *box, email="desk@example.test"))
    ok(old.dids.set.did_voicemail(NUMBER, 1001))
    ok(old.voicemail.set.voicemail(1001, "Front desk", *box[1:]))
    boxes = ok(old.voicemail.get.voicemails(1001))["voicemails"]
    ok(old.voicemail.delete.voicemail(1001))
    # Its `connect_fax` names the number by a word of its own, so the connection is asked for plainly.
    fees = {"monthly": "3.5", "setup": "1.99", "minute": "0.03"}
    ok(carrier.call("connectFAX", did="6135550177", account="100482_desk", **fees))
    faxes = ok(old.fax.get.fax_numbers_info(6135550177))["numbers"]
    ok(carrier.call("unconnectFAX", did="6135550177"))

    assert [(row["phone_number"], row["description"]) for row in listed] == [
        ("6135550187", "Mobile")
    ]
    assert [(row["mailbox"], row["name"], row["email"]) for row in boxes] == [
        ("1001", "Front desk", "")
    ]
    assert [(row["did"], row["reseller_account"]) for row in faxes] == [
        ("613.555.0177", "100482_desk")
    ]


def test_voipms_api_keeps_forwardings_and_mailboxes(new: Any) -> None:
    forwarding, voicemail = new(Forwarding), new(Voicemail)

    ok(forwarding.create_forwarding("6135550187", description="Mobile"))
    [row] = ok(forwarding.get_forwardings())["forwardings"]
    ok(forwarding.update_forwarding(row["forwarding"], phone_number="6135550188"))
    [changed] = ok(forwarding.get_forwardings(row["forwarding"]))["forwardings"]
    ok(forwarding.delete_forwarding(row["forwarding"]))
    ok(voicemail.create_voicemail("0101", "Desk", 4711, email="desk@example.test"))
    ok(voicemail.update_voicemail("101", name="Front desk"))
    [box] = ok(voicemail.get_voicemails("101"))["voicemails"]
    ok(voicemail.delete_voicemail("101"))

    assert (changed["phone_number"], changed["description"]) == ("6135550188", "Mobile")
    assert (box["name"], box["email"]) == ("Front desk", "desk@example.test")
