"""Speed, pauses, limits and faults."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from flask import current_app, jsonify

from sandbox.control.blueprint import control, done, given, refuse, world, yes
from sandbox.wire.faults import KINDS
from sandbox.wire.table import METHODS
from sandbox.world import Options


@control.get("/settings")
def settings() -> Any:
    return jsonify({**asdict(world().options), "paused": world().paused})


@control.post("/settings")
def change_settings() -> Any:
    """Any option of the start by its name, and `paused`."""
    known = {field.name: field.type for field in fields(Options)}
    for name, value in given().items():
        if name == "paused":
            world().paused = yes(value)
        elif name not in known:
            return refuse(f"no such setting: {name}")
        else:
            before = getattr(world().options, name)
            setattr(
                world().options,
                name,
                yes(value) if isinstance(before, bool) else type(before)(value),
            )
    return done(**asdict(world().options), paused=world().paused)


@control.post("/speed")
def speed() -> Any:
    """`{"speed": 100}`: one to a thousand times the calls and texts."""
    world().options.speed = float(given()["speed"])
    return done(speed=world().options.speed)


@control.post("/pause")
def pause() -> Any:
    world().paused = True
    return done(paused=True)


@control.post("/resume")
def resume() -> Any:
    world().paused = False
    return done(paused=False)


@control.post("/tick")
def tick() -> Any:
    """Do now what the next beat would do: traffic, replies, deliveries."""
    current_app.extensions["clockwork"].tick()
    return done(ticked=True)


@control.get("/faults")
def faults() -> Any:
    return jsonify({"faults": world().faults, "kinds": KINDS, "methods": sorted(METHODS)})


@control.post("/faults")
def add_fault() -> Any:
    """`{"kind", "method": "*", "calls": 1, …}`; `calls` 0 stays until it is cleared."""
    wish = given()
    if wish.get("kind") not in KINDS:
        return refuse(f"kind must be one of {', '.join(KINDS)}")
    fault = {"method": "*", **wish, "calls": int(wish.get("calls", 1)) or -1}
    with world().lock:
        world().faults.append(fault)
    return done(fault=fault)


@control.post("/faults/clear")
@control.delete("/faults")
def clear_faults() -> Any:
    world().faults.clear()
    return done(faults=[])


@control.get("/stats")
def stats() -> Any:
    """How much there is and how often each method was called since the start."""
    store = world().store
    counted = {
        "calls": "calls WHERE copy_of IS NULL", "copies": "calls WHERE copy_of IS NOT NULL",
        "messages": "messages", "deliveries_waiting": "deliveries WHERE done = 0",
        "sub_accounts": "sub_accounts", "dids": "dids",
    }  # fmt: skip
    answer = {name: store.value(f"SELECT COUNT(*) FROM {where}") for name, where in counted.items()}
    return jsonify(
        {**answer, "requests": dict(world().requests), "speed": world().options.speed,
         "paused": world().paused}
    )  # fmt: skip
