"""A fax number that a client asks to bring along: what its bill says, and how far it is."""

from __future__ import annotations

import uuid

from flask import Response, request, send_file, url_for
from flask_babel import gettext

from portal import identity, numbers
from portal.core import storage
from portal.core.db import finish_reading, transaction
from portal.core.phone import international
from portal.identity import ClientFacts
from portal.numbers import PortRow, PortState
from portal.web import filters
from portal.web.forms.choices import choices
from portal.web.forms.fax_numbers import PortAnswerForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.port_words import staff_steps
from portal.web.region_words import region_name
from portal.web.reseller import client_words
from portal.web.reseller.blueprint import bp
from portal.web.session import person


@bp.get("/fax-ports/<uuid:public_id>")
def fax_port(public_id: uuid.UUID) -> Rendered:
    """All that is needed to ask the carrier, and the answer to the client."""
    row = numbers.find_port(public_id)
    form = PortAnswerForm(state=row.state.value, words=row.words, was=row.state.value)
    return _page(row, form)


@bp.post("/fax-ports/<uuid:public_id>")
@needs("clients")
def answer_fax_port(public_id: uuid.UUID) -> Rendered:
    """Say how far it is."""
    row, form = numbers.find_port(public_id), PortAnswerForm(request.form)
    form.state.choices = _states()

    def answer() -> None:
        state, words, was = form.answer()
        numbers.answer_port(public_id, state, words, was=was, by=person())

    form.submit(answer)
    if not form.accepted:
        return _page(row, form, status=422)
    return go(url_for("reseller.fax_port", public_id=public_id), say=gettext("Saved."))


@bp.post("/fax-ports/<uuid:public_id>/carrier")
@needs("clients")
def hand_fax_port(public_id: uuid.UUID) -> Rendered:
    """Have the carrier asked anew."""
    with transaction():
        numbers.hand_again(public_id, by=person())
    return go(
        url_for("reseller.fax_port", public_id=public_id),
        say=gettext("The carrier is asked again."),
    )


@bp.get("/fax-ports/<uuid:public_id>/bill")
def fax_port_bill(public_id: uuid.UUID) -> Response:
    """The bill as the client sent it: kept on the disk, never opened here."""
    row = numbers.find_port(public_id)
    path = storage.path_of(row.bill)
    finish_reading()
    name = f"bill-{row.number.lstrip('+')}{path.suffix}"
    return send_file(path, as_attachment=True, download_name=name, max_age=0)


def _states() -> list[tuple[str, str]]:
    return choices(
        (
            (PortState.ASKED.value, gettext("Asked for")),
            (PortState.WORKING.value, gettext("At work")),
            (PortState.DONE.value, gettext("Done")),
            (PortState.REFUSED.value, gettext("Refused")),
        )
    )


def _page(row: PortRow, form: PortAnswerForm, *, status: int = 200) -> Rendered:
    form.state.choices = _states()
    client: ClientFacts = identity.clients_by_id({row.client_id})[row.client_id]
    said = row.facts
    region = region_name(row.country, said.get("region", ""))
    return render(
        "reseller/client/port.html",
        status=status,
        form=form,
        port=row,
        steps=staff_steps(row),
        client=client_words.head(client),
        clients_url=url_for("reseller.clients"),
        facts=[
            (gettext("Number"), international(row.number)),
            (gettext("Country"), filters.country(row.country)),
            (gettext("Provider today"), said.get("provider", "")),
            (gettext("Account number there"), said.get("provider_account", "")),
            (gettext("Company"), said.get("company", "")),
            (gettext("Name"), f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()),
            (gettext("Street"), said.get("street", "")),
            (
                gettext("City"),
                ", ".join(filter(None, (said.get("city"), region, said.get("postal_code")))),
            ),
            (gettext("Anything else"), said.get("notes", "") or "–"),
        ],
    )
