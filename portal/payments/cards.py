"""Cards that clients keep at a gateway, to be charged later. In the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import select, update

from portal import identity
from portal.core import clock, live, scope
from portal.core.db import insert_once, session
from portal.core.errors import NotFound, Refused
from portal.core.queue import enqueue
from portal.identity import Visitor
from portal.payments.accounts import gateway_account, gateways_on
from portal.payments.gateways.protocol import CardSaved, Redirect
from portal.payments.models import CardSaving, KeptCard
from portal.payments.values import PRACTICE, STRIPE, Card, SavedCard, Saving
from portal.tasks import FORGET_CARD

KEEPS_CARDS = (STRIPE, PRACTICE)
MOST_CARDS = 10
_MOST_SAVINGS = 20


def card_gateway() -> str | None:
    """The gateway that keeps cards for the bound reseller's clients; None: there is none."""
    return next((name for name in gateways_on() if name in KEEPS_CARDS), None)


def begin_saving(client_id: int) -> Saving:
    """Write down that a client is about to type a card, before the gateway hears of it."""
    gateway = card_gateway()
    if gateway is None:
        raise Refused("Cards cannot be added at the moment.", code="gateway_off")
    if len(cards_of(client_id)) >= MOST_CARDS:
        raise Refused("Remove a card before you add another.", code="too_many")
    since = clock.now() - timedelta(days=1)
    begun = session().scalars(
        select(CardSaving.id).where(CardSaving.client_id == client_id, CardSaving.began_at > since)
    )
    if len(begun.all()) >= _MOST_SAVINGS:
        raise Refused("Too many cards were begun. Try again tomorrow.", code="too_many")
    account = _account(gateway)
    row = CardSaving(
        reseller_id=scope.reseller_id(),
        client_id=client_id,
        gateway=gateway,
        account=account,
        customer_ref=_customer(client_id, gateway, account),
    )
    session().add(row)
    session().flush()
    return _saving(row)


def saving_began(saving: Saving, customer_ref: str, redirect: Redirect) -> None:
    """The gateway waits for the card."""
    session().execute(
        update(CardSaving)
        .where(CardSaving.id == saving.id)
        .values(customer_ref=customer_ref[:120], gateway_ref=redirect.gateway_ref[:120]),
        execution_options={"synchronize_session": False},
    )


def saving(public_id: uuid.UUID) -> Saving:
    """A page that was opened for a card; NotFound for everybody else's."""
    row = session().scalar(select(CardSaving).where(CardSaving.public_id == public_id))
    if row is None:
        raise NotFound("This card was not begun.")
    return _saving(row)


def saving_of_ref(gateway: str, gateway_ref: str) -> Saving | None:
    """The same, as the gateway calls it."""
    row = session().scalar(
        select(CardSaving).where(
            CardSaving.gateway == gateway,
            CardSaving.gateway_ref == gateway_ref,
            CardSaving.gateway_ref != "",
        )
    )
    return None if row is None else _saving(row)


def saving_by_id(saving_id: int) -> Saving | None:
    """The same by its key, for a job."""
    row = session().scalar(select(CardSaving).where(CardSaving.id == saving_id))
    return None if row is None else _saving(row)


def keep_card(saving: Saving, card: CardSaved, *, by: Visitor | None = None) -> bool:
    """Keep the card that was typed, once; the first one is the default. True when it was new.

    A card of another customer is not this client's, whatever the page was called.
    """
    row = session().scalar(select(CardSaving).where(CardSaving.id == saving.id).with_for_update())
    if row is None or not card.card_ref or card.customer_ref != row.customer_ref:
        return False
    client_id = saving.client_id
    new = insert_once(
        KeptCard,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "gateway": row.gateway,
            "account": row.account,
            "customer_ref": card.customer_ref,
            "card_ref": card.card_ref,
            "brand": card.brand,
            "last4": card.last4,
            "expires_month": card.expires_month,
            "expires_year": card.expires_year,
            "is_default": default_card(client_id) is None,
        },
    )
    row.done_at = row.done_at or clock.now()
    session().flush()
    if new:
        identity.record("card.added", by=by, client_id=client_id, card=f"{card.brand} {card.last4}")
        live.tell("cards-changed", client_id=client_id)
    return new


