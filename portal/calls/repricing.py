"""New prices of very many past calls: what is alike for them is found once for all.

Whose the calls of an account are, and on which terms, holds from one moment to another; what a second
costs is the same for all calls to a number. Both are kept, so a call costs little more than its
multiplication. Worksheets are not made here: ``pricer.priced`` makes them, from the same tariffs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from portal.calls import bulk
from portal.calls.models import Call
from portal.calls.pricer import Book, Owner, one_spelling
from portal.carriers import CarrierCall, Direction, Disposition
from portal.pricing import AllowancePeriod, Meter, billing_moments, period_of
from portal.rating import UNANSWERED, CallFacts, Rater, Rule, State, Tariff, in_own_currency

# What is read of a call, as the driver gives it: plain numbers for money, see ``bulk.moment``.
COLUMNS = (
    Call.id, Call.client_id, Call.started_at, Call.account, Call.direction, Call.destination,
    Call.disposition, Call.seconds, Call.free_minutes, Call.state, Call.price, Call.cost,
    Call.carrier_cost_e8, Call.carrier_rate_e8, Call.onnet,
)  # fmt: skip
_MOST_KEPT = 100_000
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_IN, _ANSWERED = Direction.IN.value, Disposition.ANSWERED.value
_NOBODYS = Tariff(Rule.UNRATED, State.UNRATED, {})

Rows: TypeAlias = Iterable[tuple[Any, ...]]
_Kind: TypeAlias = tuple[str, int | None, bool, bool]  # destination, rate, on-net, took money


class Line(NamedTuple):
    """What became of one client's calls. Money in micro-units."""

    client_id: int
    calls: int
    changed: int
    seconds: int
    before: int
    after: int
    cost: int


class Changed(NamedTuple):
    """A call that does not stand as it should: what ``pricer.priced`` wants to know of it."""

    call_id: int
    owner: Owner | None
    minutes_left: int


class _Standing(NamedTuple):
    """What holds for calls of an account, or to a number, that start in [since, until).

    ``facts`` are those of any such call. ``tariffs`` are shared by all that pay the same.
    """

    since: Any  # as ``bare_rows`` gives moments
    until: Any
    owner: Owner | None
    period: AllowancePeriod | None
    granted: int
    rater: Rater | None
    facts: CallFacts | None
    tariffs: dict[_Kind, Tariff]


