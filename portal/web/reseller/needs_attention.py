"""The list of what needs somebody: each line says what, why, and one thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from portal import (
    billing,
    calls,
    exposure,
    fax,
    identity,
    ledger,
    mail,
    messaging,
    numbers,
    payments,
    pbx,
    pricing,
)
from portal.core import clock, queue
from portal.core.money import Money
from portal.core.phone import international
from portal.core.sentences import N_
from portal.identity import ClientFilter, ClientSort, ClientStatus, SuspendedFor
from portal.tasks import BY_NAME
from portal.upstream import Health
from portal.web import filters
from portal.web.reseller import client_words, exposure_words
from portal.web.reseller.blueprint import can, client_counts
from portal.web.reseller.task_words import task_words
from portal.web.worksheets import CARRIER_CURRENCY

_MOST_NAMED = 3
_RATE_IS_OLD = timedelta(days=30)
_FAILED_STAYS = timedelta(days=30)
_PACE_DAYS, _LONG_DAYS = 7, 90


@dataclass(frozen=True, slots=True)
class Attention:
    """One line with its one action: a link, or a button when it ``posts``.

    What failed can also be let rest, at ``dismiss_url``.
    """

    tone: str
    symbol: str
    title: str
    note: str
    action_text: str
    action_url: str
    posts: bool = False
    dismiss_url: str = ""
    title_url: str = ""


def lines(health: Health | None) -> list[Attention]:
    """Everything that needs somebody now, the most pressing kinds first; ``health`` of the carrier."""
    return [
        *_waiting(), *_unusual(), *_carrier(health), *_mails(), *_failures(), *_calls(), *_payments(), *_balances(), *_messages(),
        *_faxes(), *_pushes(), *(_orders() if health else ()), *_ports(), *_setup(),
        *_carrier_balance(health),
    ]  # fmt: skip


def _waiting() -> Iterator[Attention]:
    if not client_counts()[ClientStatus.WAIT]:
        return
    page = identity.find_clients(
        ClientFilter(status=ClientStatus.WAIT, sort=ClientSort.OLDEST), rows=_MOST_NAMED
    )
    may = can("clients")
    for row in page.rows:
        yield Attention(
            "info",
            "user-plus",
            gettext("%(name)s signed up", name=row.company or row.name),
            gettext("Waiting for activation since %(when)s", when=filters.daytime(row.created_at)),
            gettext("Activate") if may else gettext("Review"),
            url_for(
                "reseller.activate_client" if may else "reseller.client", public_id=row.public_id
            ),
            posts=may,
            title_url=url_for("reseller.client", public_id=row.public_id),
        )
    if page.older:
        yield Attention(
            "info",
            "users",
            gettext("More clients wait"),
            gettext("They signed up and are not activated yet"),
            gettext("Open"),
            url_for("reseller.clients", state="wait"),
        )


def _unusual() -> Iterator[Attention]:
    """Alarms about calls: one line for each client, and whether it was stopped."""
    open_alarms = exposure.open_alarms()
    by_client: dict[int, list[exposure.AlarmRow]] = {}
    for alarm in open_alarms:
        by_client.setdefault(alarm.client_id, []).append(alarm)
    named = dict(list(by_client.items())[:_MOST_NAMED])
    known = identity.clients_by_id(set(named)) if named else {}
    for client_id, alarms in named.items():
        client, worst = known[client_id], max(alarms, key=lambda one: (one.stopped, one.spent))
        stopped = client.suspended_for == SuspendedFor.EXPOSURE
        yield Attention(
            "bad" if stopped else "warn",
            exposure_words.symbol(worst),
            gettext("%(name)s was stopped for unusual calls", name=client.title)
            if stopped
            else gettext("Unusual calls of %(name)s", name=client.title),
            exposure_words.title(worst),
            gettext("Look"),
            url_for("reseller.client_exposure", public_id=client.public_id),
        )
    if (rest := len(by_client) - len(named)) > 0:
        yield Attention(
            "warn",
            "gauge",
            ngettext(
                "Unusual calls of %(num)d more client",
                "Unusual calls of %(num)d more clients",
                rest,
            ),
            gettext("Open alarms about what calls cost"),
            gettext("Open"),
            url_for("reseller.exposed", state="alarm"),
        )


def _orders() -> Iterator[Attention]:
    waiting = numbers.waiting_orders()[:_MOST_NAMED]
    known = identity.clients_by_id({one.client_id for one in waiting}) if waiting else {}
    for one in waiting:
        client = known[one.client_id]
        yield Attention(
            "warn",
            "hash",
            gettext("Numbers of %(name)s wait for the carrier", name=client.title),
            gettext(one.problem),
            gettext("Open"),
            url_for("reseller.number_order", public_id=client.public_id, order=one.public_id),
        )


def _ports() -> Iterator[Attention]:
    waiting, arrived = numbers.open_ports()[:_MOST_NAMED], numbers.arrived_ports()[:_MOST_NAMED]
    both = [*waiting, *arrived]
    known = identity.clients_by_id({one.client_id for one in both}) if both else {}
    for one in arrived:
        client = known[one.client_id]
        yield Attention(
            "warn",
            "arrow-right",
            gettext(
                "%(number)s has come for %(name)s",
                name=client.title,
                number=international(one.number),
            ),
            gettext("It was brought along, and is not connected yet"),
            gettext("Connect"),
            url_for("reseller.client_numbers", public_id=client.public_id),
        )
    for one in waiting:
        yield Attention(
            "warn" if one.problem else "info",
            "arrow-right",
            gettext(
                "%(name)s wants to bring %(number)s along",
                name=known[one.client_id].title,
                number=international(one.number),
            ),
            gettext(one.problem or N_("A fax number that is at another carrier")),
            gettext("Open"),
            url_for("reseller.fax_port", public_id=one.public_id),
        )


def _payments() -> Iterator[Attention]:
    """Money that did not go where it should: refunds that failed later, and fees that are unpaid."""
    failed = payments.failed_refunds(clock.now() - _FAILED_STAYS, _MOST_NAMED)
    known = identity.clients_by_id({one.client_id for one in failed}) if failed else {}
    for one in failed:
        yield Attention(
            "bad",
            "undo-2",
            gettext(
                "A refund of %(amount)s to %(name)s failed",
                amount=filters.money(one.amount),
                name=known[one.client_id].title,
            ),
            gettext("The gateway sent it back: it is on the client’s balance again"),
            gettext("Open"),
            url_for("reseller.payment", public_id=one.payment),
        )
    count, amount = billing.unpaid_total()
    if count:
        yield Attention(
            "warn",
            "calendar",
            ngettext("%(num)d unpaid fee", "%(num)d unpaid fees", count),
            gettext(
                "%(amount)s together; tried again each day and at each payment",
                amount=filters.money(amount),
            ),
            gettext("Open"),
            url_for("reseller.due_fees"),
        )


def _balances() -> Iterator[Attention]:
    low = ledger.low_balances()
    known = identity.clients_by_id({one.client_id for one in low[:_MOST_NAMED]})
    for one in low[:_MOST_NAMED]:
        client = known[one.client_id]
        if one.owes:
            title = gettext(
                "%(name)s owes %(amount)s", name=client.title, amount=filters.money(-one.balance)
            )
            note = gettext("%(mode)s balance", mode=client.details.balance_mode.upper())
        else:
            title = gettext(
                "%(name)s is below %(amount)s",
                name=client.title,
                amount=filters.money(one.threshold),
            )
            note = gettext("%(amount)s left", amount=filters.money(one.balance))
        yield Attention(
            "warn",
            "hand-coins" if one.owes else "wallet",
            title,
            note,
            gettext("Open"),
            url_for("reseller.client", public_id=client.public_id),
        )
    if rest := len(low) - _MOST_NAMED:
        if rest > 0:
            yield Attention(
                "warn",
                "wallet",
                ngettext("%(num)d more low balance", "%(num)d more low balances", rest),
                gettext("Below their own threshold, or below zero"),
                gettext("Open"),
                url_for("reseller.clients", state="low"),
            )


def _calls() -> Iterator[Attention]:
    counts = calls.attention_counts()
    if unrated := counts.get("unrated", 0):
        yield Attention(
            "bad",
            "phone-off",
            ngettext("%(num)d call without a rate", "%(num)d calls without a rate", unrated),
            gettext("Answered, and no price is known: nobody is charged yet"),
            gettext("Review"),
            url_for("reseller.attention", state="unrated"),
        )
    if unowned := counts.get("unowned", 0):
        yield Attention(
            "warn",
            "circle-help",
            ngettext("%(num)d call of nobody", "%(num)d calls of nobody", unowned),
            gettext("Their sub-account or number is linked to no client"),
            gettext("Review"),
            url_for("reseller.attention", state="unowned"),
        )


def _messages() -> Iterator[Attention]:
    if unknown := messaging.unknown_count():
        yield Attention(
            "warn",
            "message-square",
            ngettext(
                "%(num)d text with an unknown outcome",
                "%(num)d texts with an unknown outcome",
                unknown,
            ),
            gettext("The carrier's answer was lost; it is being looked up"),
            gettext("Details"),
            url_for("reseller.attention"),
        )
    full = messaging.clients_at_a_limit()[:_MOST_NAMED]
    known = identity.clients_by_id({client_id for client_id, _ in full}) if full else {}
    for client_id, at in full:
        yield Attention(
            "warn",
            "message-square",
            gettext("%(name)s reached a limit of texts", name=known[client_id].title),
            gettext(
                "%(when)s; further texts are refused until the next hour or day",
                when=filters.daytime(at),
            ),
            gettext("Limits"),
            url_for("reseller.client_text_limits", public_id=known[client_id].public_id),
        )
    if stray := messaging.stray_count():
        yield Attention(
            "",
            "message-square",
            ngettext("%(num)d text for nobody", "%(num)d texts for nobody", stray),
            gettext("They came for numbers that are linked to no client"),
            gettext("Details"),
            url_for("reseller.attention"),
        )


def _faxes() -> Iterator[Attention]:
    found = fax.attention()
    if found.unknown:
        yield Attention(
            "warn",
            "printer",
            ngettext(
                "%(num)d fax with an unknown outcome",
                "%(num)d faxes with an unknown outcome",
                found.unknown,
            ),
            gettext("The carrier's answer was lost; it is being looked up"),
            gettext("Details"),
            url_for("reseller.attention"),
        )
    if found.stray:
        yield Attention(
            "",
            "printer",
            ngettext("%(num)d fax for nobody", "%(num)d faxes for nobody", found.stray),
            gettext("They came for numbers that are linked to no client"),
            gettext("Details"),
            url_for("reseller.attention"),
        )


def _carrier(health: Health | None) -> Iterator[Attention]:
    if health is None:
        yield Attention(
            "bad",
            "plug",
            gettext("No carrier is connected"),
            gettext("Calls and texts arrive once its API login is known"),
            gettext("Connect"),
            url_for("reseller.carrier"),
        )
        return
    if not health.is_well:
        since = filters.daytime(health.failing_since)
        yield Attention(
            "bad",
            "server",
            # Its own words, or a wrong password would read as a carrier that is down.
            gettext(health.last_error)
            if health.last_error
            else gettext("The carrier does not answer"),
            gettext("Since %(when)s; calls are fetched later", when=since)
            if health.failing_since
            else gettext("It was not asked yet"),
            gettext("Details"),
            url_for("reseller.carrier"),
        )


def _carrier_balance(health: Health | None) -> Iterator[Attention]:
    """What is left there; not pressing, so it stands last."""
    if health is not None and health.balance is not None:
        yield Attention(
            "",
            "server",
            gettext(
                "Carrier balance %(amount)s %(currency)s",
                amount=filters.number(health.balance.decimal, 2),
                currency=CARRIER_CURRENCY,
            ),
            _pace(
                health.balance, gettext("Read %(when)s", when=filters.daytime(health.balance_at))
            ),
            gettext("Details"),
            url_for("reseller.carrier"),
        )


def _pace(left: Money, otherwise: str) -> str:
    """How long the money at the carrier lasts, where it can be compared with the costs here."""
    if filters.currency() != CARRIER_CURRENCY:
        return otherwise
    last = client_words.today() - timedelta(days=1)
    week = calls.days(last - timedelta(days=_PACE_DAYS - 1), last)
    spent = sum((day.cost for day in week), Money(0))
    if spent.micros <= 0:
        return otherwise
    days = max(left.micros, 0) * _PACE_DAYS // spent.micros
    if days > _LONG_DAYS:
        return otherwise
    return ngettext("About %(num)d day at this pace", "About %(num)d days at this pace", days)


def _mails() -> Iterator[Attention]:
    """The reseller's own server fails: nothing is lost for a day, and nothing leaves either."""
    known = mail.own_server()
    if known is None or not known[1].problem:
        return
    yield Attention(
        "bad",
        "mail",
        gettext("Your mail server does not take mails"),
        gettext(
            "%(problem)s Since %(when)s",
            problem=gettext(mail.sentence(known[1].problem)),
            when=filters.daytime(known[1].failing_since),
        ),
        gettext("Open"),
        url_for("reseller.mail_server"),
    )


