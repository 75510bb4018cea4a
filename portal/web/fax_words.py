"""What became of a fax, in words that both portals use."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext, ngettext

from portal import fax
from portal.core import clock
from portal.fax import FaxRow, FaxState
from portal.web import filters


class Said(NamedTuple):
    """A word, and the tone it is said in."""

    word: str
    tone: str


def state_of(state: str) -> Said:
    """The word for a state alone, where a report lists it."""
    return {
        FaxState.DRAFT.value: Said(gettext("Draft"), ""),
        FaxState.QUEUED.value: Said(gettext("Waiting"), "info"),
        FaxState.PREPARING.value: Said(gettext("Preparing"), "info"),
        FaxState.SENDING.value: Said(gettext("Sending"), "info"),
        FaxState.UNKNOWN.value: Said(gettext("Checking with the carrier"), "info"),
        FaxState.SENT.value: Said(gettext("Delivered"), "ok"),
        FaxState.FAILED.value: Said(gettext("Not delivered"), "bad"),
        FaxState.CANCELLED.value: Said(gettext("Cancelled"), ""),
        FaxState.RECEIVED.value: Said(gettext("Received"), "ok"),
    }.get(state, Said(state, ""))


def shown_state(row: FaxRow) -> Said:
    """The same of one fax, with the page it is at and the time it waits for."""
    if row.state == FaxState.QUEUED and row.due_at is not None and row.due_at > clock.now():
        at = filters.daytime(row.due_at)
        if row.attempt > 1:
            return Said(gettext("Next try %(time)s", time=at), "info")
        return Said(gettext("Scheduled, %(time)s", time=at), "info")
    if row.state == FaxState.SENDING:
        if not row.pages_done:
            return Said(gettext("Dialling"), "info")
        return Said(
            gettext("Page %(n)s of %(all)s", n=row.pages_done, all=row.pages),
            "info",
        )
    return state_of(row.state)


def reason(code: str, page: int) -> str:
    """Why it did not go through."""
    return str(gettext(fax.sentence(code)) % {"page": page} if code else "")


def reason_of(row: FaxRow) -> str:
    """The same of one fax, and that it costs nothing."""
    return " ".join(
        filter(None, (reason(row.error_code, row.error_page), gettext("You were not charged.")))
    )


def pages_text(pages: int) -> str:
    """2 pages."""
    return str(ngettext("%(num)d page", "%(num)d pages", pages)) if pages else filters.NOTHING


def length_text(seconds: int) -> str:
    """48 s, or 2:05 from a minute on."""
    if seconds < 60:
        return str(gettext("%(num)s s", num=seconds))
    return filters.duration(seconds)
