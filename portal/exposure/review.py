"""Looking at what a client has called: alarms, and the stop. Each happens once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal import billing, calls, identity, mail
from portal.calls import Outgoing
from portal.core import clock, live, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import NotFound
from portal.core.failpoints import failpoint
from portal.core.money import Money
from portal.core.period import local_day
from portal.core.sentences import N_
from portal.exposure.judging import judge, place_of, since_set
from portal.exposure.limits import (
    default_limits,
    every_own_limits,
    holds_from,
    home_of,
    limits_of,
)
from portal.exposure.models import CalledPlace, ExposureAlarm
from portal.exposure.values import Finding, Kind, Limits, Seen, Trial
from portal.identity import ClientFacts, ClientStatus, StaffAction, SuspendedFor, Visitor
from portal.mail import MailName

# A country that was not called for so long is new again.
FORGOTTEN_AFTER = timedelta(days=90)
# So many clients are looked at before limits are saved.
MOST_TRIED = 500
# What the mail to staff says; the page has the figures.
SENTENCES = {
    Kind.DAY: N_("Its calls of one day cost as much as the daily cap, or more."),
    Kind.SPEED: N_("Its calls cost much in a short time."),
    Kind.ABROAD: N_("It called abroad for as many minutes as a day may have, or longer."),
    Kind.DEAR: N_("It made a call dearer per minute than the ceiling."),
    Kind.CLOSED: N_("It called a country that is not on its list."),
    Kind.NEW: N_("It called a country for the first time in 90 days."),
}
STOPPED = N_("The client is suspended, and only you can lift that.")
GOES_ON = N_(
    "Nothing was stopped: look at the calls, and suspend the client if they are not meant."
)


def review(client_id: int) -> list[Kind]:
    """Look at the calls of today and yesterday; what stands out is an alarm, and may be a stop.

    In a transaction. What was told before is not told again; the kinds of the new alarms.
    """
    try:
        # Two reviews of one client stand in line, and behind them whoever resumes the client.
        client = identity.client_facts(client_id, lock=True)
    except NotFound:
        return []
    if client.status is ClientStatus.CLOSED:
        return []
    limits, home = limits_of(client_id), home_of(client_id)
    seen, findings = _judged(client_id, limits, home)
    new = [one for one in findings if _raise_alarm(client_id, one)]
    _remember_places(client_id, seen, home)
    failpoint("exposure.alarmed")
    stopping = [
        one for one in findings if limits.suspends and one.stops and _note_stopped(client_id, one)
    ]
    if stopping:
        stop(client_id)
    failpoint("exposure.stopped")
    if not new and not stopping:
        return []
    _tell_staff(client, stopping or new, seen, stopped=bool(stopping))
    live.tell("attention-changed", client_id=None)
    return [one.kind for one in new]


def try_limits(limits: Limits, client_id: int | None = None) -> Trial:
    """Whom these limits would stop now, if they were saved: one client, or everybody without own ones.

    Of everybody those are looked at who called out today or yesterday; at most MOST_TRIED of them, who
    spent most. Nothing is written.
    """
    limits = replace(limits, set_at=holds_from(limits, client_id))
    ids = _who_called(every_own_limits()) if client_id is None else [client_id]
    active = [
        one
        for one, facts in identity.clients_by_id(set(ids[:MOST_TRIED])).items()
        if facts.status is ClientStatus.ACTIVE
    ]
    stopped = tuple(one for one in active if _stops(one, limits))
    return Trial(len(active), stopped, len(ids) > MOST_TRIED)


def dropping_stops(client_id: int) -> bool:
    """Would the limits of everybody stop this client now, if its own were dropped?"""
    facts = identity.client_facts(client_id)
    return facts.status is ClientStatus.ACTIVE and _stops(client_id, default_limits())


def _stops(client_id: int, limits: Limits) -> bool:
    found = _judged(client_id, limits, home_of(client_id))[1] if limits.suspends else []
    return any(one.stops for one in found)


def _who_called(without: Collection[int]) -> list[int]:
    """Clients with calls out of today and yesterday, whoever spent most first."""
    today = _today()
    spent = calls.spent_on(today)
    for one, amount in calls.spent_on(today - timedelta(days=1)).items():
        spent[one] = spent.get(one, Money(0)) + amount
    return sorted(spent.keys() - set(without), key=lambda one: (-spent[one].micros, one))


def _judged(
    client_id: int, limits: Limits, home: Collection[str]
) -> tuple[list[Seen], list[Finding]]:
    """The calls of today and yesterday, every one of them, and what stands out in them."""
    zone = ZoneInfo(identity.own_reseller().time_zone)
    seen = [_seen(one) for one in calls.outgoing(client_id, _today() - timedelta(days=1))]
    judged = since_set(limits, seen, zone)
    known = _known_places(client_id, judged, home)
    return seen, judge(limits, judged, home=home, known=known, worked=_worked(client_id))


def _today() -> date:
    return local_day(clock.now(), ZoneInfo(identity.own_reseller().time_zone))


def stop(client_id: int, *, by: Visitor | None = None) -> bool:
    """Suspend a client for unusual calls, at the carrier too, with a mail; False when it was already."""
    if not identity.suspend_client(client_id, reason=SuspendedFor.EXPOSURE, by=by):
        return False
    billing.push_client(client_id)
    mail.queue_mail(MailName.EXPOSURE_STOPPED, client_id=client_id, values={})
    live.tell("balance-changed", client_id=client_id)
    return True


def _seen(call: Outgoing) -> Seen:
    """What nobody was charged for yet counts at what it cost."""
    spent = call.cost if call.price is None else call.price
    rate = call.rate_e8
    if rate is None:
        rate = spent.micros * 60 * 100 // call.seconds if call.seconds else 0
    return Seen(
        call.public_id, call.destination, call.started_at, call.local_day, call.seconds, spent,
        rate, call.imported_at,
    )  # fmt: skip


def _worked(client_id: int) -> dict[Kind, datetime]:
    rows = session().execute(
        select(ExposureAlarm.kind, func.max(ExposureAlarm.worked_at))
        .where(ExposureAlarm.client_id == client_id, ExposureAlarm.worked_at.is_not(None))
        .group_by(ExposureAlarm.kind)
    )
    return {Kind(kind): at for kind, at in rows if at}


def _raise_alarm(client_id: int, found: Finding) -> bool:
    """Write it down, unless one of its kind and day is open: one more only after that was worked on."""
    rounds = session().execute(
        select(func.count(ExposureAlarm.id), func.count(ExposureAlarm.worked_at)).where(
            ExposureAlarm.client_id == client_id,
            ExposureAlarm.kind == found.kind,
            ExposureAlarm.day == found.day,
        )
    ).one()  # fmt: skip
    if rounds[0] > rounds[1]:
        return False
    return insert_once(
        ExposureAlarm,
        {
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "kind": found.kind.value,
            "day": found.day,
            "round": rounds[0],
            "seen_at": clock.now(),
            "spent": found.spent,
            "seconds": found.seconds,
            "allowed": found.allowed,
            "places": list(found.places),
            "call_ids": [str(one) for one in found.calls],
            "calls": found.all_calls,
            "stopped": False,
            "worked": "",
        },
    )


def _note_stopped(client_id: int, found: Finding) -> bool:
    """Let the open alarm be one that stops the client; True for whoever is first."""
    return only_one(
        update(ExposureAlarm)
        .where(
            ExposureAlarm.client_id == client_id,
            ExposureAlarm.kind == found.kind,
            ExposureAlarm.day == found.day,
            ExposureAlarm.worked_at.is_(None),
            ExposureAlarm.stopped.is_(False),
        )
        .values(stopped=True)
    )


def _known_places(client_id: int, seen: Sequence[Seen], home: Collection[str]) -> set[str]:
    """Of the countries in these calls, those that the client had called before, and lately."""
    asked = {place for one in seen if (place := place_of(one.number, home))}
    if not asked:
        return set()
    since = clock.now() - FORGOTTEN_AFTER
    known = set(
        session().scalars(
            select(CalledPlace.place).where(
                CalledPlace.client_id == client_id,
                CalledPlace.place.in_(asked),
                CalledPlace.last_at >= since,
            )
        )
    )
    if asked - known:  # looked up once for each country
        first = min(one.started_at for one in seen)
        before = calls.called(client_id, since, first)
        known |= {place for number in before if (place := place_of(number, home))} & asked
    return known


def _remember_places(client_id: int, seen: Sequence[Seen], home: Collection[str]) -> None:
    last: dict[str, datetime] = {}
    for one in seen:
        if place := place_of(one.number, home):
            last[place] = max(last.get(place, one.started_at), one.started_at)
    for place, at in last.items():
        key = {"reseller_id": scope.reseller_id(), "client_id": client_id, "place": place}
        if not insert_once(CalledPlace, key | {"last_at": at}):
            only_one(
                update(CalledPlace)
                .where(
                    CalledPlace.client_id == client_id,
                    CalledPlace.place == place,
                    CalledPlace.last_at < at,
                )
                .values(last_at=at)
            )


def _tell_staff(
    client: ClientFacts, found: Sequence[Finding], seen: Sequence[Seen], *, stopped: bool
) -> None:
    """One mail to each member of staff who may do something about it."""
    day = max(one.day for one in found)
    spent = sum((one.spent for one in seen if one.day == day), Money(0))
    link = f"{identity.staff_address()}/clients/{client.public_id}/exposure"
    for person in identity.staff_members():
        if person.disabled_at or person.role is None:
            continue
        if identity.may(person.role, StaffAction.CLIENTS):
            mail.tell_person(
                MailName.EXPOSURE_ALARM,
                person,
                values={
                    "title": client.title,
                    "reason": SENTENCES[found[0].kind],
                    "result": STOPPED if stopped else GOES_ON,
                    "amount": spent,
                    "link": link,
                },
            )
