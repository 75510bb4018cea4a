"""A draft compared over past days, published, and past calls charged again: through the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from jobs.rating_runs import price_again, price_on_paper
from portal import ledger
from portal.calls.models import RatingRun
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import Scope, bind
from portal.ledger import check
from tests.browser import Browser, form_values
from tests.world import World


def days() -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"first": f"{today - timedelta(days=4)}", "last": f"{today - timedelta(days=1)}"}


def work(world: World) -> None:
    """What the worker does with the newest run."""
    with world.reading(world.northwind):
        run = session().scalars(select(RatingRun).order_by(RatingRun.id.desc())).first()
        assert run is not None
        run_id, for_real = run.id, run.for_real
    with bind(Scope(world.northwind.id)):
        (price_again if for_real else price_on_paper)(run_id)


def owed(world: World) -> Money:
    with world.reading(world.northwind):
        return ledger.balance_of(world.a.id)


def test_a_draft_is_compared_saved_and_charged_for_the_past(owner: Browser, world: World) -> None:
    package = f"/staff/packages/{world.northwind.packages['Office Standard']}"
    before = owed(world)
    typed: dict[str, Any] = form_values(owner.open(package).find("#package"))

    waiting = owner.post(f"{package}/past/draft", typed | {"markup_percent": "100"} | days())
    assert waiting.has("#run-job progress")
    work(world)
    shown = owner.open(waiting.path)
    [line] = shown.all("#run-lines tbody tr")
    told = [cell.get_text(strip=True) for cell in line.select("td")]
    assert owed(world) == before, "on paper nothing moves"
    table = owner.open(f"{waiting.path}.csv")
    assert table.body.decode("utf-8-sig").splitlines()[0].startswith("Client,Calls,Changed")

    owner.open(waiting.path)
    saved = owner.submit(f'form[action$="{waiting.path}/publish"]')
    assert saved.find("#markup_percent")["value"] == "100"
    owner.open(f"{package}/past")
    charged = owner.submit('form[action$="/past"]', work="now", **days())
    work(world)
    result = owner.open(charged.path)

    assert [
        cell.get_text(strip=True) for cell in result.find("#run-lines tbody tr").select("td")
    ] == told
    difference = before - owed(world)
    assert difference > Money(0)
    assert told[4] == f"${difference.decimal:.4f}"
    with world.reading(world.northwind):
        assert list(check.findings()) == []


def test_days_in_the_wrong_order_are_refused_beside_the_field(owner: Browser, world: World) -> None:
    package = f"/staff/packages/{world.northwind.packages['Office Standard']}"
    owner.open(f"{package}/past")

    page = owner.submit('form[action$="/past"]', first="2026-03-02", last="2026-03-01")

    assert page.status == 422
    assert page.has("#last[aria-invalid=true]")
