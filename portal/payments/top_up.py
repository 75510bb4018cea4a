"""Automatic top-up: one fall below the threshold, at most one charge, and a ladder when it is declined.

The books say once that a balance fell (``ledger.fell``); that opens a run. Each step of a run is a try
with a payment of its own, and the next step begins only when the one before has certainly taken nothing.
A charge without an answer is looked up, never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal import identity, ledger, mail
from portal.core import clock, live, scope, tax_parts
from portal.core.db import MoneyType, insert_once, only_one, session
from portal.core.errors import DomainError, InvalidInput
from portal.core.money import Money
from portal.core.period import local_day, month
from portal.core.queue import enqueue
from portal.core.tax_parts import TaxPart
from portal.identity import ClientStatus, SuspendedFor, Visitor
from portal.mail import MailName
from portal.payments.accounts import LARGEST_PAYMENT
from portal.payments.cards import default_card, has_expired, note_card
from portal.payments.gateways.protocol import Outcome, Refusal, Unknown
from portal.payments.intents import begin, intent_by_id
from portal.payments.models import KeptCard, PaymentIntent, TopUp, TopUpRun, TopUpTry
from portal.payments.settling import answered
from portal.payments.values import (
    OPEN,
    Attempt,
    Intent,
    IntentState,
    RunState,
    TopUpTerms,
    Wish,
)
from portal.tasks import LOOK_UP_TOP_UP, REVIEW_BALANCE, RUN_TOP_UP

TaxesOf = Callable[[int, Money], Sequence[TaxPart]]
"""What a client pays on top of an amount today: handed in by whoever knows of taxes."""


def untaxed(_client_id: int, _amount: Money) -> Sequence[TaxPart]:
    """Nothing on top."""
    return ()


LADDER = (timedelta(0), timedelta(hours=1), timedelta(days=1), timedelta(days=3))
"""How long after the one before each step comes."""
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""When a charge without an answer is looked up; then every hour while the gateway is away."""
HOPELESS = frozenset(
    [
        "no_card",
        "expired_card",
        "lost_card",
        "stolen_card",
        "pickup_card",
        "restricted_card",
        "card_gone",
        "resource_missing",
        "authentication_required",
    ]
)
"""Why another try would be declined as well."""
_STOPPED_PAUSE = timedelta(hours=1)
_USUAL = TopUpTerms(False, Money.of("10"), Money.of("25"), Money.of("100"))


def top_up_terms(client_id: int) -> TopUpTerms:
    """What the client chose; switched off until it did."""
    row = session().scalar(select(TopUp).where(TopUp.client_id == client_id))
    if row is None:
        return _USUAL
    return TopUpTerms(row.on, row.threshold, row.amount, row.ceiling, row.stopped)


def save_top_up(
    client_id: int, terms: TopUpTerms, *, by: Visitor | None = None, taxes: TaxesOf = untaxed
) -> None:
    """Keep what the client chose; InvalidInput names the field. Whoever is below is topped up now.

    The same choice saved again changes nothing, so that one fall never leads to a second charge.
    """
    _check(client_id, terms, taxes)
    identity.client_facts(client_id, lock=True)
    row = session().scalar(select(TopUp).where(TopUp.client_id == client_id))
    before = top_up_terms(client_id)
    if row is None:
        row = TopUp(reseller_id=scope.reseller_id(), client_id=client_id)
        session().add(row)
    row.on, row.threshold = terms.on, terms.threshold
    row.amount, row.ceiling, row.stopped = terms.amount, terms.ceiling, ""
    row.changed_at = clock.now()
    session().flush()
    if not terms.on:
        ledger.watch(client_id, None)
        _leave(client_id, RunState.STOPPED)
    elif not before.on or before.threshold != terms.threshold:
        ledger.watch(client_id, terms.threshold)
        enqueue(REVIEW_BALANCE, client_id=client_id)
    if before == replace(terms, stopped=before.stopped):
        return
    _hurry(client_id)
    identity.record(
        "top_up.changed",
        by=by,
        client_id=client_id,
        on="yes" if terms.on else "no",
        threshold=str(terms.threshold),
        amount=str(terms.amount),
        ceiling=str(terms.ceiling),
    )


