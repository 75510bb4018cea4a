"""Faxes on demand, the machines at the other end, and what they have printed."""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import Response, jsonify

from sandbox import clock, fax_machines, faxes, paper
from sandbox.control.blueprint import control, done, given, refuse, world, yes
from sandbox.control.truth import users_of
from sandbox.methods.porting import add_note
from sandbox.records import add_fax
from sandbox.world import fields_of


@control.post("/faxes")
def fax_in() -> Any:
    """A fax comes to a number: `{"did", "from", "name", "pages", "pdf" (base64), "seconds", "at",
    "status", "message", "quiet"}`; a file of any kind is passed on as it is."""
    wish = given()
    row = faxes.arrive(
        world(), did=str(wish.get("did", "")), other=str(wish.get("from", "2125550123")),
        name=str(wish.get("name", "")), pages=int(wish.get("pages", 1)),
        pdf=base64.b64decode(wish["pdf"]) if wish.get("pdf") else None,
        seconds=int(wish["seconds"]) if "seconds" in wish else None,
        at=clock.instant(wish.get("at")), status=str(wish.get("status", faxes.SUCCESS)),
        message=str(wish.get("message", "")), quiet=yes(wish.get("quiet", False)),
    )  # fmt: skip
    if row is None:
        return refuse("no such fax number")
    return done(fax=faxes.view(world(), row, users_of(world())))


@control.post("/faxes/past")
def past_faxes() -> Any:
    """Faxes of the past: `{"files": {name: base64}, "faxes": [{"direction", "did", "other", "name",
    "at", "sent_pages", "pages", "seconds", "status", "message", "connected", "file"}]}`; their ids."""
    wish = given()
    files = {name: base64.b64decode(body) for name, body in wish["files"].items()}
    made = []
    with world().store.changing():
        for one in wish["faxes"]:
            row = faxes.remember(world(), one, files[one["file"]])
            if row is None:
                return refuse("no such fax number")
            made.append(row["id"])
    return done(faxes=made)


@control.post("/faxes/<int:number>/correct")
def correct_fax(number: int) -> Any:
    """Change what a fax came to, as carriers do afterwards: `{"pages", "seconds", "status"}`."""
    row = faxes.correct(world(), number, given())
    return done(fax=faxes.view(world(), row, users_of(world()))) if row else _no_fax()


@control.get("/faxes/<int:number>/<any(pdf, tiff):kind>")
def printed_fax(number: int, kind: str) -> Any:
    """The pages that got to the other end, as PDF or as its machine prints them."""
    row = world().store.one("SELECT * FROM faxes WHERE id = ?", number)
    if row is None:
        return _no_fax()
    got = faxes.received(world(), row)
    if not got:
        return refuse("nothing has arrived", 404)
    if kind == "pdf":
        return Response(got, mimetype="application/pdf")
    return Response(paper.printed(got), mimetype="image/tiff")


@control.post("/fax_machines")
def fax_machine() -> Any:
    """`{"number", "behaviour", "page": 2, "fails": 0, "seconds_per_page": 28, "name"}`."""
    try:
        return done(machine=dict(fax_machines.describe(world(), given())))
    except (KeyError, ValueError) as problem:
        return refuse(str(problem))


@control.get("/fax_machines")
def all_machines() -> Any:
    rows = world().store.rows("SELECT * FROM fax_machines ORDER BY number")
    return jsonify({"machines": [dict(row) for row in rows], "behaviours": fax_machines.BEHAVIOURS})


def _no_fax() -> Response:
    return refuse("no such fax", 404)


@control.post("/ports/<int:number>")
def move_port(number: int) -> Any:
    """How far a number that is brought along is: `{"status", "foc_date", "note"}`.

    One that is completed is a fax number of the reseller's from then on.
    """
    row = world().store.one("SELECT * FROM ports WHERE id = ?", number)
    if row is None:
        return refuse("no such port", 404)
    fields = fields_of(row) | {
        name: given()[name] for name in ("status", "foc_date") if name in given()
    }
    if "note" in given():
        add_note(fields, str(given()["note"]))
    with world().store.changing():
        world().store.run("UPDATE ports SET fields = ? WHERE id = ?", json.dumps(fields), number)
        if fields["status"] == "completed":
            _arrive(row["reseller_id"], fields["numbers"].split(","))
    return done(port=number, **fields)


def _arrive(reseller_id: Any, numbers: list[str]) -> None:
    reseller = world().store.one("SELECT * FROM resellers WHERE id = ?", reseller_id)
    assert reseller is not None
    for did in numbers:
        if not world().store.one("SELECT did FROM fax_numbers WHERE did = ?", did):
            add_fax(world(), reseller, did, {})
