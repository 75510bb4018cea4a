"""The lines that have traffic, read from the carrier's memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.calls import Line, line_of
from sandbox.traffic.people import Neighbourhood
from sandbox.world import World, fields_of


def neighbourhoods(world: World, reseller_ids: Iterable[int] | None = None) -> list[Neighbourhood]:
    """Each reseller's lines with their extensions and numbers."""
    wanted = set(reseller_ids) if reseller_ids is not None else None
    around: dict[int, Neighbourhood] = {}
    for row in world.store.rows("SELECT * FROM sub_accounts ORDER BY id"):
        if wanted is None or row["reseller_id"] in wanted:
            line = line_of(row)
            near = around.setdefault(line.reseller_id, Neighbourhood())
            near.lines[line.account] = line
            if line.extension and line.extension != "0":
                near.extensions[line.extension] = line.account
    for row in world.store.rows("SELECT * FROM dids ORDER BY did"):
        near = around.get(row["reseller_id"], Neighbourhood())
        record = fields_of(row)
        account = str(record["routing"]).partition("account:")[2]
        if account in near.lines:
            near.dids.setdefault(account, []).append(row["did"])
            if str(record["billing_type"]) == "2":
                near.flat.add(row["did"])
    return [around[key] for key in sorted(around)]


def profiles_of_numbers(world: World, reseller_id: int) -> dict[str, dict[str, Any]]:
    """The habits of the line that each of a reseller's numbers rings."""
    return {
        did: line.profile
        for near in neighbourhoods(world, [reseller_id])
        for account, line in near.lines.items()
        for did in near.dids.get(account, ())
    }


def per_day(line: Line) -> float:
    return float(line.profile.get("calls_per_day", 0))


def zone(line: Line) -> str:
    return str(line.profile.get("zone", "America/Toronto"))
