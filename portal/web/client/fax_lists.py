"""Folders and lists of faxes as their templates want them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext, pgettext

from portal import fax
from portal.core import clock
from portal.core.period import days
from portal.entitlements import Service
from portal.fax import FaxRow, FaxState, Place
from portal.web import fax_words, filters
from portal.web.forms.fax import FolderForm
from portal.web.forms.filters import read_day, text_of
from portal.web.rights import allowed, client_id, fax_folders, sees_documents
from portal.web.session import person


@dataclass(frozen=True, slots=True)
class FolderShown:
    """One line of the folders. ``is_news``: the number says what waits to be read."""

    key: str
    label: str
    icon: str
    url: str
    count: int = 0
    is_news: bool = False
    current: bool = False
    rename_url: str = ""
    drop_url: str = ""
    empty: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class FaxesChosen:
    """What the address says of a list of faxes."""

    text: str = ""
    unread: bool = False
    number: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def narrowed(self) -> bool:
        """Is a filter set besides the search?"""
        return bool(self.unread or self.number or self.since or self.until)

    @property
    def any(self) -> bool:
        return bool(self.text) or self.narrowed

    def words(self, *, text: bool = True) -> dict[str, str]:
        """The same as it stands in an address."""
        found = {
            "q": self.text if text else "",
            "unread": "1" if self.unread else "",
            "number": self.number,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: word for name, word in found.items() if word}


@dataclass(frozen=True, slots=True)
class FaxLine:
    """One line of a list."""

    public_id: uuid.UUID
    name: str
    sub: str
    at: datetime
    pages: str
    price: str
    is_unread: bool
    state: str
    tone: str
    url: str
    current: bool


def address_of(row: FaxRow) -> str:
    """Where a fax is shown, with its folder beside it; a draft is opened to be gone on with."""
    if row.state == FaxState.DRAFT:
        return url_for(".fax_draft", public_id=row.public_id)
    return url_for(".fax_one", public_id=row.public_id, folder=_home(row))


def place_of(words: Mapping[str, str]) -> Place | uuid.UUID:
    """The folder an address names; the inbox when it names none, or one that is not shown."""
    named = words.get("folder", "")
    if named in set(Place):
        return Place(named) if named != Place.DRAFTS or sees_documents() else Place.INBOX
    try:
        return uuid.UUID(named)
    except ValueError:
        return Place.INBOX


def read_faxes(words: Mapping[str, str]) -> FaxesChosen:
    """Search and filter of an address, where a word that means nothing is no filter."""
    since, until = read_day(words.get("since", "")), read_day(words.get("until", ""))
    if since and until and since > until:
        since, until = until, since
    return FaxesChosen(
        text=text_of(words),
        unread=words.get("unread") == "1",
        number=words.get("number", "")[:20],
        since=since,
        until=until,
    )


def folders_of(place: Place | uuid.UUID, form: FolderForm | None = None) -> dict[str, Any]:
    """The pane of folders, with what is on its way."""
    counts = fax_folders()
    on_the_way = fax.listing(client_id(), Place.SENDING, rows=3).rows if counts.sending else []

    def everybodys(key: Place, count: int, *, news: bool = False) -> FolderShown:
        label, icon = _label(key)
        return FolderShown(
            key, label, icon, url_for(".faxes", folder=key), count, news, place == key
        )

    return {
        "folders": [
            everybodys(Place.INBOX, counts.unread, news=True),
            everybodys(Place.SENT, 0),
            everybodys(Place.SENDING, counts.sending),
            everybodys(Place.FAILED, counts.failed),
            *([everybodys(Place.DRAFTS, counts.drafts)] if sees_documents() else []),
        ],
        "own_folders": [
            FolderShown(
                str(one.public_id),
                one.name,
                "folder",
                url_for(".faxes", folder=one.public_id),
                one.unread or one.faxes,
                bool(one.unread),
                place == one.public_id,
            )
            for one in counts.own
        ],
        "bin": everybodys(Place.BIN, counts.binned),
        "cards": [_card(row) for row in on_the_way],
        "folder_form": form or FolderForm(),
        "folders_url": url_for(".faxes_folders", folder=_key(place)),
        "add_folder_url": url_for(".fax_folder_add"),
        "new_url": url_for(".fax_new") if may_write() else "",
        "mail_url": url_for(".fax_mail") if person().may_manage else "",
    }


def list_of(
    place: Place | uuid.UUID, *, current: uuid.UUID | None = None, rename: FolderForm | None = None
) -> dict[str, Any]:
    """One page of a folder by the filter of the address (or of the form that was posted)."""
    words = request.values
    chosen = read_faxes(words)
    here = here_of(place)
    zone = ZoneInfo(person().time_zone)
    first, last = chosen.since, chosen.until
    span = days(first or date(2000, 1, 1), last or date(2100, 1, 1), zone=zone)
    page = fax.listing(
        client_id(),
        place,
        text=chosen.text,
        unread=chosen.unread,
        own_number=chosen.number,
        since=span.start if first else None,
        until=span.end if last else None,
        after=words.get("after"),
    )
    own: dict[str, Any] = {"folder": here.key} | chosen.words()
    mark = str(current) if current else words.get("current", "")
    return {
        "here": here,
        "chosen": chosen,
        "current": mark,
        "rows": [_line(row, own, mark) for row in page.rows],
        "numbers": [
            (did.number, f"{did.label}, {filters.phone_number(did.number)}" if did.label else filters.phone_number(did.number))
            for did in fax.fax_numbers(client_id())
        ],
        "index_url": url_for(".faxes"),
        "clear_url": url_for(".faxes", folder=here.key),
        "list_url": url_for(".faxes", **own, current=mark or None, after=words.get("after"), part="list"),
        "older_url": url_for(".faxes", **own, after=page.older) if page.older else "",
        "newer_url": url_for(".faxes", **own) if words.get("after") else "",
        "folders_page_url": url_for(".faxes_folders", folder=here.key),
        "bulk_url": url_for(".faxes_act"),
        "download_url": url_for(".faxes_download"),
        "move_to": move_to(place),
        "rename_form": rename or FolderForm(kind="rename", data={"name": here.label}),
        "new_url": url_for(".fax_new") if may_write() else "",
    }  # fmt: skip


def latest() -> list[dict[str, Any]]:
    """The latest faxes of both directions, for the dashboard."""
    rows = fax.latest(client_id())
    found = []
    for row in rows:
        said, inbound = fax_words.shown_state(row), row.direction == "in"
        pages = fax_words.pages_text(row.pages)
        found.append(
            {
                "name": name_of(row),
                "line": pages if inbound else f"{said.word} · {pages}",
                "tone": "" if inbound else said.tone,
                "inbound": inbound,
                "at": row.at,
                "url": address_of(row),
            }
        )
    return found


def here_of(place: Place | uuid.UUID) -> FolderShown:
    """The open folder; an own one that is gone is not found."""
    if isinstance(place, Place):
        label, icon = _label(place)
        return FolderShown(place, label, icon, url_for(".faxes", folder=place), empty=_empty(place))
    found = fax.folder(client_id(), place)
    return FolderShown(
        str(found.public_id),
        found.name,
        "folder",
        url_for(".faxes", folder=found.public_id),
        rename_url=url_for(".fax_folder_rename", public_id=found.public_id),
        drop_url=url_for(".fax_folder_drop", public_id=found.public_id),
        empty=(gettext("Nothing in here yet"), gettext("Move faxes here to keep them together.")),
    )


def move_to(place: Place | uuid.UUID) -> list[tuple[str, str]]:
    """Where a fax may be moved from here: the own folders, and out of them again."""
    found = [(str(one.public_id), one.name) for one in fax_folders().own if one.public_id != place]
    if not isinstance(place, Place):
        found.insert(0, (Place.INBOX.value, gettext("Inbox or Sent")))
    return found if place not in {Place.BIN, Place.DRAFTS, Place.SENDING} else []


def name_of(row: FaxRow) -> str:
    """Who is at the other end: from the contacts, from the fax itself, or nobody known."""
    if row.contact_name:
        return row.contact_name
    if row.state == FaxState.DRAFT and not row.contact:
        return row.subject or gettext("No recipient yet")
    if row.direction == "in":
        return gettext("Unknown sender") if row.contact else gettext("Number withheld")
    return filters.phone_number(row.contact)


def may_send() -> bool:
    """Whoever only looks has no button."""
    visitor = person()
    return not visitor.acting or visitor.may_change


def may_write() -> bool:
    """Whoever is not to read faxes writes none: a draft is a document."""
    return may_send() and sees_documents()


def shows_prices() -> bool:
    return Service.BALANCE in allowed()


def price_of(row: FaxRow) -> str:
    """What it cost, where money may be seen and anything was charged."""
    if not shows_prices() or row.is_open or not row.price.micros:
        return ""
    return filters.price(row.price)


def elapsed_of(row: FaxRow) -> str:
    """How long it has been on the way."""
    since = row.handed_over_at
    return filters.duration(max(int((clock.now() - since).total_seconds()), 1)) if since else ""


def _line(row: FaxRow, own: dict[str, Any], mark: str) -> FaxLine:
    said = fax_words.shown_state(row)
    settled = row.state in {FaxState.RECEIVED, FaxState.SENT}
    draft = row.state == FaxState.DRAFT
    return FaxLine(
        public_id=row.public_id,
        name=name_of(row),
        sub=filters.phone_number(row.contact) if row.contact else row.subject,
        at=row.at,
        pages=fax_words.pages_text(row.pages),
        price=price_of(row),
        is_unread=row.is_unread,
        state="" if settled or draft else _why(row) or said.word,
        tone=said.tone,
        url=url_for(".fax_draft", public_id=row.public_id)
        if draft
        else url_for(".fax_one", public_id=row.public_id, **own),
        current=str(row.public_id) == mark,
    )


def _why(row: FaxRow) -> str:
    """Why one that failed did, on one line."""
    if row.state != FaxState.FAILED:
        return ""
    return fax_words.reason(row.error_code, row.error_page).rstrip(".")


def _card(row: FaxRow) -> dict[str, Any]:
    name = row.contact_name or filters.phone_number(row.contact)
    line = fax_words.pages_text(row.pages)
    if row.handed_over_at:
        line = gettext(
            "%(pages)s, started %(time)s", pages=line, time=filters.time_of_day(row.handed_over_at)
        )
    return {
        "title": gettext("To %(name)s", name=name),
        "elapsed": elapsed_of(row),
        "line": f"{fax_words.shown_state(row).word} · {line}",
        "moves": row.state != FaxState.QUEUED,
        "page": row.pages_done,
        "pages": row.pages,
        "url": url_for(".fax_one", public_id=row.public_id, folder=Place.SENDING),
    }


def _home(row: FaxRow) -> str:
    """The folder a fax lies in."""
    if row.folder is not None:
        return str(row.folder)
    if row.direction == "in":
        return Place.INBOX
    if row.is_open:
        return Place.SENDING
    return Place.SENT if row.state == FaxState.SENT else Place.FAILED


def _key(place: Place | uuid.UUID) -> str:
    return place.value if isinstance(place, Place) else str(place)


def _label(place: Place) -> tuple[str, str]:
    return {
        Place.INBOX: (gettext("Inbox"), "inbox"),
        Place.SENT: (pgettext("faxes", "Sent"), "send"),
        Place.SENDING: (gettext("Sending"), "clock"),
        Place.FAILED: (pgettext("faxes", "Failed"), "circle-alert"),
        Place.DRAFTS: (gettext("Drafts"), "file-text"),
        Place.BIN: (gettext("Bin"), "trash-2"),
    }[place]


def _empty(place: Place) -> tuple[str, str]:
    return {
        Place.INBOX: (gettext("No faxes yet"), gettext("Faxes to your fax numbers appear here.")),
        Place.SENT: (gettext("Nothing sent yet"), gettext("Faxes that arrived at the other end are kept here.")),
        Place.SENDING: (gettext("Nothing on its way"), gettext("Faxes being sent or waiting for their time appear here.")),
        Place.FAILED: (gettext("Nothing failed"), gettext("A fax that did not arrive is kept here, ready to try again.")),
        Place.DRAFTS: (gettext("No drafts"), gettext("A fax you begin is kept here until you send it.")),
        Place.BIN: (gettext("The bin is empty"), gettext("Faxes you throw away can be put back from here.")),
    }[place]  # fmt: skip
