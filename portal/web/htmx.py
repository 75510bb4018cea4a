"""A page, or only the part of it that htmx asked for: one context for both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import (
    Flask,
    Response,
    before_render_template,
    flash,
    make_response,
    redirect,
    render_template,
    request,
)
from htmx_flask import Htmx

from portal.core.db import finish_reading

Rendered = Response

htmx = Htmx()


def register(app: Flask) -> None:
    """Listen for htmx, and end every reading before a template runs (rulings 19)."""
    htmx.init_app(app)
    before_render_template.connect(_end_reading, app)


def _end_reading(_app: Flask, **_named: Any) -> None:
    """The menus and the balance were read just before: by the names every template has."""
    finish_reading()


def wants_fragment() -> bool:
    """Did htmx ask for a part? Not when it loads a whole page or restores one (rulings 24)."""
    asked = request.htmx  # type: ignore[attr-defined]
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def render(
    page: str,
    fragment: str | None = None,
    *,
    status: int = 200,
    events: Mapping[str, Any] | None = None,
    push_url: str | None = None,
    **context: Any,
) -> Rendered:
    """The fragment for htmx, the whole page for everybody else.

    ``events`` become HX-Trigger (name to detail); ``push_url`` the address after a filter. The read
    transaction ends first: rendering must not hold the database. A part that renews itself says
    ``live`` in its address: nobody went anywhere, so there is nothing to push.
    """
    finish_reading()
    part = fragment is not None and wants_fragment()
    body = render_template(fragment if part and fragment else page, **context)
    response = make_response(body, status)
    response.headers["Vary"] = "HX-Request, Cookie"
    if part and events:
        response.headers["HX-Trigger"] = json.dumps(events)
    if part and push_url and "live" not in request.args:
        response.headers["HX-Push-Url"] = push_url
    return response


def go(url: str, *, say: str | None = None, events: Mapping[str, Any] | None = None) -> Rendered:
    """Leave for another page after something was done, with a sentence to show there."""
    if say:
        flash(say, "ok")
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        if events:
            response.headers["HX-Trigger"] = json.dumps(events)
        return response
    return make_response(redirect(url, 303))


def undoable(url: str, *, say: str, undo_url: str, fields: Mapping[str, str]) -> Rendered:
    """Leave for another page after something that one press there takes back."""
    offer: Any = {"text": say, "undo_url": undo_url, "fields": dict(fields)}
    flash(offer, "undo")
    return go(url)


def saved(url: str, part: str, *, say: str) -> Rendered:
    """Stay on a page whose ``part`` (a selector) was saved: htmx fetches it anew, others the page."""
    if not wants_fragment():
        return go(url, say=say)
    response = make_response("", 204)
    again = {"path": url, "target": part, "select": part, "swap": "outerHTML", "push": "false"}
    response.headers["HX-Location"] = json.dumps(again)
    response.headers["HX-Trigger"] = json.dumps(toast(say))
    return response


def toast(message: str, **more: Any) -> dict[str, Any]:
    """The event that shows a sentence at the corner of the page."""
    return {"toast": {"text": message, **more}}
