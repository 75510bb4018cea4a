"""One fax as its templates want it: head, pages, state, and the whole story behind it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from portal import fax
from portal.core import clock
from portal.fax import EventKind, EventRow, FaxRow, FaxState, PageRow, Place
from portal.web import fax_words, filters, worksheets
from portal.web.client.fax_lists import (
    elapsed_of,
    may_send,
    may_write,
    name_of,
    price_of,
    shows_prices,
)
from portal.web.rights import client_id, sees_documents

ZOOMS = ("", "50", "75", "100", "150", "200")
# How often a viewer asks by itself while a fax is on its way; the stream is quicker.
SOON, LATER = "3s", "20s"
_REPORT_WITHIN, _PAGES_WITHIN = timedelta(minutes=3), timedelta(days=1)
_PAPERS = {"letter": 22 / 17, "a4": 297 / 210, "legal": 28 / 17}


def shown(row: FaxRow, place: Place | uuid.UUID) -> dict[str, Any]:
    """What the viewer's template wants."""
    folder = place.value if isinstance(place, Place) else str(place)
    own: dict[str, Any] = {"public_id": row.public_id, "folder": folder}
    zoom = request.args.get("zoom", "")
    zoom = zoom if zoom in ZOOMS else ""
    turn = request.args.get("turn", "")
    turned = int(turn) if turn in {"90", "180", "270"} else 0
    view: dict[str, Any] = own | {"turn": turned or None}
    may = may_send()
    seen = sees_documents()
    pages = fax.pages(client_id(), row.public_id) if seen else []
    at = ZOOMS.index(zoom)
    return {
        "name": name_of(row),
        "line": line_of(row),
        "is_received": row.direction == "in",
        "is_in_bin": row.binned_at is not None,
        "back_url": url_for(".faxes", folder=folder),
        "part_url": url_for(".fax_one", **view, zoom=zoom or None),
        "asks": _asks(row, pages),
        "reply_url": url_for(".fax_new", to=row.contact)
        if may_write() and row.direction == "in" and row.contact
        else "",
        "mail_url": url_for(".fax_forward", public_id=row.public_id)
        if may and seen and row.has_pdf
        else "",
        "forward_url": url_for(".fax_again", public_id=row.public_id)
        if may and seen and row.has_pdf
        else "",
        "pdf_url": url_for(".fax_pdf", public_id=row.public_id) if seen and row.has_pdf else "",
        "report_url": url_for(".fax_report", public_id=row.public_id)
        if seen and row.has_report
        else "",
        "details_url": url_for(".fax_details", public_id=row.public_id),
        "act_url": url_for(".fax_act", **own) if may and not row.is_open else "",
        "attempt": row.attempt,
        "retry_url": url_for(".fax_retry", **own) if may and row.can_be_retried else "",
        "cancel_url": url_for(".fax_cancel", **own) if may and row.can_be_cancelled else "",
        "told": _told(row),
        "progress": (row.pages_done, row.pages) if row.state == FaxState.SENDING else None,
        "pages": [_page(page, at_) for at_, page in enumerate(pages, 1)],
        "zoom": zoom,
        "turn": turned,
        "zoom_in_url": url_for(".fax_one", **view, zoom=ZOOMS[min(at + 1, 5)] if at else "100"),
        "zoom_out_url": url_for(".fax_one", **view, zoom=ZOOMS[max(at - 1, 1)] if at else "50"),
        "turn_url": url_for(".fax_one", **own, turn=(turned + 90) % 360 or None, zoom=zoom or None),
        "waiting": _waiting(row, seen),
    }


def details_of(row: FaxRow) -> dict[str, Any]:
    """The timeline, the facts, and the price with its steps where money may be seen."""
    sheet = fax.explained(client_id(), row.public_id) if shows_prices() else None
    said = fax_words.shown_state(row)
    facts = [
        (gettext("From"), filters.phone_number(row.contact if row.direction == "in" else row.own_number)),
        (gettext("To"), filters.phone_number(row.own_number if row.direction == "in" else row.contact)),
        (gettext("State"), said.word),
        (gettext("Pages"), filters.number(row.pages)),
    ]  # fmt: skip
    if row.seconds:
        facts.append((gettext("Length"), fax_words.length_text(row.seconds)))
    if row.subject:
        facts.append((gettext("Subject"), row.subject))
    if row.direction == "out":
        facts.append((gettext("Sent by"), row.sent_by or filters.NOTHING))
    if row.folder_name:
        facts.append((gettext("Folder"), row.folder_name))
    if shows_prices():
        facts.append((gettext("Price"), price_of(row) or _no_price(row)))
    return {
        "fax": {
            "name": name_of(row),
            "url": url_for(".fax_one", public_id=row.public_id),
            "report_url": url_for(".fax_report", public_id=row.public_id)
            if row.has_report and sees_documents()
            else "",
        },
        "facts": facts,
        "steps": worksheets.steps(sheet, audience="client") if sheet else [],
        "timeline": [_event(event) for event in fax.timeline(client_id(), row.public_id)],
        "faxes_url": url_for(".faxes"),
    }


