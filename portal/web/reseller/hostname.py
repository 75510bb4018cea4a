"""The portal under a host name of the reseller's own: wanted, proved, served, given back."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import get_locale, gettext

from portal import identity
from portal.core import formats
from portal.core.db import finish_reading, transaction
from portal.core.money import Money
from portal.core.registry import settings
from portal.web import filters
from portal.web.forms.hostname import HostnameForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

PAGE = "reseller/hostname/index.html"


@bp.get("/configuration/hostname")
def hostname() -> Rendered:
    """What is served, what is wanted, and which records prove it."""
    return _page(HostnameForm())


@bp.post("/configuration/hostname")
@needs("configuration")
def claim_hostname() -> Rendered:
    """Want a name: its records are shown next."""
    form, visitor = HostnameForm(request.form), person()
    if form.submit(lambda: identity.claim_hostname(form.host.data or "", by=visitor)) is None:
        return _page(form, status=422)
    return go(url_for("reseller.hostname"))


@bp.post("/configuration/hostname/check")
@needs("configuration")
def check_hostname() -> Rendered:
    """Look at the records; the name is served at once when they prove it."""
    visitor, claim = person(), identity.hostname_claim()
    finish_reading()
    if claim is None:
        return go(url_for("reseller.hostname"))
    looked = identity.look_up(claim)
    with transaction():
        served = identity.note_look(claim, looked, by=visitor)
    said = gettext("Your portal is served at %(host)s now.", host=claim.host) if served else None
    return go(url_for("reseller.hostname"), say=said)


@bp.post("/configuration/hostname/forget")
@needs("configuration")
def forget_hostname() -> Rendered:
    """Want it no longer."""
    with transaction():
        identity.drop_claim()
    return go(url_for("reseller.hostname"))


@bp.post("/configuration/hostname/remove")
@needs("configuration")
def remove_hostname() -> Rendered:
    """Serve the portal at the installation's address again."""
    with transaction():
        identity.drop_hostname(by=person())
    return go(
        url_for("reseller.hostname"), say=gettext("Your portal is at its first address again.")
    )


def _page(form: HostnameForm, *, status: int = 200) -> Rendered:
    reseller, claim = own_reseller(), identity.hostname_claim()
    fee = settings().hostname_fee
    return render(
        PAGE,
        status=status,
        has_errors=status != 200,
        form=form,
        served=reseller.hostname,
        address=identity.portal_address(reseller),
        first_address=f"{settings().portal_url}/r/{reseller.uid}",
        claim=claim,
        records=_records(claim) if claim else [],
        fee=_amount(Money.of(str(fee.amount)), fee.currency) if fee else "",
        fees=[
            (row.subject, _amount(row.amount, row.currency), filters.day(row.at.date()))
            for row in identity.operator_fees()
        ],
    )


def _records(claim: identity.Claim) -> list[dict[str, Any]]:
    """What to type where, and what was found there."""
    looked = claim.looked
    target = settings().public_address[0]
    is_address = target.replace(".", "").isdigit() or ":" in target
    kind = ("AAAA" if ":" in target else "A") if is_address else "CNAME"
    return [
        {
            "kind": "TXT",
            "name": claim.word_name,
            "value": claim.word,
            "found": looked.word if looked else [],
            "is_right": looked.word_is_right if looked else None,
        },
        {
            "kind": kind,
            "name": claim.host,
            "value": target,
            "found": looked.address if looked else [],
            "is_right": looked.address_is_right if looked else None,
        },
    ]


def _amount(amount: Money, currency: str) -> str:
    """With its currency's code: it need not be the reseller's own."""
    return f"{formats.write_money(amount.decimal, currency, str(get_locale()))} {currency}"
