"""The balance of each demo client is one number, wherever one looks for it."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from portal import calls, identity, ledger
from portal.core.money import Money
from portal.identity import ClientFacts
from tests.e2e.installation import Installation
from tests.e2e.people import People
from tests.reports.pdf_text import pages_of

pytestmark = pytest.mark.browser


def _clients() -> list[ClientFacts]:
    known = identity.clients_by_id(set(identity.open_client_ids())).values()
    return sorted(known, key=lambda client: client.id)


def _plain(text: str) -> Decimal:
    """The first amount in a text, in either language's spelling."""
    found = re.search(r"[−-]?\s?\$?\s?\d[\d\s\u00a0\u202f.,]*", text)
    assert found is not None, text
    sign = -1 if re.match(r"[−-]", found.group()) else 1
    digits = re.sub(r"[^\d]", "", found.group())
    return sign * Decimal(digits).scaleb(-2)


def _cents(amount: Money) -> Decimal:
    return round(amount.decimal.copy_abs() + Decimal("1e-9"), 2).copy_sign(amount.decimal)


@pytest.mark.parametrize("role", ["reseller", "other_reseller"])
def test_balance_history_page_and_files_of_each_client_are_the_same_number(
    people: People, installation: Installation, role: str
) -> None:
    uid = installation.told[role]["uid"]
    staff = people.logged_in(role)
    books = {}
    # An open reading would hold the pages up, so the books are read first and closed.
    with installation.inside(uid):
        for client in _clients():
            newest = ledger.history(client.id).page.rows
            books[client.public_id] = (
                client.title,
                ledger.balance_of(client.id),
                ledger.totals(client.id).closing,
                newest[0].balance if newest else None,
            )

    assert len(books) >= 3
    for public_id, (title, balance, closing, after_newest) in books.items():
        page = staff.open(f"/clients/{public_id}/transactions")
        assert closing == balance, title
        if after_newest is not None:
            shown = page.locator("main tbody tr").first.locator(".c-state").inner_text()
            assert after_newest == balance, title
            assert _plain(shown) == _cents(balance), title
        assert _plain(page.locator("#history-sums dd").last.inner_text()) == _cents(balance), title


@pytest.mark.parametrize(("uid", "role"), [("100482", "reseller"), ("100731", "other_reseller")])
def test_calls_in_report_csv_and_ledger_add_up_to_the_same_price(
    people: People, installation: Installation, uid: str, role: str
) -> None:
    staff = people.logged_in(role)
    zone = ZoneInfo("America/Toronto")
    last = datetime.now(UTC).astimezone(zone).date()
    first = last - timedelta(days=60)
    with installation.inside(uid):
        rolled = {
            client.public_id: sum(
                (day.price for day in calls.days(first, last, client_id=client.id)), Money(0)
            )
            for client in _clients()
        }

    for public_id, price in rolled.items():
        answer = staff.page.request.get(
            f"{staff.base}/reports/global-cdr.csv?since={first}&until={last}&client={public_id}"
        )
        rows = list(csv.DictReader(io.StringIO(answer.text().lstrip("\ufeff"))))
        listed = sum((Decimal(row["price"]) for row in rows if row["price"]), Decimal(0))
        assert answer.status == 200
        assert listed == price.decimal


def test_a_statement_on_paper_closes_with_the_balance(
    people: People, installation: Installation, tmp_path: Path
) -> None:
    priya = people.priya()
    page = priya.open("/statements")
    known = page.locator(".job").count()
    page.locator("main form button").first.click()
    expect(page.locator(".job")).to_have_count(known + 1)
    link = page.locator(".job").first.get_by_role("link", name="Download")
    link.wait_for(timeout=90_000)
    with page.expect_download() as coming:
        link.click()
    text = " ".join(pages_of(Path(coming.value.path())))
    chip = _plain(page.locator("#balance-chip").inner_text())

    assert f"{chip}" in text, text[:2000]
