"""A package's own rates per area: found, set, changed in their row, ended, taken away as CSV."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, request, url_for
from flask_babel import get_locale, gettext

from portal import pricing
from portal.core import clock
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.money import plain
from portal.core.paging import Page
from portal.pricing import AreaRateRow, PackageRow, RateSort
from portal.web.download import csv_stream
from portal.web.forms.filters import text_of
from portal.web.forms.packages import AreaForm
from portal.web.forms.rates import RateFileForm, RateForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render, toast, wants_fragment
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.package_areas import area_name
from portal.web.reseller.package_preview import COMPARED_AT_ONCE
from portal.web.reseller.packages import head

_CHUNK = 5_000
_GROUPS = {"usa": "USA", "canada": "Canada"}


@bp.get("/packages/<uuid:public_id>/rates")
def package_rates(public_id: uuid.UUID) -> Rendered:
    """Areas with a rate of their own, and those sold below cost."""
    return rates_page(pricing.find_package(public_id))


@bp.post("/packages/<uuid:public_id>/rates")
@needs("packages")
def add_rate(public_id: uuid.UUID) -> Rendered:
    """Give an area its own rate; the one before ends then."""
    row = pricing.find_package(public_id)
    form = AreaForm(request.form)

    def add() -> uuid.UUID:
        return pricing.set_area_rate(
            public_id,
            form.kind.data,
            form.area,
            rate_e8=form.rate.data,
            valid_from=client_words.moment_of(form.valid_from.data),
        )

    if form.submit(add) is None:
        return rates_page(row, form=form, status=422)
    return go(
        url_for("reseller.package_rates", public_id=public_id), say=gettext("The rate is set.")
    )


@bp.get("/packages/<uuid:public_id>/rates/<uuid:rate>")
@needs("packages")
def edit_rate(public_id: uuid.UUID, rate: uuid.UUID) -> Rendered:
    """One rate to be changed: its row for htmx, a page otherwise."""
    one = pricing.find_area_rate(public_id, rate)
    if request.args.get("shown") == "1":
        return _row(public_id, one)
    return _edit_page(public_id, one, RateForm(rate=one.rate_e8, prefix=_prefix(one)))


@bp.post("/packages/<uuid:public_id>/rates/<uuid:rate>")
@needs("packages")
def change_rate(public_id: uuid.UUID, rate: uuid.UUID) -> Rendered:
    """Let another rate follow; what was in force stays for the calls of its time."""
    one = pricing.find_area_rate(public_id, rate, also_ended=True)
    form = RateForm(request.form, prefix=_prefix(one))
    made = form.submit(
        lambda: pricing.change_area_rate(
            rate, rate_e8=form.rate.data, valid_from=client_words.moment_of(form.valid_from.data)
        )
    )
    if made is None:
        return _edit_page(public_id, one, form, status=422)
    if form.valid_from.data in {None, client_words.today()} and wants_fragment():
        new = pricing.find_area_rate(public_id, made)
        return _row(
            public_id, new, events=toast(gettext("The rate is set.")) | {"rates-changed": True}
        )
    return go(
        url_for("reseller.package_rates", public_id=public_id), say=gettext("The rate is set.")
    )


@bp.post("/packages/<uuid:public_id>/rates/<uuid:rate>/end")
@needs("packages")
def end_rate(public_id: uuid.UUID, rate: uuid.UUID) -> Rendered:
    """Let the area follow the markup again from now on; a rate that is still to come is called off."""
    pricing.find_area_rate(public_id, rate)
    with transaction():
        was_planned = pricing.end_area_rate(rate)
    said = (
        gettext("The planned rate is called off.")
        if was_planned
        else gettext("The area follows the markup again.")
    )
    return go(url_for("reseller.package_rates", public_id=public_id), say=said)


@bp.get("/packages/<uuid:public_id>/rates.csv")
def package_rates_csv(public_id: uuid.UUID) -> Response:
    """Every own rate in force, in the columns in which a file brings them in again.

    What is planned is left out: a file's rates all begin at once, so it would come back too early.
    """
    row, now = pricing.find_package(public_id), clock.now()

    def chunk(last: AreaRateRow | None) -> Sequence[AreaRateRow]:
        after = last.public_id.hex if last else None
        return pricing.area_rates(public_id, after=after, rows=_CHUNK, begun_by=now).rows

    def cells(one: AreaRateRow) -> Sequence[Cell]:
        return [
            _GROUPS.get(one.kind, one.area), plain(one.rate_e8, 8), one.name,
            one.valid_from.isoformat(), one.valid_to.isoformat() if one.valid_to else "",
        ]  # fmt: skip

    columns = ("prefix", "rate", "destination", "in_force_from", "in_force_until")
    return csv_stream(f"rates-package-{row.sequence}.csv", columns, chunk, cells)


def rates_page(
    row: PackageRow,
    *,
    form: AreaForm | None = None,
    file_form: RateFileForm | None = None,
    status: int = 200,
) -> Rendered:
    """The table with what stands around it; a form that was refused keeps what was typed."""
    text = text_of(request.args)
    countries = countries_named(text)
    sort, descending = _sort()
    page: Page[AreaRateRow] = pricing.area_rates(
        row.public_id, text=text, countries=countries, sort=sort, descending=descending,
        after=request.args.get("after"), before=request.args.get("before"),
    )  # fmt: skip
    compared = row.area_rates <= COMPARED_AT_ONCE or request.args.get("check") == "1"
    return render(
        "reseller/packages/rates.html",
        f"reseller/packages/_{'below_cost' if request.args.get('part') == 'cost' else 'rates'}.html",
        status=status,
        has_errors=status != 200,
        form=form or AreaForm(),
        file_form=file_form or RateFileForm(),
        imports=pricing.latest_imports(row.public_id),
        package=row,
        rates=[(one, area_name(one.kind, one.area)) for one in page.rows],
        found=pricing.count_area_rates(row.public_id, text=text, countries=countries),
        query=text,
        sort=(sort.value, "descending" if descending else "ascending"),
        sort_url=lambda key, direction: _url(
            row, sort=key, down="1" if direction == "descending" else ""
        ),
        index_url=url_for("reseller.package_rates", public_id=row.public_id),
        below_cost_url=_url(row, part="cost"),
        check_url="" if compared else _url(row, check="1"),
        older_url=_url(row, after=page.older) if page.older else "",
        newer_url=_url(row, before=page.newer) if page.newer else "",
        below_cost=pricing.below_cost(row.details, package=row.public_id)
        if row.area_rates and compared
        else [],
        now=clock.now(),
        symbol=client_words.currency_symbol(),
        **head(row, "package_rates"),
    )


def countries_named(text: str) -> list[str]:
    """The countries (ISO codes) whose name in this language, or whose code, holds the text."""
    wanted = text.casefold()
    if len(wanted) < 2:
        return []
    names = get_locale().territories
    return [
        code
        for code in pricing.COUNTRIES
        if wanted == code.casefold() or wanted in str(names.get(code, "")).casefold()
    ]


def _row(
    public_id: uuid.UUID, one: AreaRateRow, *, events: dict[str, Any] | None = None
) -> Rendered:
    return render(
        "reseller/packages/_rate_row.html",
        "reseller/packages/_rate_row.html",
        events=events,
        one=one,
        name=area_name(one.kind, one.area),
        package=pricing.find_package(public_id),
        now=clock.now(),
    )


def _edit_page(
    public_id: uuid.UUID, one: AreaRateRow, form: RateForm, *, status: int = 200
) -> Rendered:
    row = pricing.find_package(public_id)
    return render(
        "reseller/packages/rate.html",
        "reseller/packages/_rate_edit.html",
        status=status,
        has_errors=status != 200,
        one=one,
        name=area_name(one.kind, one.area),
        form=form,
        package=row,
        symbol=client_words.currency_symbol(),
        rates_url=url_for("reseller.package_rates", public_id=public_id),
        **head(row, "package_rates"),
    )


def _prefix(one: AreaRateRow) -> str:
    """Fields of several rows have several names."""
    return f"r{one.public_id.hex[:8]}-"


def _sort() -> tuple[RateSort, bool]:
    word = request.args.get("sort", "")
    sort = RateSort(word) if word in set(RateSort) else RateSort.AREA
    return sort, request.args.get("down") == "1"


def _url(row: PackageRow, **changes: str | None) -> str:
    kept = {name: request.args.get(name) for name in ("q", "sort", "down")}
    values: dict[str, Any] = {name: word for name, word in (kept | changes).items() if word}
    return url_for("reseller.package_rates", public_id=row.public_id, **values)