def review_top_up(client_id: int) -> None:
    """Begin a run when the balance fell below the threshold, once for each fall."""
    terms = top_up_terms(client_id)
    if not terms.on or not ledger.fell(client_id):
        return
    begun = insert_once(
        TopUpRun,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "state": RunState.WAITING,
            "step": 0,
            "balance": ledger.balance_of(client_id),
            "due_at": clock.now(),
        },
    )
    run = _open_run(client_id)
    if begun and run is not None:
        enqueue(RUN_TOP_UP, run_id=run.id, step=0)


def begin_step(run_id: int, step: int, *, taxes: TaxesOf = untaxed) -> Wish | None:
    """Take this step of a run, if it is to be taken: the charge to make. None: there is none now.

    ``taxes`` says what a client pays on top of an amount; the ceiling of the month holds for both.
    A step that was taken before, by a run that died, is looked up.
    """
    run = _locked(run_id)
    if run is None or run.step != step:
        return None
    if run.state == RunState.CHARGING:
        enqueue(LOOK_UP_TOP_UP, run_id=run_id, step=step, attempt=0)
    if run.state != RunState.WAITING:
        return None
    assert run.client_id is not None
    client_id = run.client_id
    terms = top_up_terms(client_id)
    if not _goes_on(run, terms):
        return None
    zone = ZoneInfo(identity.reseller_facts(scope.reseller_id()).time_zone)
    on_top = taxes(client_id, terms.amount)
    total = terms.amount + tax_parts.total_of(on_top)
    if spent_this_month(client_id, zone) + total > terms.ceiling:
        _wait_for_next_month(run, terms, zone)
        return None
    return _charge(run, terms, zone, on_top)


def step_answered(run_id: int, step: int, outcome: Outcome, *, attempt: int = -1) -> None:
    """What the gateway said of a step's charge, or of the look after it (``attempt``)."""
    run, tried = _locked(run_id), _try(run_id, step)
    if run is None or tried is None or tried.intent_id is None or tried.ended_at is not None:
        return
    state = answered(tried.intent_id, outcome)
    if state in OPEN and not (isinstance(outcome, Unknown) and attempt >= len(LOOKS) - 1):
        look_again(run_id, step, attempt=attempt + 1)
        return
    if state in OPEN:  # four looks found no charge: there was none
        state = answered(tried.intent_id, Refusal("no_charge", "The payment did not take place."))
    tried.ended_at = clock.now()
    if state is IntentState.PAID:
        if tried.card_id is not None:
            note_card(tried.card_id, "")
        if run.ended_at is None:
            _end(run, RunState.PAID)
        return
    tried.problem = (outcome.code if isinstance(outcome, Refusal) else "no_charge")[:60]
    if tried.card_id is not None and tried.problem not in {"away", "no_charge"}:
        note_card(tried.card_id, tried.problem)
    _failed(run, tried.problem)


def look_again(run_id: int, step: int, *, attempt: int) -> None:
    """Look the charge of a step up, when its time comes."""
    due = clock.now() + LOOKS[min(attempt, len(LOOKS) - 1)]
    enqueue(LOOK_UP_TOP_UP, due_at=due, run_id=run_id, step=step, attempt=attempt)


def to_look_up(run_id: int, step: int) -> Intent | None:
    """The payment of a step that is not decided; None when it is."""
    tried = _try(run_id, step)
    if tried is None or tried.intent_id is None or tried.ended_at is not None:
        return None
    return intent_by_id(tried.intent_id)


def attempts(client_id: int, *, limit: int = 10) -> list[Attempt]:
    """The last tries, newest first; the first one says when the next comes."""
    run = _open_run(client_id)
    rows = session().execute(
        select(TopUpTry, PaymentIntent.state, KeptCard.brand, KeptCard.last4)
        .outerjoin(PaymentIntent, PaymentIntent.id == TopUpTry.intent_id)
        .outerjoin(KeptCard, KeptCard.id == TopUpTry.card_id)
        .where(TopUpTry.client_id == client_id)
        .order_by(TopUpTry.id.desc())
        .limit(limit)
    )
    found: list[Attempt] = []
    for tried, state, brand, last4 in rows:
        waits = run is not None and run.id == tried.run_id and run.state == RunState.WAITING
        found.append(
            Attempt(
                at=tried.at,
                amount=tried.amount,
                card=f"{brand.title()} {last4}" if last4 else "",
                state=IntentState(state) if state else None,
                problem=tried.problem,
                next_at=run.due_at if waits and run is not None and not found else None,
            )
        )
    return found


