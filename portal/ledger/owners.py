"""What the proof of the books asks of every table with an owner: no row crosses from one tenant to another."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import inspect, select

from portal.core.db import Base, ClientOwned, session
from portal.identity.models import Client
from portal.ledger.check import count_of, counts, register

_MOST_FINDINGS = 50


@register
def no_row_crosses_tenants() -> Iterator[str]:
    """I11: whatever belongs to a client belongs to that client's reseller."""
    for model in _owned():
        rows = session().execute(
            select(model.client_id, model.reseller_id, Client.reseller_id)
            .select_from(model)
            .join(Client, Client.id == model.client_id)
            .where(Client.reseller_id != model.reseller_id)
            .limit(_MOST_FINDINGS)
        )
        for client_id, reseller_id, own in rows:
            yield (
                f"A row of {inspect(model).local_table.name} of client {client_id} says reseller {reseller_id},"
                f" but the client is of {own}."
            )


@counts("I11", "rows of clients, each of its client's reseller")
def _rows_of_clients() -> int:
    return sum(count_of(model) for model in _owned())


def _owned() -> list[type[ClientOwned]]:
    """Every table with a client but that of the clients itself."""
    models = [mapper.class_ for mapper in Base.registry.mappers]
    return [one for one in models if issubclass(one, ClientOwned) and one is not Client]
