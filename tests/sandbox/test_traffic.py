"""What the carrier does by itself: a rhythm, a variety, odd rows, and the truth about all of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from sandbox import fiction
from sandbox.app import create_app
from sandbox.deck import deck, rate_of
from sandbox.world import Options
from tests.carrier import Carrier
from tests.sandbox.conftest import DID, NORTHWIND
from tests.sandbox.listener import until


def months(folder: Path, seed: int = 1) -> dict[str, Any]:
    """Sixty days of twenty lines, in this process."""
    lines = [
        {"username": f"line{n}", "extension": str(101 + n),
         "profile": {"calls_per_day": 25, "zone": "America/Vancouver" if n % 2 else "America/Toronto",
                     "forward_to": "16135550142"}}
        for n in range(20)
    ]  # fmt: skip
    dids = [
        {"did": f"21255501{n:02d}", "account": f"line{n}", "sms_enabled": True} for n in range(20)
    ]
    app = create_app(folder, options=Options(traffic=False, seed=seed), clockwork=False)
    web = app.test_client()
    web.post(
        "/control/seed",
        json={
            "history_days": 60,
            "resellers": [
                {"api_username": "a@example.test", "login": "100482", "sub_accounts": lines, "dids": dids,
                 "texts_per_day": 20, "contacts": ["4165550142", "4165550143"]}
            ],
        },
    )  # fmt: skip
    calls = web.get("/control/truth/calls?copies=1").get_json()["calls"]
    texts = web.get("/control/truth/messages").get_json()["messages"]
    app.extensions["world"].store.close()
    return {"calls": calls, "texts": texts}


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return months(tmp_path_factory.mktemp("months"))


def legs(history: dict[str, Any]) -> list[dict[str, Any]]:
    return [leg for leg in history["calls"] if leg["copy_of"] is None]


def test_calls_go_to_many_places_in_many_countries(history: dict[str, Any]) -> None:
    country = {place.number: place.country for place in fiction.places()}
    numbers = {
        fiction.international(leg["destination"])
        for leg in legs(history)
        if leg["direction"] == "out"
    }

    abroad = {country[number] for number in numbers if number in country}

    assert len(numbers) >= 200
    assert len(abroad | {"US", "CA"}) >= 40


def test_most_calls_are_answered_and_last_seconds_to_an_hour(history: dict[str, Any]) -> None:
    made = legs(history)
    answered = [leg["seconds"] for leg in made if leg["disposition"] == "ANSWERED"]

    assert len(made) > 10_000
    assert 0.7 <= len(answered) / len(made) <= 0.9
    assert {leg["disposition"] for leg in made} == {"ANSWERED", "NO ANSWER", "BUSY", "FAILED"}
    assert 0 in answered
    assert min(second for second in answered if second) < 10
    assert 1800 < max(answered) <= 3600


@pytest.mark.parametrize("zone, odd", [("America/Toronto", 0), ("America/Vancouver", 1)])
def test_calls_follow_office_hours_where_the_line_is(
    history: dict[str, Any], zone: str, odd: int
) -> None:
    hours = Counter(
        datetime.fromisoformat(leg["started_at"]).astimezone(ZoneInfo(zone)).hour
        for leg in legs(history)
        if int(leg["account"].removeprefix("100482_line")) % 2 == odd
    )

    office = sum(hours[hour] for hour in range(8, 18))
    night = sum(hours[hour] for hour in range(6))

    assert office / hours.total() > 0.8
    assert night / hours.total() < 0.03


def test_the_history_has_the_carriers_odd_rows(history: dict[str, Any]) -> None:
    rows, real = history["calls"], legs(history)
    by_uniqueid = Counter(leg["uniqueid"] for leg in real)
    pairs = Counter(leg["pair"] for leg in real if leg["pair"])

    twins = [row for row in rows if row["copy_of"]]

    assert twins
    assert {row["direction"] for row in twins} == {"in"}
    assert all("+" in row["callerid"] for row in twins if "5550" in row["callerid"])
    assert set(pairs.values()) == {2}
    assert 2 in by_uniqueid.values()  # both legs on one uniqueid
    assert len(pairs) > list(by_uniqueid.values()).count(2)  # and on two
    kinds = {leg["destination_type"] for leg in real}
    assert {"OUT:VOIPMS", "IN:VOIPMS", "OUT:INTERNAL", "OUT:INTL", "OUT:USA", "OUT:CAN"} <= kinds
    assert len({(leg["uniqueid"], leg["direction"], leg["account"]) for leg in real}) == len(real)


def test_the_same_seed_gives_the_same_calls(history: dict[str, Any], tmp_path: Path) -> None:
    def of_last_week(made: dict[str, Any]) -> set[tuple[str, ...]]:
        # The edges of the span move with the clock; what lies between does not.
        return {
            (leg["account"], leg["started_at"], leg["destination"])
            for leg in legs(made)
            if "2000" < leg["started_at"] < f"{datetime.now(UTC):%Y-%m-%dT}"
        }

    again, other = months(tmp_path / "again"), months(tmp_path / "other", seed=2)

    same = of_last_week(history) & of_last_week(again)
    assert len(same) > 0.95 * len(of_last_week(history))
    assert len(of_last_week(history) & of_last_week(other)) < 0.05 * len(same)


def test_texts_go_both_ways_in_the_history(history: dict[str, Any]) -> None:
    directions = Counter(text["direction"] for text in history["texts"])

    assert directions["in"] > 300
    assert directions["out"] > 200


def test_nobody_can_be_rung_by_accident() -> None:
    for place in fiction.places():
        north_american = place.country in fiction.NANP
        regulated = any(
            place.number.startswith(prefix)
            for prefix, _ in fiction.REGULATED.get(place.country, [])
        )
        too_short = not phonenumbers.is_valid_number(phonenumbers.parse(f"+{place.number}"))
        assert (north_american and place.number[4:9] == "55501") or regulated or too_short, place


def test_the_deck_has_thousands_of_prefixes_in_two_routes() -> None:
    lines = deck()

    assert len(lines) > 4000
    assert all(
        line.increment_seconds == (60 if line.prefix.startswith("52") else 6)
        for line in lines.values()
    )
    assert all(line.premium_e8 >= line.value_e8 for line in lines.values())
    assert rate_of("447700900123").destination == "United Kingdom - Mobile"  # type: ignore[union-attr]
    assert all(rate_of(place.number) for place in fiction.places())


def test_live_traffic_is_seen_in_the_lists_and_follows_the_speed(
    carrier: Carrier, cdr: Any
) -> None:
    carrier.seed(texts_per_day=2000)
    carrier.control("settings", {"speed": 1000, "paused": False, "night_share": 1})

    until(lambda: carrier.control("stats")["calls"] > 5, seconds=120)
    until(lambda: carrier.control("stats")["messages"] > 1, seconds=120)
    carrier.post("pause")
    before = carrier.control("stats")["calls"]
    now = datetime.now(UTC)
    truth = carrier.control("truth/calls")["calls"]
    shown = cdr(f"{now - timedelta(days=1):%F}", f"{now + timedelta(days=1):%F}")["cdr"]

    assert carrier.control("stats")["calls"] == before
    assert len(truth) == before
    visible = {leg["uniqueid"] for leg in truth if leg["shows_at"] <= f"{now:%FT%TZ}"}
    assert visible <= {row["uniqueid"] for row in shown}
    assert {leg["cause"] for leg in truth} == {"traffic"}


def test_what_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    with Carrier(folder=tmp_path) as carrier:
        carrier.seed(**NORTHWIND)
        carrier.post("calls", account="100482_desk", destination="14165550142", seconds=5)
        number = carrier.call("sendSMS", did=DID, dst="2125550123", message="keep me")["sms"]

        carrier.kill()
        carrier.start()

        kept = carrier.control("truth/messages")["messages"]
        again = carrier.call("sendSMS", did=DID, dst="2125550123", message="next")["sms"]
        assert [text["id"] for text in kept] == [number]
        assert again == number + 1
        assert len(carrier.control("truth/calls")["calls"]) == 1


def test_the_truth_is_paged_and_can_be_narrowed(carrier: Carrier) -> None:
    carrier.post("calls/bulk", count=25, account="100482_desk")
    carrier.post("calls/bulk", count=5, account="100482_sales")

    first = carrier.control("truth/calls", limit=20)
    second = carrier.control("truth/calls", limit=20, after=first["next"])

    assert (len(first["calls"]), len(second["calls"]), second["next"]) == (20, 10, None)
    assert len(carrier.control("truth/calls", account="100482_sales")["calls"]) == 5
    assert carrier.control("truth/calls", api_username="nobody")["calls"] == []
    assert carrier.control("truth/calls", since="2100-01-01T00:00:00Z")["calls"] == []


def test_the_control_page_shows_what_happens(carrier: Carrier) -> None:
    carrier.post("calls/hostile", did=DID)

    page = carrier._http.get(f"{carrier.url}/control/").text

    assert "Make a call" in page
    assert "<script>alert(1)" not in page


def test_a_page_of_another_site_cannot_use_the_control(carrier: Carrier) -> None:
    answer = carrier._http.post(
        f"{carrier.url}/control/reset", headers={"Origin": "https://evil.example"}, json={}
    )

    assert answer.status_code == 403
    assert carrier.control("stats")["sub_accounts"] == 2
