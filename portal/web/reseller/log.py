"""The log of everything: who did what, as whom, to which client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from portal import identity
from portal.identity import AuditRow
from portal.web.forms.filters import text_of
from portal.web.htmx import Rendered, render
from portal.web.reseller import company_tabs, log_words
from portal.web.reseller.blueprint import bp
from portal.web.reseller.log_words import TOPICS, EventShown


@bp.get("/configuration/log")
def log() -> Rendered:
    """Everything that was done, the newest first."""
    text, topic = text_of(request.args), request.args.get("topic", "")
    topic = topic if topic in TOPICS else ""
    things = TOPICS[topic][1] if topic else ()
    found = identity.events(things=things, text=text, cursor=request.args.get("after", ""))
    words: dict[str, Any] = {
        name: value for name, value in (("q", text), ("topic", topic)) if value
    }
    return render(
        "reseller/company/log.html",
        "reseller/company/_log.html",
        company_tabs=company_tabs.tabs("log"),
        log=_with_clients(found.rows),
        topics=[(key, str(label)) for key, (label, _) in TOPICS.items()],
        query=text,
        topic=topic,
        index_url=url_for("reseller.log"),
        older_url=url_for("reseller.log", after=found.older, **words) if found.older else "",
    )


def _with_clients(rows: Sequence[AuditRow]) -> list[EventShown]:
    clients = identity.clients_by_id({one.client_id for one in rows if one.client_id})
    return [log_words.shown(one, clients.get(one.client_id or 0)) for one in rows]
