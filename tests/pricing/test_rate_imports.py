"""Area rates from files: any spelling is read, the difference is shown, all of it comes or nothing."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import pricing
from portal.core import clock, storage
from portal.core.db import db, session, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.scope import Scope, bind
from portal.pricing import PackageDetails
from portal.pricing.models import AreaRate
from portal.pricing.rate_files import guess, lines, look, read
from portal.pricing.values import ImportState, Outcome
from tests.pricing.market import make_reseller
from tests.run_task import run_and_die
from tests.worker import bring_forward, newest_row, work

SPELLINGS = (
    ("commas", "Prefix,Rate,Destination\n44,0.0150,United Kingdom\n", "utf-8"),
    ("a mark and semicolons", "Préfixe;Tarif;Pays\n+44;0,0150;Royaume-Uni\n", "utf-8-sig"),
    ("tabs of a spreadsheet", "Dial code\tPrice\tName\n011 44\t$0.015\tUK\n", "utf-16"),
    ("an old spreadsheet", "Código;Precio;País\n44;0,015;España\n", "cp1252"),
    ("no headings", "44,0.015\n", "utf-8"),
    ("other columns first", "Name|Increment|Cost|Area\nUK|6|0.015|44\n", "utf-8"),
)


@pytest.mark.parametrize(("text", "encoding"), [one[1:] for one in SPELLINGS], ids=[one[0] for one in SPELLINGS])  # fmt: skip
def test_a_file_is_read_however_it_was_written(text: str, encoding: str) -> None:
    content = text.encode(encoding)

    sheet = look(content)
    columns = guess(sheet.headings, sheet.sample)
    [(_, cells)] = lines(content, sheet)
    line = read(cells, columns)

    assert (line.kind, line.area, line.rate_e8, line.problem) == ("prefix", "44", 1_500_000, "")


NO_FILES = (
    (b"", "empty"),
    (b"\n\n , \n", "empty"),
    (b"Prefix,Rate\n", "no rate"),
    (b"PK\x03\x04...", "spreadsheet"),
    (b"\x00\x01\x02\x03,", "no text file"),
    (b"x" * 8_000_001, "8 MB"),
    (b"1,2\n" * 100_001, "100,000"),
    (b",".join([b"1"] * 100), "too long"),
)


@pytest.mark.parametrize(("content", "words"), NO_FILES, ids=[one[1] for one in NO_FILES])
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        look(content)

    assert refused.value.field == "file"


LINES = (
    ("44", "0.015", ("prefix", "44")),
    ("+1 (416)", "0.015", ("prefix", "1416")),
    ("gb", "0.015", ("country", "GB")),
    ("USA", "0.015", ("usa", "")),
    ("Canada", "0", ("canada", "")),
    ("44a", "0.015", None),
    ("", "0.015", None),
    ("XX", "0.015", None),
    ("1" * 16, "0.015", None),
    ("44", "cheap", None),
    ("44", "-0.01", None),
    ("44", "0.000000001", None),
    ("44", "1001", None),
    ("=44", "0.01", None),
)


@pytest.mark.parametrize(("area", "rate", "expected"), LINES)
def test_a_line_is_a_rate_or_says_what_is_wrong(
    area: str, rate: str, expected: tuple[str, str] | None
) -> None:
    line = read([area, rate], {"area": 0, "rate": 1})

    assert (line.kind, line.area) == expected if expected else line.problem


class Desk:
    """A package and files that come into it."""

    def __init__(self) -> None:
        self.reseller_id = make_reseller()
        with self.writing():
            self.package = pricing.save_package(PackageDetails("Office"))

    def writing(self):  # type: ignore[no-untyped-def]
        return _writing(self.reseller_id)

    def upload(self, text: str, **how: object) -> uuid.UUID:
        """A file that is looked at and compared, by a job when it is long."""
        content = text.encode()
        sheet = look(content)
        draft = storage.draft(ending="csv")
        draft.write_bytes(content)
        stored = storage.keep(draft, ending="csv")
        with self.writing():
            made = pricing.start_rate_import(
                self.package, sheet, file_name="rates.csv", stored_as=stored, by_id=None
            )
            rows = pricing.choose_columns(
                made, guess(sheet.headings, sheet.sample),
                valid_from=how.get("valid_from"), ends_missing=bool(how.get("ends_missing")),
            )  # type: ignore[arg-type]  # fmt: skip
            if rows <= pricing.AT_ONCE:
                pricing.compare_now(made, content)
        return made

    def apply(self, made: uuid.UUID) -> None:
        with self.writing():
            pricing.ask_to_apply(made)

    def found(self, made: uuid.UUID) -> pricing.RateImportRow:
        with bind(Scope(self.reseller_id)):
            return pricing.find_import(self.package, made)

    def rates(self) -> dict[str, int]:
        """What holds now, by area or group."""
        with bind(Scope(self.reseller_id)):
            at = clock.now()
            rows = session().scalars(select(AreaRate).order_by(AreaRate.valid_from)).all()
            return {
                row.area or row.area_kind: row.rate_e8
                for row in rows
                if row.valid_from <= at and (row.valid_to is None or row.valid_to > at)
            }

    def rows(self) -> int:
        with bind(Scope(self.reseller_id)):
            return len(session().scalars(select(AreaRate.id)).all())


class _writing:
    def __init__(self, reseller_id: int) -> None:
        self._bound = bind(Scope(reseller_id))
        self._open = transaction()

    def __enter__(self) -> None:
        self._bound.__enter__()
        self._open.__enter__()

    def __exit__(self, *why: object) -> None:
        self._open.__exit__(*why)  # type: ignore[arg-type]
        self._bound.__exit__(*why)  # type: ignore[arg-type]


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk()


FIRST = "prefix,rate,name\n44,0.0150,UK\n33,0.0200,France\nUSA,0.01,\n"
SECOND = (
    "prefix,rate,name\n44,0.0160,UK\n33,0.0200,France\n49,0.03,Germany\n49,0.04,Twice\nx,1,No\n"
)


def test_the_difference_is_shown_line_by_line_and_then_applied(desk: Desk) -> None:
    desk.apply(desk.upload(FIRST))

    made = desk.upload(SECOND, ends_missing=True)
    compared = desk.found(made)
    with bind(Scope(desk.reseller_id)):
        changed, _ = pricing.import_lines(compared.id, Outcome.CHANGED)
        wrong, _ = pricing.import_lines(compared.id, Outcome.WRONG)
        ended, _ = pricing.import_lines(compared.id, Outcome.ENDED)
    desk.apply(made)

    assert compared.counts == {"added": 1, "changed": 1, "same": 1, "wrong": 2, "ended": 1}
    assert [(one.line, one.area, one.old_rate_e8, one.rate_e8) for one in changed] == [
        (2, "44", 1_500_000, 1_600_000)
    ]
    assert [one.line for one in wrong] == [5, 6]
    assert [one.kind for one in ended] == ["usa"]
    assert desk.rates() == {"44": 1_600_000, "33": 2_000_000, "49": 3_000_000}
    assert desk.found(made).state is ImportState.APPLIED
    assert desk.rows() == 5, "old rates stay for the calls of their time"


def test_rates_that_begin_later_leave_what_holds_now(desk: Desk) -> None:
    desk.apply(desk.upload(FIRST))
    soon = datetime.now(UTC) + timedelta(days=3)

    desk.apply(desk.upload(SECOND, valid_from=soon))

    assert desk.rates()["44"] == 1_500_000
    with bind(Scope(desk.reseller_id)):
        coming = pricing.area_rates(desk.package, text="44").rows
    assert [(row.rate_e8, row.valid_from == soon) for row in coming] == [
        (1_500_000, False),
        (1_600_000, True),
    ]


def test_rates_of_a_file_last_until_the_planned_ones_begin(desk: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    desk.apply(desk.upload(FIRST, valid_from=soon))

    desk.apply(desk.upload("prefix,rate,name\n44,0.0190,UK\n"))

    with bind(Scope(desk.reseller_id)):
        rows = pricing.area_rates(desk.package, text="44").rows
    assert sorted((row.rate_e8, row.valid_to) for row in rows if row.valid_to) == [
        (1_900_000, soon)
    ]
    assert [row.rate_e8 for row in rows if row.valid_to is None] == [1_500_000]


def test_the_same_file_again_changes_nothing_and_is_refused_kindly(desk: Desk) -> None:
    desk.apply(desk.upload(FIRST))
    made = desk.upload(FIRST)

    with pytest.raises(Refused) as refused:
        desk.apply(made)

    assert refused.value.code == "nothing"
    assert desk.rows() == 3


def test_what_somebody_changed_since_the_comparison_becomes_what_the_file_says(desk: Desk) -> None:
    desk.apply(desk.upload(FIRST))
    made = desk.upload(SECOND)
    with bind(Scope(desk.reseller_id)):
        same, other = (pricing.area_rates(desk.package, text=area).rows[0] for area in ("33", "44"))
    with desk.writing():
        pricing.change_area_rate(same.public_id, rate_e8=9_000_000)
        pricing.change_area_rate(other.public_id, rate_e8=9_000_000)

    desk.apply(made)

    assert desk.rates() == {"44": 1_600_000, "33": 2_000_000, "49": 3_000_000, "usa": 1_000_000}


def test_a_package_that_was_retired_meanwhile_takes_no_file(desk: Desk) -> None:
    made = desk.upload(FIRST)
    with desk.writing():
        pricing.retire_package(desk.package)

    with pytest.raises(Refused, match="retired"):
        desk.apply(made)

    assert desk.rates() == {}


def long_file(rows: int, rate: str) -> str:
    return "prefix,rate,name\n" + "".join(
        f"44{number:05d},{rate},Place {number}\n" for number in range(rows)
    )


@pytest.mark.parametrize("failpoint", ["rates.comparing:2", "rates.half_applied"])
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(
    app_on_each: Flask, each_database: str, environment: dict[str, str], failpoint: str
) -> None:
    desk = Desk()
    made = desk.upload(long_file(6_000, "0.02"))
    if failpoint != "rates.comparing:2":
        work()
        desk.apply(made)

    killed = run_and_die(
        newest_row(), failpoint=failpoint, environment=environment | {"DATABASE_URL": each_database}
    )
    between = desk.rows()
    bring_forward()
    work()
    if failpoint == "rates.comparing:2":
        desk.apply(made)
        work()

    assert (killed, between) == (-9, 0)
    assert desk.rows() == 6_000
    assert desk.found(made).state is ImportState.APPLIED


def test_of_two_who_apply_one_file_at_once_one_is_told(
    make_app: Callable[..., Flask], migrated_postgres_url: str
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        desk = Desk()
        made = desk.upload(FIRST)
        db.session.remove()
    barrier, told = threading.Barrier(2), list[str]()

    def press() -> None:
        with app.app_context():
            barrier.wait()
            try:
                desk.apply(made)
                told.append("done")
            except Refused as refused:
                told.append(refused.code)
            db.session.remove()

    both = [threading.Thread(target=press) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    with app.app_context():
        assert sorted(told) == ["busy", "done"]
        assert desk.rows() == 3
        db.session.remove()


def test_another_resellers_file_does_not_exist(desk: Desk) -> None:
    made = desk.upload(FIRST)
    stranger = make_reseller("100731")

    with bind(Scope(stranger)), pytest.raises(Exception, match="no such"):
        pricing.find_import(desk.package, made)


def test_two_who_change_one_rate_the_second_is_told(desk: Desk) -> None:
    desk.apply(desk.upload(FIRST))
    with bind(Scope(desk.reseller_id)):
        [row] = pricing.area_rates(desk.package, text="44").rows
    with desk.writing():
        pricing.change_area_rate(row.public_id, rate_e8=1_700_000)

    with pytest.raises(Refused) as refused, desk.writing():
        pricing.change_area_rate(row.public_id, rate_e8=1_800_000)

    assert refused.value.code == "changed"
    assert desk.rates()["44"] == 1_700_000
