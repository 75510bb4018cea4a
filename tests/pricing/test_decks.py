"""Rate decks: versions, duplicates, the whole of a big one, the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from portal import pricing
from portal.cli import portal
from portal.core.db import transaction
from portal.core.errors import InvalidInput
from portal.core.scope import Scope, bind
from portal.pricing import DeckLine
from tests.pricing.market import SEPTEMBER, make_reseller

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def test_a_new_reading_is_a_new_deck_and_the_old_one_stays(app: Flask) -> None:
    with bind(Scope(make_reseller())):
        with transaction():
            pricing.record_deck("value", [DeckLine("44", "UK", 100)], valid_from=SEPTEMBER)
        with transaction():
            again = pricing.record_deck("value", [DeckLine("44", "UK", 100)], valid_from=OCTOBER)
            changed = pricing.record_deck("value", [DeckLine("44", "UK", 200)], valid_from=OCTOBER)

        old = pricing.deck_for("value", SEPTEMBER)
        new = pricing.deck_for("value", OCTOBER)
        assert (again, changed) == (None, 1)
        assert old is not None
        assert new is not None
        assert (old.by_prefix["44"].rate_e8, new.by_prefix["44"].rate_e8) == (100, 200)
        assert pricing.deck_for("premium") is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [DeckLine("44", "UK", 100), DeckLine("44", "UK", 101)],
        [DeckLine("4a", "UK", 100)],
        [DeckLine("", "UK", 100)],
        [DeckLine("44", "UK", -1)],
        [DeckLine("44", "UK", 100, 0)],
    ],
)
def test_a_deck_that_says_two_things_or_nonsense_is_refused(
    app: Flask, lines: list[DeckLine]
) -> None:
    with bind(Scope(make_reseller())):
        with pytest.raises(InvalidInput), transaction():
            pricing.record_deck("value", lines)

        assert pricing.deck_for("value") is None


def test_fifty_thousand_prefixes_are_read(app_on_each: Flask) -> None:
    lines = [DeckLine(str(200_000 + n), "Somewhere", n) for n in range(50_000)]

    with bind(Scope(make_reseller())):
        with transaction():
            kept = pricing.record_deck("value", lines)
        deck = pricing.deck_for("value")

    assert kept == 50_000
    assert deck is not None
    assert deck.match("2345671234")[0] == "234567"


def test_rates_come_in_from_a_file_all_or_none(
    app: Flask, environment: dict[str, str], sqlite_url: str, tmp_path: Path
) -> None:
    reseller_id = make_reseller("100482")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("prefix,destination,rate,increment\n44,UK,0.0105,6\n52,Mexico,0.02,60\n")
    bad.write_text("prefix,destination,rate,increment\n44,UK,0.02,6\n52,Mexico,cheap,60\n")
    settings = environment | {"DATABASE_URL": sqlite_url}
    words = ["import", "rates", "--reseller", "100482", "--route", "premium"]

    read = CliRunner().invoke(portal, [*words, str(good)], env=settings)
    refused = CliRunner().invoke(portal, [*words, str(bad)], env=settings)

    assert read.exit_code == 0, read.output
    assert "2 prefixes" in read.output
    assert refused.exit_code == 1
    assert "Line 3" in refused.output
    with bind(Scope(reseller_id)):
        deck = pricing.deck_for("premium")
        assert deck is not None
        assert deck.by_prefix["52"] == (2_000_000, 60, "Mexico")
        assert deck.by_prefix["44"].rate_e8 == 1_050_000