def _failures() -> Iterator[Attention]:
    """What the portal gave up in the background."""
    may = can("write")
    mails = mail.undelivered()
    if mails.failed:
        yield Attention(
            "bad",
            "mail",
            ngettext("%(num)d mail was not sent", "%(num)d mails were not sent", mails.failed),
            gettext("No server took it for a day, or the recipient was refused"),
            gettext("Retry") if may else gettext("Open"),
            url_for("reseller.retry_mails" if may else "reseller.mail_server"),
            posts=may,
            dismiss_url=url_for("reseller.dismiss_mails") if may else "",
        )
    if mails.waiting:
        yield Attention(
            "warn",
            "mail",
            ngettext("%(num)d mail waits", "%(num)d mails wait", mails.waiting),
            gettext("No server takes them yet; they are tried for a day"),
            gettext("Open"),
            url_for("reseller.mail_server"),
        )
    for failed in queue.given_up():
        yield Attention(
            "bad",
            "octagon-alert",
            gettext("%(what)s failed", what=task_words(failed.task)),
            ngettext(
                "%(num)d time, given up %(when)s",
                "%(num)d times, given up last %(when)s",
                failed.count,
                when=filters.daytime(failed.last_at),
            ),
            gettext("Retry") if may else gettext("Details"),
            url_for("reseller.retry_task", task=failed.task)
            if may
            else url_for("reseller.attention"),
            posts=may,
            dismiss_url=url_for("reseller.dismiss_task", task=failed.task)
            if may and not BY_NAME[failed.task].to_the_end
            else "",
        )


