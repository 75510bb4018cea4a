"""Every described report: the same rows and the same sums on screen, as CSV, as XLSX and in the books."""

from __future__ import annotations

import csv
import io
import os
import re
import time
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask_babel import force_locale
from sqlalchemy import insert, select

from portal import calls, ledger, reports
from portal.calls.models import Call
from portal.core import storage
from portal.core.db import bare_rows, session, transaction
from portal.core.errors import NotFound
from portal.core.money import ZERO, Money
from portal.core.scope import NoScope, Scope, bind, unscoped
from portal.ledger import HistoryFilter, HistoryKind, Reason
from portal.reports import FOR_STAFF, FileState, Kind, Report, ReportKind
from portal.reports.models import ReportFile
from portal.reports.period import period_from
from portal.reports.spelling import Csv
from tests import processes
from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.reports.asked import record_many, row_id
from tests.worker import newest_row, work
from tests.world import World, a_call, record_calls

Browse = Callable[..., Browser]
SINCE = (datetime.now(UTC) - timedelta(days=85)).date().isoformat()
HOSTILE = '=HYPERLINK("http://evil.example","x")'


@pytest.mark.parametrize("report", FOR_STAFF, ids=lambda report: report.word)
def test_page_csv_and_xlsx_have_the_same_rows_and_sums(
    world: World, browse: Browse, report: Report
) -> None:
    with world.within(world.a):
        give_faxes(world.a.id, "+16135550155")
    now = datetime.now(UTC).replace(microsecond=0)
    call = a_call("100482_reception", "", now, inbound=world.a.dids[0], name=HOSTILE)
    record_calls(world.northwind, [call])
    ada, base = browse(world.northwind.owner), f"/staff/reports/{report.word}"
    words = {"since": SINCE}
    if report.kind is ReportKind.CLIENT_CDR:
        assert "Choose the client" in ada.open(base).text("#report")
        words["client"] = str(world.a.public_id)

    page = ada.open(base, **words)
    rows = list(
        csv.DictReader(io.StringIO(ada.open(f"{base}.csv", **words).body.decode("utf-8-sig")))
    )
    made = ada.post(f"{base}/files", words | {"format": "xlsx"})
    work()

    with world.reading(world.northwind), force_locale("en"):
        chosen = report.choose(words)
        summary, columns = report.summary(chosen), report.columns()
        [file] = reports.latest(report.kind)
        path = storage.path_of(reports.stored_name(file.public_id))
    assert page.status == made.status == 200
    assert len(rows) == summary.count
    assert rows or report.kind is ReportKind.MARGIN, "the small world sells nothing below cost"
    assert len(page.all("#report-rows tbody tr")) == min(summary.count, 50)
    assert file.state is FileState.READY
    assert sheet_lines(path) == summary.count + 2, "a head and a line of totals"
    for column, total in zip(columns, summary.totals, strict=True):
        if isinstance(total, Money):
            assert sum(Decimal(row[column.key] or 0) for row in rows) == total.decimal, column.key
        elif total is not None and column.kind in {Kind.COUNT, Kind.SECONDS, Kind.MINUTES}:
            assert sum(int(row[column.key] or 0) for row in rows) == total, column.key
    assert not [text for row in rows for text in row.values() if text.startswith(("=", "@", "|"))]


def test_a_client_takes_its_calls_as_a_workbook_without_costs(
    world: World, browse: Browse, tmp_path: Path
) -> None:
    priya = browse(world.a)
    page = priya.open("/calls", since=SINCE)

    answer = priya.post("/calls/xlsx", {"since": SINCE, "result": "answered"})

    path = tmp_path / "calls.xlsx"
    path.write_bytes(answer.body)
    with world.reading(world.a), force_locale("en"):
        wanted = reports.OWN_CALLS.choose({"since": SINCE, "result": "answered"}).wanted
        many = calls.totals(wanted).calls
    assert page.status == 200
    assert sheet_lines(path) == many + 2
    assert b"Cost" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("zone", ["America/Toronto", "Asia/Kolkata"])
