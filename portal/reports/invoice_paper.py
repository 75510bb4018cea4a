"""An invoice, receipt or credit note on paper, from what it said at issue and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import force_locale, gettext

from portal import invoices
from portal.core import formats, storage
from portal.core.db import finish_reading, transaction
from portal.core.money import Money
from portal.invoices import Content, LogoFile, PaperKind
from portal.reports import pdf
from portal.reports.paper import Letterhead
from portal.reports.pdf import Sheet
from portal.reports.values import Asked, Progress
from portal.reports.wording import Wording

_MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the frame of a document wants to know."""

    title: str
    subject: str
    language: str
    paper: str
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class _Logo:
    """What the head asks of a logo."""

    is_name: bool


def invoice_pdf(content: Content, logo: LogoFile | None) -> Path:
    """The PDF as a draft of the store; tagged for screen readers. No transaction is open meanwhile."""
    target = storage.draft(ending="pdf")
    try:
        sheet = invoice_sheet(content, logo, target)
        for _ in pdf.render([sheet], _assets(logo)):
            pass
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def write_invoice_sample(asked: Asked, progress: Progress) -> Path | None:
    """A sample with the reseller's own brand, taxes and texts."""
    content = invoices.sample(asked.language)
    if content.logo:
        with transaction():
            invoices.keep_logo(content.logo)
    logo = invoices.logo_of(content.logo) if content.logo else None
    finish_reading()
    return invoice_pdf(content, logo) if progress(0, 1) else None


def invoice_sheet(content: Content, logo: LogoFile | None, target: Path) -> Sheet:
    """The same, not laid out yet."""
    wording = Wording(content.language, content.currency, ZoneInfo(content.zone))
    head = Letterhead(
        content.brand,
        content.colours,
        _Logo(content.logo_is_name) if logo else None,  # type: ignore[arg-type]
        _assets(logo),
    )
    with force_locale(content.language):
        document = _Paper(_title(content), content.number, content.language, content.paper)
        html = head.html("invoice.html", document=document, w=wording, **_words(content, wording))
    return Sheet(html, target, tagged=True)


def _assets(logo: LogoFile | None) -> dict[str, tuple[bytes, str]]:
    own: dict[str, tuple[bytes, str]] = dict(Letterhead.own_files())
    if logo is not None:
        own["logo"] = (logo.content, logo.media_type)
    return own


def _title(content: Content) -> str:
    words: dict[PaperKind, str] = {
        PaperKind.INVOICE: gettext("Invoice"),
        PaperKind.RECEIPT: gettext("Receipt"),
        PaperKind.CREDIT: gettext("Credit note"),
    }
    return words[content.kind]


def _words(content: Content, wording: Wording) -> dict[str, Any]:
    places = _places(content)

    def amount(value: Money) -> str:
        return formats.write_money(
            value.decimal, content.currency, content.language, least=places, most=places
        )

    return {
        "paper": content,
        "amount": amount,
        "facts": _facts(content, wording),
        "lines": [_line(line, wording, amount) for line in content.lines],
        "shows_minutes": any(line.seconds for line in content.lines),
        "shows_items": any(line.items for line in content.lines),
        "shows_taxes": len(content.taxes) > 0,
        "taxes": [
            (
                tax.name,
                formats.write_percent(_percent(tax.percent_e4), "#,##0.####", content.language),
                tax.number,
                amount(tax.base),
                wording.money(tax.amount),
            )
            for tax in content.taxes
        ],
        "state": _state(content, wording),
        "payments": [
            (wording.day(one.day), one.text, wording.money(one.amount)) for one in content.payments
        ],
        "numbers": _numbers(content),
    }


def _facts(content: Content, wording: Wording) -> list[tuple[str, str]]:
    found = [(gettext("Number"), content.number), (gettext("Issued"), wording.day(content.issued))]
    if content.kind is PaperKind.INVOICE:
        found.append((gettext("Period"), _period(content, wording)))
    elif content.kind is PaperKind.RECEIPT:
        found.append((gettext("Paid on"), wording.day(content.first)))
    else:
        found.append((gettext("For"), content.credits))
    found.append((gettext("Account"), content.buyer.account))
    return found


def _period(content: Content, wording: Wording) -> str:
    first, last = content.first, content.last
    whole = first.day == 1 and (last.toordinal() - first.toordinal()) < 31
    if whole and first.month == last.month:
        return str(format_date(first, "LLLL y", locale=formats.locale_of(content.language)))
    return wording.period(first, last)


def _line(line: Any, wording: Wording, amount: Any) -> dict[str, str]:
    return {
        "text": line.text,
        "note": line.note,
        "count": wording.number(line.items) if line.items else "",
        "minutes": wording.minutes(line.seconds) if line.seconds else "",
        "taxes": ", ".join(line.taxes),
        "amount": amount(line.amount),
    }


def _state(content: Content, wording: Wording) -> tuple[str, str]:
    """The word of the payment and a sentence; empty for credit notes, which owe nothing."""
    if content.kind is PaperKind.CREDIT:
        return gettext("Credited"), content.reason
    if content.kind is PaperKind.RECEIPT:
        return gettext("Paid"), gettext("Thank you for your payment.")
    if content.due:
        return (
            gettext("To pay: %(amount)s", amount=wording.money(content.due)),
            gettext("The rest was paid from your balance.")
            if content.due < content.total
            else gettext("Your balance did not cover it on the day of issue."),
        )
    return gettext("Paid"), gettext("It was paid from your balance.")


def _numbers(content: Content) -> list[str]:
    """Registration numbers that the taxes do not name already."""
    named = {tax.number for tax in content.taxes}
    return [line for line in content.seller.numbers if not any(n and n in line for n in named)]


def _places(content: Content) -> int:
    """The decimals of the lines: those of the currency, or four where usage has smaller parts."""
    coin = 10 ** (_MOST_PLACES - content.digits)
    whole = all(line.amount.micros % coin == 0 for line in content.lines)
    return content.digits if whole else max(content.digits + 2, 2)


def _percent(percent_e4: int) -> Decimal:
    return Decimal(percent_e4).scaleb(-4)