def _pushes() -> Iterator[Attention]:
    """What is saved here and not yet at the carrier; it is tried again by itself."""
    routes = [(one, one.client_id) for one in pbx.push_problems() if one.client_id is not None]
    if routes:
        line, client_id = routes[0]
        yield Attention(
            "warn",
            "server",
            ngettext(
                "%(num)d sub-account waits for its routes at the carrier",
                "%(num)d sub-accounts wait for their routes at the carrier",
                len(routes),
            ),
            f"{line.account}: {gettext(line.problem)}",
            gettext("Open"),
            url_for(
                "reseller.client_accounts",
                public_id=identity.client_facts(client_id).public_id,
            ),
        )
    callbacks = [
        (one, one.client_id) for one in numbers.push_problems() if one.client_id is not None
    ]
    if callbacks:
        number, client_id = callbacks[0]
        yield Attention(
            "warn",
            "message-square",
            ngettext(
                "%(num)d number does not report its texts at once",
                "%(num)d numbers do not report their texts at once",
                len(callbacks),
            ),
            f"{filters.phone_number(number.number)}: {gettext(number.problem)}",
            gettext("Open"),
            url_for(
                "reseller.client_numbers",
                public_id=identity.client_facts(client_id).public_id,
            ),
        )


def _setup() -> Iterator[Attention]:
    bare = pricing.without_package()
    if bare:
        client = identity.client_facts(bare[0])
        yield Attention(
            "warn",
            "package",
            ngettext(
                "%(num)d sub-account without a package",
                "%(num)d sub-accounts without a package",
                len(bare),
            ),
            gettext("Its calls are charged at cost"),
            gettext("Assign"),
            url_for("reseller.client_accounts", public_id=client.public_id),
        )
    if filters.currency() == CARRIER_CURRENCY:
        return
    rate = pricing.exchange_rate()
    if rate is None or clock.now() - rate[0] > _RATE_IS_OLD:
        yield Attention(
            "warn",
            "landmark",
            gettext("The exchange rate is old") if rate else gettext("No exchange rate yet"),
            gettext("In force since %(day)s", day=filters.day(rate[0]))
            if rate
            else gettext("The carrier's costs count one to one"),
            gettext("Enter one"),
            url_for("reseller.fees") + "#exchange",
        )
