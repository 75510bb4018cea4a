"""A file of clients: read whatever a spreadsheet wrote, matched to fields, and tried before it counts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from sqlalchemy import select

from portal import identity
from portal.batches.models import Batch, BatchRow
from portal.batches.values import BatchKind, BatchState, RowState
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound
from portal.core.money import InvalidAmount, Money
from portal.core.sentences import N_
from portal.core.sheets import Sheet
from portal.identity import BalanceMode, ClientDetails, Visitor
from portal.identity.spelling import folded

FIELDS = (
    "first_name", "last_name", "company", "email", "phone", "address", "city", "state", "zip",
    "country", "language", "time_zone", "balance_mode", "low_balance_threshold",
    "low_balance_email", "next_billing_day", "number",
)  # fmt: skip
NEEDED = ("first_name", "last_name", "email")
# What columns are called, folded and without anything but letters: ours, the carrier's, and others'.
_CALLED = {
    "first_name": "firstname first givenname forename prenom nombre",
    "last_name": "lastname last surname familyname nom nomdefamille apellido apellidos",
    "company": "company companyname organisation organization business entreprise societe empresa",
    "email": "email emailaddress mail username courriel correo correoelectronico clientemail",
    "phone": "phone phonenumber telephone tel mobile telefono",
    "address": "address address1 street streetaddress adresse direccion",
    "city": "city town ville ciudad",
    "state": "state province stateorprovince region estado provincia",
    "zip": "zip zipcode postalcode postcode codepostal codigopostal",
    "country": "country countrycode pays pais",
    "language": "language langue idioma locale",
    "time_zone": "timezone zone fuseauhoraire zonahoraria",
    "balance_mode": "balancemanagement balancemode mode",
    "low_balance_threshold": "lowbalancethreshold threshold lowbalance",
    "low_balance_email": "lowbalanceaddress lowbalanceemail",
    "next_billing_day": "nextbillingdate nextbillingday nextbilling billingdate",
    "number": "userid number clientid id client",
}
_FIELD_CALLED = {word: name for name, words in _CALLED.items() for word in words.split()}
_LANGUAGES = {"english": "en", "francais": "fr", "french": "fr", "espanol": "es", "spanish": "es"}


def upload(
    sheet: Sheet, *, name: str, defaults: Mapping[str, str], by: Visitor | None = None
) -> uuid.UUID:
    """Keep a file as a draft with guessed columns; ``defaults`` are country, language, time_zone."""
    batch = Batch(
        kind=BatchKind.IMPORT,
        facts={
            "name": name[:120],
            "head": list(sheet.head),
            "mapping": guess(sheet.head),
            "defaults": dict(defaults),
        },
        asked_by_id=by.person_id if by else None,
    )
    session().add(batch)
    session().flush()
    session().add_all(
        BatchRow(batch_id=batch.id, position=at, cells=list(cells)) for at, cells in sheet.rows
    )
    session().flush()
    check(batch.public_id, batch.facts["mapping"])
    return batch.public_id


def guess(head: Sequence[str]) -> list[str]:
    """Which field each column is; empty for none, and each field once."""
    found: list[str] = []
    for title in head:
        name = _FIELD_CALLED.get(re.sub(r"[^a-z0-9]", "", folded(title)), "")
        found.append("" if name in found else name)
    return found


def check(public_id: uuid.UUID, mapping: Sequence[str]) -> None:
    """Try every row under this mapping and write beside each what would happen. Creates nothing."""
    batch = session().scalar(
        select(Batch)
        .where(Batch.public_id == public_id, Batch.kind == BatchKind.IMPORT)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if batch is None or batch.state != BatchState.DRAFT:
        raise NotFound("There is no such file.")
    wanted = [name if name in FIELDS else "" for name in mapping]
    wanted += [""] * (len(batch.facts["head"]) - len(wanted))
    batch.facts = {**batch.facts, "mapping": wanted[: len(batch.facts["head"])]}
    rows = (
        session()
        .scalars(select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.position))
        .all()
    )
    _try(rows, batch.facts["mapping"], batch.facts["defaults"])
    session().flush()


def details_of(
    mapping: Sequence[str], cells: Sequence[str], defaults: Mapping[str, str]
) -> tuple[ClientDetails, str]:
    """A row as the client form's details, and the user ID where one is given; raises InvalidInput."""
    typed = {name: _cell(cell) for name, cell in zip(mapping, cells, strict=False) if name}
    texts: dict[str, Any] = {
        name: typed.get(name, "")
        for name in ("first_name", "last_name", "company", "email", "phone", "address", "city",
                     "state", "zip", "low_balance_email")
    }  # fmt: skip
    details = ClientDetails(
        **texts,
        country=_country(typed.get("country", "")) or defaults["country"],
        language=_language(typed.get("language", "")) or defaults["language"],
        time_zone=typed.get("time_zone", "") or defaults["time_zone"],
        balance_mode=_mode(typed.get("balance_mode", "")),
        low_balance_threshold=_threshold(typed.get("low_balance_threshold", "")),
        next_billing_day=_day(typed.get("next_billing_day", "")),
    )
    number = typed.get("number", "")
    if number and not re.fullmatch(r"[1-9][0-9]{5}", number):
        raise InvalidInput(N_("A user ID has six digits."), field="number")
    return details, number


