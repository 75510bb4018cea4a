"""How the price of a text came about, in words. Clients never see cost."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from portal.messaging import TextSheet
from portal.web import filters


def steps(sheet: TextSheet, *, staff: bool = False) -> list[tuple[str, str]]:
    """The steps as (label, sentence)."""
    found = [
        (gettext("Kind"), _kind(sheet)),
        (gettext("Size"), _size(sheet)),
        (gettext("Fee"), _fee(sheet)),
        (gettext("Price"), _price(sheet)),
    ]
    if staff:
        found += [
            (gettext("Cost"), filters.exact(sheet.cost.decimal)),
            (gettext("Profit"), filters.exact(sheet.profit.decimal)),
        ]
    return found


def _kind(sheet: TextSheet) -> str:
    way = gettext("sent") if sheet.direction == "out" else gettext("received")
    kind = f"{sheet.kind.upper()}, {way}"
    if sheet.parts > 1:
        kind += " · " + gettext("part %(part)s of %(parts)s", part=sheet.part, parts=sheet.parts)
    return kind


def _size(sheet: TextSheet) -> str:
    limit = 160 if sheet.kind == "sms" else 2_048
    size = gettext(
        "%(bytes)s of %(limit)s bytes of text",
        bytes=filters.number(sheet.text_bytes), limit=filters.number(limit),
    )  # fmt: skip
    if sheet.files:
        files = ngettext("%(num)d file", "%(num)d files", sheet.files)
        size += f" · {files}, {filters.size(sheet.file_bytes)}"
    return size


def _fee(sheet: TextSheet) -> str:
    if sheet.fee is None or sheet.fee_since is None:
        return gettext("No fee was agreed for this number.")
    return gettext(
        "%(fee)s for each %(kind)s at %(number)s, agreed since %(day)s",
        fee=filters.price(sheet.fee), kind=sheet.kind.upper(),
        number=filters.phone_number(sheet.own_number), day=filters.daytime(sheet.fee_since),
    )  # fmt: skip


def _price(sheet: TextSheet) -> str:
    if sheet.was_free:
        return gettext("It did not go out: what was set aside was given back, nothing was charged.")
    if sheet.held:
        return gettext(
            "%(amount)s set aside; charged once the carrier has it, given back if it refuses.",
            amount=filters.price(sheet.held),
        )
    if not sheet.taken:
        return gettext("Nothing was charged.")
    return gettext("%(amount)s charged, once", amount=filters.price(sheet.taken))
