"""Putting a fax together and sending it; and what can be done while it is on its way."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from flask_babel import gettext

from portal import contacts, fax
from portal.contacts import ContactChoice
from portal.core import clock, phone, storage
from portal.core.db import transaction
from portal.core.errors import DomainError, NotFound
from portal.core.wall import Moment
from portal.entitlements import Service
from portal.fax import DraftView, Place, Recipient
from portal.web.client.blueprint import bp
from portal.web.client.fax_composing import composer, fresh, from_draft, usual_paper
from portal.web.forms.base import PortalForm
from portal.web.forms.fax import FaxForm
from portal.web.forms.moments import comes_twice
from portal.web.guards import while_suspended
from portal.web.htmx import Rendered, go, render, wants_fragment
from portal.web.places import reseller
from portal.web.rights import client_id, need, need_documents
from portal.web.security import takes_uploads
from portal.web.session import person

PAGE, COMPOSER = "client/fax/compose.html", "client/fax/_composer.html"
GONE = "client/fax/gone.html"
OFFERS = "client/fax/_offers.html"
MOST_UPLOADED = 64_000_000
_FEWEST_LETTERS = 2


@bp.get("/faxes/new")
def fax_new() -> Rendered:
    """Begin a fax; ``to`` fills in the number. It is kept from the first thing that is done."""
    need(Service.FAX)
    return render(PAGE, **composer(fresh(to=request.args.get("to", "")[:40]), None))


@bp.post("/faxes/new")
@takes_uploads(MOST_UPLOADED)
@while_suspended  # refused inside, where the words that were typed are kept
def fax_begin() -> Rendered:
    """The first thing that is done: the fax is a draft from now on."""
    need_documents()
    form, own_id = FaxForm(request.form), client_id()
    draft_id = form.submit(
        lambda: fax.new_draft(
            own_id,
            own_number=form.sender.data or "",
            paper=form.paper.data or usual_paper(),
            person_id=person().person_id,
        )
    )
    if draft_id is None:
        return _shown(form, None, status=422)
    return _done(draft_id, form, fax.draft(own_id, draft_id), begun=True)


@bp.get("/faxes/drafts/<uuid:public_id>")
def fax_draft(public_id: uuid.UUID) -> Rendered:
    """Go on with a draft; one that was sent meanwhile is among the faxes."""
    need_documents()
    if sent := fax.sent_as(client_id(), _reference(public_id)):
        return _on_its_way(sent)
    try:
        draft = fax.draft(client_id(), public_id)
    except NotFound:
        return _gone()
    kept = {name: request.args[name] for name in ("when", "at", "to") if name in request.args}
    return _shown(from_draft(draft, **kept), draft, offers=_found(kept.get("to", "")[:80]))


@bp.post("/faxes/drafts/<uuid:public_id>")
@takes_uploads(MOST_UPLOADED)
@while_suspended  # refused inside, where the words that were typed are kept
def fax_draft_save(public_id: uuid.UUID) -> Rendered:
    """Whatever is done with a draft keeps what was typed first."""
    need_documents()
    own_id = client_id()
    try:
        return _done(public_id, FaxForm(request.form), fax.draft(own_id, public_id))
    except NotFound:  # another window was first
        if sent := fax.sent_as(own_id, _reference(public_id)):
            return _on_its_way(sent, say=_too_late())
        return _gone()


@bp.get("/faxes/contacts")
def fax_contacts() -> Rendered:
    """Contacts that fit what is being typed."""
    need(Service.FAX)
    text = request.args.get("to", "")[:80]
    return render(OFFERS, OFFERS, offers=_found(text))


@bp.post("/faxes/<uuid:public_id>/retry")
def fax_retry(public_id: uuid.UUID) -> Rendered:
    """Send a fax again that failed; pressing twice is one new try."""
    need(Service.FAX)
    form, own_id, who = PortalForm(), client_id(), person().person_id
    attempt = request.form.get("attempt", "")
    seen = int(attempt) if attempt.isdecimal() and len(attempt) < 6 else 0
    form.submit(lambda: fax.retry(own_id, public_id, attempt=seen, person_id=who))
    return _back(public_id, form)


@bp.post("/faxes/<uuid:public_id>/cancel")
def fax_cancel(public_id: uuid.UUID) -> Rendered:
    """Stop one that is not with the carrier yet."""
    need(Service.FAX)
    form, own_id, who = PortalForm(), client_id(), person().person_id
    form.submit(lambda: fax.cancel(own_id, public_id, person_id=who))
    return _back(public_id, form)


def _done(
    public_id: uuid.UUID, form: FaxForm, draft: DraftView, *, begun: bool = False
) -> Rendered:
    """Keep the form, do what the pressed button says, and show the draft again."""
    what, _, which = request.form.get("do", "save").partition(":")
    own_id, offers = client_id(), []
    recipients = list(draft.recipients)
    if what == "pick":
        recipients.append(Recipient(which[:20]))
        form.to.data = ""
    elif what == "drop-to" and which in map(str, range(len(recipients))):
        del recipients[int(which)]
    elif what in {"add-to", "send", "files"} and (form.to.data or "").strip():
        offers = _add_typed(form, recipients, quiet=what == "files")
    named = contacts.names(own_id, [one.number for one in recipients])
    recipients = [
        Recipient(one.number, one.name or named.get(one.number, "")) for one in recipients
    ]

    def keep() -> None:
        fax.save_draft(
            own_id,
            public_id,
            own_number=form.sender.data or draft.fax.own_number,
            recipients=recipients,
            subject=(form.subject.data or "") if form.cover.data else draft.fax.subject,
            cover=form.cover_page(),
            quality=form.quality.data or "fine",
            paper=form.paper.data or "letter",
        )
        if what == "drop-file" and (file := _uuid(which)):
            fax.drop_file(own_id, public_id, file)
        elif what in {"up", "down", "out", "back", "to"}:
            fax.arrange(own_id, public_id, _order(draft, what, which))

    if what == "discard":
        with transaction():
            fax.discard_draft(own_id, public_id)
        return go(url_for(".faxes", folder=Place.DRAFTS), say=gettext("The draft is deleted."))
    wrong = list(form.to.errors)
    form.submit(keep)
    form.to.errors = [*form.to.errors, *wrong]
    if what in {"files", "send"} and form.accepted:
        _take_files(form, public_id)
    if what == "send" and form.accepted and not wrong:
        due = form.due(ZoneInfo(person().time_zone), clock.now())
        if form.accepted:
            who = person().person_id

            def send() -> list[uuid.UUID]:
                """What this press says goes out, whatever another window has saved meanwhile."""
                keep()
                return fax.send(
                    own_id, public_id, recipients, reference=_reference(public_id),
                    due_at=due.at if due else None, person_id=who,
                )  # fmt: skip

            if sent := form.submit(send):
                return _on_its_way(sent, say=_said(sent, due))
    again = fax.draft(own_id, public_id)
    good = form.accepted and not form.errors
    if begun and good:
        return go(_address(public_id, form))
    if not wants_fragment() and good and not offers:
        return go(_address(public_id, form))
    return _shown(form, again, status=200 if good else 422, offers=offers)


def _shown(
    form: FaxForm,
    draft: DraftView | None,
    *,
    status: int = 200,
    offers: list[ContactChoice] | None = None,
) -> Rendered:
    parts = composer(form, draft, offers=offers)
    return render(PAGE, COMPOSER, status=status, has_errors=status == 422, **parts)


def _address(public_id: uuid.UUID, form: FaxForm) -> str:
    """The draft's page, with what a draft does not keep."""
    words: dict[str, Any] = {"to": form.to.data[:40]} if form.to.data else {}
    if form.when.data == "later":
        words |= {"when": "later", "at": (form.at.data or "")[:20]}
    return url_for(".fax_draft", public_id=public_id, **words)


