"""PDF files: asked for, made by the real worker, fetched; and what happens when that goes wrong."""

from __future__ import annotations

import io
import stat
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
import pytest
import time_machine
from flask_babel import force_locale
from PIL import Image

from jobs.reports import render_report
from jobs.upkeep import purge_expired
from portal import branding, calls, identity, reports
from portal.branding import Purpose, ShownPicture
from portal.core import clock, storage
from portal.core.db import session, transaction
from portal.core.errors import NotFound, Refused
from portal.core.registry import settings
from portal.core.scope import Scope, bind, unscoped
from portal.reports import GLOBAL_CDR, FileState, Kind, ReportKind
from portal.reports.wording import Wording
from tests.browser import Browser
from tests.reports.asked import record_many, row_id
from tests.reports.pdf_text import pages_of
from tests.run_task import run_and_die
from tests.worker import newest_row, work
from tests.world import Customer, Shop, World


@pytest.fixture
def ask(world: World) -> Callable[..., uuid.UUID]:
    """``ask(shop, since=…)`` asks for the report of all calls, ``ask(client)`` for a statement."""

    def asked(who: Shop | Customer, *, language: str = "en", **filters: str) -> uuid.UUID:
        client = who if isinstance(who, Customer) else None
        kind = ReportKind.STATEMENT if client else ReportKind.GLOBAL_CDR
        reseller_id = client.reseller_id if client else who.id
        with bind(Scope(reseller_id)), transaction():
            return reports.request_file(
                kind,
                filters,
                language=language,
                asked_by_id=None,
                client_id=client.id if client else None,
            )

    return asked


def test_the_pdf_has_every_call_and_the_totals_of_the_page(
    world: World, ask: Callable[..., uuid.UUID]
) -> None:
    name = ask(world.northwind, direction="in")
    work()

    path = path_of(world.northwind, name)
    text = " ".join(pages_of(path))

    with world.reading(world.northwind), force_locale("en"):
        chosen = GLOBAL_CDR.choose({"direction": "in"})
        rows = calls.search(chosen.wanted, rows=500).rows
        cost, price = GLOBAL_CDR.summary(chosen).totals[9:11]
    wording = Wording("en", "CAD", chosen.period.zone)
    assert all(text.count(wording.when(row.started_at)) for row in rows)
    assert wording.cell(price, Kind.PRICE) in text
    assert wording.cell(cost, Kind.PRICE) in text
    with pikepdf.Pdf.open(path) as pdf:
        assert pdf.Root.Lang == "en"
        assert "Calls of all clients" in str(pdf.docinfo["/Title"])
        assert pdf.Root.MarkInfo.Marked, "a short report is tagged"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_statement_shows_the_same_balance_as_the_portal_in_the_clients_language(
    world: World, ask: Callable[..., uuid.UUID], browse: Callable[..., Browser]
) -> None:
    name = ask(world.a, language="fr", since=_days_ago(80))
    work()

    pages = pages_of(path_of(world.a, name))

    shown = browse(world.a).open("/balance").text("#balance-amount").split()[0]
    dollars = shown.strip("$").replace(".", ",")
    assert dollars in pages[0].replace("\u202f", "").replace("\u00a0", " ")
    assert all(f"{at} / {len(pages)}" in page for at, page in enumerate(pages, start=1))
    assert "0.0090" not in " ".join(pages), "a client never sees a cost"
    with pikepdf.Pdf.open(path_of(world.a, name)) as pdf:
        links = [str(one.A.URI) for one in pdf.pages[0].Annots if "/A" in one and "/URI" in one.A]
    inside = [urlsplit(one) for one in links]
    opened = {browse(world.a).open(f"{one.path}?{one.query}").status for one in inside}
    assert any("/balance/postings/" in one.path for one in inside)
    assert any("shown=usage" in one.query for one in inside)
    assert opened == {200}


