"""Traffic as it happens: on every beat, the calls that have just ended and the texts that come in."""

from __future__ import annotations

import time

from sandbox import calls, clock, texts
from sandbox.calls import ANSWERED, Leg
from sandbox.traffic import history, lines, rhythm
from sandbox.traffic.people import one_call
from sandbox.world import World

GAP_SECONDS = 90
LONGEST_GAP_SECONDS = 7 * 24 * clock.HOUR
LAST_BEAT, REMEMBER_SECONDS = "last_beat", 5
LATE_SHARE, CORRECTED_SHARE = 0.01, 0.004


def step(world: World) -> int:
    """What happened since the last beat; how many legs were written."""
    now = time.time()
    last = world.last_beat or float(world.store.recall(LAST_BEAT) or now)
    world.last_beat = now
    if now - world.beat_remembered > REMEMBER_SECONDS:
        world.store.remember(LAST_BEAT, str(now))
        world.beat_remembered = now
    multiplier = rhythm.speed(world)
    if not multiplier or now <= last:
        return 0
    if now - last > GAP_SECONDS:
        # The carrier was switched off: people called all the same.
        start = max(last, now - LONGEST_GAP_SECONDS)
        return history.between(world, int(start), int(now))
    groups = _calls(world, now, now - last, multiplier)
    legs = calls.record(world, groups, twin_share=history.TWIN_SHARE * world.options.quirks)
    _texts(world, now - last, multiplier)
    return len(legs)


def _calls(world: World, now: float, elapsed: float, multiplier: float) -> list[list[Leg]]:
    groups: list[list[Leg]] = []
    draw, at = world.draw, int(now)
    for near in lines.neighbourhoods(world):
        for line in near.lines.values():
            daily = lines.per_day(line)
            if not daily:
                continue
            kind = str(line.profile.get("hours", "office"))
            # Even at night the practice carrier shows some life.
            rate = max(
                rhythm.calls_per_second(at, daily, lines.zone(line), kind),
                daily * world.options.night_share / (24 * clock.HOUR),
            )
            for _ in range(rhythm.how_many(draw, rate * multiplier * elapsed)):
                made = one_call(
                    draw, line, near, ended_at=at, seed=world.options.seed,
                    quirks=world.options.quirks,
                )  # fmt: skip
                groups += [[_odd(world, leg, at) for leg in group] for group in made]
    return groups


def _odd(world: World, leg: Leg, now: int) -> Leg:
    """Now and then a row comes late, or is shown with other seconds first."""
    if world.quirk(LATE_SHARE):
        leg["shows_at"] = now + world.draw.randint(60, 1800)
    elif leg["disposition"] == ANSWERED and leg["seconds"] > 12 and world.quirk(CORRECTED_SHARE):
        leg = calls.begun_with(
            leg, leg["seconds"] - 6, corrects_at=now + world.draw.randint(60, 600)
        )
    else:
        leg["shows_at"] = now
    return leg


def _texts(world: World, elapsed: float, multiplier: float) -> None:
    for reseller in world.store.rows("SELECT * FROM resellers WHERE texts_per_day > 0"):
        expected = reseller["texts_per_day"] * multiplier * elapsed / (24 * clock.HOUR)
        count = rhythm.how_many(world.draw, expected)
        pairs = history.conversations(world, reseller["id"]) if count else []
        for _ in range(count if pairs else 0):
            did, contact, _replies = world.draw.choice(pairs)
            texts.arrive(
                world,
                did=did,
                contact=contact,
                message=texts.some_text(world.draw),
                cause="traffic",
            )
