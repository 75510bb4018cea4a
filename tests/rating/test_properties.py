"""What holds for every call, whatever the package says."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.dialplan import COUNTRY_PREFIXES
from portal.rating import (
    AreaRate,
    DeckRate,
    FreeZone,
    PrefixTable,
    Rater,
    State,
    Terms,
    billed_seconds,
    explain,
    is_answered,
    recompute,
    split_at_allowance,
)
from tests.rating.calls import outbound

SECONDS = st.integers(0, 20_000)
RATES = st.integers(0, 10**9)
PULSES = st.integers(1, 120)
FIRSTS = st.integers(0, 180)
KEYS = st.sampled_from(["1", "44", "447", "1416", "1876", "1800", "1900", "7", "4", "34"])
NUMBERS = st.one_of(
    st.builds("+{}{}".format, st.sampled_from(sorted(COUNTRY_PREFIXES)), st.integers(10**6, 10**8)),
    st.builds("+{}{}".format, KEYS, st.integers(10**6, 10**8)),
    st.sampled_from(["911", "411", "*97", "1001", "anonymous", "", "+", "+x", "1234567890123"]),
)


@st.composite
def packages(draw):
    prefixes = draw(st.dictionaries(KEYS, RATES, max_size=4))
    countries = draw(st.dictionaries(st.sampled_from(["US", "CA", "GB", "JM"]), RATES, max_size=3))
    groups = draw(st.dictionaries(st.sampled_from(["USA", "CANADA"]), RATES, max_size=2))
    areas = [AreaRate("prefix", key, rate) for key, rate in prefixes.items()]
    areas += [AreaRate("country", key, rate) for key, rate in countries.items()]
    areas += [AreaRate("group", key, rate) for key, rate in groups.items()]
    zones = [FreeZone("prefix", key) for key in draw(st.sets(KEYS, max_size=2))]
    zones += [FreeZone("country", key) for key in draw(st.sets(st.sampled_from(["GB", "US"])))]
    zones += [FreeZone("max_cost", max_cost_e8=cost) for cost in draw(st.sets(RATES, max_size=1))]
    return Terms(
        fixed_e8=draw(RATES),
        percent_e4=draw(st.integers(0, 5_000_000)),
        pulse_seconds=draw(PULSES),
        first_increment_seconds=draw(FIRSTS),
        onnet_free=draw(st.booleans()),
        areas=tuple(areas),
        zones=tuple(zones),
    )


@st.composite
def calls(draw):
    return outbound(
        draw(NUMBERS),
        draw(SECONDS),
        connected=draw(st.booleans()),
        cost_rate_e8=draw(st.none() | RATES),
        cost_total_e8=draw(st.none() | st.integers(0, 10**10)),
        on_net=draw(st.booleans()),
        internal=draw(st.booleans()),
        exchange_e8=draw(st.none() | st.integers(1, 10**10)),
    )


@settings(max_examples=150, deadline=None)
@given(packages(), calls(), st.integers(0, 100))
def test_the_worksheet_recomputes_to_the_price_and_no_price_is_negative(terms, call, minutes_left):
    result = Rater(terms).rate(call, minutes_left)

    stored = json.loads(json.dumps(result.worksheet))
    assert recompute(stored) == result.price
    assert (result.price_micros is None) == (result.state is State.UNRATED)
    assert (result.price_micros or 0) >= 0
    assert 0 <= result.free_minutes <= minutes_left
    assert explain(stored, audience="staff")


@settings(max_examples=100, deadline=None)
@given(packages(), calls(), SECONDS)
def test_a_longer_call_never_costs_less(terms, call, more):
    rater = Rater(terms)
    shorter = rater.rate(call)
    longer = rater.rate(call._replace(seconds=call.seconds + more))

    assert (longer.price_micros or 0) >= (shorter.price_micros or 0)


@settings(max_examples=100, deadline=None)
@given(packages(), calls())
def test_the_shortest_way_and_the_general_way_agree(terms, call):
    deck = PrefixTable({"1": DeckRate(1_000_000), "447": DeckRate(2_000_000)})
    rater = Rater(terms, deck=deck)
    usual = {"connected": True, "on_net": False, "internal": False, "exchange_e8": None}
    zones = tuple(zone for zone in terms.zones if zone.kind != "max_cost")
    simple = Rater(replace(terms, first_increment_seconds=0, zones=zones), deck=deck)
    everyday = call._replace(**usual, cost_total_e8=call.cost_total_e8 or 0)

    assert simple.rate(everyday) == simple.rate_in_full(everyday)
    assert rater.rate(call) == rater.rate_in_full(call)
    if call.exchange_e8 is None:
        at_par = rater.rate(call._replace(exchange_e8=10**8))
        assert at_par[:6] == rater.rate(call)[:6]


@settings(max_examples=100, deadline=None)
@given(packages(), calls(), SECONDS, st.integers(0, 10**10), st.integers(0, 100))
def test_a_tariff_prices_every_length_as_the_explained_way_does(terms, call, seconds, total, left):
    rater = Rater(terms, deck=PrefixTable({"1": DeckRate(1_000_000), "447": DeckRate(2_000_000)}))
    other = call._replace(seconds=seconds, cost_total_e8=total)
    explained = rater.rate(other, left)
    tariff = rater.tariff(call._replace(seconds=1, cost_total_e8=int(total > 0)))

    if not is_answered(seconds, other.connected, total):
        assert explained.price_micros == 0
    elif tariff.rate is None:
        assert tariff.without_rate(explained.cost_micros) == (
            explained.state,
            explained.price_micros,
        )
    else:
        price, billed, used, _ = tariff.charge(seconds, left)
        assert (price, billed, used) == (
            explained.price_micros, explained.billed_seconds, explained.free_minutes,
        )  # fmt: skip
        assert tariff.state is explained.state


@settings(max_examples=100, deadline=None)
@given(packages(), NUMBERS.filter(lambda number: number[:1] == "+" and number[1:].isdigit()))
def test_the_compiled_table_answers_like_the_rules_one_by_one(terms, number):
    view = Rater(terms).view(outbound().started_at)

    if not number.endswith("5551212"):
        assert view.place(number) == view.areas.place(number[1:])


@given(SECONDS, PULSES, FIRSTS)
def test_billed_length_covers_the_call_by_less_than_a_step(seconds, pulse, first):
    billed = billed_seconds(seconds, pulse, first=first)

    assert billed >= seconds
    assert billed == 0 or billed - seconds < max(pulse, first, 1)


@given(SECONDS, st.integers(0, 400))
def test_splitting_at_the_allowance_loses_and_invents_no_second(seconds, minutes_left):
    split = split_at_allowance(seconds, minutes_left)

    free = seconds - split.charged_seconds
    assert split.free_minutes <= minutes_left
    assert free <= split.free_minutes * 60 < free + 60
    assert split.charged_seconds == 0 or split.free_minutes == minutes_left


@settings(max_examples=100, deadline=None)
@given(st.lists(SECONDS, max_size=5), st.integers(0, 300))
def test_the_prices_of_the_legs_are_what_the_client_pays_and_minutes_are_used_once(lengths, left):
    rater = Rater(Terms(pulse_seconds=60))
    rest, paid = left, 0
    for seconds in lengths:
        result = rater.rate(outbound(seconds=seconds), rest)
        rest -= result.free_minutes
        paid += result.price_micros

    minutes = sum(-(-seconds // 60) for seconds in lengths)
    assert paid == max(minutes - left, 0) * 9_000
    assert rest == max(left - minutes, 0)
