"""Faxes in lists and folders: their files, moving, mailing and deleting them."""

from __future__ import annotations

import base64
import sqlite3
import time
from typing import Any

from sandbox import clock, faxes
from sandbox.wire.kinds import span, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method

KEPT = (faxes.INBOX, faxes.SENT)


@method("getFaxMessages")
def messages(request: Request) -> Answer:
    where = "reseller_id = ? AND removed = 0 AND shows_at <= ?"
    values: list[Any] = [request.reseller_id, time.time()]
    days = None
    if request.get("id"):
        where, values = f"{where} AND id = ?", [*values, request.get("id")]
    else:
        today = clock.wall_day(clock.now_seconds())
        days = span(request.get("from", today), request.get("to", today))
        where += " AND at >= ? AND at < ?"
        values += clock.day_range(*days, clock.DEFAULT_TIMEZONE_HOURS)
    rows = request.store.rows(
        f"SELECT * FROM faxes WHERE {where} ORDER BY at DESC, id DESC", *values
    )
    if days:
        first, last = str(days[0]), str(days[1])
        rows = [row for row in rows if first <= clock.wall_day(row["at"]) <= last]
    found = [faxes.shown(request.world, row) for row in rows]
    if request.get("folder"):
        found = [
            row for row in found if row["folder"].casefold() == request.get("folder").casefold()
        ]
    return listed("faxes", found, "no_message")


@method("getFaxMessagePDF")
def pdf(request: Request) -> Answer:
    row = _own(request, request.get("id"), "invalid_id")
    # What was sent is kept whole, whatever got through.
    return {"message_base64": base64.b64encode(faxes.body(request.world, row)).decode("ascii")}


@method("mailFaxMessagePDF")
def mail(request: Request) -> Answer:
    row = _own(request, request.get("id"), "invalid_id")
    faxes.mail(request.world, row["id"], request.get("email"))
    return {"message_status": "message_sent"}


@method("moveFaxMessage")
def move(request: Request) -> Answer:
    row = _own(request, request.get("fax_id"), "invalid_fax_id")
    target = _folder(request, request.get("folder_id"))
    if target["id"] == row["folder_id"]:
        raise Refusal("moving_fail")
    if not truth(request.get("test")):
        request.store.run("UPDATE faxes SET folder_id = ? WHERE id = ?", target["id"], row["id"])
    return {}


@method("deleteFaxMessage")
def delete(request: Request) -> Answer:
    row = _own(request, request.get("id"), "invalid_id")
    if not truth(request.get("test")):
        request.store.run("UPDATE faxes SET removed = 1 WHERE id = ?", row["id"])
    return {}


@method("getFaxFolders")
def folders(request: Request) -> Answer:
    for name in KEPT:
        faxes.folder(request.world, request.reseller_id, name)
    rows = request.store.rows(
        "SELECT * FROM fax_folders WHERE reseller_id = ? ORDER BY name NOT IN (?, ?), id",
        request.reseller_id, *KEPT,
    )  # fmt: skip
    wanted = request.get("id")
    found = [
        {"id": str(row["id"]), "name": row["name"]} for row in rows
        if wanted in ("", str(row["id"]))
    ]  # fmt: skip
    return listed("folders", found, "no_folder")


@method("setFaxFolder")
def set_folder(request: Request) -> Answer:
    name = request.get("name").strip().upper()
    taken = request.store.one(
        "SELECT id FROM fax_folders WHERE reseller_id = ? AND name = ?", request.reseller_id, name
    )
    if taken is not None or name in KEPT:
        raise Refusal("used_name")
    known = _folder(request, request.get("id")) if request.get("id") else None
    if truth(request.get("test")):
        return {}
    if known is None:
        faxes.folder(request.world, request.reseller_id, name)
    else:
        request.store.run("UPDATE fax_folders SET name = ? WHERE id = ?", name, known["id"])
    return {}


@method("delFaxFolder")
def delete_folder(request: Request) -> Answer:
    row = _folder(request, request.get("id"))
    if row["name"] in KEPT:
        raise Refusal("invalid_folder_id")
    if not truth(request.get("test")):
        inbox = faxes.folder(request.world, request.reseller_id, faxes.INBOX)
        with request.store.changing():
            request.store.run(
                "UPDATE faxes SET folder_id = ? WHERE folder_id = ?", inbox, row["id"]
            )
            request.store.run("DELETE FROM fax_folders WHERE id = ?", row["id"])
    return {}


def _own(request: Request, number: str, word: str) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM faxes WHERE reseller_id = ? AND id = ? AND removed = 0",
        request.reseller_id, number,
    )  # fmt: skip
    if row is None:
        raise Refusal(word)
    return row


def _folder(request: Request, number: str) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM fax_folders WHERE reseller_id = ? AND id = ?", request.reseller_id, number
    )
    if row is None:
        raise Refusal("invalid_folder_id")
    return row
