"""A fax's cover page and its transmission report, laid out like every document of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from portal import identity
from portal.core import storage
from portal.core.db import finish_reading
from portal.core.errors import NotFound
from portal.fax import Cover, EventKind, EventRow, FaxState, Transmission, sentence
from portal.reports import pdf
from portal.reports.document import paper_of
from portal.reports.paper import Letterhead
from portal.reports.pdf import Assets, Sheet
from portal.reports.wording import Wording, phone_number

_MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the frame of a document wants to know."""

    title: str
    subject: str
    language: str
    paper: str
    landscape: bool = False


def fax_cover(
    client_id: int,
    cover: Cover,
    *,
    own_number: str,
    contact: str,
    pages: int,
    at: datetime,
    paper: str,
) -> Path:
    """The cover page of a fax as a PDF, a draft of the store. No transaction is open meanwhile."""
    client = identity.client_facts(client_id)
    reseller = identity.own_reseller()
    wording = Wording(
        client.details.language or reseller.language, reseller.currency,
        ZoneInfo(client.details.time_zone),
    )  # fmt: skip
    head = Letterhead.of_reseller()
    with force_locale(wording.language):
        document = _Paper(
            gettext("Fax"), cover.subject, wording.language, "A4" if paper == "a4" else "Letter"
        )
        html = head.html(
            "fax_cover.html",
            document=document,
            w=wording,
            cover=cover,
            sender=client,
            own_number=phone_number(own_number),
            contact=phone_number(contact),
            pages=pages,
            day=wording.day(at.astimezone(wording.zone).date()),
        )
    finish_reading()
    return _laid_out(html, head.assets)


def transmission_report(facts: Transmission) -> Path:
    """The transmission report of a fax as a PDF, a draft of the store."""
    client = identity.client_facts(facts.client_id)
    reseller = identity.own_reseller()
    wording = Wording(
        client.details.language or reseller.language, reseller.currency,
        ZoneInfo(client.details.time_zone),
    )  # fmt: skip
    head = Letterhead.of_reseller()
    picture = _picture(facts.first_page)
    with force_locale(wording.language):
        document = _Paper(
            gettext("Transmission report"),
            phone_number(facts.contact),
            wording.language,
            paper_of(client.details.country),
        )
        html = head.html(
            "fax_report.html",
            document=document,
            reseller=reseller,
            w=wording,
            fax=facts,
            client=client,
            own_number=phone_number(facts.own_number),
            contact=phone_number(facts.contact),
            result=_result(facts),
            timeline=[(wording.when(one.at), one.attempt, _entry(one)) for one in facts.timeline],
            has_picture=bool(picture),
        )
    finish_reading()
    return _laid_out(html, {**head.assets, **picture}, tagged=True)


def plain_document(template: str, *, title: str, **words: Any) -> Path:
    """A document of ``templates/pdf`` on Letter, a draft of the store."""
    head = Letterhead.of_reseller()
    with force_locale("en"):
        html = head.html(template, document=_Paper(title, "", "en", "Letter"), **words)
    finish_reading()
    return _laid_out(html, head.assets)


def _result(facts: Transmission) -> str:
    if facts.state is FaxState.SENT:
        return str(gettext("Delivered"))
    return str(gettext("Not delivered"))


def _entry(entry: EventRow) -> str:
    said = {
        EventKind.QUEUED: gettext("Accepted"),
        EventKind.SCHEDULED: gettext("Accepted for later"),
        EventKind.PREPARING: gettext("Preparing the pages"),
        EventKind.DIALLING: gettext("Handed to the carrier"),
        EventKind.PAGE: gettext("Page %(page)d of %(pages)d", page=entry.page, pages=entry.pages),
        EventKind.UNKNOWN: gettext("No answer from the carrier; looking the fax up"),
        EventKind.SENT: gettext("Delivered"),
        EventKind.FAILED: gettext("Not delivered"),
        EventKind.RETRY: gettext("Not delivered; will be tried again"),
        EventKind.CANCELLED: gettext("Cancelled"),
    }[entry.kind]
    why = gettext(sentence(entry.code), page=entry.page) if entry.code else ""
    return f"{said} · {why}" if why else str(said)


def _picture(name: str) -> dict[str, tuple[bytes, str]]:
    try:
        path = storage.path_of(name)
        return {"page": (path.read_bytes(), _MEDIA[path.suffix])}
    except (NotFound, FileNotFoundError, KeyError):
        return {}


def _laid_out(html: str, assets: Assets, *, tagged: bool = False) -> Path:
    target = storage.draft(ending="pdf")
    try:
        list(pdf.render([Sheet(html, target, tagged)], assets))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target
