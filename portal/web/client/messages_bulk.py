"""One text to many: whom, what, the look at each, and how far it is."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext, ngettext

from portal import contacts, numbers, prepared
from portal.carriers.statuses import Blame, meaning
from portal.contacts import ContactFilter
from portal.core.cells import Cell
from portal.core.db import transaction
from portal.core.sheets import read_sheet
from portal.entitlements import Service
from portal.messaging import MessageState
from portal.prepared import BulkFacts, BulkRowFacts, BulkState, Pause, RowState
from portal.web import filters
from portal.web.client.blueprint import bp
from portal.web.download import csv_stream
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices
from portal.web.forms.prepared import BulkForm, RecipientsForm
from portal.web.htmx import Rendered, go, render
from portal.web.places import reseller
from portal.web.rights import allowed, client_id, hidden_words, need, standing
from portal.web.session import person

LIST, NEW = "client/messages/bulks.html", "client/messages/bulk_new.html"
PAGE, PROGRESS = "client/messages/bulk.html", "client/messages/_bulk_progress.html"
_PREVIEW, _RESULTS = 10, 50


@bp.get("/messages/bulk")
def messages_bulk() -> Rendered:
    """All of them, the latest first."""
    need(Service.SMS_MMS)
    page = prepared.bulks(client_id(), after=request.args.get("after"))
    return render(
        LIST,
        bulks=[_listed(one) for one in page.rows],
        older_url=url_for(".messages_bulk", after=page.older) if page.older else "",
        may_change=person().may_change,
    )


@bp.get("/messages/bulk/new")
def message_bulk_new() -> Rendered:
    """Whom it is for."""
    need(Service.SMS_MMS)
    return _new_page(RecipientsForm(data={"group": request.args.get("group", "")}))


@bp.post("/messages/bulk/new")
def message_bulk_begin() -> Rendered:
    """A draft for a group, for the lines of a file, or for those chosen in the list of contacts."""
    need(Service.SMS_MMS)
    form = RecipientsForm(request.form)
    form.group.choices = _groups()
    own_id, me, country = client_id(), person(), reseller().country
    sent = request.files.get("file")
    content = sent.read(1_000_000) if sent and sent.filename else b""
    name = (sent.filename or "") if sent else ""

    def begin() -> uuid.UUID:
        if content:
            found, left_out = prepared.of_sheet(read_sheet(content), country=country)
            return prepared.begin_bulk(
                own_id, found, name=name, left_out=left_out, person_id=me.person_id
            )
        group = uuid.UUID(form.group.data) if form.group.data else None
        wanted = ContactFilter(group=group)
        cards = contacts.chosen(own_id, contacts.found_ids(own_id, wanted))
        title = contacts.group(own_id, group).name if group else gettext("All contacts")
        return _begin(cards, title)

    made = form.submit(begin)
    if made is None:
        return _new_page(form, status=422)
    return go(url_for(".message_bulk", public_id=made))


@bp.get("/messages/bulk/<uuid:public_id>")
def message_bulk(public_id: uuid.UUID) -> Rendered:
    """What is still to be decided, how far it is, or what came of it."""
    need(Service.SMS_MMS)
    facts = prepared.find_bulk(client_id(), public_id)
    if facts.state is BulkState.DRAFT:
        data = {"sender": facts.sender, "body": facts.text, "send_as": facts.send_as}
        return _draft_page(facts, BulkForm(data=data))
    rows = prepared.rows_of_bulk(client_id(), public_id, after=_after(), rows=_RESULTS)
    return render(
        PAGE,
        PROGRESS,
        part=PROGRESS,
        **_about(facts),
        **_pages(facts, rows, _RESULTS),
    )


@bp.post("/messages/bulk/<uuid:public_id>/text")
def message_bulk_write(public_id: uuid.UUID) -> Rendered:
    """Say what everybody gets, and see what each would get."""
    need(Service.SMS_MMS)
    form, own_id, me = BulkForm(request.form), client_id(), person()
    form.sender.choices = _senders()

    def write() -> bool:
        prepared.write_bulk(
            own_id,
            public_id,
            sender=form.sender.data,
            text=form.body.data or "",
            send_as=form.send_as.data,
            sender_name=me.name,
        )
        return True

    if form.submit(write) is None:
        return _draft_page(prepared.find_bulk(own_id, public_id), form, status=422)
    return go(url_for(".message_bulk", public_id=public_id, _anchor="preview"))


@bp.post("/messages/bulk/<uuid:public_id>/start")
def message_bulk_start(public_id: uuid.UUID) -> Rendered:
    """Let it go; pressed twice it goes once."""
    need(Service.SMS_MMS)
    form, own_id = PortalForm(), client_id()

    def start() -> bool:
        prepared.start_bulk(own_id, public_id)
        return True

    if form.submit(start) is None:
        flash(form.form_errors[0], "bad")
    return go(url_for(".message_bulk", public_id=public_id))


@bp.post("/messages/bulk/<uuid:public_id>/pause")
def message_bulk_pause(public_id: uuid.UUID) -> Rendered:
    """Send no further one for now."""
    return _change(public_id, prepared.pause_bulk)


@bp.post("/messages/bulk/<uuid:public_id>/resume")
def message_bulk_resume(public_id: uuid.UUID) -> Rendered:
    """Go on."""
    return _change(public_id, prepared.resume_bulk)


@bp.post("/messages/bulk/<uuid:public_id>/stop")
def message_bulk_stop(public_id: uuid.UUID) -> Rendered:
    """Send no further one, for good."""
    return _change(public_id, prepared.stop_bulk)


@bp.post("/messages/bulk/<uuid:public_id>/discard")
def message_bulk_discard(public_id: uuid.UUID) -> Rendered:
    """Forget a draft."""
    need(Service.SMS_MMS)
    with transaction():
        prepared.discard_bulk(client_id(), public_id)
    return go(url_for(".messages_bulk"), say=gettext("Nothing was sent."))


@bp.get("/messages/bulk/<uuid:public_id>/result.csv")
def message_bulk_csv(public_id: uuid.UUID) -> Rendered:
    """Each recipient with what became of it, streamed."""
    need(Service.SMS_MMS)
    own_id, money = client_id(), _shows_prices()
    prepared.find_bulk(own_id, public_id)
    head = [
        gettext("Number"), gettext("Name"), gettext("Text"), gettext("State"), gettext("Why"),
    ]  # fmt: skip
    if money:
        head.append(gettext("Price"))

    def chunk(last: BulkRowFacts | None) -> Sequence[BulkRowFacts]:
        after = last.position if last else 0
        return prepared.rows_of_bulk(own_id, public_id, after=after, rows=1_000)

    def cells(row: BulkRowFacts) -> Sequence[Cell]:
        found: list[Cell] = [row.number, row.name, row.text, _state(row)[0], _why(row)]
        return [*found, str(row.price) if _costs(row) else "0"] if money else found

    return csv_stream("texts.csv", head, chunk, cells)


def begin_for(ids: list[uuid.UUID]) -> Rendered:
    """A draft for contacts that were chosen in their list."""
    need(Service.SMS_MMS)
    form, cards = PortalForm(), contacts.chosen(client_id(), ids)
    title = ngettext("%(num)d contact", "%(num)d contacts", len(cards))
    made = form.submit(lambda: _begin(cards, title))
    if made is None:
        flash(form.form_errors[0], "bad")
        return go(url_for(".contacts"))
    return go(url_for(".message_bulk", public_id=made))


def _begin(cards: Sequence[contacts.ContactCard], title: str) -> uuid.UUID:
    found, left_out = prepared.of_contacts(cards)
    return prepared.begin_bulk(
        client_id(), found, name=title, left_out=left_out, person_id=person().person_id
    )


def _change(public_id: uuid.UUID, deed: Callable[[int, uuid.UUID], bool]) -> Rendered:
    need(Service.SMS_MMS)
    with transaction():
        deed(client_id(), public_id)
    return go(url_for(".message_bulk", public_id=public_id))


def _new_page(form: RecipientsForm, *, status: int = 200) -> Rendered:
    form.group.choices = _groups()
    return render(
        NEW,
        status=status,
        has_errors=status != 200,
        form=form,
        some=contacts.count(client_id()),
        has_groups=len(form.group.choices) > 1,
        variables=prepared.VARIABLES,
    )


def _draft_page(facts: BulkFacts, form: BulkForm, *, status: int = 200) -> Rendered:
    form.sender.choices = _senders()
    rows = prepared.rows_of_bulk(client_id(), facts.public_id, after=_after(), rows=_PREVIEW)
    available = standing().available
    return render(
        PAGE,
        status=status,
        has_errors=status != 200,
        part="client/messages/_bulk_draft.html",
        form=form,
        variables=prepared.bulk_variables(client_id(), facts.public_id),
        templates=[] if hidden_words() else prepared.templates(client_id()),
        balance=filters.money(available) if _shows_prices() else "",
        after_all=filters.money(available - facts.total) if _shows_prices() else "",
        too_dear=_too_dear(facts),
        **_about(facts),
        **_pages(facts, rows, _PREVIEW),
    )


def _about(facts: BulkFacts) -> dict[str, Any]:
    over, all_ = facts.over, facts.to_send
    return {
        "bulk": facts,
        "text": hidden_words() or facts.text,
        "sender": filters.phone_number(facts.sender),
        "total": filters.price(facts.total) if _shows_prices() else "",
        "percent": over * 100 // all_ if all_ else 100,
        "counted": _counted(facts),
        "left_out": [(_left_out(reason, count), count) for reason, count in facts.left_out.items()],
        "pause_text": _pause_text(facts),
        "may_change": person().may_change,
        "csv_url": url_for(".message_bulk_csv", public_id=facts.public_id),
        "here_url": url_for(".message_bulk", public_id=facts.public_id),
    }


def _pages(facts: BulkFacts, rows: list[BulkRowFacts], size: int) -> dict[str, Any]:
    words: dict[str, Any] = {"public_id": facts.public_id}
    more = len(rows) == size
    return {
        "rows": [_row(row) for row in rows],
        "older_url": url_for(".message_bulk", after=rows[-1].position, **words) if more else "",
        "first_url": url_for(".message_bulk", **words) if _after() else "",
    }


def _row(row: BulkRowFacts) -> dict[str, Any]:
    words, tone = _state(row)
    return {
        "name": row.name or filters.phone_number(row.number),
        "number": filters.phone_number(row.number),
        "text": hidden_words() or row.text,
        "kind": row.kind.upper(),
        "bytes": row.bytes,
        "parts": row.parts,
        "price": filters.price(row.price) if _shows_prices() and _costs(row) else "",
        "state_text": words,
        "tone": tone,
        "why": _why(row),
    }


def _listed(facts: BulkFacts) -> dict[str, Any]:
    words, tone = {
        BulkState.DRAFT: (gettext("Draft"), ""),
        BulkState.RUNNING: (gettext("Going out"), "info"),
        BulkState.PAUSED: (gettext("Paused"), "warn"),
        BulkState.STOPPED: (gettext("Stopped"), "bad"),
        BulkState.DONE: (gettext("Done"), "ok"),
    }[facts.state]
    return {
        "name": facts.name,
        "text": hidden_words() or facts.text,
        "url": url_for(".message_bulk", public_id=facts.public_id),
        "count": facts.to_send,
        "over": facts.over,
        "when": filters.daytime(facts.created_at),
        "by": facts.by or "",
        "state_text": words,
        "tone": tone,
        "total": filters.price(facts.total) if _shows_prices() else "",
    }


def _costs(row: BulkRowFacts) -> bool:
    return row.state not in {RowState.FAILED.value, RowState.LEFT_OUT.value}


def _state(row: BulkRowFacts) -> tuple[str, str]:
    return _word(row.state)


def _word(state: str) -> tuple[str, str]:
    return {
        RowState.WAITING.value: (gettext("Waiting"), ""),
        MessageState.QUEUED.value: (gettext("Sending"), "info"),
        MessageState.SENDING.value: (gettext("Sending"), "info"),
        MessageState.UNKNOWN.value: (gettext("Checking with the carrier"), "info"),
        MessageState.SENT.value: (gettext("Sent"), "ok"),
        MessageState.DELIVERED.value: (gettext("Delivered"), "ok"),
        RowState.FAILED.value: (gettext("Not sent"), "bad"),
        RowState.LEFT_OUT.value: (gettext("Left out"), "warn"),
    }.get(state, (state, ""))


def _why(row: BulkRowFacts) -> str:
    """Why it was not sent; what concerns the reseller's account at the carrier is not told."""
    if not row.problem or _costs(row):
        return ""
    if " " in row.problem:
        return gettext(row.problem)
    known = meaning(row.problem)
    if known.blame is Blame.REQUEST:
        return gettext(known.sentence)
    return gettext("The network did not take it. You were not charged.")


