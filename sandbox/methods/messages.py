"""Lists of texts and pictures, and taking them out of the lists."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import Any

from sandbox import clock, media, texts
from sandbox.wire.kinds import plain_number, span, truth
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import World, fields_of

DEFAULT_LIMIT = 50


@method("getSMS")
def get_sms(request: Request) -> Answer:
    return listed("sms", _rows(request, texts.SMS), "no_sms")


@method("getMMS")
def get_mms(request: Request) -> Answer:
    return listed("sms", _rows(request, texts.MMS), "no_mms")


@method("getResellerSMS")
def reseller_sms(request: Request) -> Answer:
    return listed("sms", _rows(request, texts.SMS, dids=_dids_of_client(request)), "no_sms")


@method("getResellerMMS")
def reseller_mms(request: Request) -> Answer:
    return listed("sms", _rows(request, texts.MMS, dids=_dids_of_client(request)), "no_mms")


def _dids_of_client(request: Request) -> list[str]:
    client = request.get("client")
    if not request.store.one(
        "SELECT 1 FROM clients WHERE reseller_id = ? AND id = ?", request.reseller_id, client
    ):
        raise Refusal("invalid_client")
    rows = request.store.rows("SELECT * FROM dids WHERE reseller_id = ?", request.reseller_id)
    return [row["did"] for row in rows if str(fields_of(row).get("client") or "") == client]


def _rows(request: Request, kind: str, *, dids: list[str] | None = None) -> list[dict[str, Any]]:
    both = truth(request.get("all_messages"))
    where = "reseller_id = ? AND removed = 0"
    values: list[Any] = [request.reseller_id]
    if not both:
        where, values = f"{where} AND kind = ?", [*values, kind]
    zone = clock.timezone_hours(request.get("timezone", "-5")) or 0.0
    number = request.get("sms") or request.get("mms")
    days: tuple[date, date] | None = None
    if number:
        where, values = f"{where} AND id = ?", [*values, number]
    else:
        today = clock.wall_day(clock.now_seconds(), zone)
        days = span(request.get("from", today), request.get("to", today))
        start, end = clock.day_range(*days, zone)
        where, values = f"{where} AND at >= ? AND at < ?", [*values, start, end]
    if request.get("type"):
        where, values = f"{where} AND type = ?", [*values, request.get("type")]
    if request.get("did"):
        did = plain_number(request.get("did"))
        record = request.world.did(did)
        if record is None or record["reseller_id"] != request.reseller_id:
            raise Refusal("invalid_did")
        where, values = f"{where} AND did = ?", [*values, did]
    if request.get("contact"):
        where, values = f"{where} AND contact = ?", [*values, plain_number(request.get("contact"))]
    if dids is not None:
        where += f" AND did IN ({', '.join('?' * len(dids))})"
        values = [*values, *dids]
    found = request.store.rows(
        f"SELECT * FROM messages WHERE {where} ORDER BY at DESC, row DESC", *values
    )
    if days:
        first, last = str(days[0]), str(days[1])
        found = [row for row in found if first <= clock.wall_day(row["at"], zone) <= last]
    limit = int(request.get("limit", str(DEFAULT_LIMIT)))
    pictures = kind == texts.MMS or both
    return [_row(request.world, row, zone, pictures=pictures) for row in found[:limit]]


def _row(world: World, row: sqlite3.Row, zone: float, *, pictures: bool) -> dict[str, Any]:
    answer = {
        "id": str(row["id"]),
        "date": clock.wall_clock(row["at"], zone),
        "type": str(row["type"]),
        "did": row["did"],
        "contact": row["contact"],
        "message": row["message"],
        "carrier_status": row["carrier_status"],
    }
    if pictures:
        urls = media.addresses(world, json.loads(row["media"]))
        answer |= {
            f"col_media{n + 1}": urls[n] if n < len(urls) else "" for n in range(max(3, len(urls)))
        }
        answer["media"] = urls
    return answer


@method("getMediaMMS")
def media_of(request: Request) -> Answer:
    row = _own(request, texts.MMS)
    urls = media.addresses(request.world, json.loads(row["media"]))
    as_array = truth(request.get("media_as_array"))
    return {
        "id": str(row["id"]),
        "date": clock.wall_clock(row["at"]),
        "media": urls if as_array else {str(n): url for n, url in enumerate(urls, start=1)},
    }


@method("deleteSMS")
def delete_sms(request: Request) -> Answer:
    return _remove(request, texts.SMS)


@method("deleteMMS")
def delete_mms(request: Request) -> Answer:
    return _remove(request, texts.MMS)


def _remove(request: Request, kind: str) -> Answer:
    row = _own(request, kind)
    request.store.run("UPDATE messages SET removed = 1 WHERE row = ?", row["row"])
    return {}


def _own(request: Request, kind: str) -> sqlite3.Row:
    row: sqlite3.Row | None = request.store.one(
        "SELECT * FROM messages WHERE reseller_id = ? AND kind = ? AND id = ? AND removed = 0",
        request.reseller_id, kind, request.get("id"),
    )  # fmt: skip
    if row is None:
        raise Refusal("invalid_id")
    return row
