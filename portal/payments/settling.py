"""What becomes of a payment: credited once, refused, or left for the next look.

Also what goes back: facts of refunds and disputes, in any order and however often they come. What
was taken back follows from the set of facts, so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update

from portal import entitlements, identity, ledger, mail
from portal.core import clock, live, scope, tax_parts
from portal.core.db import insert_once, session
from portal.core.formats import paid_decimals_of
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.ledger import Posted
from portal.mail import MailName
from portal.payments.gateways.protocol import (
    Capture,
    GivenBack,
    Heard,
    HeardKind,
    Outcome,
    Pending,
    Refusal,
)
from portal.payments.intents import intent_of_ref, locked
from portal.payments.models import PaymentFact, PaymentIntent, PaymentRefund
from portal.payments.values import (
    OPEN,
    PAYPAL,
    PAYPAL_EMAIL,
    PRACTICE,
    STRIPE,
    IntentState,
    RefundState,
)
from portal.tasks import ISSUE_RECEIPTS

SOURCE = "payment"
BACK = "payment_back"
BRANDS = {PAYPAL: "PayPal", PAYPAL_EMAIL: "PayPal", STRIPE: "Stripe", PRACTICE: "Practice"}

FAILED_LATER = N_("The refund failed at the gateway: the money is on the client's balance again.")

_DISPUTES = (HeardKind.DISPUTE_OPENED, HeardKind.DISPUTE_WON, HeardKind.DISPUTE_LOST)
_MONEY_BACK = (HeardKind.REFUNDED, HeardKind.REFUND_FAILED, HeardKind.REVERSED, *_DISPUTES)


def answered(intent_id: int, outcome: Outcome) -> IntentState:
    """Write down what a gateway said of a payment; the state that it has now."""
    row = locked(intent_id)
    row.looked_at = clock.now()
    if isinstance(outcome, Capture):
        settle(intent_id, outcome)
    elif isinstance(outcome, Pending):
        if outcome.paid and row.state in OPEN:
            row.state, row.problem = IntentState.PENDING, outcome.sentence[:200]
    elif isinstance(outcome, Refusal):
        if row.state in OPEN:
            row.state = IntentState.CANCELLED if outcome.cancelled else IntentState.REFUSED
            row.problem = outcome.sentence[:200]
            live.tell("payment-changed", client_id=row.client_id)
    elif row.state in OPEN:
        row.state = IntentState.UNKNOWN
    session().flush()
    return IntentState(row.state)


def settle(intent_id: int, capture: Capture) -> bool:
    """Credit a captured payment, once for ever; True when it was new.

    What does not match (amount, currency, payee, live or practice money, another payment's capture)
    credits nothing, and stands as a problem before the staff. Money for a payment that was cancelled
    or forgotten is credited: it is there.
    """
    row = locked(intent_id)
    problem = _difference(row, capture)
    if problem:
        row.problem = problem
        session().flush()
        return False
    if row.state == IntentState.PAID:
        _note_refunds(row, capture)
        return False
    row.state, row.capture_ref = IntentState.PAID, capture.capture_ref
    row.gateway_ref = row.gateway_ref or capture.gateway_ref
    row.fee, row.problem, row.settled_at = capture.fee, "", clock.now()
    session().flush()
    posted = _credit(row)
    row.transfer = posted.public_id
    session().flush()
    _adopt(row)
    _note_refunds(row, capture)
    return posted.new


def note_event(gateway: str, heard: Heard) -> bool:
    """Keep what a proven message said of money that went back; True when it was new.

    It waits when the capture is not known yet.
    """
    if heard.kind not in _MONEY_BACK:
        return False
    known = intent_of_ref(
        gateway,
        name=heard.intent,
        gateway_ref=heard.gateway_ref,
        capture_ref=heard.capture_ref,
    )
    capture_ref = heard.capture_ref or (known.capture_ref if known else "")
    row = locked(known.id) if known is not None else None
    if row is not None and heard.currency and heard.currency != row.currency:
        row.problem = "currency_differs"
        return False
    new = _keep(
        gateway,
        capture_ref,
        heard.kind,
        heard.ref,
        heard.amount,
        intent_id=row.id if row is not None else None,
        at=heard.at,
    )
    if new and row is not None:
        reckon(row)
        note_states(row)
    return new


def adopt(capture_ref: str) -> None:
    """Join facts that waited to the capture they are about, now that both may be there."""
    found = session().scalars(
        select(PaymentIntent.id).where(
            PaymentIntent.capture_ref == capture_ref, PaymentIntent.state == IntentState.PAID
        )
    )
    for intent_id in found.all():
        _adopt(locked(intent_id))


def adopt_all() -> None:
    """Join every fact of the bound reseller that waits and need not."""
    waiting = session().scalars(
        select(PaymentFact.capture_ref)
        .join(
            PaymentIntent,
            (PaymentIntent.gateway == PaymentFact.gateway)
            & (PaymentIntent.capture_ref == PaymentFact.capture_ref),
        )
        .where(PaymentFact.intent_id.is_(None), PaymentFact.capture_ref != "")
        .distinct()
    )
    for capture_ref in waiting.all():
        adopt(capture_ref)


def reckon(row: PaymentIntent, *, why: str = "", person_id: int | None = None) -> Money:
    """Bring the books to what the facts say went back; what moved, below zero when it returned.

    Only of the capture that was credited: whoever paid one link twice gets the second back elsewhere.
    """
    if row.state != IntentState.PAID:
        return Money(0)
    assert row.client_id is not None
    facts = session().scalars(
        select(PaymentFact)
        .where(PaymentFact.intent_id == row.id, PaymentFact.capture_ref.in_(("", row.capture_ref)))
        .order_by(PaymentFact.id)
    )
    total = row.amount + row.tax
    gross = min(gone(facts.all(), total), total)
    target = tax_parts.net_of(
        gross, tax_parts.unpacked(row.taxes), total=total, digits=paid_decimals_of(row.currency)
    )
    more = target - row.taken_back
    if not more:
        return more
    row.moves += 1
    row.taken_back, row.gone = target, [*row.gone, gross.micros]
    session().flush()
    ledger.refund(
        row.client_id,
        more,
        source_type=BACK,
        source_id=f"{row.public_id}:{row.moves}",
        kind="refund",
        description=why or BRANDS.get(row.gateway, ""),
        person_id=person_id,
    )
    identity.record(
        "payment.returned" if more < Money(0) else "payment.taken_back",
        by=None,
        client_id=row.client_id,
        amount=str(abs(more)),
        payment=str(row.public_id),
    )
    ledger.review_crossed([row.client_id])
    live.tell("balance-changed", client_id=row.client_id)
    live.tell("payment-changed", client_id=row.client_id)
    _write_papers(row)
    return more


def gone(facts: Sequence[PaymentFact], total: Money) -> Money:
    """What of a capture is not the reseller's any more, whatever the order in which it was told.

    Refunds add up, but for those that failed later. A dispute takes its amount from the moment it is
    opened until it is won. A reversal is how some gateways tell of a dispute: it counts where no
    dispute is known.
    """
    refunded, reversed_, disputes = Money(0), Money(0), dict[str, list[PaymentFact]]()
    failed = {fact.ref for fact in facts if fact.kind == HeardKind.REFUND_FAILED}
    for fact in facts:
        if fact.kind == HeardKind.REFUND_FAILED or fact.ref in failed:
            continue
        if fact.kind == HeardKind.REFUNDED:
            refunded += fact.amount
        elif fact.kind == HeardKind.REVERSED:
            reversed_ += fact.amount
        else:
            disputes.setdefault(fact.ref, []).append(fact)
    disputed = Money(0)
    for told in disputes.values():
        if _is_out(told):
            disputed += max(fact.amount for fact in told) or total
    return refunded + (disputed if disputes else reversed_)


def keep_refund(row: PaymentIntent, given: GivenBack) -> bool:
    """Note a refund of a payment that is known; True when it was new."""
    return _keep(
        row.gateway,
        row.capture_ref,
        HeardKind.REFUNDED,
        given.ref,
        given.amount,
        intent_id=row.id,
        at=None,
    )


def note_states(row: PaymentIntent) -> None:
    """Bring the refunds that staff asked for to what the gateway has told of them since."""
    told: dict[str, set[str]] = {}
    facts = select(PaymentFact.ref, PaymentFact.kind).where(
        PaymentFact.intent_id == row.id,
        PaymentFact.kind.in_((HeardKind.REFUNDED, HeardKind.REFUND_FAILED)),
    )
    for ref, kind in session().execute(facts):
        told.setdefault(ref, set()).add(kind)
    asked = select(PaymentRefund).where(
        PaymentRefund.intent_id == row.id, PaymentRefund.ref.in_(list(told))
    )
    for wanted in session().scalars(asked).all() if told else ():
        if HeardKind.REFUND_FAILED in told[wanted.ref]:
            if wanted.state != RefundState.FAILED:
                wanted.state, wanted.settled_at = RefundState.FAILED, clock.now()
                wanted.problem = FAILED_LATER
                identity.record(
                    "payment.refund_failed", by=None, client_id=row.client_id,
                    amount=str(wanted.amount), payment=str(row.public_id),
                )  # fmt: skip
        elif wanted.state == RefundState.PENDING:
            wanted.state, wanted.settled_at = RefundState.DONE, clock.now()
    session().flush()


def _is_out(told: Iterable[PaymentFact]) -> bool:
    """Is the money of this dispute with the payer? A victory counts once the dispute is known."""
    kinds = {fact.kind: fact.at for fact in told}
    opened, won, lost = (kinds.get(kind) for kind in _DISPUTES)
    if lost is not None and (won is None or lost >= won):
        return True
    return opened is not None and won is None


def _note_refunds(row: PaymentIntent, capture: Capture) -> None:
    new = [keep_refund(row, given) for given in capture.refunds]
    if any(new):
        reckon(row)


def _adopt(row: PaymentIntent) -> None:
    """Facts that came before the capture they are about, or while it was not settled."""
    session().execute(
        update(PaymentFact)
        .where(
            PaymentFact.gateway == row.gateway,
            PaymentFact.intent_id.is_(None),
            PaymentFact.capture_ref == row.capture_ref,
            PaymentFact.capture_ref != "",
        )
        .values(intent_id=row.id)
    )
    reckon(row)


def _keep(
    gateway: str,
    capture_ref: str,
    kind: HeardKind,
    ref: str,
    amount: Money,
    *,
    intent_id: int | None,
    at: datetime | None,
) -> bool:
    return insert_once(
        PaymentFact,
        {
            "reseller_id": scope.reseller_id(),
            "gateway": gateway,
            "intent_id": intent_id,
            "capture_ref": capture_ref[:120],
            "kind": kind,
            "ref": ref[:120],
            "amount": abs(amount),
            "at": at or clock.now(),
        },
    )


def _difference(row: PaymentIntent, capture: Capture) -> str:
    """Why this capture is not this payment; empty when it is."""
    wrong = {
        "no_reference": not capture.capture_ref,
        "other_payment": capture.intent is not None and capture.intent != row.public_id,
        "amount_differs": capture.amount != row.amount + row.tax,
        "currency_differs": capture.currency.upper() != row.currency,
        "payee_differs": bool(row.payee) and capture.payee.lower() != row.payee.lower(),
        "mode_differs": capture.live != row.live,
        "paid_twice": row.state == IntentState.PAID and capture.capture_ref != row.capture_ref,
        "taken_before": _is_anothers(row, capture),
    }
    return next((problem for problem, found in wrong.items() if found), "")


def _is_anothers(row: PaymentIntent, capture: Capture) -> bool:
    other = select(PaymentIntent.id).where(
        PaymentIntent.gateway == row.gateway,
        PaymentIntent.capture_ref == capture.capture_ref,
        PaymentIntent.capture_ref != "",
        PaymentIntent.id != row.id,
    )
    return session().scalar(other) is not None


def _credit(row: PaymentIntent) -> Posted:
    assert row.client_id is not None
    posted = ledger.credit(
        row.client_id,
        row.amount,
        source_type=SOURCE,
        source_id=str(row.public_id),
        kind="payment",
        description=BRANDS.get(row.gateway, ""),
        person_id=row.person_id,
    )
    if not posted.new:
        return posted
    identity.record(
        "payment.received",
        by=None,
        client_id=row.client_id,
        amount=str(row.amount),
        payment=str(row.public_id),
        gateway=row.gateway,
    )
    ledger.review_crossed([row.client_id])
    live.tell("balance-changed", client_id=row.client_id)
    live.tell("payment-changed", client_id=row.client_id)
    _write_papers(row)
    if not entitlements.money_is_hidden(row.client_id):
        values = {"amount": row.amount, "balance": ledger.balance_of(row.client_id)}
        mail.queue_mail(MailName.PAYMENT_RECEIVED, client_id=row.client_id, values=values)
    return posted


def _write_papers(row: PaymentIntent) -> None:
    """Taxes that were paid at the gateway are on a receipt, and what went back of them on a note."""
    if row.tax and row.client_id is not None:
        enqueue(ISSUE_RECEIPTS, client_id=row.client_id)
