"""Fax numbers: places, rate centres, buying, settings that replace each other, porting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.carrier import Carrier


def call(carrier: Carrier, name: str, **values: str) -> dict[str, Any]:
    answer = carrier.call(name, **values)
    assert answer["status"] == "success", answer
    return answer


def location(carrier: Carrier) -> str:
    [ottawa] = [
        row for row in call(carrier, "getFaxRateCentersCAN", province="ON")["ratecenters"]
        if row["area_code"] == "613"
    ]  # fmt: skip
    assert (ottawa["ratecenter"], ottawa["available"]) == ("OTTAWA-HULL", "yes")
    return str(ottawa["location"])


def info(carrier: Carrier, did: str) -> dict[str, Any]:
    row: dict[str, Any] = call(carrier, "getFaxNumbersInfo", did=did)["numbers"][0]
    return row


def test_places_rate_centres_and_area_codes(carrier: Carrier) -> None:
    [ontario] = call(carrier, "getFaxProvinces", province="ON")["provinces"]

    assert (ontario["province_name"], ontario["country_code"]) == ("Ontario", "CAN")
    assert len(call(carrier, "getFaxStates")["states"]) > 5
    assert call(carrier, "getFaxRateCentersUSA", state="NY")["ratecenters"]
    [row] = call(carrier, "searchFaxAreaCodeCAN", area_code="613")["ratecenters"]
    assert row == {"area_code": "613", "available": "yes", "ratecenter": "OTTAWA-HULL"}
    assert call(carrier, "searchFaxAreaCodeUSA", area_code="999") == {"status": "success"}
    assert call(carrier, "getFaxNumbersPortability", did="6135550111") == {
        "status": "success", "getFaxNumbersPortability": "yes",
    }  # fmt: skip


def test_the_carrier_chooses_the_numbers_of_an_order(carrier: Carrier) -> None:
    place = location(carrier)
    dry = call(carrier, "orderFaxNumber", location=place, quantity="2", test="true")["dids"]
    assert carrier.call("getFaxNumbersInfo") == {"status": "no_numbers"}

    bought = call(carrier, "orderFaxNumber", location=place, quantity="2")["dids"]
    more = call(carrier, "orderFaxNumber", location=place, quantity="8")["dids"]

    assert dry == bought
    assert not set(bought) & set(more)
    assert info(carrier, bought[0])["description"] == "Canada, ON, OTTAWA-HULL"
    assert call(carrier, "getBalance")["balance"]["current_balance"] == "475.100000"
    assert carrier.call("orderFaxNumber", location=place, quantity="1") == {
        "status": "unsifficient_stock"
    }
    gone = call(carrier, "cancelFaxNumber", id=info(carrier, bought[0])["id"])
    assert gone["deleted_did"] == bought[0]
    assert call(carrier, "orderFaxNumber", location=place, quantity="1")["dids"] == [bought[0]]


@pytest.mark.parametrize(
    "values, word",
    [({"location": "1"}, "invalid_location"), ({"quantity": "0"}, "invalid_quantity"),
     ({"quantity": "99"}, "invalid_quantity"), ({"location": ""}, "missing_location"),
     ({"email": "nobody"}, "invalid_email")],
)  # fmt: skip
def test_orders_that_are_refused(carrier: Carrier, values: dict[str, str], word: str) -> None:
    order = {"location": location(carrier), "quantity": "1"} | values

    assert carrier.call("orderFaxNumber", **order) == {"status": word}
    assert carrier.call("getFaxNumbersInfo") == {"status": "no_numbers"}


def test_what_setfaxnumberinfo_leaves_out_is_cleared(carrier: Carrier) -> None:
    [did] = call(
        carrier, "orderFaxNumber", location=location(carrier), quantity="1",
        url_callback="https://portal.example/fax", url_callback_enable="1", url_callback_retry="1",
    )["dids"]  # fmt: skip
    call(carrier, "setFaxNumberEmail", did=did, email="a@example.test", email_enable="1")
    both = info(carrier, did)
    call(carrier, "setFaxNumberInfo", did=did, note="front")
    after = info(carrier, did)
    call(carrier, "setFaxNumberURLCallback", did=did, url_callback="https://other.example/fax")

    assert (both["url"], both["email"]) == ("https://portal.example/fax", "a@example.test")
    assert (after["url"], after["url_enabled"], after["email"], after["note"]) == (
        "", "0", "", "front",
    )  # fmt: skip
    assert (info(carrier, did)["url"], info(carrier, did)["note"]) == (
        "https://other.example/fax", "front",
    )  # fmt: skip


def test_senders_of_mail_and_numbers_that_are_brought_along(carrier: Carrier) -> None:
    [did] = call(carrier, "orderFaxNumber", location=location(carrier), quantity="1")["dids"]
    sender = {"auth_email": "a@example.test", "from_number_id": info(carrier, did)["id"],
              "security_code": "12345", "enabled": "1"}  # fmt: skip
    assert carrier.call("getEmailToFax") == {"status": "no_emailtofax"}
    call(carrier, "setEmailToFax", **sender)
    [kept] = call(carrier, "getEmailToFax")["emailToFax"]
    call(carrier, "setEmailToFax", **sender, id=kept["id"], security_code_enabled="1")
    [changed] = call(carrier, "getEmailToFax", id=kept["id"])["emailToFax"]
    call(carrier, "delEmailToFax", id=kept["id"])
    port = {"portType": "5", "numbers": "613-555-0111", "statementName": "Clinic", "zip": "K1A0A1",
            "firstName": "Ann", "lastName": "Lee", "address1": "1 Main", "city": "Ottawa",
            "state": "ON", "country": "CA", "providerName": "Old", "providerAccount": "7"}  # fmt: skip
    number = call(carrier, "addLNPPort", **port)["port"]
    first = call(carrier, "getLNPStatus", portid=number)["post_status"]
    carrier.post(f"ports/{number}", status="completed", foc_date="2026-12-01")

    assert (changed["from"], changed["security_code_enabled"]) == (did, "1")
    assert carrier.call("delEmailToFax", id=kept["id"]) == {"status": "invalid_id"}
    assert first == "pending_approval"
    assert call(carrier, "getLNPList", portid=number)["list"] == [
        {"portid": number, "numbers": "6135550111", "foc_date": "2026-12-01", "status": "completed"}
    ]
    assert carrier.call("getLNPStatus", portid="1") == {"status": "invalid_portid"}
    assert carrier.call("addLNPPort", **{**port, "firstName": ""}) == {
        "status": "missing_firstname"
    }
