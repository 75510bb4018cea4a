"""Rates per area: found among many, changed in their row, brought in by a file."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from portal import pricing
from portal.core import clock
from portal.core.db import session
from portal.core.money import rate_e8
from portal.pricing.models import AreaRate
from tests.browser import Browser, Page
from tests.web.reseller.conftest import counted
from tests.worker import work
from tests.world import World


def rates_url(world: World) -> str:
    return f"/staff/packages/{world.northwind.packages['Office Standard']}/rates"


def many(world: World, count: int) -> None:
    """Rates of British prefixes, as a long file brings them."""
    with world.within(world.northwind):
        package = pricing.find_package(world.northwind.packages["Office Standard"])
        session().execute(
            insert(AreaRate),
            [
                {
                    "reseller_id": world.northwind.id, "package_id": package.id,
                    "area_kind": "prefix", "area": f"44{number:06d}", "name": f"Place {number}",
                    "country": "GB", "rate_e8": 1_000_000 + number, "valid_from": clock.now(),
                }
                for number in range(count)
            ],
        )  # fmt: skip


def test_fifty_thousand_rates_are_searched_with_as_many_queries_as_three(
    owner: Browser, world: World
) -> None:
    many(world, 3)
    with counted() as few:
        owner.open(rates_url(world), q="44", sort="rate")
    many_more = 50_000
    with world.within(world.northwind):
        for row in pricing.area_rates(world.northwind.packages["Office Standard"]).rows:
            pricing.end_area_rate(row.public_id)
    many(world, many_more)

    with counted() as lots:
        page = owner.open(rates_url(world), q="44", sort="rate")
    named = owner.open(rates_url(world), q="place 49999", htmx=True)
    british = owner.open(rates_url(world), q="united kingdom", htmx=True)
    prefix = owner.open(rates_url(world), q="+44 012345", htmx=True)
    second = owner.open(page.link("Next"))

    assert len(lots) <= len(few)
    assert "50000 rates" in page.text("#rates .pager")
    assert "Place 0" in page.texts("#rates tbody tr")[0]
    assert len(named.all("tbody tr")) == 1
    assert "50000 rates" in british.text(".pager")
    assert "+44012345" in prefix.text("tbody")
    assert "Place 50" in second.texts("#rates tbody tr")[0]
    assert "Place 0" in owner.open(second.link("Previous")).texts("#rates tbody tr")[0]


def test_a_rate_is_changed_in_its_row_and_the_old_one_stays_for_its_calls(
    owner: Browser, world: World
) -> None:
    many(world, 2)
    page = owner.open(rates_url(world))
    edit = str(page.all("#rates tbody a.btn")[0]["href"])

    row = owner.open(edit, htmx=True)
    name = str(row.find("input[type=text]")["name"])
    wrong = owner.post(edit, {name: "cheap"}, htmx=True)
    saved = owner.post(edit, {name: "0.0777"}, htmx=True)
    again = owner.post(edit, {name: "0.0888"})

    assert wrong.status == 422
    assert wrong.has(".field-error")
    assert "$0.0777" in saved.text("tr")
    assert again.status == 422
    assert "Somebody else has changed this rate" in again.words
    with world.reading(world.northwind):
        package = world.northwind.packages["Office Standard"]
        rates = [one.rate_e8 for one in pricing.area_rates(package).rows]
    assert sorted(rates) == [1_000_001, rate_e8("0.0777")]


def test_a_rate_that_begins_later_stands_beside_the_one_of_today(
    owner: Browser, world: World
) -> None:
    many(world, 1)
    edit = str(owner.open(rates_url(world)).all("#rates tbody a.btn")[0]["href"])
    owner.open(edit)

    later = (clock.now() + timedelta(days=40)).date().isoformat()
    assert owner.page is not None
    names = [str(field["name"]) for field in owner.page.all("#rate input.input")]
    page = owner.submit("#rate", **{names[0]: "0.05", names[1]: later})

    assert "To come" in page.text("#rates")
    assert len(page.all("#rates tbody tr")) == 2


def upload(owner: Browser, world: World, text: str, name: str = "rates.csv") -> Page:
    owner.open(rates_url(world))
    return owner.post(f"{rates_url(world)}/imports", {"file": (io.BytesIO(text.encode()), name)})


def test_a_file_is_mapped_compared_and_applied_and_comes_out_as_it_went_in(
    owner: Browser, world: World
) -> None:
    page = upload(owner, world, "Code;Tarif;Pays\n44;0,0150;UK\n33;0,02;France\nx;1;Nowhere\n")
    compared = owner.submit("#columns")
    wrong = owner.open(compared.link("Not usable"))
    applied = owner.submit("#apply form[action$=apply]") if owner.open(page.path) else None
    listed = owner.open(rates_url(world))
    csv = owner.open(f"{rates_url(world)}.csv").body.decode("utf-8-sig")

    assert page.find("#area option[selected]").get_text() == "Code"
    assert "2 rates would change" in compared.text("#apply")
    assert "1 line cannot be used" in compared.text("#apply")
    assert "This is no calling code" in wrong.text("#import-lines")
    assert applied is not None
    assert "These rates are in the package" in applied.words
    assert "+44 UK $0.0150" in listed.text("#rates")
    assert csv.splitlines()[2].startswith("44,0.01500000,UK,")
    back = upload(owner, world, csv)
    assert "0 rates would change" in owner.submit("#columns").text("#apply")
    assert back.status == 200


def test_a_download_that_comes_back_brings_no_planned_rate_into_force(
    owner: Browser, world: World
) -> None:
    later = clock.now() + timedelta(days=10)
    package = world.northwind.packages["Office Standard"]
    with world.within(world.northwind):
        pricing.set_area_rate(package, "prefix", "44", rate_e8=rate_e8("0.05"))
        for prefix in ("44", "49"):
            pricing.set_area_rate(
                package, "prefix", prefix, rate_e8=rate_e8("0.09"), valid_from=later
            )

    csv = owner.open(f"{rates_url(world)}.csv").body.decode("utf-8-sig")
    upload(owner, world, csv)
    compared = owner.submit("#columns")

    assert [line.split(",")[0] for line in csv.splitlines()] == ["prefix", "44"]
    assert "0 rates would change" in compared.text("#apply")
    assert len(owner.open(rates_url(world)).all("#rates tbody tr")) == 3


def test_a_long_file_shows_how_far_it_is_until_a_job_has_done_it(
    owner: Browser, world: World, world_app: Flask
) -> None:
    text = "prefix,rate,name\n" + "".join(f"44{n:05d},0.02,Place {n}\n" for n in range(1_000))
    page = upload(owner, world, text)

    waiting = owner.submit("#columns")
    card = owner.open(page.path, htmx=True)
    work()
    over = owner.open(page.path, htmx=True)
    owner.open(page.path)
    applying = owner.submit("#apply form[action$=apply]")
    work()
    applied = owner.open(page.path)

    assert "Comparing" in waiting.text("#import-job")
    assert card.has("progress")
    assert over.headers["HX-Redirect"].endswith(page.path)
    assert "Putting the rates in" in applying.text("#import-job")
    assert "These rates are in the package" in applied.words
    assert "1000 rates" in owner.open(rates_url(world)).text("#rates .pager")


NO_FILES = (("", "empty"), ("PK\x03\x04", "spreadsheet"), ("a,b\n", "no rate"))


@pytest.mark.parametrize(("text", "words"), NO_FILES)
def test_what_is_no_table_is_said_beside_the_field(
    owner: Browser, world: World, text: str, words: str
) -> None:
    page = upload(owner, world, text)

    assert page.status == 422
    assert words in page.text("#file-error")


def test_a_body_as_large_as_a_file_is_for_files_only(owner: Browser, world: World) -> None:
    owner.open(rates_url(world))
    body = b"".join(
        [
            b'--end\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n',
            owner.token().encode(),
            b'\r\n--end\r\nContent-Disposition: form-data; name="file"; filename="r"\r\n\r\n',
            b"1" * 2_000_000,
            b"\r\n--end--\r\n",
        ]
    )
    form = {"data": body, "content_type": "multipart/form-data; boundary=end"}

    elsewhere = owner.ask("POST", rates_url(world), **form)
    here = owner.ask("POST", f"{rates_url(world)}/imports", **form)

    assert elsewhere.status == 413
    assert here.status == 422


def test_a_discarded_file_changes_nothing(owner: Browser, world: World) -> None:
    page = upload(owner, world, "44,0.01\n")

    after = owner.post(f"{page.path}/discard")

    assert "No own rates" in after.text("#rates")
    assert owner.open(page.path).status == 404


@pytest.mark.parametrize("after", ["9" * 30, "-1", "two"])
def test_a_place_in_a_file_that_is_none_is_its_beginning(
    owner: Browser, world: World, after: str
) -> None:
    upload(owner, world, "Code;Rate;Land\n44;0.0150;UK\n")
    compared = owner.submit("#columns")

    page = owner.open(compared.path, after=after)

    assert page.status == 200
    assert "+44" in page.text("#import-lines")
