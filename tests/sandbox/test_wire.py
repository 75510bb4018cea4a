"""What travels on the wire, in which order it is checked, and what comes back."""

from __future__ import annotations

import httpx
import pytest

from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.conftest import DID

CREDENTIALS = {"api_username": USER, "api_password": PASSWORD}


def test_get_and_multipart_post_are_answered_alike(carrier: Carrier) -> None:
    values = CREDENTIALS | {"method": "getBalance"}

    by_get = httpx.get(carrier.rest_url, params=values)
    by_post = httpx.post(carrier.rest_url, files={k: (None, v) for k, v in values.items()})

    assert by_get.json() == by_post.json()
    assert by_get.json() == {"status": "success", "balance": {"current_balance": "500.000000"}}


def test_an_urlencoded_post_gets_an_xml_fault_with_500(carrier: Carrier) -> None:
    answer = httpx.post(carrier.rest_url, data=CREDENTIALS | {"method": "getBalance"})

    assert answer.status_code == 500
    assert "xml" in answer.headers["content-type"]
    assert "<SOAP-ENV:Fault>" in answer.text


@pytest.mark.parametrize("length, code", [(8190, 200), (8191, 414)])
def test_a_request_line_over_8190_bytes_gets_414(carrier: Carrier, length: int, code: int) -> None:
    query = f"api_username={USER}&api_password={PASSWORD}&method=getIP&padding="
    spare = length - len(f"GET /api/v1/rest.php?{query} HTTP/1.1")

    answer = httpx.get(f"{carrier.rest_url}?{query}{'x' * spare}")

    assert answer.status_code == code


def test_a_big_body_travels_as_multipart(carrier: Carrier) -> None:
    values = CREDENTIALS | {"method": "getIP", "padding": "x" * 2_000_000}

    answer = httpx.post(carrier.rest_url, files={k: (None, v) for k, v in values.items()})

    assert answer.json()["status"] == "success"


@pytest.mark.parametrize(
    "values, status",
    [
        ({}, "missing_method"),
        ({"method": "getNothing"}, "invalid_method"),
        ({"method": "getBalance"}, "missing_credentials"),
        ({"method": "getBalance", "api_username": USER}, "missing_credentials"),
        (
            {"method": "getBalance", "api_username": USER, "api_password": "no"},
            "invalid_credentials",
        ),
        ({"method": "sendSMS", **CREDENTIALS}, "missing_did"),
    ],
)
def test_problems_are_found_in_order_and_answered_with_http_200(
    carrier: Carrier, values: dict[str, str], status: str
) -> None:
    answer = httpx.get(carrier.rest_url, params=values)

    assert answer.status_code == 200
    assert answer.json() == {"status": status}


def test_an_address_not_on_the_list_may_only_ask_for_its_own(carrier: Carrier) -> None:
    carrier.seed(allow_ips=["203.0.113.*", "198.51.100.0/24"])

    assert carrier.call("getBalance") == {"status": "ip_not_enabled"}
    assert carrier.call("getIP") == {"status": "success", "ip": "127.0.0.1"}


@pytest.mark.parametrize("pattern", ["127.0.0.1", "127.0.0.0/8", "127.0.0.*", "0.0.0.0"])
def test_every_form_of_the_allow_list_lets_the_address_in(carrier: Carrier, pattern: str) -> None:
    carrier.seed(allow_ips=["203.0.113.7", pattern])

    assert carrier.call("getBalance")["status"] == "success"


def test_a_switched_off_api_says_so_before_the_address(carrier: Carrier) -> None:
    carrier.seed(allow_ips=[], api_enabled=False)

    assert carrier.call("getIP") == {"status": "api_not_enabled"}


def test_more_calls_in_a_minute_than_allowed_are_refused(carrier: Carrier) -> None:
    carrier.control("settings", {"limit_per_minute": 3})

    # Seven calls cannot spread over three minutes.
    answers = [carrier.call("getIP")["status"] for _ in range(7)]

    assert "api_limit_exceeded" in answers
    assert answers.count("success") <= 6


def test_unknown_and_empty_parameters_are_ignored(carrier: Carrier) -> None:
    answer = carrier.call("getSubAccounts", account="", content_type="json", colour="blue")

    assert answer["status"] == "success"
    assert len(answer["accounts"]) == 2


@pytest.mark.parametrize(
    "method, parameters, status",
    [
        ("getCDR", {"date_from": "2026-01-01", "date_to": "2026-01-02", "timezone": "0",
                    "answered": "1"}, "no_cdr"),
        ("getSMS", {}, "no_sms"),
        ("getMMS", {}, "no_mms"),
        ("getTransactionHistory", {"date_from": "2020-01-01", "date_to": "2020-01-02"},
         "no_transactions"),
        ("getTerminationRates", {"query": "Atlantis", "route": "1"}, "no_rate"),
        ("getDIDsInfo", {"client": "999"}, "no_did"),
        ("getSubAccounts", {"account": "99785"}, "no_subaccount"),
        ("getCharges", {"client": "561115"}, "no_transactions"),
    ],
)  # fmt: skip
def test_an_empty_list_is_a_status_word_without_the_list(
    carrier: Carrier, method: str, parameters: dict[str, str], status: str
) -> None:
    assert carrier.call(method, **parameters) == {"status": status}


def test_a_list_of_one_is_a_list_and_scalars_are_strings(carrier: Carrier) -> None:
    one = carrier.call("getDIDsInfo", did=DID)["dids"]

    assert len(one) == 1
    numbers = {name for name, value in one[0].items() if not isinstance(value, str)}
    assert numbers == {"sms_available"}


def test_rates_are_json_numbers_beside_a_list_with_the_route(carrier: Carrier) -> None:
    answer = carrier.call("getTerminationRates", query="1212", route="2")

    assert answer["route"] == [{"value": "2", "description": "Premium"}]
    assert isinstance(answer["rates"][0]["rate"], float)
    assert answer["rates"][0]["increment"] == "6"


def test_another_reseller_sees_nothing_of_the_first(carrier: Carrier) -> None:
    carrier.seed({"api_username": "globex@example.test", "api_password": "other"})
    other = {"api_username": "globex@example.test", "api_password": "other"}

    assert carrier.call("getDIDsInfo", **other) == {"status": "no_did"}
    assert carrier.call("getSubAccounts", account="100482_desk", **other) == {
        "status": "invalid_account"
    }
    assert carrier.call("sendSMS", did=DID, dst="2125550123", message="hi", **other) == {
        "status": "invalid_did"
    }
