"""Calls on demand, and making the carrier's rows behave oddly."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox import calls, clock, fiction
from sandbox.calls import DISPOSITIONS, Leg
from sandbox.control.blueprint import control, done, given, refuse, world, yes
from sandbox.control.truth import leg_view
from sandbox.deck import e8, total_e8
from sandbox.traffic import lines
from sandbox.traffic.people import one_call


class Unknown(Exception):
    """The wish names a line or number that the carrier does not have."""


def wished(wish: dict[str, Any]) -> list[list[Leg]]:
    """The legs of one wished call; see README.md for the fields."""
    row = world().sub_account(str(wish.get("account", "")))
    did = str(wish.get("did", ""))
    if row is None and did:
        record = world().did(did)
        row = world().sub_account(str((record or {}).get("routing", "")).partition("account:")[2])
    if row is None:
        raise Unknown(f"no such account: {wish.get('account') or did}")
    line = calls.line_of(row)
    seconds = int(wish.get("seconds", 60))
    disposition = str(wish.get("disposition", calls.ANSWERED)).upper()
    if disposition not in DISPOSITIONS:
        raise Unknown(f"disposition must be one of {', '.join(DISPOSITIONS)}")
    started_at = clock.instant(wish.get("started_at"))
    how: dict[str, Any] = {
        "seconds": seconds, "disposition": disposition, "cause": "control",
        "started_at": calls.ended_now(seconds) if started_at is None else started_at,
    }  # fmt: skip
    caller, destination = str(wish.get("caller", "")), str(wish.get("destination", ""))
    kind = wish.get("kind") or ("inbound" if did else "outbound")
    if kind == "inbound":
        record = world().did(did) or {}
        flat = str(record.get("billing_type")) == "2"
        arriving = calls.inbound(
            line, did, caller=caller or "Caller <2125550123>", flat=flat, **how
        )
        if wish.get("forward_to"):
            leaving = calls.outbound(line, str(wish["forward_to"]), **how)
            group = calls.forwarded(
                arriving, leaving, one_uniqueid=yes(wish.get("one_uniqueid", True))
            )
        else:
            group = [arriving]
    elif kind == "internal":
        group = [calls.internal(line, destination, caller=caller, **how)]
    elif kind == "on_net":
        group = [calls.on_net(line, destination, caller=caller, **how)]
    else:
        group = [calls.outbound(line, destination, caller=caller, **how)]
    return [[_shaped(leg, wish) for leg in group]]


def _shaped(leg: Leg, wish: dict[str, Any]) -> Leg:
    now = clock.now_seconds()
    leg["shows_at"] = leg["started_at"] if wish.get("started_at") else now
    if wish.get("late_seconds"):
        leg["shows_at"] = now + int(wish["late_seconds"])
    for name in ("uniqueid", "description", "destination_type"):
        if wish.get(name):
            leg[name] = str(wish[name])
    if "rate" in wish:
        leg["rate_e8"] = e8(str(wish["rate"]))
        leg["total_e8"] = total_e8(leg["rate_e8"], leg["seconds"], leg["increment_seconds"])
    if "total" in wish:
        leg["total_e8"] = e8(str(wish["total"]))
    if wish.get("first_seconds"):
        after = float(wish.get("corrects_after", 60))
        leg = calls.begun_with(leg, int(wish["first_seconds"]), corrects_at=now + round(after))
    return leg


@control.post("/calls")
def make_call() -> Any:
    """One call now, or at `started_at`."""
    wish = given()
    try:
        groups = wished(wish)
    except (Unknown, ValueError) as problem:
        return refuse(str(problem))
    made = calls.record(world(), groups, twin_share=1.0 if yes(wish.get("twin", False)) else 0.0)
    return done(calls=[leg_view(world(), leg) for leg in made])


@control.post("/calls/bulk")
def make_calls() -> Any:
    """Many calls at once: `{"calls": [wish, …]}`, or `{"count", "account", "days"}` at random."""
    wish = given()
    groups: list[list[Leg]] = []
    try:
        for one in wish.get("calls", wish.get("items", [])):
            groups += wished(one)
    except (Unknown, ValueError) as problem:
        return refuse(str(problem))
    if wish.get("count"):
        groups += _many(wish)
    share = float(wish.get("twin_share", 0))
    made = calls.record(world(), groups, twin_share=share)
    return done(count=len(made), first_id=made[0]["id"] if made else None)


def _many(wish: dict[str, Any]) -> list[list[Leg]]:
    near = [
        (around, line)
        for around in lines.neighbourhoods(world())
        for line in around.lines.values()
        if wish.get("account") in (None, "", line.account)
    ]
    if not near:
        raise Unknown("no such account")
    draw, now = Random(f"bulk:{wish.get('seed', world().options.seed)}"), clock.now_seconds()
    span = float(wish.get("days", 1)) * 24 * clock.HOUR
    quirks = float(wish.get("quirks", 0))
    groups: list[list[Leg]] = []
    written, count = 0, int(wish["count"])
    while written < count:
        around, line = draw.choice(near)
        made = one_call(
            draw, line, around, ended_at=now - round(draw.random() * span),
            seed=world().options.seed, quirks=quirks,
        )  # fmt: skip
        made = made[: count - written]
        groups += made
        written += len(made)
    return groups


@control.post("/calls/hostile")
def hostile_callers() -> Any:
    """One inbound call for each hostile caller id: `{"did"}`."""
    did = str(given().get("did", ""))
    try:
        groups = [
            group
            for name in fiction.HOSTILE_NAMES
            for group in wished(
                {"did": did, "caller": fiction.callerid(name, "2125550123"), "seconds": 7}
            )
        ]
    except Unknown as problem:
        return refuse(str(problem))
    return done(calls=[leg_view(world(), leg) for leg in calls.record(world(), groups)])


@control.post("/calls/<int:number>/repeat")
def repeat(number: int) -> Any:
    """Show the row twice; with `respelled` the second one has the caller in +1 form."""
    row = world().store.one("SELECT * FROM calls WHERE id = ?", number)
    if row is None:
        return refuse("no such call", 404)
    copy = calls.twin_of(dict(row), respelled=yes(given().get("respelled", False)))
    copy["id"] = world().store.next_number("call")
    world().store.insert_many("calls", [copy])
    return done(id=copy["id"], copy_of=number)


@control.post("/calls/<int:number>/late")
def late(number: int) -> Any:
    """Hide the row for so many seconds: `{"seconds"}`."""
    shows_at = clock.now_seconds() + int(given().get("seconds", 60))
    changed = world().store.run(
        "UPDATE calls SET shows_at = ? WHERE id = ? OR copy_of = ?", shows_at, number, number
    )
    return done(shows_at=clock.utc_text(shows_at)) if changed else refuse("no such call", 404)


@control.post("/calls/<int:number>/record")
def record(number: int) -> Any:
    """List the call among the recorded ones: `{"seconds": 26}`, without it the whole call."""
    seconds = given().get("seconds")
    changed = world().store.run(
        "UPDATE calls SET recorded_seconds = COALESCE(?, seconds) WHERE id = ?",
        None if seconds is None else int(seconds), number,
    )  # fmt: skip
    return done() if changed else refuse("no such call", 404)


@control.post("/calls/<int:number>/correct")
def correct(number: int) -> Any:
    """Change the seconds of a row already shown: `{"seconds": 66}`."""
    row = calls.correct(world(), number, int(given()["seconds"]))
    return done(call=leg_view(world(), dict(row))) if row else refuse("no such call", 404)


@control.post("/calls/settle")
def settle() -> Any:
    """Show every late row and every correction now: before lists are compared with the truth."""
    now = clock.now_seconds()
    late = world().store.run("UPDATE calls SET shows_at = ? WHERE shows_at > ?", now, now)
    corrected = world().store.run(
        "UPDATE calls SET corrects_at = ? WHERE corrects_at > ?", now, now
    )
    return done(late=late, corrected=corrected)
