"""A fax that is being put together, as its page shows it: pages, price, and why it cannot go yet."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext, ngettext

from portal import documents, fax
from portal.contacts import ContactChoice
from portal.core import clock
from portal.core.money import Money
from portal.fax import DraftView, FileRow, FileState
from portal.identity import ClientStatus
from portal.numbers import DidRow
from portal.web import filters
from portal.web.client.fax_lists import may_send, shows_prices
from portal.web.client.fax_numbers import may_order
from portal.web.client.fax_viewing import page_shown
from portal.web.forms.choices import choices
from portal.web.forms.fax import FaxForm
from portal.web.places import reseller
from portal.web.rights import client_id, sees_documents, standing
from portal.web.session import person

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.gif,.webp,.txt"
OFFICE = ",.docx,.odt,.xlsx"


def composer(
    form: FaxForm, draft: DraftView | None, *, offers: list[ContactChoice] | None = None
) -> dict[str, Any]:
    """What the composer's template wants."""
    own = fax.fax_numbers(client_id())
    form.sender.choices = choices((did.number, _label(did)) for did in own)
    office = documents.office_available()
    found: dict[str, Any] = {
        "form": form,
        "closed": closed(own),
        "way": way_to_a_number(own),
        "offers": offers or [],
        "faxes_url": url_for(".faxes"),
        "drafts_url": url_for(".faxes", folder="drafts"),
        "contacts_url": url_for(".fax_contacts"),
        "accept": ACCEPTED + (OFFICE if office else ""),
        "office": office,
        "zone": person().time_zone,
        "earliest": f"{clock.now().astimezone(ZoneInfo(person().time_zone)):%Y-%m-%dT%H:%M}",
        "draft": None,
        "recipients": [],
        "files": [],
        "pages": [],
        "covers": [],
        "has_cover": False,
        "left_out": [],
        "sum": None,
        "save_url": url_for(".fax_new"),
    }
    if draft is None:
        return found
    address = url_for(".fax_draft", public_id=draft.fax.public_id)
    shown = [page_shown(page, n) for n, page in enumerate(draft.pages, 1)]
    kept = [page for page in shown if not page["left_out"] and page["file"] is not None]
    for n, page in enumerate(kept, 1):
        page["n"] = n + (draft.cover is not None)
    return found | {
        "draft": draft,
        "save_url": address,
        "covers": [page for page in shown if page["file"] is None],
        "has_cover": draft.cover is not None,
        "recipients": [
            (n, one.name or filters.phone_number(one.number), filters.phone_number(one.number) if one.name else "")
            for n, one in enumerate(draft.recipients)
        ],
        "files": [_file(one) for one in draft.files],
        "pages": kept,
        "left_out": [page for page in shown if page["left_out"]],
        "sum": summed(form, draft, own),
    }  # fmt: skip


def from_draft(draft: DraftView, **more: Any) -> FaxForm:
    """The form as the draft was kept."""
    cover = draft.cover
    return FaxForm(
        data={
            "sender": draft.fax.own_number,
            "cover": cover is not None,
            "to_name": cover.to_name if cover else "",
            "to_company": cover.to_company if cover else "",
            "from_name": cover.from_name if cover else person().name,
            "subject": cover.subject if cover else draft.fax.subject,
            "remarks": cover.remarks if cover else "",
            "quality": draft.quality,
            "paper": draft.paper,
            "when": "now",
            **more,
        }
    )


def fresh(**more: Any) -> FaxForm:
    """The form of a fax that nothing is known of yet."""
    return FaxForm(
        data={"paper": usual_paper(), "from_name": person().name, "quality": "fine", "when": "now"}
        | more
    )


def usual_paper() -> str:
    """Letter where letter is used."""
    return "letter" if reseller().country in {"US", "CA", "MX"} else "a4"


