"""Numbers: whose, of which kind, at which fees, routed where, and what went over each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask_babel import gettext

from portal import calls, fax, identity, messaging, numbers, pbx
from portal.core.money import ZERO, Money
from portal.core.paging import Page
from portal.identity import ClientFacts
from portal.numbers import DidFilter, DidRow, Routing
from portal.pbx import SubAccountRow
from portal.reports import asking
from portal.reports.description import Choice, Chosen, Figure, Report, Summary
from portal.reports.period import Period, period_from
from portal.reports.table import Cell, Column, Kind
from portal.reports.values import ReportKind
from portal.reports.wording import phone_number
from portal.reports.words import routing_words


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over a number: calls that came in, texts and faxes both ways."""

    calls: int = 0
    seconds: int = 0
    texts: int = 0
    faxes: int = 0
    price: Money = ZERO
    cost: Money = ZERO


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number with what belongs to it."""

    did: DidRow
    client: ClientFacts | None
    account: SubAccountRow | None
    traffic: Traffic


class Numbers(Report):
    """One row a number at the carrier; the period is that of its traffic."""

    kind: ClassVar[ReportKind] = ReportKind.NUMBERS
    symbol = "hash"

    def title(self) -> str:
        return str(gettext("Numbers"))

    def sentence(self) -> str:
        return str(
            gettext("Every number with its client, fees, routing and traffic; also unsold ones.")
        )

    def choose(self, given: Mapping[str, str]) -> Chosen:
        client = asking.client_of(given)
        kinds = _kind_words()
        states = {
            "connected": gettext("With a client"),
            "free": gettext("Without a client"),
            "gone": gettext("No longer at the carrier"),
        }
        kind = asking.one_of(given.get("kind"), kinds)
        state = asking.one_of(given.get("state"), states)
        text = asking.text_of(given)
        return Chosen(
            period_from(given, asking.zone()),
            DidFilter(client.id if client else None, kind, state, text),
            choices=(
                asking.client_choice(client),
                Choice("kind", gettext("Kind"), list(kinds.items()), kind),
                Choice("state", gettext("State"), list(states.items()), state),
            ),
            text=text,
            text_label=gettext("Number or place"),
            words=asking.kept(
                client=str(client.public_id) if client else "", kind=kind, state=state, q=text
            ),
        )

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("number", gettext("Number"), Kind.PHONE, 13, part="title"),
            Column("place", gettext("Rate centre"), Kind.TEXT, 16, under="number"),
            Column("kind", gettext("Kind"), Kind.TEXT, 5, under="number"),
            Column("client", gettext("Client"), Kind.TEXT, 16, part="full"),
            Column(
                "account", gettext("Sub-account"), Kind.TEXT, 13, under="client", on_paper=False
            ),
            Column("package", gettext("Package"), Kind.TEXT, 11, on_paper=False),
            Column("since", gettext("Since"), Kind.DAY, 9, under="package"),
            Column("routing", gettext("Routing"), Kind.TEXT, 17, part="meta"),
            Column("setup_fee", gettext("Setup fee"), Kind.MONEY, 7, on_paper=False),
            Column("monthly_fee", gettext("Monthly fee"), Kind.MONEY, 9, under="setup_fee"),
            Column(
                "minute_rate", gettext("Minute"), Kind.RATE, 7, under="setup_fee", on_paper=False
            ),
            Column("calls", gettext("Calls"), Kind.COUNT, 6),
            Column("seconds", gettext("Minutes"), Kind.MINUTES, 7, under="calls"),
            Column("texts", gettext("Messages"), Kind.COUNT, 8),
            Column("faxes", gettext("Faxes"), Kind.COUNT, 6, under="texts"),
            Column("cost", gettext("Cost of traffic"), Kind.PRICE, 11),
            Column("price", gettext("Price of traffic"), Kind.PRICE, 11, part="amount"),
        )

    def page(
        self, chosen: Chosen, *, after: str | None = None, before: str | None = None, rows: int = 50
    ) -> Page[NumberLine]:
        page = numbers.dids_page(chosen.wanted, after=after, rows=rows)
        clients = identity.clients_by_id({row.client_id for row in page.rows if row.client_id})
        accounts = pbx.accounts_by_id(
            {row.sub_account_id for row in page.rows if row.sub_account_id}
        )
        traffic = _traffic(chosen.period, [row.id for row in page.rows])
        return Page(
            [
                NumberLine(
                    row,
                    clients.get(row.client_id or 0),
                    accounts.get(row.sub_account_id or 0),
                    traffic.get(row.id, Traffic()),
                )
                for row in page.rows
            ],
            page.older,
        )

    def count(self, chosen: Chosen, most: int) -> int:
        return min(numbers.did_sums(chosen.wanted).numbers, most + 1)

    def cells(self) -> Callable[[NumberLine], Sequence[Cell]]:
        zone, kinds, targets = asking.zone(), _kind_words(), numbers.target_words()

        def put(line: NumberLine) -> Sequence[Cell]:
            did, account, traffic = line.did, line.account, line.traffic
            is_linked = did.client_id is not None
            return (
                did.number,
                did.description,
                kinds.get(did.kind, did.kind),
                line.client.title if line.client else "",
                account.account if account else "",
                account.package if account else "",
                did.linked_from.astimezone(zone).date() if did.linked_from else None,
                _routing(did.routing, targets),
                did.setup_fee if is_linked else None,
                did.monthly_fee if is_linked else None,
                did.minute_rate_e8 if is_linked else None,
                traffic.calls,
                traffic.seconds,
                traffic.texts,
                traffic.faxes,
                traffic.cost,
                traffic.price,
            )

        return put

    def summary(self, chosen: Chosen) -> Summary:
        sums = numbers.did_sums(chosen.wanted)
        ids = numbers.did_ids(chosen.wanted)
        whole = _added(one for key, one in _traffic(chosen.period, None).items() if key in ids)
        free = sums.numbers - sums.connected
        return Summary(
            figures=(
                Figure(gettext("Numbers"), sums.numbers, Kind.COUNT, gettext("Without a client"), free),
                Figure(gettext("Monthly fees"), sums.monthly, Kind.MONEY),
                Figure(gettext("Price of traffic"), whole.price, Kind.MONEY, gettext("Calls"), whole.calls),
                Figure(gettext("Cost of traffic"), whole.cost, Kind.MONEY, gettext("Messages"), whole.texts),
            ),
            totals=(
                None, gettext("Total"), None, None, None, None, None, None, None, sums.monthly, None,
                whole.calls, whole.seconds, whole.texts, whole.faxes, whole.cost, whole.price,
            ),
            count=sums.numbers,
        )  # fmt: skip


def _routing(routing: Routing, targets: Mapping[tuple[str, str], str]) -> str:
    known = targets.get(routing, "")
    is_phone = routing.kind == "fwd" and known
    return routing_words(routing, phone_number(known) if is_phone else known)


def _kind_words() -> dict[str, str]:
    return {"voice": gettext("Voice"), "fax": gettext("Fax")}


def _traffic(period: Period, ids: Collection[int] | None) -> dict[int, Traffic]:
    """By number: three queries."""
    since, until = period.since, period.until
    of_calls = calls.by_did(period.first, period.last, ids)
    of_texts = messaging.texts_by_did(since, until, ids)
    of_faxes = fax.faxes_by_did(since, until, ids)
    found: dict[int, Traffic] = {}
    for did_id in {*of_calls, *of_texts, *of_faxes}:
        one, text, sheet = of_calls.get(did_id), of_texts.get(did_id), of_faxes.get(did_id)
        parts = [part for part in (one, text, sheet) if part is not None]
        found[did_id] = Traffic(
            one.calls if one else 0,
            one.billed_seconds if one else 0,
            text.texts if text else 0,
            sheet.faxes if sheet else 0,
            sum((part.price for part in parts), Money(0)),
            sum((part.cost for part in parts), Money(0)),
        )
    return found


def _added(parts: Iterable[Traffic]) -> Traffic:
    whole = Traffic()
    for part in parts:
        whole = Traffic(
            whole.calls + part.calls,
            whole.seconds + part.seconds,
            whole.texts + part.texts,
            whole.faxes + part.faxes,
            whole.price + part.price,
            whole.cost + part.cost,
        )
    return whole