def test_the_head_of_a_statement_is_the_resellers_own(
    world: World, ask: Callable[..., uuid.UUID]
) -> None:
    shown = {}
    with world.within(world.northwind):
        for place, width in ((Purpose.LOGIN_LOGO, 400), (Purpose.PAPER_LOGO, 300)):
            out = io.BytesIO()
            Image.new("RGB", (width, 100), "teal").save(out, "PNG")
            logo = branding.read_picture(out.getvalue(), purpose=place)
            shown[place] = ShownPicture.of(branding.keep_picture(logo, name="logo.png"))
        base = branding.current_theme()
        assert replace(base, pictures={Purpose.LOGIN_LOGO: shown[Purpose.LOGIN_LOGO]}).paper_logo
        branding.publish_look(replace(base.look, pictures=shown), base=base.version)
        company = identity.company_of(identity.own_reseller())
        identity.save_company(
            replace(
                company, address="12 Quay Street\nKingston", tax_numbers="GST 123456789 RT0001"
            ),
            books_have_begun=lambda: True,
        )
    name = ask(world.a, since=_days_ago(80))
    work()

    path = path_of(world.a, name)
    first = pages_of(path)[0]
    with pikepdf.Pdf.open(path) as pdf:
        drawn = pdf.pages[0].Resources.XObject.values()
        widths = [int(one.Width) for one in drawn if one.Subtype == "/Image"]

    assert "12 Quay Street" in first
    assert "GST 123456789 RT0001" in first
    assert widths == [300], "papers have a logo of their own"


def test_a_long_report_is_made_in_pieces_that_read_as_one(
    world: World, ask: Callable[..., uuid.UUID]
) -> None:
    many = 1_300
    record_many(world, many)
    name = ask(world.northwind, client=str(world.b.public_id))
    work()

    pages = pages_of(path_of(world.northwind, name))

    with world.reading(world.northwind), force_locale("en"):
        chosen = GLOBAL_CDR.choose({"client": str(world.b.public_id)})
        total = GLOBAL_CDR.summary(chosen)
        found = [row for chunk in reports.chunks(chosen.wanted, rows=500) for row in chunk]
    assert total.count == len(found) == many + 1
    wording = Wording("en", "CAD", chosen.period.zone)
    text = " ".join(pages)
    missing = [row for row in found if wording.when(row.started_at) not in text]
    assert not missing
    assert len(pages) == 1 + -(-(many + 1) // 38)
    assert f"Page 1 / {len(pages)}" in pages[0]
    assert f"Page {len(pages)} / {len(pages)}" in pages[-1]
    assert wording.cell(total.totals[10], Kind.MONEY) in pages[0]


def test_making_a_file_twice_changes_nothing(world: World, ask: Callable[..., uuid.UUID]) -> None:
    name = ask(world.northwind, since=_days_ago(3))
    work()
    before = path_of(world.northwind, name)

    with bind(Scope(world.northwind.id)):
        render_report(row_id(name))

    assert path_of(world.northwind, name) == before
    assert len(_stored_files()) == 1


@pytest.mark.parametrize("step", ["report.claimed", "report.progress:2", "report.stored"])
def test_a_worker_killed_half_way_is_missed_soon_and_followed_by_another(
    world: World,
    ask: Callable[..., uuid.UUID],
    browse: Callable[..., Browser],
    environment: dict[str, str],
    tmp_path: Path,
    step: str,
) -> None:
    name = ask(world.northwind, since=_days_ago(3))
    files = browse(world.northwind.owner)
    died = run_and_die(
        newest_row(),
        failpoint=step,
        environment=environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'world.db'}"},
    )
    work()
    just_now = state_of(world.northwind, name)
    with time_machine.travel(clock.now() + timedelta(seconds=50)):
        said = files.open("/staff/reports/files").text(".job")
    with time_machine.travel(clock.now() + timedelta(seconds=100)):
        work()

    assert died == -9
    assert just_now is FileState.MAKING, "it may live still"
    assert "Interrupted" in said
    assert "begun again by itself" in said
    assert "%" not in said
    assert state_of(world.northwind, name) is FileState.READY
    assert pages_of(path_of(world.northwind, name))


def test_nobody_else_can_fetch_see_or_delete_a_file(
    world: World, ask: Callable[..., uuid.UUID], browse: Callable[..., Browser]
) -> None:
    whole, own = ask(world.northwind, since=_days_ago(2)), ask(world.a, since=_days_ago(2))
    work()
    strangers = [
        (browse(world.globex.owner), "/staff", (whole, own)),
        (browse(world.b), "", (whole, own)),
        (browse(world.x), "", (whole, own)),
        (browse(world.a), "", (whole,)),
    ]

    for browser, base, names in strangers:
        for name in names:
            address = f"{base}/reports/files/{name}"
            assert browser.open(address).status == 404
            assert browser.open(f"{address}/download").status == 404
            assert browser.post(f"{address}/delete").status == 404

    assert browse(world.a).open(f"/reports/files/{own}/download").body.startswith(b"%PDF")
    assert browse(world.northwind.owner).open(f"/staff/reports/files/{own}").status == 200


