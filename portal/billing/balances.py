"""What a balance leads to: a warning, a suspension, a return."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from portal import entitlements, identity, ledger, mail
from portal.billing.collecting import collect
from portal.billing.suspension import push_client
from portal.core import live
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.identity import BalanceMode, ClientFacts, ClientStatus, SuspendedFor
from portal.mail import MailName


class Reviewed(StrEnum):
    """What a review did."""

    WARNED = "warned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


def review(client_id: int, *, rose_at: datetime | None = None) -> list[Reviewed]:
    """Bring a client's state to what the balance says; each step happens once per crossing.

    First, what it owes for fees is tried again. HARD at zero or below, or with an unpaid fee:
    suspended. Above zero again with every fee paid: resumed, if the balance was the reason. Below the threshold: one mail, and none again until the balance has been above it, as it was at
    ``rose_at`` even if it has fallen again meanwhile.
    """
    try:
        # Two reviews of one client stand in line: the later one knows what the earlier one did,
        # and reads a balance that is no older. Else a payment between them could go unseen.
        client = identity.client_facts(client_id, lock=True)
    except NotFound:
        return []
    if client.status is ClientStatus.CLOSED:
        return []  # what comes late is charged, and nobody is warned of it
    if client.owes_fees:
        client = replace(client, owes_fees=collect(client_id).unpaid > 0)
    return settle_state(client, ledger.balance_of(client.id), rose_at=rose_at)


def settle_state(
    client: ClientFacts, balance: Money, *, rose_at: datetime | None = None
) -> list[Reviewed]:
    """The same without trying anything again; the client must be locked, and known as it is now."""
    if client.status is ClientStatus.CLOSED:
        return []
    failpoint("billing.deciding")
    done = [_suspend_or_resume(client, balance)]
    failpoint("billing.decided")
    done.append(_warn(client, balance, rose_at))
    failpoint("billing.warned")
    return [one for one in done if one is not None]


def _suspend_or_resume(client: ClientFacts, balance: Money) -> Reviewed | None:
    is_hard = client.details.balance_mode == BalanceMode.HARD
    empty = is_hard and (balance <= Money(0) or client.owes_fees)
    if empty and identity.suspend_client(client.id, reason=SuspendedFor.BALANCE):
        push_client(client.id)
        mail.queue_mail(MailName.SUSPENDED, client_id=client.id, values=_shown(client, balance))
        live.tell("balance-changed", client_id=client.id)
        return Reviewed.SUSPENDED
    waits = client.status is ClientStatus.SUSPENDED
    if not empty and waits and identity.resume_client(client.id, reason=SuspendedFor.BALANCE):
        push_client(client.id)
        mail.queue_mail(MailName.RESUMED, client_id=client.id, values=_shown(client, balance))
        live.tell("balance-changed", client_id=client.id)
        return Reviewed.RESUMED
    return None


def _warn(client: ClientFacts, balance: Money, rose_at: datetime | None) -> Reviewed | None:
    if client.status is ClientStatus.WAIT:
        return None  # who cannot log in yet cannot pay either
    threshold = client.details.low_balance_threshold
    if threshold is None or balance >= threshold:
        if client.low_balance_warned_at is not None:
            identity.forget_low_balance_warning(client.id)
        return None
    if entitlements.money_is_hidden(client.id) and not client.details.low_balance_email:
        return None  # to an address of its own it may go: staff chose who gets it
    if rose_at is not None:
        identity.forget_low_balance_warning(client.id, of_before=rose_at)
    if not identity.note_low_balance_warned(client.id):
        return None
    mail.queue_mail(
        MailName.LOW_BALANCE,
        client_id=client.id,
        values={"balance": balance, "threshold": threshold},
    )
    return Reviewed.WARNED


def _shown(client: ClientFacts, balance: Money) -> dict[str, Money | str]:
    """No amount where everything about money is hidden."""
    return {"balance": "" if entitlements.money_is_hidden(client.id) else balance}