def next_step_at(client_id: int) -> datetime | None:
    """When the open run goes on; None without one."""
    run = _open_run(client_id)
    return None if run is None else run.due_at


def spent_this_month(client_id: int, zone: ZoneInfo) -> Money:
    """What top-ups have taken from cards this month, or may yet, with its taxes."""
    today = local_day(clock.now(), zone)
    total = session().scalar(
        select(func.sum(PaymentIntent.amount + PaymentIntent.tax, type_=MoneyType()))
        .select_from(TopUpTry)
        .join(PaymentIntent, PaymentIntent.id == TopUpTry.intent_id)
        .where(
            TopUpTry.client_id == client_id,
            TopUpTry.at >= month(today.year, today.month, zone=zone).start,
            PaymentIntent.state.in_((*OPEN, IntentState.PAID)),
        )
    )
    return total or Money(0)


def _goes_on(run: TopUpRun, terms: TopUpTerms) -> bool:
    """Is there anything to charge now? Otherwise the run has ended, or waits."""
    assert run.client_id is not None
    client = identity.client_facts(run.client_id)
    if not terms.on or client.status is ClientStatus.CLOSED:
        _end(run, RunState.STOPPED)
    elif client.suspended_for not in {"", SuspendedFor.BALANCE}:
        _wait_for_staff(run)
    elif ledger.balance_of(run.client_id) >= terms.threshold:
        _end(run, RunState.NOT_NEEDED)
    else:
        return True
    return False


def _charge(
    run: TopUpRun, terms: TopUpTerms, zone: ZoneInfo, taxes: Sequence[TaxPart]
) -> Wish | None:
    assert run.client_id is not None
    card = default_card(run.client_id)
    tried = TopUpTry(
        reseller_id=scope.reseller_id(),
        client_id=run.client_id,
        run_id=run.id,
        step=run.step,
        card_id=card.id if card else None,
        amount=terms.amount,
    )
    session().add(tried)
    problem = "no_card" if card is None else ""
    if card is not None and has_expired(card, local_day(clock.now(), zone)):
        problem = "expired_card"
        note_card(card.id, problem)
    wish = None
    if card is not None and not problem:
        try:
            wish = begin(run.client_id, terms.amount, card.gateway, taxes=taxes, automatic=True)
        except DomainError:
            problem = "gateway_off"
    if wish is None or card is None:
        tried.problem, tried.ended_at = problem, clock.now()
        session().flush()
        _failed(run, problem)
        return None
    tried.intent_id = wish.id
    run.state, run.due_at = RunState.CHARGING, None
    session().flush()
    _tell(run)
    return Wish(wish, card.at_gateway)


def _failed(run: TopUpRun, problem: str) -> None:
    """The next step of the ladder; after the last one, or where none helps, the end and a mail."""
    assert run.client_id is not None
    if run.ended_at is not None:
        return
    step = run.step + 1
    if step < len(LADDER) and problem not in HOPELESS:
        run.state, run.step, run.due_at = RunState.WAITING, step, clock.now() + LADDER[step]
        session().flush()
        enqueue(RUN_TOP_UP, due_at=run.due_at, run_id=run.id, step=step)
        _tell(run)
        return
    _end(run, RunState.STOPPED)
    ledger.watch(run.client_id, None)
    mine = only_one(
        update(TopUp)
        .where(TopUp.client_id == run.client_id, TopUp.on.is_(True))
        .values(on=False, stopped=problem)
    )
    if not mine:
        return
    identity.record("top_up.stopped", by=None, client_id=run.client_id, problem=problem)
    amount = top_up_terms(run.client_id).amount
    mail.queue_mail(
        MailName.TOP_UP_STOPPED,
        client_id=run.client_id,
        values={"amount": amount, "reason": REASONS.get(problem, DECLINED)},
    )