def closed(own: list[DidRow]) -> str:
    """Why nobody can send now; empty when they can."""
    if not may_send():
        return gettext("You are viewing this portal read-only. Allow changes to send faxes.")
    if not sees_documents():
        return gettext("Staff see documents only where the client allows it.")
    if person().client_status is ClientStatus.SUSPENDED:
        return gettext("Your account is suspended. You can read, but not send.")
    if person().client_status is not ClientStatus.ACTIVE:
        return gettext("Your account is not active yet.")
    if own:
        return ""
    ask = gettext("You have no fax number yet. Ask %(name)s for one.", name=reseller().name)
    return gettext("You have no fax number yet.") if may_order() else ask


def way_to_a_number(own: list[DidRow]) -> tuple[str, str]:
    """Words and address of where somebody without a number gets one; empty when there is no such place."""
    if own or not may_send() or not sees_documents():
        return "", ""
    if person().client_status is not ClientStatus.ACTIVE:
        return "", ""
    if may_order():
        return gettext("Get one, or bring one along"), url_for(".fax_numbers")
    email, phone = reseller().support_email, reseller().support_phone
    if email:
        return email, f"mailto:{email}"
    return (filters.phone_number(phone), f"tel:{phone.replace(' ', '')}") if phone else ("", "")


def summed(form: FaxForm, draft: DraftView, own: list[DidRow]) -> dict[str, Any]:
    """Pages, minutes, price for each and in all, and what the balance says to it."""
    pages, to = draft.pages_to_send, max(len(draft.recipients), 1)
    if not pages:
        return {"pages": "", "refused": "", "ready": False}
    if draft.fax.own_number not in {did.number for did in own}:  # it was moved away
        gone = gettext("Choose one of your fax numbers.")
        return {"pages": "", "refused": gone, "ready": False}
    guess = fax.estimate(client_id(), draft.fax.own_number, pages)
    total = Money(guess.price.micros * to)
    short = total > standing().available
    refused = ""
    if short:
        refused = gettext("Your account does not cover this fax.")
        if shows_prices():
            refused = gettext(
                "This fax costs about %(price)s; your balance is %(balance)s.",
                price=filters.price(total),
                balance=filters.money(standing().available),
            )
    return {
        "pages": ngettext("%(num)d page", "%(num)d pages", pages),
        "minutes": gettext("about %(minutes)s min", minutes=filters.minutes(guess.seconds)),
        "each": filters.price(guess.price) if shows_prices() else "",
        "times": ngettext("%(num)d recipient", "%(num)d recipients", to),
        "several": to > 1,
        "total": filters.price(total) if shows_prices() else "",
        "after": gettext("%(balance)s left afterwards", balance=filters.money(standing().available - total))
        if shows_prices() and not short
        else "",
        "refused": refused,
        "ready": not _missing(draft) and not short,
        "missing": _missing(draft),
    }  # fmt: skip


def _is_refused(draft: DraftView) -> bool:
    return any(file.state is FileState.REFUSED for file in draft.files)


def _missing(draft: DraftView) -> str:
    if draft.is_converting:
        return gettext("Files are still being converted.")
    if _is_refused(draft):
        return gettext("Remove the files that cannot be faxed.")
    if not draft.recipients:
        return gettext("Add somebody to send it to.")
    return ""


def _file(row: FileRow) -> dict[str, Any]:
    words = {
        FileState.CONVERTING: gettext("Converting"),
        FileState.READY: ngettext("Ready, %(num)d page", "Ready, %(num)d pages", row.pages),
        FileState.REFUSED: gettext(row.reason) if row.reason else gettext("This file cannot be faxed."),
    }  # fmt: skip
    return {
        "public_id": row.public_id,
        "name": row.name,
        "state": row.state.value,
        "words": words[row.state],
        "tone": {FileState.CONVERTING: "info", FileState.READY: "ok", FileState.REFUSED: "bad"}[row.state],
    }  # fmt: skip


def _label(did: DidRow) -> str:
    number = filters.phone_number(did.number)
    return f"{did.label}, {number}" if did.label else number