def _on_its_way(sent: list[uuid.UUID], *, say: str = "") -> Rendered:
    """Where they are now."""
    where = url_for(".faxes", folder=Place.SENDING)
    if len(sent) == 1:
        where = url_for(".fax_one", public_id=sent[0], folder=Place.SENDING)
    return go(where, say=say or None)


def _said(sent: list[uuid.UUID], due: Moment | None) -> str:
    """What the list does not show by itself."""
    words = []
    if len(sent) > 1:
        words.append(gettext("%(num)s faxes are on their way.", num=len(sent)))
    if due is not None and due.comes_twice:
        words.append(comes_twice())
    return " ".join(words)


def _too_late() -> str:
    """What became of a press after the fax was sent."""
    if request.form.get("do") == "send":
        return gettext("This fax was sent already, and goes out once.")
    return gettext("This fax was sent already. Nothing was changed or deleted.")


def _gone() -> Rendered:
    """No draft of theirs, or none any more; which of the two nobody learns."""
    drafts = url_for(".faxes", folder=Place.DRAFTS)
    if wants_fragment():
        flash(
            gettext("This draft was deleted, perhaps in another window. Nothing was sent."), "bad"
        )
        return go(drafts)
    return render(GONE, status=404, drafts_url=drafts, new_url=url_for(".fax_new"))


