"""Faxes as the carrier keeps them: sending them page by page, what became of them, and arrivals."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from sandbox import clock, fax_machines, fiction, paper
from sandbox.deck import e8, e8_text, total_e8
from sandbox.wire.kinds import truth
from sandbox.world import World, fields_of

FIRST_ID, FIRST_FOLDER = 23_434, 4_101
INBOX, SENT = "INBOX", "SENT"
IN, OUT = "in", "out"
SENDING, SUCCESS, FAILED = "SENDING", "SUCCESS", "FAILED"
RATE_E8 = {IN: e8("0.009"), OUT: e8("0.030")}
INCREMENT_SECONDS = 6
PLACES = 3  # of the amounts in the list


def folder(world: World, reseller_id: int, name: str) -> int:
    """The reseller's folder of that name, made when it is not there."""
    with world.store.changing():
        found = world.store.value(
            "SELECT id FROM fax_folders WHERE reseller_id = ? AND name = ?", reseller_id, name
        )
        return int(found or world.store.insert(
            "fax_folders", id=world.store.free_id("fax_folders", first=FIRST_FOLDER),
            reseller_id=reseller_id, name=name,
        ))  # fmt: skip


def send(
    world: World, reseller_id: int, *, did: str, name: str, station_id: str, to: str, pdf: bytes,
    pages: int, cause: str = "api",
) -> sqlite3.Row:  # fmt: skip
    """A fax leaves: how it will go is decided now and shown little by little."""
    going = fax_machines.attempt(world, to, pages)
    now = time.time()
    rate = RATE_E8[OUT]
    return _write(
        world, pdf, reseller_id=reseller_id, direction=OUT, did=did, other=to, name=name,
        station_id=station_id, folder_id=folder(world, reseller_id, SENT), at=int(now),
        begins_at=now, ends_at=now + going.seconds / max(world.options.fax_speed, 0.001),
        shows_at=now + world.options.fax_list_seconds, sent_pages=pages, pages=going.pages,
        seconds=going.seconds, status=SUCCESS if going.success else FAILED, message=going.message,
        rate_e8=rate, settled=0, cause=cause,
        total_e8=total_e8(rate, going.seconds, INCREMENT_SECONDS) if going.connected else 0,
    )  # fmt: skip


def arrive(
    world: World, *, did: str, other: str = "", name: str = "", pdf: bytes | None = None,
    pages: int = 1, seconds: int | None = None, at: int | None = None, status: str = SUCCESS,
    message: str = "", station_id: str = "", quiet: bool = False, cause: str = "control",
) -> sqlite3.Row | None:  # fmt: skip
    """A fax from outside comes to a number; None when no fax number is called so."""
    from sandbox import callbacks  # deliveries read faxes; this is the one way back

    number = world.store.one("SELECT * FROM fax_numbers WHERE did = ?", did)
    if number is None:
        return None
    length = seconds if seconds is not None else pages * fax_machines.SECONDS_A_PAGE
    now = time.time()
    rate = RATE_E8[IN]
    with world.store.changing():
        row = _write(
            world, pdf or paper.sample(pages), reseller_id=number["reseller_id"], direction=IN,
            did=did, other=other, name=name, station_id=station_id or other,
            folder_id=folder(world, number["reseller_id"], INBOX),
            at=clock.now_seconds() if at is None else at, begins_at=now, ends_at=now, shows_at=now,
            sent_pages=pages, pages=pages, seconds=length, status=status, message=message,
            rate_e8=rate, total_e8=total_e8(rate, length, INCREMENT_SECONDS), settled=1,
            cause=cause,
        )  # fmt: skip
        _pay(world, row)
        settings = fields_of(number)
        if truth(settings["email_enabled"]) and settings["email"]:
            mail(world, row["id"], settings["email"])
        if not quiet:
            callbacks.plan_fax(world, row, settings)
    return row


def remember(world: World, wish: dict[str, Any], pdf: bytes) -> sqlite3.Row | None:
    """A fax of the past, in or out, as it ended; None when no fax number is called so."""
    number = world.store.one("SELECT * FROM fax_numbers WHERE did = ?", str(wish["did"]))
    if number is None:
        return None
    direction = OUT if wish.get("direction") == OUT else IN
    sent = int(wish.get("sent_pages", wish["pages"]))
    seconds, rate, at = int(wish["seconds"]), RATE_E8[direction], clock.instant(wish["at"])
    assert at is not None
    return _write(
        world, pdf, reseller_id=number["reseller_id"], direction=direction, did=number["did"],
        other=str(wish["other"]), name=str(wish.get("name", "")), station_id=str(wish["other"]),
        folder_id=folder(world, number["reseller_id"], INBOX if direction == IN else SENT),
        at=at, begins_at=at, ends_at=at + seconds, shows_at=at, sent_pages=sent,
        pages=int(wish["pages"]), seconds=seconds, status=str(wish.get("status", SUCCESS)),
        message=str(wish.get("message", "")), rate_e8=rate, settled=1, cause="history",
        total_e8=total_e8(rate, seconds, INCREMENT_SECONDS) if wish.get("connected", True) else 0,
    )  # fmt: skip


