"""Writing records: the whole of them, with the words for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.carrier import Carrier
from tests.sandbox.conftest import DID

LINE = {
    "auth_type": "1", "device_type": "2", "lock_international": "1", "international_route": "1",
    "music_on_hold": "default", "allowed_codecs": "ulaw;g729", "dtmf_mode": "auto", "nat": "yes",
}  # fmt: skip
NEW_LINE = LINE | {"username": "lobby", "protocol": "1", "password": "Sturdy2pass"}


def line(carrier: Carrier, account: str) -> dict[str, Any]:
    found: dict[str, Any] = carrier.call("getSubAccounts", account=account)["accounts"][0]
    return found


def did(carrier: Carrier) -> dict[str, Any]:
    found: dict[str, Any] = carrier.call("getDIDsInfo", did=DID)["dids"][0]
    return found


def test_a_new_line_is_named_after_the_resellers_login(carrier: Carrier) -> None:
    answer = carrier.call("createSubAccount", **NEW_LINE, internal_extension="105")

    assert answer["account"] == "100482_lobby"
    assert line(carrier, "100482_lobby")["id"] == str(answer["id"])
    assert carrier.call("createSubAccount", **NEW_LINE) == {"status": "used_username"}


@pytest.mark.parametrize(
    "change, status",
    [
        ({"username": ""}, "missing_username"),
        ({"username": "no spaces!"}, "invalid_username"),
        ({"auth_type": "9"}, "invalid_authtype"),
        ({"device_type": ""}, "missing_devicetype"),
        ({"international_route": "7"}, "invalid_internationalroute"),
        ({"allowed_codecs": "ulaw;mp3"}, "invalid_allowedcodecs"),
        ({"music_on_hold": "polka"}, "invalid_musiconhold"),
        ({"max_expiry": "59"}, "invalid_max_expiry"),
        ({"rtp_timeout": "90", "rtp_hold_timeout": "80"}, "rtp_timeout_greater_than_rtp_hold_timeout"),
        ({"internal_extension": "101"}, "used_extension"),
        ({"reseller_client": "561115"}, "missing_resellerpackage"),
        ({"reseller_client": "1", "reseller_package": "8378"}, "invalid_resellerclient"),
        (
            {"reseller_client": "561115", "reseller_package": "8378", "reseller_nextbilling": "2020-01-01"},
            "invalid_resellernextbilling",
        ),
        ({"password": "short1A"}, "invalid_password_lessthan_8characters_long"),
        ({"password": "nocapital1"}, "invalid_password_missing_uppercase"),
        ({"password": "Sp ace1234"}, "invalid_password_ilegal_characters"),
    ],
)  # fmt: skip
def test_a_bad_field_of_a_line_has_its_word(
    carrier: Carrier, change: dict[str, str], status: str
) -> None:
    assert carrier.call("createSubAccount", **(NEW_LINE | change)) == {"status": status}


def test_changing_a_line_forgets_what_is_left_out(carrier: Carrier) -> None:
    before = line(carrier, "100482_desk")

    answer = carrier.call("setSubAccount", id=before["id"], **LINE)

    after = line(carrier, "100482_desk")
    assert answer == {"status": "success"}
    assert before["reseller_client"] == "561115"
    assert (after["reseller_client"], after["description"], after["record_calls"]) == ("0", "", "0")
    assert after["password"] == "Sturdy1pass"


def test_an_old_password_of_a_line_is_never_taken_again(carrier: Carrier) -> None:
    number = line(carrier, "100482_desk")["id"]

    carrier.call("setSubAccount", id=number, password="Sturdy2pass", **LINE)
    answer = carrier.call("setSubAccount", id=number, password="Sturdy1pass", **LINE)

    assert answer == {"status": "used_password"}


def test_a_line_with_a_number_cannot_be_deleted(carrier: Carrier) -> None:
    number = line(carrier, "100482_desk")["id"]

    assert carrier.call("delSubAccount", id=number) == {"status": "account_with_dids"}
    carrier.call("setDIDRouting", did=DID, routing="none:")
    assert carrier.call("delSubAccount", id=number) == {"status": "success"}
    assert carrier.call("getSubAccounts", account="100482_desk") == {"status": "invalid_account"}


def test_lines_are_found_by_login_and_by_client_and_not_by_id(carrier: Carrier) -> None:
    desk = line(carrier, "100482_desk")

    of_client = carrier.call("getSubAccounts", account="561115")["accounts"]

    assert [row["account"] for row in of_client] == ["100482_desk"]
    assert carrier.call("getSubAccounts", account=desk["id"]) == {"status": "no_subaccount"}


def test_changing_a_number_forgets_what_is_left_out(carrier: Carrier) -> None:
    carrier.call("setDIDInfo", did=DID, routing="account:100482_desk", pop="5", dialtime="60",
                 cnam="1", billing_type="1", note="front", failover_busy="vm:101")  # fmt: skip
    before = did(carrier)

    carrier.call("setDIDInfo", did=DID, routing="vm:101", pop="5", dialtime="30", cnam="0",
                 billing_type="2")  # fmt: skip

    after = did(carrier)
    assert (before["note"], before["failover_busy"]) == ("front", "vm:101")
    assert (after["note"], after["failover_busy"], after["routing"]) == ("", "none:", "vm:101")
    assert after["sms_enabled"] == "1"


def test_setting_texts_forgets_what_is_left_out(carrier: Carrier) -> None:
    carrier.call("setSMS", did=DID, enable="1", email_enabled="1", email_address="a@example.test",
                 url_callback_enable="1", url_callback="http://example.test/{ID}")  # fmt: skip
    before = did(carrier)

    carrier.call("setSMS", did=DID, enable="1")

    after = did(carrier)
    assert (before["sms_email"], before["sms_url_callback_enabled"]) == ("a@example.test", "1")
    assert (after["sms_email"], after["sms_url_callback_enabled"]) == ("", "0")
    assert after["sms_url_callback"] == ""


def test_texts_of_a_number_may_be_set_once_a_minute_when_the_rule_is_on(carrier: Carrier) -> None:
    carrier.control("settings", {"sms_wait_seconds": 60})

    first = carrier.call("setSMS", did=DID, enable="1")
    second = carrier.call("setSMS", did=DID, enable="1")

    assert [first["status"], second["status"]] == ["success", "sms_wait_message"]


@pytest.mark.parametrize(
    "method, parameters, status",
    [
        ("setDIDRouting", {"routing": "moon:1"}, "invalid_routing_header"),
        ("setDIDRouting", {}, "missing_routing"),
        ("setDIDPOP", {"pop": "99"}, "invalid_serverpop"),
        ("setDIDBillingType", {"billing_type": "1"}, "same_did_billingtype"),
        ("setDIDBillingType", {"billing_type": "3"}, "invalid_billingtype"),
        ("setDIDBillingType", {"billing_type": "2"}, "success"),
        ("setDIDVoicemail", {"voicemail": "101"}, "success"),
        ("setSMS", {}, "missing_enable"),
        ("setSMS", {"enable": "yes"}, "invalid_enable"),
        ("setSMS", {"enable": "1", "url_callback_retry": "maybe"}, "invalid_callback_retry"),
    ],
)
def test_small_writes_of_a_number(
    carrier: Carrier, method: str, parameters: dict[str, str], status: str
) -> None:
    assert carrier.call(method, did=DID, **parameters) == {"status": status}


def test_a_number_is_searched_bought_connected_and_given_back(carrier: Carrier) -> None:
    offers = carrier.call("searchDIDsUSA", type="starts", query="305")["dids"]
    wanted = offers[0]["did"]
    how = {"did": wanted, "routing": "account:100482_desk", "pop": "1", "dialtime": "60",
           "cnam": "0", "billing_type": "1"}  # fmt: skip

    assert carrier.call("orderDID", **how, test="1") == {"status": "success"}
    assert carrier.call("getDIDsInfo", did=wanted) == {"status": "invalid_did"}
    assert carrier.call("orderDID", **how) == {"status": "success"}
    assert carrier.call("orderDID", **how) == {"status": "did_in_use"}
    connected = carrier.call("connectDID", did=wanted, account="100482_desk", monthly="3.50",
                             setup="1.99", minute="0.03")  # fmt: skip
    assert connected == {"status": "success"}
    mine = carrier.call("getDIDsInfo", client="561115")["dids"]
    assert [(row["did"], row["reseller_monthly"]) for row in mine] == [(wanted, "3.50000000")]
    charges = carrier.call("getCharges", client="561115")["charges"]
    assert sorted(row["amount"] for row in charges) == [1.99, 3.5]
    assert carrier.call("unconnectDID", did=wanted) == {"status": "success"}
    assert carrier.call("cancelDID", did=wanted) == {"status": "success"}
    assert wanted in {
        row["did"] for row in carrier.call("searchDIDsUSA", type="ends", query=wanted[-4:])["dids"]
    }


def test_numbers_for_sale_are_listed_by_place(carrier: Carrier) -> None:
    states = {row["state"] for row in carrier.call("getStates")["states"]}
    centres = carrier.call("getRateCentersCAN", province="ON")["ratecenters"]

    offers = carrier.call("getDIDsCAN", province="ON", ratecenter="Toronto")["dids"]

    assert {"NY", "FL"} <= states
    assert {"ratecenter": "Toronto", "available": "yes"} in centres
    assert {row["did"][:6] for row in offers} == {"416555"}
    assert offers[0]["sms"] == 1
    assert carrier.call("getDIDsUSA", state="ZZ") == {"status": "invalid_state"}
    assert (
        carrier.call("searchTollFreeUSA", type="starts", query="888")["dids"][0]["monthly"]
        == "0.99"
    )


def test_a_client_of_the_reseller_is_kept_and_deleted_only_when_free(carrier: Carrier) -> None:
    person = {
        "firstname": "Ann", "lastname": "Lee", "address": "1 Main", "city": "Ottawa", "state": "ON",
        "country": "CA", "zip": "K1A", "phone_number": "6135550188", "email": "ann@example.test",
        "confirm_email": "ann@example.test", "password": "longenough", "confirm_password": "longenough",
    }  # fmt: skip
    number = carrier.call("signupClient", **person, activate="1")["client"]

    assert carrier.call("signupClient", **person) == {"status": "invalid_email"}
    assert carrier.call("signupClient", **(person | {"confirm_email": "x@example.test"})) == {
        "status": "mismatch_email_confirm"
    }
    carrier.call("addPayment", client=number, payment="25.00", description="Cheque 12")
    carrier.call("addPayment", client=number, payment="99.00", test="true")
    assert (
        carrier.call("getResellerBalance", client=number)["balance"]["current_balance"]
        == "25.000000"
    )
    assert carrier.call("setClientThreshold", client=number, threshold="251") == {
        "status": "Invalid_threshold"
    }
    assert carrier.call("delClient", client="561115") == {"status": "account_with_dids"}
    assert carrier.call("delClient", client=number) == {"status": "success"}
    assert carrier.call("getClients", client=number) == {"status": "invalid_client"}


def test_a_package_prices_the_deck(carrier: Carrier) -> None:
    row = carrier.call("getRates", package="8378", query="Canada - 418")["rates"][0]

    price = (row["real_rate"] + 0.0025) * 1.2

    assert row["client_rate"] == pytest.approx(price)
    assert (row["client_increment"], row["real_increment"]) == ("60", "6")