def _back(public_id: uuid.UUID, form: PortalForm) -> Rendered:
    for problem in form.form_errors:
        flash(problem, "bad")
    folder = request.args.get("folder", "")[:36]
    return go(url_for(".fax_one", public_id=public_id, folder=folder or None))


def _reference(public_id: uuid.UUID) -> str:
    """A draft is sent once: its own name is the key."""
    return f"draft-{public_id}"


def _add_typed(form: FaxForm, recipients: list[Recipient], *, quiet: bool) -> list[ContactChoice]:
    """Numbers that were typed become recipients; of a name the contacts that fit are offered."""
    text, country = (form.to.data or "").strip(), reseller().country
    typed = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    numbers = [phone.normalise(part, default_country=country) for part in typed]
    if all(numbers):
        known = {one.number for one in recipients}
        recipients += [
            Recipient(number) for number in dict.fromkeys(numbers) if number and number not in known
        ]
        form.to.data, form.to.raw_data = "", None
        return []
    found = _found(text)
    # Part of a number names nobody: a fax never goes to whom it happens to fit.
    if len(found) == 1 and any(map(str.isalpha, text)):
        recipients.append(Recipient(found[0].number, found[0].name))
        form.to.data, form.to.raw_data = "", None
        return []
    if not quiet and not found:
        form.to.errors = [gettext("Enter a number with its area code, or the name of a contact.")]
    return found


def _found(text: str) -> list[ContactChoice]:
    text = text.strip()
    return contacts.search(client_id(), text) if len(text) >= _FEWEST_LETTERS else []


def _take_files(form: FaxForm, public_id: uuid.UUID) -> None:
    """What was uploaded, each file by itself: one that is refused says so and stops no other."""
    problems = []
    for file in request.files.getlist("files"):
        if not file.filename:
            continue
        path, name = storage.draft(ending="upload"), file.filename
        file.save(path)
        try:
            with transaction():
                fax.add_file(client_id(), public_id, name=name, path=path)
        except DomainError as refusal:
            path.unlink(missing_ok=True)
            problems.append(f"{name[:60]}: {gettext(refusal.message)}")
    if problems:
        form.files.errors = [" ".join(problems)]


def _order(draft: DraftView, what: str, which: str) -> list[uuid.UUID]:
    """The pages as they are sent after one was moved, left out or put back."""
    name, _, place = which.partition(":")
    page = _uuid(name)
    order = [one.public_id for one in draft.pages if one.file and not one.left_out]
    if page is None:
        return order
    if what == "back":
        return [*order, page]
    if page not in order:
        return order
    at = order.index(page)
    order.remove(page)
    if what == "up":
        order.insert(max(at - 1, 0), page)
    elif what == "down":
        order.insert(at + 1, page)
    elif what == "to":
        target = _uuid(place)
        order.insert(
            order.index(target) + (order.index(target) >= at) if target in order else at, page
        )
    return order


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