def _try(rows: Sequence[BatchRow], mapping: Sequence[str], defaults: Mapping[str, str]) -> None:
    seen: set[str] = set()
    tried: list[tuple[BatchRow, ClientDetails, str]] = []
    for row in rows:
        row.state, row.problem = RowState.WAITING, ""
        try:
            details, number = details_of(mapping, row.cells, defaults)
            row.name = (details.company or f"{details.first_name} {details.last_name}").strip()[
                :180
            ]
            details = identity.checked_details(details)
        except InvalidInput as refusal:
            row.state, row.problem = RowState.FAILED, _said(refusal)
            continue
        if details.email in seen:
            row.state, row.problem = RowState.SKIPPED, N_("This e-mail stands in the file before.")
            continue
        seen.add(details.email)
        tried.append((row, details, number))
    taken = identity.taken_emails(sorted(seen))
    used = identity.taken_numbers(sorted({number for _, _, number in tried if number}))
    for row, details, number in tried:
        if details.email in taken:
            row.state = RowState.SKIPPED
            row.problem = N_("There is a client with this e-mail already.")
        elif number in used:
            row.state = RowState.FAILED
            row.problem = _said(InvalidInput("Another client has this number.", field="number"))
        elif number:
            used.add(number)


def _said(refusal: InvalidInput) -> str:
    """The field in front, as files name it: a row has no place beside a field."""
    return f"{refusal.field}: {refusal.message}" if refusal.field else refusal.message


def _cell(text: str) -> str:
    """Without the apostrophe that a download puts before what a spreadsheet would run."""
    text = text.strip()
    return text[1:] if re.match(r"'[=+\-@|%]", text) else text


def _country(text: str) -> str:
    if not text or re.fullmatch(r"[A-Za-z]{2}", text):
        return text.upper()
    return _country_codes().get(folded(text), text)


def _language(text: str) -> str:
    return _LANGUAGES.get(folded(text), text.lower()[:2])


def _mode(text: str) -> str:
    return text.lower() or BalanceMode.SOFT


def _threshold(text: str) -> Money | None:
    try:
        return Money.of(text.replace("$", "").replace(",", ".")) if text else None
    except InvalidAmount as error:
        raise InvalidInput(
            "Choose an amount from 10 to 500.", field="low_balance_threshold"
        ) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(N_("Write a date like 2026-12-31."), field="next_billing_day") from error


@cache
def _country_codes() -> dict[str, str]:
    """Countries by their names in every language of the portal."""
    found = {"usa": "US", "uk": "GB", "england": "GB"}
    for language in identity.LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(folded(name), code)
    return found
