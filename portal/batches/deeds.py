"""What is done to one row, by kind: its new state, what to say, and its client."""

from __future__ import annotations

from collections.abc import Callable

from portal import billing, exposure, identity, ledger, mail
from portal.batches.importing import details_of
from portal.batches.models import Batch, BatchRow
from portal.batches.values import BatchKind, RowState
from portal.core.errors import InvalidInput
from portal.core.sentences import N_
from portal.identity import BalanceMode, ClientDetails, ClientStatus
from portal.mail import MailName

Outcome = tuple[RowState, str, int | None]


def _activate(_batch: Batch, row: BatchRow) -> Outcome:
    client_id = _client(row)
    if identity.activate_client(client_id):
        mail.queue_mail(MailName.ACCOUNT_ACTIVATED, client_id=client_id, values={})
        return RowState.DONE, "", client_id
    if exposure.resume(client_id):
        return RowState.DONE, "", client_id
    return RowState.SKIPPED, N_("Was neither waiting nor suspended."), client_id


def _suspend(_batch: Batch, row: BatchRow) -> Outcome:
    client_id = _client(row)
    if identity.suspend_client(client_id):
        billing.push_client(client_id)
        return RowState.DONE, "", client_id
    return RowState.SKIPPED, N_("Was not active."), client_id


def _message(batch: Batch, row: BatchRow) -> Outcome:
    client_id = _client(row)
    if identity.client_facts(client_id).status is ClientStatus.CLOSED:
        return RowState.FAILED, N_("The account is closed."), client_id
    mail.queue_mail(
        MailName.NOTICE,
        client_id=client_id,
        values={"subject": batch.facts["subject"], "text": batch.facts["text"]},
    )
    return RowState.DONE, "", client_id


def _import(batch: Batch, row: BatchRow) -> Outcome:
    details, number = details_of(batch.facts["mapping"], row.cells, batch.facts["defaults"])
    try:
        client = identity.add_client(details, number=number or None)
    except InvalidInput as refusal:
        if refusal.field == "email" and _is_taken(details):
            return RowState.SKIPPED, N_("There is a client with this e-mail already."), None
        raise
    ledger.open_wallet(client.id, mode=BalanceMode(client.details.balance_mode))
    if batch.facts.get("invite"):
        mail.send_welcome(identity.invite_client(client.id))
    return RowState.DONE, "", client.id


def _is_taken(details: ClientDetails) -> bool:
    email = details.email.strip().lower()
    return email in identity.taken_emails([email])


def _client(row: BatchRow) -> int:
    assert row.client_id is not None
    return row.client_id


DEEDS: dict[BatchKind, Callable[[Batch, BatchRow], Outcome]] = {
    BatchKind.ACTIVATE: _activate,
    BatchKind.SUSPEND: _suspend,
    BatchKind.MESSAGE: _message,
    BatchKind.IMPORT: _import,
}