class Repricing:
    """Prices calls again, given in the order in which they began, and adds up each client's.

    On paper a call that nobody can price keeps its price: nobody gains by ignorance. For real it has
    none, and what is to be changed is listed.
    """

    def __init__(self, book: Book, meter: Meter, *, for_real: bool) -> None:
        self._book = book
        self._meter = meter
        self._for_real = for_real
        self._moments = book.context.moments()
        self._standings: dict[str, dict[Any, _Standing]] = {way.value: {} for way in Direction}
        self._tariffs: dict[tuple[object, ...], dict[_Kind, Tariff]] = {}
        self._kept = 0
        self._sums: dict[int, list[int]] = defaultdict(lambda: [0] * 6)

    def give_back(self, rows: Rows) -> None:
        """Return the free minutes that calls had taken, before any is priced: others may come first."""
        for _, _, at, account, direction, destination, _, _, minutes, *_ in rows:
            period = self._standing(account, direction, destination, at).period
            if period is not None:
                self._meter.use(period, -minutes)

    def reprice(self, rows: Rows) -> list[Changed]:
        """Price these calls and count the free minutes that they take.

        Millions go through here: nothing is made for a call that others had made before.
        """
        sums, standings, numbers = self._sums, self._standings, self._book.numbers
        meter, for_real = self._meter, self._for_real
        changed: list[Changed] = []
        for (
            call_id, client_id, at, account, direction, destination, disposition, seconds,
            free, before_state, before, cost, total, rate_e8, onnet,
        ) in rows:  # fmt: skip
            where: Any = account
            if direction == _IN and (number := one_spelling(destination)) in numbers:
                where = (account, number)
            standing = standings[direction].get(where)
            if standing is None or not standing.since <= at < standing.until:
                standing = self._standing(account, direction, destination, at)
            tariff = UNANSWERED
            if seconds > 0 and (total > 0 or disposition == _ANSWERED):
                kind = (destination, rate_e8, onnet, total > 0)
                tariff = standing.tariffs.get(kind) or self._tariff(standing, kind, total)
            left = used = 0
            if tariff.rate is None:
                own = in_own_currency(total, self._book.context.exchange_at(bulk.moment(at)))
                state, price = tariff.without_rate(own)
            elif standing.period is not None and standing.granted:
                left = meter.left(standing.period, granted=standing.granted)
                state, (price, _, used, _) = tariff.state, tariff.charge(seconds, left)
                meter.use(standing.period, used)
                if not left:  # nor will there be any for those that come after
                    standings[direction][where] = standing._replace(granted=0)
            else:
                state, (price, _, _, _) = tariff.state, tariff.charge(seconds, 0)
            owner, was = standing.owner, before or 0
            now = was if price is None else price
            if for_real:
                is_theirs = owner is not None and owner.client_id == client_id
                now = price or 0 if is_theirs else 0
                if not is_theirs or (price, state, used) != (before, before_state, free):
                    changed.append(Changed(call_id, owner, left))
            line = sums[client_id]
            line[0] += 1
            line[1] += was != now
            line[2] += seconds
            line[3] += was
            line[4] += now
            line[5] += cost
        return changed

    def lines(self) -> list[Line]:
        """What became of all the calls, a line for each client."""
        return [Line(client_id, *line) for client_id, line in self._sums.items()]

    def _standing(self, account: str, direction: str, destination: str, at: Any) -> _Standing:
        """What holds for such a call, kept from now on."""
        where: Any = account
        number = one_spelling(destination) if direction == _IN else ""
        if number in self._book.numbers:
            where = (account, number)
        standing = self._standings[direction].get(where)
        if standing is None or not standing.since <= at < standing.until:
            standing = self._found(account, direction, destination, bulk.moment(at))
            self._standings[direction][where] = standing
        return standing

    def _found(self, account: str, direction: str, destination: str, at: datetime) -> _Standing:
        book, context, sqlite = self._book, self._book.context, bulk.on_sqlite()
        call = CarrierCall(
            uniqueid="", direction=Direction(direction), account=account, started_at=at,
            ambiguous=False, caller_id_name="", caller_number="", destination=destination,
            description="", disposition=Disposition.ANSWERED, seconds=1, rate_e8=None, total_e8=0,
            onnet=False, destination_type="",
        )  # fmt: skip
        owner = book.owner(call)
        holder = owner.holder if owner else None
        accounts = {book.accounts.get(account), owner.sub_account_id if owner else None}
        edges = _around(
            at,
            self._moments,
            book.numbers.moments(one_spelling(destination)),
            *(context.link_moments(found) for found in accounts if found is not None),
            billing_moments(holder.link, at) if holder else (),
        )
        since, until = (bulk.plain_moment(edge, sqlite=sqlite) for edge in edges)
        if owner is None:
            return _Standing(since, until, None, None, 0, None, None, {})
        version, facts = book.version(owner), book.facts(call, owner)
        stretch = bisect_right(self._moments, at)
        same = (version.rater, direction, owner.did_rate_e8, facts.exchange_e8, stretch)
        return _Standing(
            since,
            until,
            owner,
            period_of(holder.link, at) if holder else None,
            version.free_minutes if holder else 0,
            version.rater,
            facts,
            self._tariffs.setdefault(same, {}),
        )

    def _tariff(self, standing: _Standing, kind: _Kind, total: int) -> Tariff:
        self._kept += 1
        if self._kept > _MOST_KEPT:
            self._kept = 0
            for known in self._standings.values():
                known.clear()
            self._tariffs.clear()
        destination, rate_e8, onnet, _ = kind
        if standing.rater is None or standing.facts is None:
            tariff = _NOBODYS
        else:
            number = one_spelling(destination)
            tariff = standing.rater.tariff(
                standing.facts._replace(
                    number=number, cost_rate_e8=rate_e8, cost_total_e8=total, on_net=onnet
                )
            )
        standing.tariffs[kind] = tariff
        return tariff


def _around(at: datetime, *moments: Sequence[datetime]) -> tuple[datetime, datetime]:
    """The last of the moments (each list in order) up to ``at``, and the first after it."""
    since, until = _EVER
    for ordered in moments:
        after = bisect_right(ordered, at)
        if after:
            since = max(since, ordered[after - 1])
        if after < len(ordered):
            until = min(until, ordered[after])
    return since, until
