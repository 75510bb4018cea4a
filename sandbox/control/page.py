"""The control page: the same actions as the API, as forms."""

from __future__ import annotations

from flask import render_template

from sandbox.control.blueprint import control, world
from sandbox.control.truth import leg_view, message_view
from sandbox.wire.faults import KINDS
from sandbox.wire.table import METHODS


@control.get("/")
def page() -> str:
    store = world().store
    calls = store.rows("SELECT * FROM calls WHERE copy_of IS NULL ORDER BY id DESC LIMIT 15")
    messages = store.rows("SELECT * FROM messages ORDER BY row DESC LIMIT 15")
    return render_template(
        "control.html",
        options=world().options,
        paused=world().paused,
        accounts=store.rows("SELECT account FROM sub_accounts ORDER BY account"),
        dids=store.rows("SELECT did FROM dids ORDER BY did"),
        calls=[leg_view(world(), row) for row in calls],
        messages=[message_view(world(), row) for row in messages],
        faults=world().faults,
        kinds=KINDS,
        methods=sorted(METHODS),
    )
