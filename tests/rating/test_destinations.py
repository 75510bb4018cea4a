"""Prefixes, countries, free zones, special numbers: groups C and I of the rating cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.core.money import Money, rate_e8
from portal.core.phone import normalise
from portal.rating import (
    AreaRate,
    Dated,
    DatedPrefixes,
    DeckRate,
    DuplicateRow,
    FreeZone,
    PrefixTable,
    Rater,
    Rule,
    State,
    Terms,
    below_cost,
)
from tests.rating.calls import GUIDE, NOON, inbound, outbound, rated


def prefix(key, rate, **dates):
    return AreaRate("prefix", key, rate_e8(rate), **dates)


def country(key, rate):
    return AreaRate("country", key, rate_e8(rate))


USA = AreaRate("group", "USA", rate_e8("0.01"))
CANADA = AreaRate("group", "CANADA", rate_e8("0.008"))


def test_the_longest_prefix_wins():
    terms = Terms(areas=(prefix("1", "0.01"), prefix("1234", "0.20")))

    result = rated(terms, outbound("1234567890123"))

    assert result.price == Money.of("0.20")


@pytest.mark.parametrize(
    "number, rule",
    [
        ("+12125550123", Rule.AREA),
        ("+19075550123", Rule.AREA),  # Alaska
        ("+18765550123", Rule.MARKUP),  # Jamaica
        ("+18675550123", Rule.MARKUP),  # Yukon
        ("+18095550123", Rule.MARKUP),  # Dominican Republic
        ("+17875550123", Rule.MARKUP),  # Puerto Rico
        ("+14165550123", Rule.MARKUP),  # Toronto
    ],
)
def test_usa_means_the_states_by_area_code_not_the_digit_1(number, rule):
    assert rated(Terms(areas=(USA,)), outbound(number)).rule is rule


def test_the_yukon_is_canada():
    assert rated(Terms(areas=(CANADA,)), outbound("+18675550123")).price == Money.of("0.008")


@pytest.mark.parametrize(
    "written",
    ["011 44 20 7946 0018", "+44 20 7946 0018", "00 44 20 7946 0018", "sip:+442079460018@carrier"],
)
def test_one_number_has_one_price_however_it_is_written(written):
    result = rated(Terms(areas=(prefix("4420", "0.03"),)), outbound(normalise(written)))

    assert result.price == Money.of("0.03")


def test_prefix_beats_country_and_country_beats_the_group():
    terms = Terms(areas=(USA, country("US", "0.02"), prefix("1212", "0.03"), prefix("44", "0.04")))
    rater = Rater(Terms(areas=(*terms.areas, country("GG", "0.09"))))

    assert rater.rate(outbound("+13055550123")).price == Money.of("0.02")
    assert rater.rate(outbound("+12125550123")).price == Money.of("0.03")
    assert rater.rate(outbound("+441481555012")).price == Money.of("0.04"), "Guernsey is in 44"


def test_an_area_rate_overrides_the_markup_and_warns_below_cost():
    deck = PrefixTable(
        {"44": DeckRate(rate_e8("0.009")), "447": DeckRate(rate_e8("0.15"), 6, "UK mobile")}
    )
    rater = Rater(Terms(areas=(prefix("44", "0.02"),)), deck=deck)

    sold = rater.rate(outbound("+447700900123", cost_rate_e8=rate_e8("0.15")))
    warnings = list(below_cost(rater, deck, at=NOON))

    assert sold.price == Money.of("0.02")
    assert [(w.prefix, w.area, w.name) for w in warnings] == [("447", "44", "UK mobile")]


def test_a_rate_equal_to_the_cost_is_no_warning():
    deck = PrefixTable({"44": DeckRate(rate_e8("0.02"))})

    rater = Rater(Terms(areas=(prefix("44", "0.02"),)), deck=deck)

    assert list(below_cost(rater, deck, at=NOON)) == []
    assert len(list(below_cost(rater, deck, at=NOON, exchange_e8=rate_e8("1.00000001")))) == 1


def test_a_call_without_any_known_rate_is_unrated_and_not_free():
    result = rated(GUIDE, outbound(cost_rate_e8=None), 10)

    assert (result.state, result.price, result.free_minutes) == (State.UNRATED, None, 0)


def test_the_deck_stands_in_only_when_the_row_has_no_rate():
    deck = PrefixTable({"1": DeckRate(rate_e8("0.05")), "1416": DeckRate(rate_e8("0.04"))})
    rater = Rater(Terms(), deck=deck)

    assert rater.rate(outbound()).price == Money.of("0.009")
    stood_in = rater.rate(outbound(cost_rate_e8=None))
    assert (stood_in.price, stood_in.worksheet["d"]) == (Money.of("0.04"), "1416")
    assert rater.rate(outbound("+442079460018", cost_rate_e8=None)).state is State.UNRATED


def test_each_side_is_matched_on_its_own_table():
    rater = Rater(Terms(areas=(prefix("346", "0.05"),)), deck=PrefixTable({"3462": DeckRate(1)}))

    result = rater.rate(outbound("+34621234567", cost_rate_e8=None))

    assert (result.worksheet["y"], result.price) == ("346", Money.of("0.05"))


@pytest.mark.parametrize(
    "cost, rule",
    [("0.0099", Rule.FREE_ZONE), ("0.0100", Rule.FREE_ZONE), ("0.0101", Rule.MARKUP)],
)
def test_the_cost_limit_of_a_free_zone_is_inclusive(cost, rule):
    terms = Terms(zones=(FreeZone("max_cost", max_cost_e8=rate_e8("0.01")),))

    assert rated(terms, outbound(cost_rate_e8=rate_e8(cost))).rule is rule


def test_the_cost_limit_is_in_the_resellers_currency():
    terms = Terms(zones=(FreeZone("max_cost", max_cost_e8=rate_e8("0.0135")),))
    call = {"cost_rate_e8": rate_e8("0.01")}

    at_limit = rated(terms, outbound(exchange_e8=rate_e8("1.35"), **call))
    above = rated(terms, outbound(exchange_e8=rate_e8("1.35000001"), **call))

    assert (at_limit.state, above.state) == (State.FREE, State.RATED)


def test_a_free_zone_by_country_or_prefix_beats_an_area_rate():
    zones = (FreeZone("country", "CA"), FreeZone("prefix", "4420"))
    rater = Rater(Terms(zones=zones, areas=(CANADA, prefix("44", "0.02"))))

    assert rater.rate(outbound("+14165550123")).rule is Rule.FREE_ZONE
    assert rater.rate(outbound("+442079460018"), 10).free_minutes == 0
    assert rater.rate(outbound("+447700900123")).rule is Rule.AREA
    assert rater.rate(outbound("+12125550123")).rule is Rule.MARKUP


@pytest.mark.parametrize(
    "number, facts, rule, expected",
    [
        ("+18005550100", {"cost_rate_e8": 0}, Rule.FREE_CALL, "0"),
        ("+18005550100", {"cost_total_e8": 900_000}, Rule.MARKUP, "0.0138"),
        ("911", {}, Rule.EMERGENCY, "0"),
        ("911", {"cost_total_e8": rate_e8("1.5")}, Rule.EMERGENCY, "1.5"),
        ("933", {"cost_rate_e8": None, "cost_total_e8": None}, Rule.EMERGENCY, "0"),
        ("411", {"cost_total_e8": 900_000}, Rule.MARKUP, "0.0138"),
        ("411", {"cost_total_e8": 99, "cost_rate_e8": 0}, Rule.UNRATED, None),
        ("+12125551212", {"cost_total_e8": 99, "cost_rate_e8": 0}, Rule.UNRATED, None),
        ("+19005550100", {"cost_total_e8": 900_000}, Rule.MARKUP, "0.0138"),
        ("+19005550100", {"cost_rate_e8": None}, Rule.UNRATED, None),
        ("811", {}, Rule.FREE_CALL, "0"),
        ("811", {"cost_total_e8": 900_000}, Rule.MARKUP, "0.0138"),
        ("*97", {}, Rule.INTERNAL, "0"),
        ("4443", {}, Rule.INTERNAL, "0"),
        ("1001", {}, Rule.INTERNAL, "0"),
        ("anonymous", {}, Rule.MARKUP, "0.0138"),
    ],
)
def test_special_numbers_have_a_rule_each_and_never_the_default(number, facts, rule, expected):
    package = Terms(
        fixed_e8=GUIDE.fixed_e8,
        percent_e4=GUIDE.percent_e4,
        areas=(USA, prefix("1", "9.99"), prefix("4", "9.99"), country("US", "9.99")),
        zones=(FreeZone("country", "US"), FreeZone("prefix", "19")),
    )

    result = rated(package, outbound(number, **facts))

    assert result.rule is rule
    assert result.price == (None if expected is None else Money.of(expected))


def test_a_package_rate_that_names_a_special_number_counts():
    areas = (prefix("1800", "0.03"), prefix("1900", "2.5"), prefix("411", "1.25"))
    rater = Rater(Terms(areas=areas))

    assert rater.rate(outbound("+18005550100", cost_rate_e8=0)).price == Money.of("0.03")
    assert rater.rate(outbound("+19005550100")).price == Money.of("2.5")
    assert rater.rate(outbound("411")).price == Money.of("1.25")
    assert rater.rate(outbound("+12125551212")).price == Money.of("1.25")


@pytest.mark.parametrize("number", ["+19005550100", "411", "911", "*97"])
def test_free_minutes_do_not_pay_for_premium_directory_and_emergency_numbers(number):
    result = rated(GUIDE, outbound(number, cost_total_e8=900_000), 10)

    assert result.free_minutes == 0


def test_calls_between_extensions_are_always_free():
    assert rated(GUIDE, outbound(internal=True)).rule is Rule.INTERNAL
    assert rated(GUIDE, inbound(internal=True)).price == Money(0)


def test_calls_inside_the_carriers_network_are_free_when_the_package_says_so():
    with_flag, without = Terms(onnet_free=True), Terms()

    assert rated(with_flag, outbound(on_net=True)).rule is Rule.ON_NET
    assert rated(without, outbound(on_net=True)).rule is Rule.MARKUP
    assert rated(with_flag, outbound()).rule is Rule.MARKUP
    assert rated(with_flag, inbound(on_net=True)).rule is Rule.INBOUND


MARCH = datetime(2026, 3, 1, tzinfo=ZoneInfo("America/Toronto")).astimezone(UTC)


@pytest.mark.parametrize(
    "started_at, expected",
    [
        (MARCH - timedelta(seconds=30), "0.010"),  # however late it arrives
        (MARCH - timedelta(microseconds=1), "0.010"),
        (MARCH, "0.012"),
    ],
)
def test_the_rate_in_force_at_the_start_decides_for_the_whole_call(started_at, expected):
    areas = (
        prefix("1", "0.010", valid_until=MARCH),
        prefix("1", "0.012", valid_from=MARCH),
    )

    assert rated(Terms(areas=areas), outbound(started_at=started_at)).price == Money.of(expected)


def test_a_deck_with_effective_dates_stands_in_as_it_was():
    rows = [Dated("1", DeckRate(1_000_000)), Dated("1", DeckRate(2_000_000), MARCH)]
    rater = Rater(Terms(), deck=DatedPrefixes(rows))
    before, after = MARCH - timedelta(seconds=1), MARCH + timedelta(days=1)

    assert rater.rate(outbound(cost_rate_e8=None, started_at=after)).price == Money.of("0.02")
    assert rater.rate(outbound(cost_rate_e8=None, started_at=before)).price == Money.of("0.01")


def test_a_rate_for_a_while_gives_way_to_the_open_one_again():
    april = MARCH + timedelta(days=31)
    rows = [Dated("44", 2), Dated("44", 1, MARCH, april)]
    table = DatedPrefixes(rows)

    found = [table.at(at).match("4420")[1] for at in (MARCH - timedelta(1), MARCH, april)]

    assert found == [2, 1, 2]


def test_the_same_prefix_from_the_same_date_is_refused():
    twice = (prefix("44", "0.02", valid_from=MARCH), prefix("44", "0.03", valid_from=MARCH))

    with pytest.raises(DuplicateRow):
        Rater(Terms(areas=twice))
    with pytest.raises(DuplicateRow):
        PrefixTable.of([("1", 1), ("44", 2), ("1", 1)])
    Rater(Terms(areas=(*twice[:1], prefix("44", "0.03"))))


def test_a_prefix_that_is_no_digits_is_refused():
    with pytest.raises(ValueError, match="digits"):
        PrefixTable.of([("+44", 1)])
