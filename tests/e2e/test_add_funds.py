"""A top-up through the practice gateway: the balance in another open tab follows without reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.installation import until
from tests.e2e.people import People

pytestmark = pytest.mark.browser


def test_a_top_up_moves_the_balance_in_another_open_tab(people: People) -> None:
    priya = people.priya()
    page = priya.listen("/balance")
    before = _money(page.locator("#balance-amount").inner_text())
    paying = page.context.new_page()
    paying.goto(page.url.removesuffix("/balance") + "/balance/add")

    paying.locator("#choice .tile", has_text="$25.00").click()
    paying.get_by_role("button", name="Go on to payment").click()
    expect(paying.locator("main")).to_contain_text("No money moves")
    paying.get_by_role("button", name="Pay", exact=True).click()

    expect(paying.locator("#payment")).to_contain_text("Thank you")
    # The practice carrier's calls go on meanwhile, so it is not 25.00 more to the cent.
    for place in ("#balance-amount", "#balance-chip"):
        shown = page.locator(place).first
        until(lambda shown=shown: _money(shown.inner_text()) > before + 20, what="the new balance")
    paying.close()


def _money(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))