def test_the_quick_lines_of_calls_are_those_of_every_report(world: World, zone: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    names = (HOSTILE, 'a "b", c', "-2+3", "two\r\nlines", "\x01 <b>&_x0041_", " Žofie ", "")
    record_calls(
        world.northwind,
        [
            a_call("100482_reception", "", now - timedelta(hours=at), inbound=world.a.dids[0], name=name)
            for at, name in enumerate(names)
        ],
    )  # fmt: skip

    for who, report in ((world.northwind, reports.GLOBAL_CDR), (world.a, reports.OWN_CALLS)):
        with world.reading(who), force_locale("en"):
            chosen = report.choose({"since": SINCE, "zone": zone})
            many = calls.totals(chosen.wanted).calls
            quick = list(report.lines(chosen, Csv(ZoneInfo(zone))))
            usual = Report.lines(report, chosen, Csv(ZoneInfo(zone)))

            assert sum(rows for rows, _ in quick) == many > len(names)
            assert "".join(text for _, text in quick) == "".join(text for _, text in usual)

    with world.reading(world.globex), force_locale("en"):
        chosen = reports.GLOBAL_CDR.choose({"since": SINCE})
        foreign = "".join(text for _, text in reports.GLOBAL_CDR.lines(chosen, Csv(ZoneInfo(zone))))
        assert "100482_" not in foreign, "another reseller's calls are not there"
    with pytest.raises(NoScope):
        bare_rows(select(Call.id))


def test_texts_and_faxes_are_summed_as_the_books_have_them(world: World) -> None:
    with world.within(world.a):
        give_faxes(world.a.id, "+16135550155")

    with world.reading(world.northwind), force_locale("en"):
        for kind, reasons in (
            (ReportKind.MESSAGES, {Reason.SMS, Reason.MMS}),
            (ReportKind.CLIENT_CDR, {Reason.CALL}),
        ):
            report = reports.by_kind(kind)
            for client in (world.a, world.b):
                chosen = report.choose({"since": SINCE, "client": str(client.public_id)})
                keys = [column.key for column in report.columns()]
                price = report.summary(chosen).totals[keys.index("price")]
                assert price == charged(client.id, reasons)


def test_a_file_that_is_stopped_ends_its_processes_and_is_not_made(world: World) -> None:
    record_many(world, 1_000)
    with bind(Scope(world.northwind.id)):
        with transaction():
            name = reports.request_file(ReportKind.GLOBAL_CDR, {}, language="en", asked_by_id=None)
        with transaction():
            asked = reports.claim(row_id(name))
        assert asked is not None

        class Stopping:
            """Somebody presses Cancel once pages are being laid out."""

            def __call__(self, done: int, everything: int) -> bool:
                return True

            def is_wanted(self) -> bool:
                with transaction():
                    reports.stop(name)
                return reports.is_wanted(asked.id)

        made = reports.write_pdf(asked, Stopping())
        session().rollback()
        state = reports.find_file(name).state
        work()

    assert made is None
    assert state is FileState.STOPPED
    assert not list((storage._folder() / "drafts").glob("*.pdf"))


def test_a_stop_from_elsewhere_leaves_no_process_and_no_file_of_the_worker(
    world: World, environment: dict[str, str], tmp_path: Path
) -> None:
    record_many(world, 1_300)
    with world.within(world.northwind):
        name = reports.request_file(ReportKind.GLOBAL_CDR, {}, language="en", asked_by_id=None)
    env = {**os.environ, **environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'world.db'}"}

    worker = processes.start("tests.run_task", str(newest_row()), env=env)
    deadline = time.monotonic() + 60
    while not (painters := descendants(worker.pid)):
        assert time.monotonic() < deadline, "nothing was laid out"
        time.sleep(0.02)
    with world.within(world.northwind):
        reports.stop(name)
    ended = worker.wait()

    with world.reading(world.northwind):
        file = reports.find_file(name)
    assert ended.returncode == 0, ended.stderr
    assert [pid for pid in painters if alive(pid)] == []
    assert (file.state, file.size_bytes) == (FileState.STOPPED, 0)
    assert [one for one in storage._folder().rglob("*") if one.suffix in {".pdf", ".zip"}] == []


def test_more_than_paper_or_a_page_holds_comes_as_a_zip_and_through_the_files(
    world: World, browse: Browse
) -> None:
    copy_a_call(world.a.id, 10_000)
    priya = browse(world.a)
    priya.open("/calls", since=SINCE)
    page = priya.post("/calls/xlsx", {"since": SINCE})
    work()
    with world.reading(world.a), force_locale("en"):
        wanted = reports.OWN_CALLS.choose({"since": SINCE}).wanted
        many = calls.totals(wanted).calls
    with world.reading(world.northwind):
        own = session().scalars(select(ReportFile).where(ReportFile.client_id == world.a.id)).one()
        workbook = storage.path_of(own.stored_as)

    copy_a_call(world.a.id, 10_000)
    with world.within(world.northwind):
        name = reports.request_file(
            ReportKind.GLOBAL_CDR, {"since": SINCE}, language="en", asked_by_id=None
        )
    work()
    with world.reading(world.northwind):
        prices = session().scalars(select(Call.price)).all()
        archive = zipfile.ZipFile(storage.path_of(reports.stored_name(name)))

    assert page.path == "/r/100482/statements"
    assert many > 10_000
    assert sheet_lines(workbook) == many + 2
    assert sorted(archive.namelist()) == ["rows.csv", "totals.pdf"]
    assert archive.read("totals.pdf").startswith(b"%PDF-")
    rows = list(csv.DictReader(io.StringIO(archive.read("rows.csv").decode("utf-8-sig"))))
    assert len(rows) == len(prices) > 20_000
    assert sum(Decimal(row["price"] or 0) for row in rows) == sum(
        (one.decimal for one in prices if one is not None), Decimal(0)
    )


def test_a_filter_is_saved_shared_opened_by_itself_and_only_its_makers_to_change(
    world: World, browse: Browse
) -> None:
    ada, rita = browse(world.northwind.owner), browse(world.northwind.reader)
    ada.open("/staff/reports/global-cdr", result="failed", period="last-month")

    ada.submit("#saved-filters form", name="Failed calls", shared="1", opens="1")
    again = ada.submit("#saved-filters form", name="Failed calls")
    opened = ada.open("/staff/reports/global-cdr")
    seen = rita.open("/staff/reports/global-cdr")
    with world.reading(world.northwind):
        [row] = reports.filters_of(1)
    stolen = rita.post(f"/staff/reports/filters/{row.public_id}/delete")
    renamed = ada.post(f"/staff/reports/filters/{row.public_id}", {"name": "No luck", "opens": ""})
    gone = rita.open("/staff/reports/global-cdr")

    assert "You have a filter of this name already" in again.words
    assert "Last month" in opened.text("#filters")
    assert row.words == {"period": "last-month", "result": "failed"}
    assert "Failed calls" in seen.words
    assert "Last 30 days" in seen.text("#filters"), "the default is hers alone"
    assert stolen.status == 404
    assert "No luck" in renamed.words
    assert "No luck" not in gone.words, "not shared any more"


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", date(2026, 3, 11), date(2026, 3, 11)),
        ("yesterday", date(2026, 3, 10), date(2026, 3, 10)),
        ("week", date(2026, 3, 9), date(2026, 3, 11)),
        ("7", date(2026, 3, 5), date(2026, 3, 11)),
        ("30", date(2026, 2, 10), date(2026, 3, 11)),
        ("month", date(2026, 3, 1), date(2026, 3, 11)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
        ("year", date(2026, 1, 1), date(2026, 3, 11)),
    ],
)
def test_a_choice_of_period_is_counted_from_the_resellers_today(
    word: str, first: date, last: date
) -> None:
    with time_machine.travel(datetime(2026, 3, 12, 2, tzinfo=UTC), tick=False):
        period = period_from({"period": word}, ZoneInfo("America/Toronto"))

    assert (period.first, period.last, period.quick) == (first, last, word)


