"""The log of stopped and allowed texts, as the client's page and the reseller's show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext

from portal import messaging, numbers
from portal.core.cells import Cell
from portal.messaging import ConsentChange, ConsentRow, Source
from portal.numbers import DidRow
from portal.web import filters
from portal.web.download import csv_stream
from portal.web.forms.choices import choices
from portal.web.forms.consents import ConsentForm
from portal.web.forms.filters import text_of
from portal.web.session import person

Address = Callable[..., str]
_CHANGES = tuple(ConsentChange)


def log_of(client_id: int, *, index: Address, export: Address) -> dict[str, Any]:
    """What partials/_consents.html wants, by the filter of the address."""
    text, change = _asked()
    page = messaging.consent_log(
        client_id, text=text, change=change, after=request.args.get("after")
    )
    words = {"q": text, "change": change}
    kept: dict[str, Any] = {name: word for name, word in words.items() if word}
    return {
        "consents": [(row, change_text(row.change), _who(row), _how(row)) for row in page.rows],
        "query": text,
        "change": change,
        "changes": [
            (said, index(**_without(kept, "change"), **more), key == change)
            for key, said, more in (
                ("", gettext("All"), {}),
                (ConsentChange.STOPPED, gettext("Stopped"), {"change": "stopped"}),
                (ConsentChange.ALLOWED, gettext("Allowed"), {"change": "allowed"}),
            )
        ],
        "index_url": index(),
        "export_url": export(**kept),
        "older_url": index(**kept, after=page.older) if page.older else "",
        "newer_url": index(**kept) if request.args.get("after") else "",
    }


def form_of(client_id: int, formdata: Any = None) -> ConsentForm:
    """The form with the client's own numbers."""
    form = ConsentForm(formdata)
    form.number.choices = choices(
        (did.number, _named(did)) for did in numbers.dids_of(client_id) if did.kind == "voice"
    )
    return form


def enter(client_id: int, form: ConsentForm) -> bool:
    """Keep what the form says, or leave the refusal in it."""
    visitor = person()
    form.submit(
        lambda: messaging.enter_consent(
            client_id,
            form.number.data,
            form.contact.data or "",
            ConsentChange(form.change.data),
            reason=form.reason.data or "",
            by=visitor,
        )
    )
    return form.accepted


def csv_of(client_id: int) -> Response:
    """Everything the filter finds, oldest first, streamed."""
    text, change = _asked()
    zone = ZoneInfo(person().time_zone)
    more = partial(messaging.every_consent, client_id, text=text, change=change)
    texts = {one.value: change_text(one) for one in ConsentChange}
    sources = {one.value: _source(one) for one in Source}
    head = [
        gettext("Date"), gettext("Time"), gettext("Your number"), gettext("Contact"),
        gettext("Texts"), gettext("Who"), gettext("Name"), gettext("Word"), gettext("Reason"),
    ]  # fmt: skip

    def cells(row: ConsentRow) -> Sequence[Cell]:
        at = row.at.astimezone(zone)
        return [
            at.date().isoformat(), f"{at:%H:%M:%S}", row.own_number, row.contact,
            texts[row.change], sources[row.source], row.person_name, row.word, row.reason,
        ]  # fmt: skip

    return csv_stream(
        "text-consent.csv", head, lambda last: more(after_id=last.id if last else 0), cells
    )


def change_text(change: str) -> str:
    """Stopped or allowed, in words."""
    return gettext("Stopped") if change == ConsentChange.STOPPED else gettext("Allowed")


def _named(did: DidRow) -> str:
    number = filters.phone_number(did.number)
    return f"{did.label}, {number}" if did.label else number


def _asked() -> tuple[str, str]:
    change = request.args.get("change", "")
    return text_of(request.args), change if change in _CHANGES else ""


def _without(words: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: word for key, word in words.items() if key != name}


def _who(row: ConsentRow) -> str:
    return row.person_name or _source(row.source)


def _source(source: str) -> str:
    words = {
        Source.CONTACT.value: gettext("The contact"),
        Source.CLIENT.value: gettext("The client"),
        Source.STAFF.value: gettext("Staff"),
    }
    return words[source]


def _how(row: ConsentRow) -> str:
    if row.source == Source.CONTACT:
        return gettext("By a text: %(word)s", word=row.word.upper())
    return row.reason
