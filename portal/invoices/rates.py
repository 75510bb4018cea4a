"""The reseller's taxes, who is exempt from them, and which ones a client pays on a day."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from portal import identity
from portal.core import scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.core.money import PERCENT_E4_PER_WHOLE
from portal.identity import ClientDetails, Visitor, one_line
from portal.identity.models import Reseller
from portal.invoices import regions
from portal.invoices.models import TaxExemption, TaxRate
from portal.invoices.values import Duty, ExemptionDetails, ExemptionRow, TaxDetails, TaxRow

MOST_TAXES, MOST_EXEMPTIONS = 100, 20
_COUNTRY = re.compile(r"[A-Z]{2}")


def taxes() -> list[TaxRow]:
    """All taxes of the bound reseller, those of one country together, in the order they were added."""
    rows = session().scalars(select(TaxRate).order_by(TaxRate.country, TaxRate.id))
    return [_row(row) for row in rows]


def find_tax(public_id: uuid.UUID) -> TaxRow:
    """One of them; NotFound for anybody else's."""
    return _row(_tax(public_id))


def save_tax(
    wanted: TaxDetails, public_id: uuid.UUID | None = None, *, by: Visitor | None = None
) -> uuid.UUID:
    """Add a tax, or change one; papers that were issued keep what they say."""
    details = _checked(wanted)
    _refuse_double(details, public_id)
    if public_id is None:
        if len(session().scalars(select(TaxRate.id).limit(MOST_TAXES)).all()) >= MOST_TAXES:
            raise Refused("There are too many taxes. Delete one that has ended.", code="too_many")
        row = TaxRate()
        session().add(row)
    else:
        row = _tax(public_id)
    row.name, row.percent_e4, row.number = details.name, details.percent_e4, details.number
    row.country, row.regions = details.country, list(details.regions)
    row.valid_from, row.valid_until = details.valid_from, details.valid_until
    session().flush()
    identity.record(
        "tax.saved", by=by, name=row.name, percent_e4=row.percent_e4, country=row.country
    )
    return row.public_id


def delete_tax(public_id: uuid.UUID, *, by: Visitor | None = None) -> None:
    """Forget a tax and who is exempt from it; papers keep what they say."""
    row = _tax(public_id)
    session().execute(delete(TaxExemption).where(TaxExemption.tax_id == row.id))
    identity.record("tax.deleted", by=by, name=row.name)
    session().delete(row)
    session().flush()


def exemptions_of(client_id: int) -> list[ExemptionRow]:
    """Why a client does not pay which tax."""
    rows = session().execute(
        select(TaxExemption, TaxRate.name)
        .outerjoin(TaxRate, TaxRate.id == TaxExemption.tax_id)
        .where(TaxExemption.client_id == client_id)
        .order_by(TaxExemption.id)
    )
    return [
        ExemptionRow(row.public_id, row.tax_id, name or "", row.reason, row.number)
        for row, name in rows
    ]


def add_exemption(
    client_id: int, wanted: ExemptionDetails, *, by: Visitor | None = None
) -> uuid.UUID:
    """Exempt a client from a tax, or from all, with the reason that the papers name."""
    reason, number = one_line(wanted.reason), one_line(wanted.number)
    if not reason:
        raise InvalidInput("Say why: it stands on the invoices.", field="reason")
    if len(reason) > 120:
        raise InvalidInput("This is too long.", field="reason")
    if len(number) > 40:
        raise InvalidInput("This is too long.", field="number")
    if len(exemptions_of(client_id)) >= MOST_EXEMPTIONS:
        raise Refused("There are too many exemptions.", code="too_many")
    tax_id = None if wanted.tax is None else _tax(wanted.tax).id
    row = TaxExemption(client_id=client_id, tax_id=tax_id, reason=reason, number=number)
    session().add(row)
    session().flush()
    identity.record("tax.exempted", by=by, client_id=client_id, reason=reason, number=number)
    return row.public_id


