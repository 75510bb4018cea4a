"""What a paper says, as it is at issue: parties, brand and language around the lines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from portal import branding, identity
from portal.branding.css import light_tokens
from portal.core import formats, phone, scope, storage
from portal.core.db import insert_once
from portal.core.errors import NotFound
from portal.core.money import Money
from portal.identity import ClientFacts, ResellerFacts
from portal.invoices import arithmetic
from portal.invoices.models import PaperLogo
from portal.invoices.values import (
    Content,
    Duty,
    InvoiceSettings,
    PaperExemption,
    PaperKind,
    PaperLine,
    PaperPayment,
    PaperTax,
    Party,
    as_json,
)

# Countries whose offices print on Letter; the rest of the world uses A4.
_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "PA", "DO", "VE", "PR"})
_COLOURS = ("accent", "accent-strong", "accent-soft", "on-accent", "text")


def language_of(client: ClientFacts, reseller: ResellerFacts) -> str:
    """The language of a client's papers."""
    return client.details.language or reseller.language


def write(
    kind: PaperKind,
    *,
    client: ClientFacts,
    settings: InvoiceSettings,
    lines: Sequence[PaperLine],
    duties: Sequence[Duty],
    inclusive: bool,
    issued: date,
    first: date,
    last: date,
    payments: Sequence[PaperPayment] = (),
) -> Content:
    """A paper without its number: the taxes computed, everything else as it is now."""
    reseller = identity.own_reseller()
    digits = formats.decimals_of(reseller.currency)
    paid = [duty for duty in duties if not duty.exempt_reason]
    every = tuple(range(len(paid)))
    sums = arithmetic.compute(
        [arithmetic.Taxed(line.amount, every) for line in lines],
        [duty.percent_e4 for duty in paid],
        inclusive=inclusive,
        digits=digits,
    )
    names = tuple(duty.name for duty in paid)
    brand = branding.current_theme()
    colours = light_tokens(brand.theme)
    logo, is_name = _logo(brand)
    return Content(
        kind=kind,
        number="",
        language=language_of(client, reseller),
        paper="Letter" if reseller.country.upper() in _LETTER else "A4",
        currency=reseller.currency,
        digits=digits,
        zone=reseller.time_zone,
        issued=issued,
        first=first,
        last=last,
        seller=seller_of(reseller),
        buyer=buyer_of(client, language_of(client, reseller)),
        brand=brand.title or reseller.name,
        colours={name: colours[name] for name in _COLOURS},
        logo=logo,
        logo_is_name=is_name,
        inclusive=inclusive,
        lines=tuple(replace(line, taxes=names) for line in lines),
        taxes=tuple(
            PaperTax(duty.name, duty.percent_e4, duty.number, base, amount)
            for duty, base, amount in zip(paid, sums.bases, sums.taxes, strict=True)
        ),
        exemptions=tuple(
            PaperExemption(duty.name, duty.exempt_reason, duty.exempt_number)
            for duty in duties
            if duty.exempt_reason
        ),
        basis=sums.basis,
        net=sums.net,
        tax=sums.tax,
        total=sums.total,
        payments=tuple(payments),
        footer=settings.footer,
    )


def with_taxes(content: Content, amounts: Sequence[Money]) -> Content:
    """The same paper with these amounts of its taxes, on top: as they were paid."""
    tax = sum(amounts, Money(0))
    taxes = tuple(
        replace(one, amount=amount) for one, amount in zip(content.taxes, amounts, strict=True)
    )
    return replace(content, taxes=taxes, tax=tax, total=content.net + tax)


def seller_of(reseller: ResellerFacts) -> Party:
    """The reseller as its papers name it."""
    number = reseller.support_phone
    return Party(
        title=reseller.name,
        lines=tuple(reseller.address.splitlines()),
        numbers=tuple(reseller.tax_numbers.splitlines()),
        phone=phone.international(number) if number.startswith("+") else number,
        email=reseller.support_email,
        website=reseller.website,
    )


def buyer_of(client: ClientFacts, language: str) -> Party:
    """The client as papers name them."""
    details = client.details
    place = " ".join(filter(None, [details.city, details.state, details.zip]))
    lines = [client.name if details.company else "", *details.address.splitlines(), place]
    return Party(
        title=client.title,
        lines=tuple(filter(None, [*lines, _country(details.country, language)])),
        email=details.email,
        account=client.number,
    )


def _country(code: str, language: str) -> str:
    return str(formats.locale_of(language).territories.get(code.upper(), code))


def packed(content: Content) -> dict[str, Any]:
    """The snapshot as plain data."""
    found: dict[str, Any] = as_json(content)
    return found


def unpacked(kept: dict[str, Any]) -> Content:
    """The same paper again."""
    values = dict(kept)
    for name in ("issued", "first", "last"):
        values[name] = date.fromisoformat(values[name])
    for name in ("basis", "net", "tax", "total", "due"):
        values[name] = Money(values[name])
    values["kind"] = PaperKind(values["kind"])
    for name in ("seller", "buyer"):
        values[name] = _party(values[name])
    values["lines"] = tuple(
        PaperLine(**one | {"amount": Money(one["amount"]), "taxes": tuple(one["taxes"])})
        for one in values["lines"]
    )
    values["taxes"] = tuple(
        PaperTax(**one | {"base": Money(one["base"]), "amount": Money(one["amount"])})
        for one in values["taxes"]
    )
    values["exemptions"] = tuple(PaperExemption(**one) for one in values["exemptions"])
    values["payments"] = tuple(
        PaperPayment(date.fromisoformat(one["day"]), one["text"], Money(one["amount"]))
        for one in values["payments"]
    )
    values["covers"] = tuple(values["covers"])
    return Content(**values)


def _party(kept: dict[str, Any]) -> Party:
    values = kept | {name: tuple(kept[name]) for name in ("lines", "numbers")}
    return Party(**values)


def keep_logo(digest: str) -> None:
    """Keep the logo of this content, which the paper names, for ever; one that is kept stays."""
    found = _logo_file(branding.current_theme())
    if found is not None and hashlib.sha256(found[0]).hexdigest() == digest:
        row = {"reseller_id": scope.reseller_id(), "digest": digest}
        insert_once(PaperLogo, row | {"content": found[0], "media_type": found[1]})


def _logo(brand: branding.Brand) -> tuple[str, bool]:
    """The digest of the logo, and whether it is the name in type."""
    found = _logo_file(brand)
    if found is None:
        return "", False
    shown = brand.paper_logo
    return hashlib.sha256(found[0]).hexdigest(), shown is not None and shown.is_name


def _logo_file(brand: branding.Brand) -> tuple[bytes, str] | None:
    """The file of the logo of papers; None when there is none."""
    shown = brand.paper_logo
    if shown is None:
        return None
    try:
        found = branding.find_picture(shown.public_id)
        return storage.path_of(found.stored_as).read_bytes(), found.media_type
    except (NotFound, FileNotFoundError):
        return None