def cards_of(client_id: int) -> list[Card]:
    """The client's cards that can be charged, the default first."""
    gateway = card_gateway()
    if gateway is None:
        return []
    rows = session().scalars(
        select(KeptCard)
        .where(
            KeptCard.client_id == client_id,
            KeptCard.gateway == gateway,
            KeptCard.account == _account(gateway),
            KeptCard.removed_at.is_(None),
        )
        .order_by(KeptCard.is_default.desc(), KeptCard.id)
    )
    return [_card(row) for row in rows]


def default_card(client_id: int) -> Card | None:
    """The card that is charged when nobody is asked."""
    return next((card for card in cards_of(client_id) if card.is_default), None)


def make_default(client_id: int, public_id: uuid.UUID, *, by: Visitor | None = None) -> Card:
    """Charge this card from now on."""
    card = _own(client_id, public_id)
    _choose(client_id, card.id)
    identity.record("card.chosen", by=by, client_id=client_id, card=card.name)
    live.tell("cards-changed", client_id=client_id)
    return card


def remove_card(client_id: int, public_id: uuid.UUID, *, by: Visitor | None = None) -> Card:
    """Charge this card no more; another one becomes the default."""
    card = _own(client_id, public_id)
    session().execute(
        update(KeptCard)
        .where(KeptCard.id == card.id)
        .values(removed_at=clock.now(), is_default=False),
        execution_options={"synchronize_session": False},
    )
    enqueue(FORGET_CARD, card_id=card.id)
    left = cards_of(client_id)
    if left and not left[0].is_default:
        _choose(client_id, left[0].id)
    identity.record("card.removed", by=by, client_id=client_id, card=card.name)
    live.tell("cards-changed", client_id=client_id)
    return card


def removed_card(card_id: int) -> Card | None:
    """A card that its owner removed, for the job that tells the gateway."""
    row = session().scalar(
        select(KeptCard).where(KeptCard.id == card_id, KeptCard.removed_at.is_not(None))
    )
    return None if row is None else _card(row)


def note_card(card_id: int, problem: str) -> None:
    """Remember why a card was declined, or that it was not."""
    session().execute(
        update(KeptCard).where(KeptCard.id == card_id).values(problem=problem[:60]),
        execution_options={"synchronize_session": False},
    )


def has_expired(card: Card, today: date) -> bool:
    """A card is good until the end of its month."""
    return (card.expires_year, card.expires_month) < (today.year, today.month)


def _choose(client_id: int, card_id: int) -> None:
    session().execute(
        update(KeptCard)
        .where(KeptCard.client_id == client_id)
        .values(is_default=KeptCard.id == card_id),
        execution_options={"synchronize_session": False},
    )


def _own(client_id: int, public_id: uuid.UUID) -> Card:
    found = next((card for card in cards_of(client_id) if card.public_id == public_id), None)
    if found is None:
        raise NotFound("This card is not kept.")
    return found


def _account(gateway: str) -> str:
    account = gateway_account(gateway)
    return "" if account is None else account.public.get("account", "")


def _customer(client_id: int, gateway: str, account: str) -> str:
    """Whom the gateway knows this client as, from an earlier card."""
    found = session().scalar(
        select(CardSaving.customer_ref)
        .where(
            CardSaving.client_id == client_id,
            CardSaving.gateway == gateway,
            CardSaving.account == account,
            CardSaving.customer_ref != "",
        )
        .order_by(CardSaving.id.desc())
        .limit(1)
    )
    return found or ""


def _saving(row: CardSaving) -> Saving:
    assert row.client_id is not None
    return Saving(
        id=row.id,
        public_id=row.public_id,
        client_id=row.client_id,
        gateway=row.gateway,
        customer_ref=row.customer_ref,
        gateway_ref=row.gateway_ref,
        began_at=row.began_at,
        is_done=row.done_at is not None,
    )


def _card(row: KeptCard) -> Card:
    return Card(
        id=row.id,
        public_id=row.public_id,
        gateway=row.gateway,
        brand=row.brand,
        last4=row.last4,
        expires_month=row.expires_month,
        expires_year=row.expires_year,
        is_default=row.is_default,
        problem=row.problem,
        at_gateway=SavedCard(row.customer_ref, row.card_ref),
    )
