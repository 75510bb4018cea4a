"""Months of calls and texts from before the first start, written in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from random import Random
from typing import Any

from sandbox import calls, clock, texts
from sandbox.calls import Leg
from sandbox.traffic import lines, rhythm
from sandbox.traffic.people import Neighbourhood, one_call
from sandbox.world import World

TWIN_SHARE = 0.02


def fill(world: World, *, days: float, reseller_ids: Iterable[int] | None = None) -> int:
    """Calls and texts from so many days back until now; how many legs."""
    now = clock.now_seconds()
    return between(world, now - round(days * 24 * clock.HOUR), now, reseller_ids=reseller_ids)


def between(
    world: World, start: int, end: int, *, reseller_ids: Iterable[int] | None = None,
    speed: float = 1.0,
) -> int:  # fmt: skip
    """Calls that ended in a span of time, hour by hour; how many legs."""
    written = 0
    for near in lines.neighbourhoods(world, reseller_ids):
        groups = _groups(world, near, start, end, speed)
        groups.sort(key=lambda group: group[0]["started_at"])
        written += len(calls.record(world, groups, twin_share=TWIN_SHARE * world.options.quirks))
    _texts(world, start, end, reseller_ids, speed)
    return written


def _groups(
    world: World, near: Neighbourhood, start: int, end: int, speed: float
) -> list[list[Leg]]:
    groups: list[list[Leg]] = []
    seed, quirks = world.options.seed, world.options.quirks
    for account, line in near.lines.items():
        daily, zone = lines.per_day(line), lines.zone(line)
        kind = str(line.profile.get("hours", "office"))
        if not daily:
            continue
        for hour in range(start // clock.HOUR, end // clock.HOUR + 1):
            low, high = max(start, hour * clock.HOUR), min(end, (hour + 1) * clock.HOUR)
            part = rhythm.share(line.profile, low)
            if high <= low or not part:
                continue
            draw = Random(f"history:{seed}:{account}:{hour}")
            rate = rhythm.calls_per_second(low, daily * speed * part, zone, kind)
            for _ in range(rhythm.how_many(draw, rate * (high - low))):
                ended_at = draw.randrange(low, high)
                groups += one_call(draw, line, near, ended_at=ended_at, seed=seed, quirks=quirks)
    return groups


def _texts(
    world: World, start: int, end: int, reseller_ids: Iterable[int] | None, speed: float
) -> None:
    wanted = set(reseller_ids) if reseller_ids is not None else None
    rows: list[dict[str, Any]] = []
    for reseller in world.store.rows("SELECT * FROM resellers ORDER BY id"):
        if (wanted is not None and reseller["id"] not in wanted) or not reseller["texts_per_day"]:
            continue
        draw = Random(f"texts:{world.options.seed}:{reseller['login']}:{start // clock.HOUR}")
        pairs = conversations(world, reseller["id"])
        profiles = lines.profiles_of_numbers(world, reseller["id"])
        expected = reseller["texts_per_day"] * speed * (end - start) / (24 * clock.HOUR)
        for _ in range(rhythm.how_many(draw, expected) if pairs else 0):
            did, contact, replies = draw.choice(pairs)
            at = draw.randrange(start, max(start + 1, end - 600))
            part = rhythm.share(profiles.get(did, {}), at)
            if part < 1 and draw.random() >= part:
                continue
            rows.append(_text(reseller["id"], did, contact, 1, texts.some_text(draw), at))
            if draw.random() < 0.6:
                answer = draw.choice(texts.REPLIES)
                rows.append(
                    _text(reseller["id"], did, contact, 0, answer, at + draw.randint(20, 300))
                )
                if draw.random() < 0.5:
                    again = draw.choice(replies or texts.REPLIES)
                    rows.append(
                        _text(reseller["id"], did, contact, 1, again, at + draw.randint(301, 600))
                    )
    rows.sort(key=lambda row: row["at"])
    if rows:
        with world.store.changing():
            first = world.store.next_number(
                texts.SMS, first=texts.FIRST_ID[texts.SMS], count=len(rows)
            )
            for place, row in enumerate(rows):
                row["id"] = first + place
            world.store.insert_many("messages", rows)


def conversations(world: World, reseller_id: int) -> list[tuple[str, str, list[str]]]:
    """Pairs of a text-enabled number and a contact who writes to it, with the contact's answers."""
    dids = [
        row["did"]
        for row in world.store.rows(
            "SELECT * FROM dids WHERE reseller_id = ? ORDER BY did", reseller_id
        )
        if json.loads(row["fields"])["sms_enabled"] == "1"
    ]
    contacts = world.store.rows(
        "SELECT * FROM contacts WHERE reseller_id = ? ORDER BY number", reseller_id
    )
    return [
        (row["did"] or dids[place % len(dids)], row["number"], json.loads(row["replies"]))
        for place, row in enumerate(contacts)
        if dids
    ]


def _text(
    reseller_id: int, did: str, contact: str, direction: int, message: str, at: int
) -> dict[str, Any]:
    return {
        "kind": texts.SMS, "id": 0, "reseller_id": reseller_id, "did": did, "contact": contact,
        "type": direction, "message": message, "at": at,
        "carrier_status": "received" if direction else texts.DELIVERED, "cause": "history",
    }  # fmt: skip