def _counted(facts: BulkFacts) -> list[tuple[str, int]]:
    """How many are how far; states of the same word are one line."""
    found = Counter[str]()
    for state, count in sorted(facts.counts.items()):
        found[_word(state)[0]] += count
    return [(words, count) for words, count in found.items() if count]


def _left_out(reason: str, count: int) -> str:
    return {
        "duplicate": gettext("stood in the list twice"),
        "no_number": ngettext(
            "has no number that takes texts", "have no number that takes texts", count
        ),
    }.get(reason, reason)


def _pause_text(facts: BulkFacts) -> str:
    """Why it waits, and until when."""
    if facts.state is not BulkState.PAUSED:
        return ""
    if not facts.waiting and facts.paused_until is None:
        return gettext("All of them were handed over before the pause; nothing waits.")
    when = filters.daytime(facts.paused_until) if facts.paused_until else ""
    return {
        Pause.CARRIER_LIMIT.value: gettext(
            "The network takes no more texts today. It goes on by itself %(when)s.", when=when
        ),
        Pause.DAY_LIMIT.value: gettext(
            "As many texts went out today as may in a day. It goes on by itself %(when)s.",
            when=when,
        ),
        Pause.OWN_LIMIT.value: gettext(
            "You have sent as many texts as your account may for now. It goes on by itself %(when)s.",
            when=when,
        ),
        Pause.BALANCE.value: gettext(
            "Your balance does not cover the next one. Add funds, then go on."
        ),
        Pause.SUSPENDED.value: gettext("Your account is suspended. Nothing more is sent."),
    }.get(facts.pause, gettext("It waits until you go on."))


def _too_dear(facts: BulkFacts) -> bool:
    found = standing()
    return found.floor is not None and found.available - facts.total < found.floor


def _groups() -> list[Any]:
    found = [
        (str(one.public_id), f"{one.name} ({one.members})") for one in contacts.groups(client_id())
    ]
    return choices([("", gettext("All contacts")), *found])


def _senders() -> list[Any]:
    return choices(
        (one.number, f"{one.label}, {filters.phone_number(one.number)}" if one.label else filters.phone_number(one.number))
        for one in numbers.sms_choices(client_id())
    )  # fmt: skip


def _shows_prices() -> bool:
    return Service.BALANCE in allowed()


def _after() -> int:
    text = request.args.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 7 else 0
