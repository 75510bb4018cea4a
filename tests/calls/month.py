"""A month with every kind of call, under terms that change in it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from portal import pbx, pricing
from portal.carriers import CarrierCall, Direction, Disposition
from portal.core.money import rate_e8
from portal.pricing import DeckLine
from tests.calls.conftest import DID, OFFICE, OUT, Shop

MARCH = datetime(2026, 3, 1, 5, tzinfo=UTC)
MINUTES = replace(OFFICE, free_minutes=30, first_increment_seconds=30, pulse_seconds=10)
DESTINATIONS = (
    "15145550117", "14165550123", "0115255550100", "011447700900142", "442079460142", "18765550155",
    "911", "933", "411", "211", "*97", "1001", "18005550100", "19005550100", "15145551212",
    "8835100000000", "anonymous", "",
)  # fmt: skip


def a_months_calls(count: int) -> list[CarrierCall]:
    """Every direction, result, kind of number and gap in the carrier's row, in order."""
    dice = random.Random(20261127)
    found = []
    for at in range(count):
        direction = dice.choice((Direction.OUT, Direction.OUT, Direction.IN, Direction.INTERNAL))
        inbound = direction is Direction.IN
        disposition = dice.choice((Disposition.ANSWERED, Disposition.ANSWERED, *Disposition))
        rate = dice.choice((900_000, 900_000, 1_234_567, 0, None))
        seconds = dice.choice((0, 1, 30, 59, 61, dice.randrange(1, 1_200)))
        paid = disposition is Disposition.ANSWERED or dice.random() < 0.3
        found.append(
            replace(
                OUT, uniqueid=str(at), direction=direction,
                account=dice.choice(("100482_desk", "100482_desk", "100482_free", "nobody")),
                started_at=MARCH + timedelta(seconds=at * 30 * 86_400 // count),
                destination=dice.choice((DID, "6135550143", "15145550117") if inbound else DESTINATIONS),
                disposition=disposition, seconds=seconds, rate_e8=rate,
                total_e8=(rate or 100_000) * seconds // 60 if paid else 0,
                onnet=dice.random() < 0.1,
            )
        )  # fmt: skip
    return found


def terms_that_change(shop: Shop) -> None:
    """Rates, zones, decks, packages and the exchange rate, each from a day of March on."""

    def day(number: int) -> datetime:
        return datetime(2026, 3, number, 17, tzinfo=UTC)

    with shop.writing():
        free = next(row for row in pbx.all_sub_accounts() if row.account == "100482_free")
        pbx.assign_package(free.public_id, shop.other_id, shop.package, valid_from=day(4))
        pricing.save_package(
            replace(MINUTES, markup_percent_e4=0), package=shop.package, valid_from=day(9)
        )
        pricing.set_area_rate(shop.package, "country", "GB", rate_e8=3_100_000, valid_from=day(3))
        pricing.set_area_rate(shop.package, "prefix", "447", rate_e8=8_100_000, valid_from=day(12))
        pricing.set_area_rate(shop.package, "prefix", "1900", rate_e8=8_100_000, valid_from=day(12))
        pricing.add_free_zone(shop.package, "country", "MX", valid_from=day(15))
        pricing.save_exchange_rate(rate_e8("1.37"), valid_from=day(1))
        pricing.save_exchange_rate(rate_e8("1.41"), valid_from=day(20))
        for from_day, rate in ((2, 500_000), (18, 700_000)):
            lines = [DeckLine("1", "North America", rate), DeckLine("44", "Britain", 2 * rate)]
            pricing.record_deck("premium", lines, valid_from=day(from_day))
