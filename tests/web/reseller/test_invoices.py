"""Taxes and invoices, as staff set them up and as clients read them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pikepdf
import pytest

from portal import invoices, ledger, mail
from portal.core.money import Money
from portal.invoices import PaperFilter, PaperKind
from tests.browser import Browser
from tests.reports.pdf_text import pages_of
from tests.worker import work
from tests.world import World


@pytest.fixture
def month(world: World) -> date:
    """The month before this one, in which client a was charged 100 for a visit."""
    with world.within(world.northwind):
        last = invoices.last_month()
        ledger.charge(
            world.a.id, Money.of("100"), reason=ledger.Reason.CHARGE, source_type="manual",
            source_id="visit", kind="charge", description="Site visit",
            posted_at=datetime.combine(last, time(16), UTC),
        )  # fmt: skip
    return last


def papers(world: World, **wanted: object) -> list[invoices.PaperRow]:
    with world.reading(world.northwind):
        return list(invoices.papers(PaperFilter(**wanted)).rows)  # type: ignore[arg-type]


def test_from_the_first_tax_to_the_paper_in_the_clients_hands(
    owner: Browser,
    browse: Callable[..., Browser],
    world: World,
    month: date,
    tmp_path: Path,
) -> None:
    owner.open("/staff/configuration/tax/new")
    page = owner.submit("#tax", name="HST", percent="no", country="CA", regions="Ontario")
    assert page.status == 422
    assert "Ontario" in str(page.find("#regions"))
    owner.submit("#tax", name="HST", percent="13", number="81234 5678 RT0001", regions="Ontario")
    owner.open("/staff/configuration/tax")
    page = owner.submit(
        "#papers", mode="none", prices="on_top", footer="Merci", credit_prefix="INV-"
    )
    assert page.status == 422
    page = owner.submit("#papers", prices="on_top", footer="Merci", credit_prefix="CN-")
    assert "13%" in page.text("#taxes")
    for regions, days, status in (
        ("ON", {}, 422),
        ("", {"valid_from": "2030-01-01"}, 422),
        ("Nova Scotia, Ontario", {"valid_until": "2020-12-31"}, 422),
        ("NS", {}, 200),
    ):
        owner.open("/staff/configuration/tax/new")
        twice = owner.submit("#tax", name="hst", percent="15", regions=regions, **days)
        assert twice.status == status, regions
    assert "A tax of this name holds in the same place" not in twice.words
    owner.open("/staff/configuration/tax")

    owner.open(f"/staff/clients/{world.a.public_id}/invoices")
    owner.submit("#invoice-choice", mode="monthly")
    owner.submit("#exemption", reason="")
    page = owner.open(
        "/staff/invoices/issue", month=f"{month:%Y-%m}", client=str(world.a.public_id)
    )
    assert "Will be issued" in page.text("#drafts")
    assert papers(world) == []  # a look writes nothing
    owner.submit("#drafts form")
    [row] = papers(world)
    work()

    page = owner.open(f"/staff/invoices/{row.public_id}")
    assert "INV-" in page.title
    said = owner.ask("GET", page.link("Download PDF"))
    (tmp_path / "paper.pdf").write_bytes(said.body)
    text = " ".join(pages_of(tmp_path / "paper.pdf"))
    for word in ("Invoice", "Harbourlight Dental", "Site visit", "HST 13%", "81234 5678", "Merci", "Page 1 / 1"):  # fmt: skip
        assert word in text
    with pikepdf.Pdf.open(io.BytesIO(said.body)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
    with world.reading(world.northwind):
        assert [one.name for one in mail.kept_mails()][:1] == ["invoice_issued"]

    client = browse(world.a)
    assert row.number in client.open("/balance/invoices").text("#papers")
    assert "Site visit" in client.open(f"/balance/invoices/{row.public_id}").words
    other = browse(world.b)
    assert other.open(f"/balance/invoices/{row.public_id}").status == 404


def test_part_of_an_invoice_is_credited_once_and_never_more(
    owner: Browser, world: World, month: date
) -> None:
    with world.within(world.northwind):
        invoices.issue_month(world.a.id, month)
        before = ledger.balance_of(world.a.id)
    [row] = papers(world)
    owner.open(f"/staff/invoices/{row.public_id}")
    form = owner.page

    assert owner.submit("#credit", amount="1000000", reason="Too much").status == 422
    page = owner.submit("#credit", amount="40", reason="A favour")
    assert "CN-" in page.title
    owner.page = form
    assert owner.submit("#credit", amount="40", reason="A favour").status == 422

    with world.reading(world.northwind):
        assert ledger.balance_of(world.a.id) - before == Money.of("40")
    page = owner.open("/staff/invoices", q=row.number.lower())
    assert "Credited in part" in page.text("#papers")
    page = owner.open("/staff/invoices", kind="credit", q="harbourlight", htmx=True)
    assert len(page.all("tbody tr")) == 1
    assert "No invoices match" in owner.open("/staff/invoices", q="nobody").words
    assert len(papers(world, kind=PaperKind.CREDIT)) == 1

    tab = owner.open(f"/staff/invoices/{row.public_id}")
    owner.submit("#credit", amount="", reason="All of it")
    owner.page = tab
    late = owner.submit("#credit", amount="", reason="Again", reference=str(uuid.uuid4()))
    assert (late.status, late.has("#credit")) == (422, False)
    assert "Nothing was credited: all of this invoice is credited already" in late.words
    assert len(papers(world, kind=PaperKind.CREDIT)) == 2


def test_a_paper_whose_file_is_gone_is_made_again_from_what_it_said(
    owner: Browser, browse: Callable[..., Browser], world: World, month: date
) -> None:
    with world.within(world.northwind):
        invoices.issue_month(world.a.id, month)
    [row] = papers(world)
    client = browse(world.a)
    client.open(f"/balance/invoices/{row.public_id}")

    client.submit("form[action$='/pdf']")
    work()

    assert client.open(f"/balance/invoices/{row.public_id}/pdf").body[:5] == b"%PDF-"
    owner.open(f"/staff/invoices/{row.public_id}")
    owner.submit("form[action$='/resend']")
    work()
    with world.reading(world.northwind):
        assert [one.name for one in mail.kept_mails()].count("invoice_issued") == 2


def test_a_sample_is_made_by_a_worker(owner: Browser) -> None:
    owner.open("/staff/configuration/tax")
    page = owner.submit("#sample", language="fr")
    work()

    page = owner.open(page.path)
    assert owner.ask("GET", page.link("Download")).body[:5] == b"%PDF-"