def test_the_button_leads_to_a_card_that_ends_with_a_download(
    world: World, browse: Callable[..., Browser]
) -> None:
    ada = browse(world.northwind.owner)
    ada.open("/staff/reports/global-cdr", direction="in", since=_days_ago(3))

    waiting = ada.submit("#files form[action$='/files']", format="pdf")
    card = waiting.find(".job")
    asks_for_itself = ada.open(str(card["hx-get"]), htmx=True)
    work()
    ready = ada.open("/staff/reports/global-cdr")

    assert "Waiting" in waiting.text(".job")
    assert asks_for_itself.has("[hx-trigger]")
    assert not ready.find(".job").get("hx-trigger"), "a finished card stops asking"
    download = str(ready.find(".job a")["href"])
    file = ada.open(download)
    assert file.body.startswith(b"%PDF")
    assert file.headers["Content-Type"] == "application/pdf"
    assert "attachment" in file.headers["Content-Disposition"]


def test_staff_who_only_read_cannot_ask_for_files(
    world: World, browse: Callable[..., Browser]
) -> None:
    rita = browse(world.northwind.reader)

    answer = rita.post("/staff/reports/global-cdr/files", {"format": "pdf"})

    assert answer.status == 403


def test_a_file_is_deleted_by_hand_or_after_its_week(
    world: World, ask: Callable[..., uuid.UUID], browse: Callable[..., Browser]
) -> None:
    by_hand, by_time = ask(world.northwind, since=_days_ago(1)), ask(world.a, since=_days_ago(1))
    work()
    assert len(_stored_files()) == 2

    ada = browse(world.northwind.owner)
    ada.open("/staff/reports/global-cdr")
    ada.submit("#files form[action$='/delete']")
    left = len(_stored_files())
    with time_machine.travel(clock.now() + reports.KEEP_FILES, tick=False):
        with bind(Scope(world.northwind.id)), pytest.raises(NotFound):
            reports.find_file(by_time)
        with unscoped("a test"):
            session().rollback()
            with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
                purge_expired()

    assert left == 1
    assert _stored_files() == []
    with bind(Scope(world.northwind.id)), pytest.raises(NotFound):
        reports.find_file(by_hand)


def test_a_file_deleted_while_it_waits_is_not_made(
    world: World, ask: Callable[..., uuid.UUID]
) -> None:
    name = ask(world.northwind)
    with bind(Scope(world.northwind.id)), transaction():
        reports.delete_file(name)

    work()

    assert _stored_files() == []


def test_a_report_that_cannot_be_made_says_why(
    world: World, ask: Callable[..., uuid.UUID], browse: Callable[..., Browser]
) -> None:
    ask(world.northwind, client=str(uuid.uuid4()))

    work()

    page = browse(world.northwind.owner).open("/staff/reports/global-cdr")
    assert "Failed" in page.text(".job")
    assert "no such client" in page.text(".job")


def test_too_many_waiting_files_are_refused(world: World, ask: Callable[..., uuid.UUID]) -> None:
    for _ in range(10):
        ask(world.northwind)

    with pytest.raises(Refused):
        ask(world.northwind)

    ask_of_another = ask(world.x)
    assert ask_of_another


def path_of(who: Shop | Customer, name: uuid.UUID) -> Path:
    with bind(Scope(who.id if isinstance(who, Shop) else who.reseller_id)):
        row = reports.find_file(name)
        assert row.state is FileState.READY, row
        path = storage.path_of(reports.stored_name(name))
        session().rollback()
        return path


def state_of(who: Shop, name: uuid.UUID) -> FileState:
    with bind(Scope(who.id)):
        session().rollback()
        return reports.find_file(name).state


def _stored_files() -> list[Path]:
    return [path for path in _files() if path.parent.name != "drafts"]


def _files() -> Iterator[Path]:
    folder = settings().instance / "files"
    return (path for path in folder.rglob("*") if path.is_file())


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
