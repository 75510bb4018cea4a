"""One box for everything: pages, clients, numbers, faxes and packages by the words that are in them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import fax, identity, numbers, pricing
from portal.identity import ClientFilter
from portal.web import filters, navigation
from portal.web.hits import LONGEST_TEXT, MOST_HITS, Hit, Hits
from portal.web.htmx import Rendered, render
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp


@bp.get("/search")
def search() -> Rendered:
    """What matches; while typing only the results."""
    text = request.args.get("q", "").strip()[:LONGEST_TEXT]
    url = url_for("reseller.search", q=text or None)
    return render(
        "reseller/search/index.html",
        "partials/_search_results.html",
        push_url=url,
        query=text,
        index_url=url_for("reseller.search"),
        groups=[group for group in _groups(text) if group.hits],
    )


def _groups(text: str) -> Iterator[Hits]:
    yield Hits(gettext("Pages"), list(_pages(text)))
    if not text:
        return
    yield _clients(text)
    yield Hits(gettext("Numbers"), list(_numbers(text)))
    yield Hits(gettext("Faxes"), list(_faxes(text)))
    yield Hits(gettext("Packages"), list(_packages(text)))


def _pages(text: str) -> Iterator[Hit]:
    """The menu's entries; all of them while nothing is typed."""
    for group in navigation.staff_menu(waiting=0):
        for entry in group.entries:
            if text.casefold() in entry.label.casefold():
                yield Hit(entry.icon, entry.label, group.label, entry.url)


def _clients(text: str) -> Hits:
    page = identity.find_clients(ClientFilter(text), rows=MOST_HITS)
    hits = [
        Hit(
            "user",
            row.company or row.name,
            f"{row.number} · {row.email} · {client_words.state(row.status)[0]}",
            url_for("reseller.client", public_id=row.public_id),
        )
        for row in page.rows
    ]
    return Hits(gettext("Clients"), hits, url_for("reseller.clients", q=text) if page.older else "")


def _numbers(text: str) -> Iterator[Hit]:
    """Connected ones: their client's page is where they are looked after."""
    found = [row for row in numbers.all_dids(text, most=MOST_HITS) if row.client_id is not None]
    owners = identity.clients_by_id({row.client_id or 0 for row in found})
    for row in found:
        owner = owners.get(row.client_id or 0)
        if owner is not None:
            note = f"{owner.title} · {row.label}" if row.label else owner.title
            url = url_for("reseller.client_numbers", public_id=owner.public_id)
            yield Hit("hash", filters.phone_number(row.number), note, url)


def _faxes(text: str) -> Iterator[Hit]:
    """Whose faxes went to or came from this number or name: the client's report shows them."""
    found = fax.clients_who_faxed(text, rows=MOST_HITS) if len(text) > 2 else []
    owners = identity.clients_by_id({client_id for client_id, _ in found}) if found else {}
    for client_id, faxes in found:
        if (owner := owners.get(client_id)) is not None:
            url = url_for("reseller.client_faxes", public_id=owner.public_id, q=text)
            note = ngettext("%(num)d fax", "%(num)d faxes", faxes)
            yield Hit("printer", owner.title, note, url)


def _packages(text: str) -> Iterator[Hit]:
    for one in pricing.package_choices():
        if text.casefold() in one.name.casefold():
            url = url_for("reseller.package", public_id=one.public_id)
            yield Hit("package", one.name, "", url)