def charged(client_id: int, reasons: set[Reason]) -> Money:
    """What the books took for these reasons, ever."""
    amount, cursor = ZERO, None
    while True:
        part = ledger.history(
            client_id, HistoryFilter(kind=HistoryKind.CHARGES), cursor=cursor, page_size=500
        )
        amount -= sum((one.amount for one in part.page.rows if one.reason in reasons), ZERO)
        cursor = part.page.older
        if cursor is None:
            return amount


def sheet_lines(path: Path) -> int:
    """Lines of the first sheet; no cell of it is a formula."""
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    return len(re.findall(r"<row ", sheet))


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that these did."""
    try:
        own = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [one for child in own for one in (int(child), *descendants(int(child)))]


def alive(pid: int) -> bool:
    """Is it there, and not only its name until somebody asks for its end?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def copy_a_call(client_id: int, times: int) -> None:
    """The newest answered call of a client, over and over, a second apart: past the books."""
    with unscoped("a test"), transaction():
        row = (
            session()
            .scalars(
                select(Call)
                .where(Call.client_id == client_id, Call.seconds > 0)
                .order_by(Call.id.desc())
            )
            .first()
        )
        assert row is not None
        kept = {column.name: getattr(row, column.key) for column in Call.__table__.columns}
        del kept["id"]
        copies = [
            kept
            | {
                "public_id": uuid.uuid4(),
                "carrier_key": f"copy {uuid.uuid4().hex}",
                "started_at": row.started_at - timedelta(seconds=at),
            }
            for at in range(times)
        ]
        session().execute(insert(Call), copies)


def test_another_resellers_client_is_not_in_any_report(world: World) -> None:
    with world.reading(world.northwind), force_locale("en"):
        asking = [one for one in FOR_STAFF if "client" in {c.name for c in one.choose({}).choices}]
        assert len(asking) >= 6
        for report in asking:
            with pytest.raises(NotFound):
                report.choose({"client": str(world.x.public_id)})
