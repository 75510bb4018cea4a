"""Faxes in their folders: the list, one of them with its pages, and what is done with them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import fax, notices
from portal.core.db import transaction
from portal.entitlements import Service
from portal.fax import FaxRow, FaxState, Place
from portal.web.client import fax_lists
from portal.web.client.blueprint import bp
from portal.web.client.fax_lists import folders_of, list_of, place_of
from portal.web.client.fax_viewing import details_of, shown
from portal.web.htmx import Rendered, go, render, toast, wants_fragment
from portal.web.rights import client_id, forget_fax_folders, need, notices_waiting
from portal.web.session import person

PAGE, LIST = "client/fax/index.html", "client/fax/_list.html"
FOLDERS, VIEWER = "client/fax/_folders.html", "client/fax/_viewer.html"
DETAILS_PAGE, DETAILS = "client/fax/details.html", "client/fax/_details.html"
MOST_AT_ONCE = 100


@bp.get("/faxes")
def faxes() -> Rendered:
    """A folder; htmx asks for the list alone."""
    need(Service.FAX)
    place = place_of(request.args)
    parts = list_of(place)
    if wants_fragment():
        return render(LIST, LIST, **parts)
    return render(PAGE, open="list", **(folders_of(place) | parts))


@bp.get("/faxes/folders")
def faxes_folders() -> Rendered:
    """The folders alone: a pane that renews itself, on a phone a page of their own."""
    need(Service.FAX)
    place = place_of(request.args)
    if wants_fragment():
        return render(FOLDERS, FOLDERS, **folders_of(place))
    return render(PAGE, open="folders", **(folders_of(place) | list_of(place)))


@bp.get("/faxes/<uuid:public_id>")
def fax_one(public_id: uuid.UUID) -> Rendered:
    """One fax with its pages beside its folder; opening it is reading it."""
    need(Service.FAX)
    row = fax.one(client_id(), public_id)
    if row.state == FaxState.DRAFT:
        return go(url_for(".fax_draft", public_id=public_id))
    _mark_read(row)
    place = place_of(request.args)
    viewer: dict[str, Any] = {"fax": shown(row, place), "move_to": fax_lists.move_to(place)}
    if wants_fragment():
        return render(VIEWER, VIEWER, **viewer)
    parts = list_of(place, current=public_id)
    return render(PAGE, open="fax", **(folders_of(place) | parts | viewer))


@bp.get("/faxes/<uuid:public_id>/details")
def fax_details(public_id: uuid.UUID) -> Rendered:
    """What happened to it, who sent it, and how its price was made."""
    need(Service.FAX)
    return render(DETAILS_PAGE, DETAILS, **details_of(fax.one(client_id(), public_id)))


@bp.post("/faxes/<uuid:public_id>")
def fax_act(public_id: uuid.UUID) -> Rendered:
    """Something done with the fax that is open; then its folder."""
    need(Service.FAX)
    place = place_of(request.args)
    fax.one(client_id(), public_id)  # not found, where it is not theirs
    said = _do([public_id])
    return go(url_for(".faxes", folder=_key(place)), say=said[0])


@bp.post("/faxes/selected")
def faxes_act() -> Rendered:
    """Something done with all that are selected: the list again, and a way back."""
    need(Service.FAX)
    place = place_of(request.values)
    said, undo = _do(chosen_faxes())
    if not wants_fragment():
        return go(url_for(".faxes", folder=_key(place)), say=said)
    more: dict[str, Any] = {"action": undo} if undo else {}
    parts = list_of(place)
    return render(LIST, LIST, events=toast(said, **more) | {"faxes-moved": True}, **parts)


def _do(chosen: list[uuid.UUID]) -> tuple[str, dict[str, str] | None]:
    """Move, mark, bin, put back or delete; what to say, and how it is undone."""
    what, target, own = request.values.get("do", ""), request.values.get("to", ""), client_id()
    if not chosen and what != "empty":
        return gettext("Nothing is selected."), None
    back = request.values.get("folder", "") or request.args.get("folder", "")
    said = ""
    with transaction():
        if target:
            folder = place_of({"folder": target})
            done = len(fax.move(own, chosen, folder if isinstance(folder, uuid.UUID) else None))
            name = fax_lists.here_of(folder).label
            said = ngettext(
                "%(num)d fax moved to %(folder)s", "%(num)d faxes moved to %(folder)s", done, folder=name
            )  # fmt: skip
            undo: dict[str, str] = {"to": back if _is_own(back) else Place.INBOX.value}
        elif what in {"read", "unread"}:
            done = fax.mark_read(own, chosen, read=what == "read")
            said = (
                ngettext("%(num)d fax marked as read", "%(num)d faxes marked as read", done)
                if what == "read"
                else ngettext(
                    "%(num)d fax marked as unread", "%(num)d faxes marked as unread", done
                )
            )
            undo = {"do": "unread" if what == "read" else "read"}
        elif what == "bin":
            done = fax.to_bin(own, chosen)
            said = ngettext("%(num)d fax moved to the bin", "%(num)d faxes moved to the bin", done)
            undo = {"do": "restore"}
        elif what == "restore":
            done = fax.restore(own, chosen)
            said = ngettext("%(num)d fax put back", "%(num)d faxes put back", done)
            undo = {"do": "bin"}
        elif what in {"delete", "empty"}:
            done = fax.delete_for_good(own, chosen) if what == "delete" else fax.empty_bin(own)
            said, undo = ngettext("%(num)d fax deleted", "%(num)d faxes deleted", done), {}
        else:
            return gettext("Nothing was done."), None
    forget_fax_folders()
    if not undo:
        return said, None
    words: dict[str, Any] = {"chosen": [str(one) for one in chosen], **undo}
    address = url_for(".faxes_act", folder=back, **words)
    return said, {"label": gettext("Undo"), "url": address, "method": "post"}


def chosen_faxes() -> list[uuid.UUID]:
    """The ids of the form."""
    found = []
    for word in request.values.getlist("chosen")[:MOST_AT_ONCE]:
        try:
            found.append(uuid.UUID(word))
        except ValueError:
            continue
    return found


def _mark_read(row: FaxRow) -> None:
    """Staff who only look leave no trace in the client's inbox."""
    if (row.is_unread or notices_waiting()) and person().may_change:
        with transaction():
            if row.is_unread:
                fax.mark_read(client_id(), [row.public_id])
            notices.mark_read(person().person_id, about=row.public_id)


def _is_own(key: str) -> bool:
    return isinstance(place_of({"folder": key}), uuid.UUID)


def _key(place: Place | uuid.UUID) -> str:
    return place.value if isinstance(place, Place) else str(place)
