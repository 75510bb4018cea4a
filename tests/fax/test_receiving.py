"""Faxes that arrive: each once, by webhook, by the list, or by both in either order."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import fax, identity, rating, upstream
from portal.core import storage
from portal.core.db import session
from portal.core.money import Money
from portal.core.registry import settings
from portal.core.scope import Scope, bind
from portal.fax import Place
from portal.fax.models import Fax, InboundFax
from portal.tasks import IMPORT_FAXES
from tests.calls.conftest import books_are_right
from tests.fax.conftest import CLINIC, NOTHING, OWN, SPARE, FaxDesk, a_pdf
from tests.worker import work

# 56 s in steps of 6 s are 60 s, at 0.03 a minute.
TWO_PAGES = Money.of("0.030")


def told(
    desk: FaxDesk, *, to: str = OWN, pages: int = 2, secret: str = "", **more: Any
) -> TestResponse:
    """The carrier's post for a fax that came."""
    with bind(Scope(desk.reseller_id)):
        address = f"/hooks/voipms/{secret or upstream.hook_secret()}/fax"
        session().rollback()
    fields = {
        "from": f"CLINIC <{CLINIC[2:]}>", "to": to[2:],
        "pdf": (io.BytesIO(a_pdf(pages)), "../../fax.pdf", "application/pdf"),
    } | more  # fmt: skip
    return current_app.test_client().post(
        address, data={name: value for name, value in fields.items() if value is not None}
    )


def polled(desk: FaxDesk) -> None:
    desk.accept(IMPORT_FAXES)
    work()


@pytest.mark.parametrize("first", ["webhook", "list"])
def test_webhook_and_list_are_one_fax_whichever_comes_first(desk: FaxDesk, first: str) -> None:
    desk.arrives(2)
    steps = [lambda: polled(desk), lambda: (told(desk), told(desk), work())]

    for step in steps if first == "list" else reversed(steps):
        step()
    polled(desk)

    [came] = desk.faxes("in")
    assert (came.contact, came.contact_name, came.pages) == (CLINIC, "CLINIC", 2)
    assert (came.seconds, came.price) == (56, TWO_PAGES)
    assert came.carrier_ref
    assert came.told_by_id
    with desk.reading():
        assert len(fax.pages(desk.client_id, came.public_id)) == 2
        assert storage.path_of(came.pdf).read_bytes().startswith(b"%PDF")
        assert fax.unread_count(desk.client_id) == 1
        assert rating.recompute(json.loads(came.worksheet)) == TWO_PAGES
    assert desk.standing() == (-TWO_PAGES, NOTHING)
    assert books_are_right()


def test_what_the_carrier_posts_is_stored_before_it_is_answered(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite

    wrong = told(desk, secret="x" * 43)
    empty = told(desk, pdf=None)
    hostile = told(desk, pdf=(io.BytesIO(b"%PDF-1.7\nnothing"), "a.pdf", "application/pdf"))
    whole = told(desk)
    with desk.reading():
        stored = [bool(row.stored_as) for row in session().scalars(select(InboundFax))]
        before = desk.faxes("in")
    work()

    assert [wrong.status_code, empty.status_code] == [404, 400]
    assert [hostile.data, whole.data] == [b"ok", b"ok"]
    assert b"ok" not in empty.data, "or the carrier would not tell us again"
    assert (stored, before) == ([False, True, True], [])
    assert sorted((row.pages, row.error_code) for row in desk.faxes("in")) == [
        (0, "unreadable"), (2, ""),
    ]  # fmt: skip


def test_a_fax_for_nobodys_number_is_kept_for_the_reseller(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    desk.arrives(2, did=SPARE[2:])

    told(desk, to=SPARE)
    work()
    polled(desk)
    polled(desk)

    [stray] = desk.strays()
    assert (stray.did_number, stray.pages, bool(stray.pdf)) == (SPARE, 2, True)
    assert stray.carrier_ref
    assert list((settings().instance / "files").rglob("*.png")) == [], "no page that no row names"
    with desk.reading():
        assert fax.attention() == (0, 1)
    assert desk.faxes("in") == []
    assert books_are_right()


def test_a_suspended_client_still_gets_faxes(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        identity.suspend_client(desk.client_id)
    desk.arrives(2, status="FAILED")
    desk.arrives(1)

    polled(desk)

    [row] = desk.rows(Place.INBOX)
    assert (row.pages, row.price, row.is_unread) == (1, Money.of("0.015"), True)


def test_a_fax_given_up_that_went_out_after_all_is_charged_after_all(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    [sent] = desk.send(desk.draft(2))
    work()
    with desk.writing():
        [row] = list(session().scalars(select(Fax)))
        fax.refuse(row.id, row.lease_number, code="lost")
    given_up = desk.standing()

    polled(desk)

    assert given_up == (NOTHING, NOTHING)
    assert (desk.one(sent).state, desk.one(sent).price) == ("sent", Money.of("0.036"))
    assert desk.standing() == (-Money.of("0.036"), NOTHING)
    assert books_are_right()