def remove_exemption(client_id: int, public_id: uuid.UUID, *, by: Visitor | None = None) -> None:
    """Let a client pay again; papers that were issued keep what they say."""
    row = session().scalar(
        select(TaxExemption).where(
            TaxExemption.public_id == public_id, TaxExemption.client_id == client_id
        )
    )
    if row is None:
        raise NotFound("This exemption does not exist.")
    identity.record("tax.exemption_ended", by=by, client_id=client_id, reason=row.reason)
    session().delete(row)
    session().flush()


def duties_of(
    client: ClientDetails, day: date, *, known: Sequence[TaxRow], exempt: Sequence[ExemptionRow]
) -> list[Duty]:
    """The taxes of the client's country and region on a day, each paid or exempt with its reason."""
    country = client.country.upper()
    region = regions.code_of(country, client.state)
    found = []
    for tax in known:
        details = tax.details
        here = details.country == country and (not details.regions or region in details.regions)
        if not here or not tax.in_force(day):
            continue
        why = next((one for one in exempt if one.tax_id in (None, tax.id)), None)
        found.append(
            Duty(
                details.name,
                details.percent_e4,
                details.number,
                why.reason if why else "",
                why.number if why else "",
            )
        )
    return found


def _checked(wanted: TaxDetails) -> TaxDetails:
    name, number = one_line(wanted.name), one_line(wanted.number)
    country = wanted.country.strip().upper()
    if not name:
        raise InvalidInput("Enter the tax's name, such as GST.", field="name")
    if len(name) > 20:
        raise InvalidInput("This is too long.", field="name")
    if len(number) > 40:
        raise InvalidInput("This is too long.", field="number")
    if not _COUNTRY.fullmatch(country):
        raise InvalidInput("This is not written as expected.", field="country")
    if not 0 < wanted.percent_e4 <= PERCENT_E4_PER_WHOLE:
        raise InvalidInput("Enter a percentage above 0 and at most 100.", field="percent")
    since, until = wanted.valid_from, wanted.valid_until
    if since is not None and until is not None and until < since:
        raise InvalidInput("The last day is before the first.", field="valid_until")
    codes = regions.codes_of(country, ",".join(wanted.regions))
    if len(codes) > 60 or any(len(code) > 40 for code in codes):
        raise InvalidInput("This is too long.", field="regions")
    return TaxDetails(name, wanted.percent_e4, number, country, codes, since, until)


def _refuse_double(wanted: TaxDetails, public_id: uuid.UUID | None) -> None:
    """Two taxes of one name on one day in one place: clients there would pay both.

    The reseller's row is the lock: two that are saved at once do not miss each other.
    """
    session().execute(
        select(Reseller.id)
        .where(Reseller.id == scope.reseller_id())
        .with_for_update(key_share=True)
    )
    for row in taxes():
        if row.public_id != public_id and _meet(row.details, wanted):
            raise InvalidInput(
                "A tax of this name holds in the same place at the same time. End that one first, or choose other regions or days.",
                field="name",
            )


def _meet(one: TaxDetails, other: TaxDetails) -> bool:
    """Is there a client and a day for which both would hold?"""
    return (
        one.name.casefold() == other.name.casefold()
        and one.country == other.country
        and (not one.regions or not other.regions or bool({*one.regions} & {*other.regions}))
        and _first(one) <= _last(other)
        and _first(other) <= _last(one)
    )


def _first(details: TaxDetails) -> date:
    return details.valid_from or date.min


def _last(details: TaxDetails) -> date:
    return details.valid_until or date.max


def _tax(public_id: uuid.UUID) -> TaxRate:
    row = session().scalar(select(TaxRate).where(TaxRate.public_id == public_id))
    if row is None:
        raise NotFound("This tax does not exist.")
    return row


def _row(row: TaxRate) -> TaxRow:
    return TaxRow(
        row.id,
        row.public_id,
        TaxDetails(
            row.name, row.percent_e4, row.number, row.country, tuple(row.regions), row.valid_from,
            row.valid_until,
        ),
    )  # fmt: skip
