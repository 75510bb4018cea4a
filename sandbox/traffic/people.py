"""Who a line talks to and how its calls go: destinations, lengths, answers, odd cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import exp
from random import Random
from typing import Any

from sandbox import calls, fiction
from sandbox.calls import ANSWERED, BUSY, FAILED, NO_ANSWER, Leg, Line
from sandbox.traffic import rhythm

LONGEST_SECONDS = 3600
MIX = {"local": 0.5, "national": 0.3, "international": 0.16, "internal": 0.04}


@dataclass
class Neighbourhood:
    """What a reseller's lines have around them: each other's extensions and numbers."""

    extensions: dict[str, str] = field(default_factory=dict)  # extension -> account
    dids: dict[str, list[str]] = field(default_factory=dict)  # account -> its numbers
    flat: set[str] = field(default_factory=set)
    lines: dict[str, Line] = field(default_factory=dict)


@lru_cache(maxsize=512)
def _address_book(account: str, seed: int, taste: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The numbers one line calls again and again, most-called first."""
    draw = Random(f"book:{account}:{seed}")
    here = draw.choice(fiction.NANP["US"] + fiction.NANP["CA"])
    abroad = [p for p in fiction.places() if p.country not in ("US", "CA")]
    liked = [p for p in abroad if p.country in taste] or abroad
    some = draw.sample(liked, min(12, len(liked))) + draw.sample(abroad, 24)
    return {
        "local": tuple("1" + fiction.nanp_number(draw, here) for _ in range(12)),
        "national": tuple("1" + fiction.nanp_number(draw) for _ in range(30)),
        "international": tuple(place.number for place in some),
    }


def _favourite(draw: Random, numbers: tuple[str, ...]) -> str:
    return numbers[min(int(draw.random() ** 2 * len(numbers)), len(numbers) - 1)]


def length_seconds(draw: Random, profile: dict[str, Any]) -> int:
    """Seconds to an hour, most of them a few minutes."""
    mean = float(profile.get("mean_seconds", 170))
    if draw.random() < 0.06:
        return draw.randint(1, 8)
    return max(1, min(LONGEST_SECONDS, round(mean * exp(draw.gauss(-0.45, 0.95)))))


def outcome(draw: Random, profile: dict[str, Any]) -> str:
    """Answered as often as the profile says; else mostly nobody there."""
    if draw.random() < float(profile.get("answered", 0.82)):
        return ANSWERED
    roll = draw.random()
    return NO_ANSWER if roll < 0.68 else BUSY if roll < 0.92 else FAILED


def one_call(
    draw: Random, line: Line, around: Neighbourhood, *, ended_at: int, seed: int, quirks: float
) -> list[list[Leg]]:
    """One call of a line, ended at an instant: groups of legs that share an event."""
    profile = line.profile
    disposition = outcome(draw, profile)
    seconds = length_seconds(draw, profile) if disposition == ANSWERED else 0
    if disposition == ANSWERED and draw.random() < 0.004 * quirks:
        seconds = 0  # answered and gone within the same second
    started_at = ended_at - max(seconds, 0 if disposition == ANSWERED else draw.randint(2, 30))
    how = {"seconds": seconds, "started_at": started_at, "disposition": disposition}
    own_dids = around.dids.get(line.account, [])
    if own_dids and draw.random() < float(profile.get("inbound", 0.45)):
        return _arriving(draw, line, around, draw.choice(own_dids), how, seed, quirks)
    return _leaving(draw, line, around, how, seed)


def _arriving(
    draw: Random, line: Line, around: Neighbourhood, did: str, how: dict[str, Any], seed: int,
    quirks: float,
) -> list[list[Leg]]:  # fmt: skip
    book = _address_book(line.account, seed, tuple(line.profile.get("countries", ())))
    number = _favourite(draw, book["local"] + book["national"])[1:]
    caller = fiction.callerid(fiction.caller_name(draw), number)
    if draw.random() < 0.03:
        caller = draw.choice(("Anonymous", "Unknown <anonymous>", "<>"))
    if draw.random() < 0.002 * quirks:
        caller = fiction.callerid(draw.choice(fiction.HOSTILE_NAMES), number)
    leg = calls.inbound(line, did, caller=caller, flat=did in around.flat, **how)
    forward = str(line.profile.get("forward_to", ""))
    if forward and draw.random() < float(line.profile.get("forwarded", 0.15)):
        out = calls.outbound(line, forward, **how)
        return [calls.forwarded(leg, out, one_uniqueid=draw.random() < 0.5)]
    return [[leg]]


def _leaving(
    draw: Random, line: Line, around: Neighbourhood, how: dict[str, Any], seed: int
) -> list[list[Leg]]:
    mix = MIX | line.profile.get("mix", {})
    kind = draw.choices(list(mix), weights=list(mix.values()))[0]
    if kind == "international" and line.locked:
        kind = "national"
    others = [ext for ext, account in around.extensions.items() if account != line.account]
    if kind == "internal" and others:
        return [[calls.internal(line, draw.choice(others), **how)]]
    neighbours = [
        account
        for account in around.dids
        if account != line.account
        and rhythm.share(around.lines[account].profile, how["started_at"])
    ]
    if neighbours and draw.random() < float(line.profile.get("on_net", 0.03)):
        account = draw.choice(neighbours)
        did = draw.choice(around.dids[account])
        out = calls.on_net(line, did, **how)
        arriving = calls.inbound(
            around.lines[account], did, caller=out["callerid"], on_net=True, **how
        )
        return [[out], [arriving]]
    book = _address_book(line.account, seed, tuple(line.profile.get("countries", ())))
    number = _favourite(draw, book.get(kind, book["national"]))
    if number.startswith("1") and draw.random() < 0.2:
        number = number[1:]  # people also dial ten digits
    return [[calls.outbound(line, number, **how)]]
