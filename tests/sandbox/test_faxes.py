"""Faxes: what is taken, how it goes page by page, the machines at the other end, and arrivals."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.paper import as_pdf, sample
from tests.carrier import PASSWORD, USER, Carrier
from tests.sandbox.listener import Listener, until

FAX, OTHER_FAX, MACHINE = "6135550177", "6135550178", "4165550142"
TWO_PAGES = sample(2)


@pytest.fixture
def fax(carrier: Carrier) -> Carrier:
    carrier.seed(faxes=[{"did": FAX, "description": "Canada, ON, OTTAWA"}, {"did": OTHER_FAX}])
    carrier.control("settings", {"fax_speed": 2000, "faxes_per_day": 0, "fax_list_seconds": 0})
    return carrier


def send(carrier: Carrier, file: bytes | str = TWO_PAGES, **values: str) -> dict[str, Any]:
    text = file if isinstance(file, str) else base64.b64encode(file).decode()
    wanted = {"api_username": USER, "api_password": PASSWORD, "method": "sendFaxMessage",
              "to_number": MACHINE, "from_name": "Clinic", "from_number": FAX, "file": text}  # fmt: skip
    form = {key: (None, value) for key, value in (wanted | values).items()}
    answer: dict[str, Any] = httpx.post(carrier.rest_url, files=form).json()
    return answer


def faxes(carrier: Carrier, **more: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = carrier.call("getFaxMessages", **more).get("faxes", [])
    return rows


def ended(carrier: Carrier, **more: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        rows = faxes(carrier, **more)
        return rows[0] if rows and rows[0]["status"] != "SENDING" else None

    row: dict[str, Any] = until(look)
    return row


def picture(kind: str, frames: int = 1) -> bytes:
    out, page = io.BytesIO(), Image.new("L", (300, 400), 200)
    more = {"save_all": True, "append_images": [page] * (frames - 1)} if kind == "TIFF" else {}
    page.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    "file, pages",
    [(picture("PNG"), 1), (picture("JPEG"), 1), (picture("GIF"), 1), (picture("TIFF", 3), 3),
     (b"line\n" * 61, 2), (TWO_PAGES, 2)],
)  # fmt: skip
def test_six_kinds_of_files_become_pages(file: bytes, pages: int) -> None:
    pdf, counted = as_pdf(file)

    assert (pdf[:5], counted) == (b"%PDF-", pages)


@pytest.mark.parametrize(
    "change, status",
    [
        ({"from_number": "2125550101"}, "invalid_from_number"), ({"to_number": "12"}, "invalid_to_number"),
        ({"to_number": ""}, "missing_to_number"), ({"from_name": ""}, "missing_from_name"),
        ({"file": ""}, "missing_file"), ({"file": "?"}, "no_base64file"),
        ({"file": base64.b64encode(b"PK\x03\x04\x00").decode()}, "invalid_file"),
        ({"file": base64.b64encode(b"%PDF-1.4 broken").decode()}, "invalid_file"),
        ({"file": base64.b64encode(b"x" * 10_000_001).decode()}, "exceeds_file_size"),
        ({"test": "true"}, "success"), ({"send_email_enabled": "1"}, "missing_email"),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_nothing(fax: Carrier, change: dict[str, str], status: str) -> None:
    assert send(fax, **change)["status"] == status
    assert fax.control("truth/faxes")["faxes"] == []


def test_limits_of_the_day_and_of_the_purse(fax: Carrier) -> None:
    fax.control("settings", {"faxes_per_day": 1})

    assert [send(fax)["status"] for _ in range(2)] == ["success", "limit_reached"]
    fax.control("settings", {"faxes_per_day": 0})
    fax.seed(balance="0")
    assert send(fax)["status"] == "non_sufficient_funds"


def test_a_fax_goes_page_by_page_and_the_answer_has_no_reference(fax: Carrier) -> None:
    fax.control("settings", {"fax_speed": 40})
    assert send(fax, sample(3), station_id="DESK") == {"status": "success"}

    under_way = until(lambda: [row for row in faxes(fax) if row["pages"] == "1"])[0]
    row = ended(fax)

    assert (under_way["status"], under_way["total"]) == ("SENDING", "0.000")
    assert (row["callerid"], row["destination"]) == (f"Clinic <{FAX}>", MACHINE)
    assert (row["pages"], row["duration"], row["stationid"]) == ("3", "1:36", "DESK")
    assert (row["status"], row["folder"], row["total"]) == ("SUCCESS", "SENT", "0.048")


@pytest.mark.parametrize(
    "machine, pages, message, total",
    [
        ({"behaviour": "busy"}, "0", "Busy", "0.000"),
        ({"behaviour": "no_answer"}, "0", "No answer", "0.000"),
        ({"behaviour": "voice"}, "0", "No fax tone, a voice answered", "0.000"),
        ({"behaviour": "out_of_service"}, "0", "Number not in service", "0.000"),
        ({"behaviour": "fails", "page": 2}, "1", "Disconnected after page 1", "0.030"),
        ({"behaviour": "fails", "page": 3}, "2", "", "0.036"),
    ],
)
def test_machines_that_do_not_get_it_all(
    fax: Carrier, machine: dict[str, Any], pages: str, message: str, total: str
) -> None:
    fax.post("fax_machines", number=MACHINE, **machine)

    send(fax)

    row = ended(fax)
    assert (row["pages"], row["msg"], row["total"]) == (pages, message, total)
    assert row["status"] == ("FAILED" if message else "SUCCESS")


def test_a_machine_that_fails_twice_receives_the_third_time(fax: Carrier) -> None:
    fax.post("fax_machines", number=MACHINE, behaviour="busy", fails=2)
    states = []
    for _ in range(3):
        send(fax)
        states.append(ended(fax)["status"])

    assert states == ["FAILED", "FAILED", "SUCCESS"]


def test_what_the_machine_has_printed_can_be_fetched(fax: Carrier) -> None:
    fax.post("fax_machines", number=MACHINE, behaviour="fails", page=2)
    send(fax)
    number = ended(fax)["id"]

    whole = base64.b64decode(fax.call("getFaxMessagePDF", id=number)["message_base64"])
    tiff = httpx.get(f"{fax.url}/control/faxes/{number}/tiff").content

    assert whole == TWO_PAGES
    assert as_pdf(httpx.get(f"{fax.url}/control/faxes/{number}/pdf").content)[1] == 1
    with Image.open(io.BytesIO(tiff)) as page:
        assert (page.mode, page.size, page.format) == ("1", (1728, 2156), "TIFF")


def test_a_number_of_this_carrier_gets_it_and_the_callback_comes_until_ok(fax: Carrier) -> None:
    with Listener(answers=["not yet", "ok"]) as listener:
        fax.seed(faxes=[{"did": OTHER_FAX, "url": f"{listener.url}/fax", "url_enabled": "1",
                         "retry": "1", "email": "desk@example.test", "email_enabled": "1"}])  # fmt: skip
        send(fax, to_number=OTHER_FAX)

        first, second = listener.wait(2)
        until(lambda: all(one["done"] for one in fax.control("deliveries")["deliveries"]))

    assert first.body.count(b'name="pdf"; filename="fax.pdf"') == 1
    assert FAX.encode() in first.body
    assert OTHER_FAX.encode() in second.body
    [arrived] = faxes(fax, folder="INBOX")
    assert (arrived["description"], arrived["destination"]) == ("INBOUND FAX", OTHER_FAX)
    [truth] = fax.control("truth/faxes", direction="in")["faxes"]
    assert truth["mails"] == ["desk@example.test"]


def test_a_fax_comes_in_on_demand_with_any_name_and_any_file(fax: Carrier) -> None:
    made = fax.post("faxes", did=FAX, name="=cmd|'/c calc'!A0", pages=4, seconds=76,
                    pdf=base64.b64encode(b"MZ no pdf at all").decode())["fax"]  # fmt: skip

    [row] = faxes(fax)

    assert (row["id"], row["pages"], row["duration"]) == (str(made["id"]), "4", "1:16")
    assert row["callerid"] == "=cmd|'/c calc'!A0 <2125550123>"
    file = fax.call("getFaxMessagePDF", id=row["id"])["message_base64"]
    assert base64.b64decode(file) == b"MZ no pdf at all"
    corrected = fax.post(f"faxes/{made['id']}/correct", pages=5, seconds=90)["fax"]
    assert (corrected["pages"], faxes(fax)[0]["duration"]) == (5, "1:30")


def test_a_fax_that_was_taken_may_be_in_the_list_only_later(fax: Carrier) -> None:
    fax.control("settings", {"fax_list_seconds": 60})
    send(fax)

    assert fax.call("getFaxMessages") == {"status": "no_message"}


def test_folders_moving_mailing_and_deleting(fax: Carrier) -> None:
    number = str(fax.post("faxes", did=FAX)["fax"]["id"])
    names = [row["name"] for row in fax.call("getFaxFolders")["folders"]]
    fax.call("setFaxFolder", name="Family")
    family = fax.call("getFaxFolders")["folders"][-1]
    steps = [
        ("setFaxFolder", {"name": "family"}, "used_name"),
        ("setFaxFolder", {"id": family["id"], "name": "Clinic"}, "success"),
        ("moveFaxMessage", {"fax_id": number, "folder_id": family["id"]}, "success"),
        ("moveFaxMessage", {"fax_id": number, "folder_id": family["id"]}, "moving_fail"),
        ("moveFaxMessage", {"fax_id": "1", "folder_id": family["id"]}, "invalid_fax_id"),
        ("moveFaxMessage", {"fax_id": number, "folder_id": "1"}, "invalid_folder_id"),
        ("getFaxMessages", {"folder": "clinic"}, "success"),
        ("delFaxFolder", {"id": family["id"]}, "success"),
        ("getFaxMessages", {"folder": "inbox"}, "success"),
        ("mailFaxMessagePDF", {"id": number, "email": "a@example.test"}, "success"),
        ("mailFaxMessagePDF", {"id": number}, "missing_email"),
        ("deleteFaxMessage", {"id": number, "test": "1"}, "success"),
        ("deleteFaxMessage", {"id": number}, "success"),
        ("deleteFaxMessage", {"id": number}, "invalid_id"),
        ("getFaxMessagePDF", {"id": number}, "invalid_id"),
        ("getFaxMessages", {"from": "2026-01-01", "to": "2026-06-01"}, "invalid_daterange"),
    ]

    assert names == ["INBOX", "SENT"]
    assert [fax.call(name, **values)["status"] for name, values, _ in steps] == [
        word for _, _, word in steps
    ]