def _wait_for_next_month(run: TopUpRun, terms: TopUpTerms, zone: ZoneInfo) -> None:
    """The ceiling is reached: the run goes on when the month is over."""
    today = local_day(clock.now(), zone)
    run.due_at = month(today.year, today.month, zone=zone).end
    session().flush()
    enqueue(RUN_TOP_UP, due_at=run.due_at, run_id=run.id, step=run.step)
    assert run.client_id is not None
    identity.record("top_up.ceiling", by=None, client_id=run.client_id, ceiling=str(terms.ceiling))
    mail.queue_mail(
        MailName.TOP_UP_STOPPED,
        client_id=run.client_id,
        values={"amount": terms.amount, "reason": REASONS["ceiling"]},
    )
    _tell(run)


def _wait_for_staff(run: TopUpRun) -> None:
    """Whoever staff or the guard over calls suspended is charged nothing by itself until that is lifted."""
    run.due_at = clock.now() + _STOPPED_PAUSE
    session().flush()
    enqueue(RUN_TOP_UP, due_at=run.due_at, run_id=run.id, step=run.step)


def _hurry(client_id: int) -> None:
    """Whoever changed something need not wait for the next step."""
    run = _open_run(client_id)
    if run is not None and run.state == RunState.WAITING:
        run.due_at = clock.now()
        session().flush()
        enqueue(RUN_TOP_UP, run_id=run.id, step=run.step)


def _leave(client_id: int, state: RunState) -> None:
    """End a run between two steps; one that is charging comes to its own end."""
    run = _open_run(client_id)
    if run is not None and run.state == RunState.WAITING:
        _end(run, state)


def _end(run: TopUpRun, state: RunState) -> None:
    run.state, run.due_at, run.ended_at = state, None, clock.now()
    session().flush()
    _tell(run)


def _tell(run: TopUpRun) -> None:
    assert run.client_id is not None
    live.tell("top-up-changed", client_id=run.client_id)


def _locked(run_id: int) -> TopUpRun | None:
    return session().scalar(
        select(TopUpRun)
        .where(TopUpRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _try(run_id: int, step: int) -> TopUpTry | None:
    return session().scalar(
        select(TopUpTry).where(TopUpTry.run_id == run_id, TopUpTry.step == step)
    )


def _open_run(client_id: int) -> TopUpRun | None:
    return session().scalar(
        select(TopUpRun).where(TopUpRun.client_id == client_id, TopUpRun.ended_at.is_(None))
    )


def _check(client_id: int, terms: TopUpTerms, taxes: TaxesOf) -> None:
    if not Money(0) < terms.threshold <= LARGEST_PAYMENT:
        raise InvalidInput("Enter an amount above zero.", field="threshold")
    if not Money.of("1") <= terms.amount <= LARGEST_PAYMENT:
        raise InvalidInput("Enter an amount from 1 to 100,000.", field="amount")
    if terms.amount.micros % 10_000:
        raise InvalidInput("Enter an amount with at most two decimals.", field="amount")
    total = terms.amount + tax_parts.total_of(taxes(client_id, terms.amount))
    if not total <= terms.ceiling <= LARGEST_PAYMENT:
        raise InvalidInput("The ceiling is at least one top-up with its taxes.", field="ceiling")
    if terms.on and default_card(client_id) is None:
        raise InvalidInput("Add a card first.", field="on")


DECLINED = "The bank declined the card."
REASONS = {
    "no_card": "There is no card to charge.",
    "expired_card": "The card has expired.",
    "insufficient_funds": "There is not enough money on the card.",
    "authentication_required": "The bank wants you to confirm the payment yourself.",
    "lost_card": "The bank has blocked the card.",
    "stolen_card": "The bank has blocked the card.",
    "pickup_card": "The bank has blocked the card.",
    "resource_missing": "The card is not known any more.",
    "card_gone": "The card is not known any more.",
    "gateway_off": "Cards cannot be charged at the moment.",
    "away": "The payment service could not be reached.",
    "no_charge": "The payment did not take place.",
    "ceiling": "The ceiling of this month is reached. It goes on next month.",
}
"""Why a top-up did not take place, for the client; translated where it is shown."""