def page_shown(page: PageRow, n: int) -> dict[str, Any]:
    """One page: where its pictures are, on what paper, and how large its view is."""
    return _page(page, n)


def _page(page: PageRow, n: int) -> dict[str, Any]:
    paper = _paper(page)
    return {
        "n": n,
        "public_id": page.public_id,
        "src": url_for(".fax_page", public_id=page.public_id),
        "thumb": url_for(".fax_thumb", public_id=page.public_id),
        "paper": paper,
        "size": (816, round(816 * _PAPERS[paper])),
        "left_out": page.left_out,
        "file": page.file,
    }


def _paper(page: PageRow) -> str:
    """By the proportions of its view."""
    ratio = page.height / page.width if page.width else 0
    return min(_PAPERS, key=lambda name: abs(_PAPERS[name] - ratio)) if ratio else "letter"


def line_of(row: FaxRow) -> str:
    """Number, time, pages, length and price in one line."""
    number = filters.phone_number(row.contact) if row.contact else gettext("Number withheld")
    parts = [
        *([number] if number != name_of(row) else []),
        filters.daytime(row.at),
        fax_words.pages_text(row.pages),
    ]
    if row.seconds:
        parts.append(fax_words.length_text(row.seconds))
    if price := price_of(row):
        parts.append(price)
    return " · ".join(parts)


def _asks(row: FaxRow, pages: list[PageRow]) -> str:
    """How often to look again: while it is on its way, and until its pages or its report are there."""
    now = clock.now()
    starts = row.state == FaxState.QUEUED and (row.due_at is None or row.due_at <= now)
    moves = starts or row.state in {FaxState.PREPARING, FaxState.SENDING}
    if moves or (row.is_open and not pages):
        return SOON
    if row.is_open:
        return LATER
    if row.state in {FaxState.SENT, FaxState.FAILED} and row.finished_at is not None:
        is_new = now - row.finished_at < _REPORT_WITHIN
        return SOON if is_new and not row.has_report else ""
    if row.state == FaxState.RECEIVED and not pages:
        return LATER if now - row.at < _PAGES_WITHIN else ""
    return ""


def _told(row: FaxRow) -> dict[str, str] | None:
    """The state above the pages, while it is open and when it went wrong."""
    said = fax_words.shown_state(row)
    if row.is_open:
        text = ""
        if row.state == FaxState.SENDING:
            text = elapsed_of(row)
        elif row.attempt > 1 and row.error_code:
            text = fax_words.reason_of(row)
        return {"tone": "info", "title": said.word, "text": text}
    if row.state == FaxState.FAILED:
        return {"tone": "bad", "title": said.word, "text": fax_words.reason_of(row)}
    if row.state == FaxState.CANCELLED:
        text = gettext("It was not sent and costs nothing.")
        return {"tone": "warn", "title": said.word, "text": text}
    if row.state == FaxState.SENT and row.finished_at is not None:
        text = gettext("All pages arrived, %(time)s.", time=filters.daytime(row.finished_at))
        return {"tone": "ok", "title": said.word, "text": text}
    return None


def _waiting(row: FaxRow, seen: bool) -> tuple[str, str]:
    """What stands where the pages would be."""
    if not seen:
        return (
            gettext("The document is not shown"),
            gettext("Staff see documents only where the client allows it."),
        )
    if row.direction == "in":
        return (
            gettext("The pages are being fetched"),
            gettext("They appear here by themselves as soon as they are there."),
        )
    if row.is_open:
        return gettext("The pages are being prepared"), gettext("They appear here by themselves.")
    return gettext("The document is gone"), gettext("It was deleted, or its time was over.")


def _no_price(row: FaxRow) -> str:
    if row.is_open and row.price.micros:
        return str(gettext("%(price)s set aside", price=filters.price(row.price)))
    if row.state in {FaxState.FAILED, FaxState.CANCELLED}:
        return str(gettext("Nothing: it did not arrive"))
    return filters.price(row.price)


def _event(event: EventRow) -> dict[str, Any]:
    word, tone = {
        EventKind.QUEUED: (gettext("Accepted for sending"), ""),
        EventKind.SCHEDULED: (gettext("Scheduled"), ""),
        EventKind.PREPARING: (gettext("Preparing the pages"), ""),
        EventKind.DIALLING: (gettext("Handed to the carrier, dialling"), "info"),
        EventKind.PAGE: (gettext("Page %(n)s of %(all)s", n=event.page, all=event.pages), "info"),
        EventKind.UNKNOWN: (gettext("No answer from the carrier, checking"), "info"),
        EventKind.SENT: (gettext("Delivered"), "ok"),
        EventKind.FAILED: (gettext("Not delivered"), "bad"),
        EventKind.RETRY: (gettext("Will be tried again"), "info"),
        EventKind.CANCELLED: (gettext("Cancelled"), ""),
    }[event.kind]
    notes = [fax_words.reason(event.code, event.page)] if event.code else []
    if event.by:
        notes.append(gettext("by %(name)s", name=event.by))
    if event.attempt > 1:
        notes.append(gettext("try %(n)s", n=event.attempt))
    return {"word": word, "tone": tone, "at": event.at, "note": " · ".join(notes)}
