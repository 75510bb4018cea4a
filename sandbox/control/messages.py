"""Texts on demand."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from sandbox import clock, texts
from sandbox.control.blueprint import control, done, given, refuse, world, yes
from sandbox.control.truth import message_view


@control.post("/messages")
def send_in() -> Any:
    """A text or, with `media`, a picture comes to a number: `{"did", "contact", "message"}`.

    Each of `media` is an address, a data URI, or a sample such as `sample:amr`; `id` chooses one.
    """
    wish = given()
    found = wish.get("media") or []
    row = texts.arrive(
        world(), did=str(wish.get("did", "")), contact=str(wish.get("contact", "2125550123")),
        message=str(wish.get("message", "Hello")),
        media=[found] if isinstance(found, str) else found,
        at=clock.instant(wish.get("at")), quiet=yes(wish.get("quiet", False)),
        number=int(wish["id"]) if wish.get("id") else None,
    )  # fmt: skip
    if row is None:
        return refuse("no such number, or it takes no texts")
    return done(message=message_view(world(), row))


@control.get("/deliveries")
def deliveries() -> Any:
    """Callbacks and webhooks: what is waiting, what was tried, what was answered."""
    rows = world().store.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT 1000")
    return jsonify({"deliveries": [dict(row) for row in rows]})


@control.post("/deliveries/<int:number>/again")
def again(number: int) -> Any:
    """Send a callback once more, now."""
    changed = world().store.run("UPDATE deliveries SET done = 0, due_at = 0 WHERE id = ?", number)
    world().wake.set()
    return done(again=number) if changed else refuse("no such delivery", 404)
