"""Everything of an account in one file: complete, in step with the pages, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select

from portal import entitlements, ledger
from portal.calls.models import Call
from portal.core import clock
from portal.core.db import session
from portal.messaging.models import Message
from tests.browser import Browser
from tests.worker import work
from tests.world import Customer, World

Door = Callable[..., Browser]


def export_of(who: Browser) -> zipfile.ZipFile:
    """Ask for it, let the worker make it, fetch it."""
    who.open("/profile/export")
    who.submit("#export form")
    work()
    page = who.open("/profile/export")
    answer = who.open(page.link("Download").removeprefix(who.base))
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(answer.body))


def rows_of(file: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    """A list of it, which CSV and JSON tell alike."""
    rows: list[dict[str, Any]] = json.loads(file.read(f"{name}.json"))
    table = list(csv.DictReader(io.StringIO(file.read(f"{name}.csv").decode("utf-8-sig"))))
    assert len(table) == len(rows)
    return rows


def counted(world: World, who: Customer, model: Any) -> int:
    with world.reading(who):
        return session().scalar(select(func.count()).select_from(model)) or 0


def test_the_file_has_everything_of_this_client_and_of_nobody_else(
    world: World, browse: Door
) -> None:
    file = export_of(browse(world.a))

    assert len(rows_of(file, "calls")) == counted(world, world.a, Call) > 100
    assert len(rows_of(file, "messages")) == counted(world, world.a, Message) > 0
    lines = rows_of(file, "transactions")
    with world.reading(world.a):
        assert lines[0]["balance"] == str(ledger.standing(world.a.id).balance)
    assert rows_of(file, "people")[0]["email"] == world.a.email
    assert any(row["browser"] for row in rows_of(file, "sessions"))
    assert {"field": "company", "value": "Harbourlight Dental"} in rows_of(file, "profile")
    assert any(row["what"] == "data.exported" for row in rows_of(file, "log"))

    everything = b"".join(file.read(name) for name in file.namelist())
    for stranger in (world.b, world.x):
        assert stranger.email.encode() not in everything
        assert stranger.dids[0].encode() not in everything
        assert next(iter(stranger.accounts)).encode() not in everything
    assert "cost" not in {name for row in rows_of(file, "calls") for name in row}


def test_where_money_is_hidden_the_file_has_none(world: World, browse: Door) -> None:
    with world.within(world.northwind):
        services = entitlements.default_configuration().services
        entitlements.save_default_configuration("standard", services, hide_money=True)

    file = export_of(browse(world.a))

    assert "transactions.json" not in file.namelist()
    assert "price" not in rows_of(file, "calls")[0]


def test_it_is_made_once_in_a_while_and_ends(world: World, browse: Door) -> None:
    priya, owen = browse(world.a), browse(world.b)
    export_of(priya)
    link = priya.page.link("Download").removeprefix(priya.base)  # type: ignore[union-attr]

    again = priya.submit("#export form[action$='/export']")
    assert "Wait a few minutes" in again.words
    assert len(again.all(".job")) == 1
    assert owen.open(link).status == 404
    assert priya.open(link.replace("/profile/export/", "/reports/files/")).status == 404

    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False):
        priya.log_in(world.a.email)
        assert priya.open(link).status == 404