def settle(world: World) -> int:
    """End what has been under way long enough: the carrier takes its money, the other side gets it."""
    due = world.store.rows(
        "SELECT * FROM faxes WHERE settled = 0 AND ends_at <= ? ORDER BY ends_at", time.time()
    )
    for row in due:
        with world.store.changing():
            if not world.store.run(
                "UPDATE faxes SET settled = 1 WHERE id = ? AND settled = 0", row["id"]
            ):
                continue
            _pay(world, row)
            if row["status"] == SUCCESS:
                arrive(
                    world, did=row["other"], other=row["did"], name=row["name"], pdf=body(world, row),
                    pages=row["pages"], seconds=row["seconds"], station_id=row["station_id"],
                    cause=f"on-net:{row['id']}",
                )  # fmt: skip
    return len(due)


def so_far(row: sqlite3.Row) -> tuple[str, int, int, str]:
    """Status, pages, seconds and words as they are at this moment."""
    if row["settled"]:
        return row["status"], row["pages"], row["seconds"], row["message"]
    span = row["ends_at"] - row["begins_at"]
    share = min(1.0, (time.time() - row["begins_at"]) / span) if span > 0 else 1.0
    seconds = int(row["seconds"] * share)
    through = max(0, seconds - fax_machines.DIAL_SECONDS) // fax_machines.SECONDS_A_PAGE
    return SENDING, min(through, row["pages"]), seconds, ""


def shown(world: World, row: sqlite3.Row) -> dict[str, str]:
    """A fax as getFaxMessages lists it, on the plain Eastern clock."""
    status, pages, seconds, message = so_far(row)
    arrived = row["direction"] == IN
    caller, called = (row["other"], row["did"]) if arrived else (row["did"], row["other"])
    return {
        "id": str(row["id"]),
        "folder": world.store.value("SELECT name FROM fax_folders WHERE id = ?", row["folder_id"]),
        "date": clock.wall_clock(row["at"]),
        "callerid": fiction.callerid(row["name"], caller) or "anonymous",
        "stationid": row["station_id"],
        "destination": called,
        "description": "INBOUND FAX" if arrived else "OUTBOUND FAX",
        "pages": str(pages),
        "duration": f"{seconds // 60}:{seconds % 60:02d}",
        "status": status,
        "rate": e8_text(row["rate_e8"], PLACES),
        "total": e8_text(row["total_e8"] if status != SENDING else 0, PLACES),
        "msg": message,
    }


def body(world: World, row: sqlite3.Row) -> bytes:
    """The PDF of a fax as it was handed over."""
    found: bytes = world.store.value("SELECT body FROM fax_files WHERE fax_id = ?", row["id"])
    return found


def received(world: World, row: sqlite3.Row) -> bytes:
    """The PDF of the pages that got to the other end; nothing while there is none."""
    _, pages, _, _ = so_far(row)
    whole = body(world, row)
    return paper.first_pages(whole, pages) if pages < row["sent_pages"] else whole


def mail(world: World, fax_id: int, email: str) -> None:
    """Note that a copy went to an address; the practice carrier sends no mail."""
    world.store.insert("fax_mails", fax_id=fax_id, email=email, at=clock.now_seconds())


def _write(world: World, pdf: bytes, **fields: Any) -> sqlite3.Row:
    with world.store.changing():
        number = world.store.free_id("faxes", first=FIRST_ID)
        world.store.insert("faxes", id=number, **fields)
        world.store.insert("fax_files", fax_id=number, body=pdf)
    row = world.store.one("SELECT * FROM faxes WHERE id = ?", number)
    assert row is not None
    return row


def _pay(world: World, row: sqlite3.Row) -> None:
    world.store.run(
        "UPDATE resellers SET balance_e8 = balance_e8 - ? WHERE id = ?",
        row["total_e8"], row["reseller_id"],
    )  # fmt: skip


def numbers(world: World, reseller_id: int) -> list[str]:
    """The reseller's fax numbers."""
    found = world.store.rows("SELECT did FROM fax_numbers WHERE reseller_id = ?", reseller_id)
    return [row["did"] for row in found]


def correct(world: World, fax_id: int, wish: dict[str, Any]) -> sqlite3.Row | None:
    """Change what a fax that has ended came to: `pages`, `seconds`, `status`, `message`."""
    changes = {
        name: wish[name] for name in ("pages", "seconds", "status", "message") if name in wish
    }
    if "seconds" in changes:
        row = world.store.one("SELECT * FROM faxes WHERE id = ?", fax_id)
        rate = row["rate_e8"] if row else 0
        changes["total_e8"] = total_e8(rate, int(changes["seconds"]), INCREMENT_SECONDS)
    if changes:
        names = ", ".join(f"{name} = ?" for name in changes)
        world.store.run(
            f"UPDATE faxes SET {names}, settled = 1 WHERE id = ?", *changes.values(), fax_id
        )
    return world.store.one("SELECT * FROM faxes WHERE id = ?", fax_id)


def view(world: World, row: sqlite3.Row, users: dict[int, str]) -> dict[str, Any]:
    """A fax for the control API: how it ends, whatever the list shows now."""
    return {
        "id": row["id"], "api_username": users.get(row["reseller_id"], ""),
        "direction": row["direction"], "did": row["did"], "other": row["other"],
        "name": row["name"], "station_id": row["station_id"], "at": clock.utc_text(row["at"]),
        "sent_pages": row["sent_pages"], "pages": row["pages"], "seconds": row["seconds"],
        "status": row["status"], "message": row["message"], "settled": bool(row["settled"]),
        "rate": e8_text(row["rate_e8"]), "total": e8_text(row["total_e8"]),
        "mails": json.loads(world.store.value(
            "SELECT json_group_array(email) FROM fax_mails WHERE fax_id = ?", row["id"]
        )),
        "removed": bool(row["removed"]), "cause": row["cause"],
    }  # fmt: skip
