"""Reports by mail: accepted once for each period, made like any file, and mailed when it is ready."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import delete, select, update

from portal import identity, mail
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.errors import DomainError, InvalidInput, NotFound, Refused
from portal.core.period import anchored
from portal.identity.models import Person
from portal.mail import Attachment
from portal.reports.catalogue import by_kind
from portal.reports.files import accept
from portal.reports.models import ReportAddress, ReportFile, ReportSchedule, ScheduleRecipient
from portal.reports.values import FileFormat, FileState, ReportKind

MOST_ATTACHED_BYTES = 5_000_000
MOST_SCHEDULES = MOST_ADDRESSES = 100
_MOST_AT_ONCE = 200


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What the form says. ``on_day`` is 1 (Monday) to 7, or 1 to 31, where a short month's last counts."""

    report: ReportKind
    words: Mapping[str, str]
    said: Sequence[tuple[str, str]]
    format: FileFormat
    every: Every
    on_day: int
    hour: int
    people: Sequence[uuid.UUID]
    addresses: Sequence[uuid.UUID]


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as a list shows it; ``last`` is what became of its newest file."""

    public_id: uuid.UUID
    report: ReportKind
    words: Mapping[str, str]
    said: Sequence[tuple[str, str]]
    format: FileFormat
    every: Every
    on_day: int
    hour: int
    paused: bool
    next_at: datetime
    last_run_at: datetime | None
    last: FileState | None
    problem: str
    people: tuple[tuple[uuid.UUID, str], ...]
    addresses: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address outside the team; without a confirmation it gets nothing."""

    public_id: uuid.UUID
    email: str
    confirmed_at: datetime | None


def next_run(every: Every, on_day: int, hour: int, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment later than ``after`` at this hour of such a day, in the reseller's zone."""
    day = after.astimezone(zone).date()
    while True:
        if _is_day(every, on_day, day):
            moment = datetime.combine(day, time(hour), zone).astimezone(after.tzinfo)
            if moment > after:
                return moment
        day += timedelta(days=1)


def schedules() -> list[ScheduleRow]:
    """Every schedule of the team, the next one first."""
    return _rows(select(ReportSchedule).order_by(ReportSchedule.next_at, ReportSchedule.id))


def find_schedule(public_id: uuid.UUID) -> ScheduleRow:
    """One of them; NotFound for any other."""
    found = _rows(select(ReportSchedule).where(ReportSchedule.public_id == public_id))
    if not found:
        raise NotFound("There is no such schedule.")
    return found[0]


def add_schedule(draft: ScheduleDraft, *, language: str, made_by_id: int | None) -> uuid.UUID:
    """Mail a report from now on. Refused where very many are mailed already."""
    _refuse_too_many(ReportSchedule, MOST_SCHEDULES)
    row = ReportSchedule(language=language, made_by_id=made_by_id, next_at=clock.now())
    _fill(row, draft)
    session().add(row)
    session().flush()
    _set_recipients(row, draft)
    return row.public_id


def change_schedule(public_id: uuid.UUID, draft: ScheduleDraft) -> None:
    """From now on like this; what was sent for this period is not sent again."""
    row = _locked(public_id)
    _fill(row, draft)
    _set_recipients(row, draft)


def pause_schedule(public_id: uuid.UUID, *, paused: bool) -> None:
    """Send nothing until further notice, or go on with the next time."""
    row = _locked(public_id)
    row.paused = paused
    row.next_at = _next(row)
    session().flush()


def delete_schedule(public_id: uuid.UUID) -> None:
    """No more; files that are there stay for their week."""
    row = _locked(public_id)
    session().execute(
        update(ReportFile).where(ReportFile.schedule_id == row.id).values(schedule_id=None),
        execution_options={"synchronize_session": False},
    )
    _forget_recipients(row)
    session().delete(row)
    session().flush()


def run_now(public_id: uuid.UUID) -> bool:
    """Make and mail it now, beside its usual times; False when that was asked for this very minute."""
    row = _locked(public_id)
    return _accept(row, f"now {clock.now():%Y-%m-%dT%H:%M}")


def due_schedules(at: datetime) -> list[tuple[int, int]]:
    """Reseller and id of what is due, in the scope of everything."""
    rows = session().execute(
        select(ReportSchedule.reseller_id, ReportSchedule.id)
        .where(ReportSchedule.paused.is_(False), ReportSchedule.next_at <= at)
        .order_by(ReportSchedule.next_at)
        .limit(_MOST_AT_ONCE)
    )
    return [(row.reseller_id, row.id) for row in rows]


def begin_round(schedule_id: int) -> bool:
    """Accept the file of a period that has come; False when somebody else did. In a transaction.

    Missed periods are not caught up: the newest is what somebody reads.
    """
    row = session().scalar(
        select(ReportSchedule)
        .where(ReportSchedule.id == schedule_id)
        .execution_options(populate_existing=True)
    )
    now = clock.now()
    if row is None or row.paused or row.next_at > now:
        return False
    came = row.next_at
    mine = only_one(
        update(ReportSchedule)
        .where(
            ReportSchedule.id == row.id,
            ReportSchedule.next_at == came,
            ReportSchedule.paused.is_(False),
        )
        .values(next_at=_next(row))
    )
    return mine and _accept(row, _round(row, came))


def deliver(file_id: int) -> int:
    """Write the mails of a file that has just become ready, in that transaction; how many.

    A large file goes as a link, which asks for the login.
    """
    file = session().scalar(select(ReportFile).where(ReportFile.id == file_id))
    if file is None or file.schedule_id is None or not file.stored_as:
        return 0
    fits = file.size_bytes <= MOST_ATTACHED_BYTES
    ending = file.stored_as.rpartition(".")[2]
    period = f"{file.filters.get('since', '')} – {file.filters.get('until', '')}"
    name = f"{file.report.replace('_', '-')}-{file.filters.get('until', '')}.{ending}"
    people, addresses = _recipients([file.schedule_id]).get(file.schedule_id, ([], []))
    sent = 0
    for email, first_name, language in _readers(people, addresses):
        with force_locale(language):
            title = by_kind(ReportKind(file.report)).title()
            said = ", ".join(f"{label}: {text}" for label, text in file.said)
        mail.send_report(
            email,
            first_name,
            language,
            title=f"{title}, {period}",
            said=said,
            link="" if fits else f"{identity.staff_address()}/reports/files/{file.public_id}",
            attachment=Attachment(file.stored_as, name) if fits else None,
        )
        sent += 1
    return sent


def addresses() -> list[AddressRow]:
    """Addresses outside the team that may get reports, or wait to be confirmed."""
    found = session().scalars(select(ReportAddress).order_by(ReportAddress.email))
    return [AddressRow(row.public_id, row.email, row.confirmed_at) for row in found]


def add_address(email: str, *, confirmed: bool) -> None:
    """Name an address; whoever leads the team confirms it with the same stroke."""
    email = identity.checked_email(email)
    _refuse_too_many(ReportAddress, MOST_ADDRESSES)
    taken = session().scalar(select(ReportAddress.id).where(ReportAddress.email == email))
    if taken is not None:
        raise InvalidInput("This address is there already.", field="email")
    session().add(ReportAddress(email=email, confirmed_at=clock.now() if confirmed else None))
    session().flush()


def confirm_address(public_id: uuid.UUID) -> str:
    """Let it get reports; the address."""
    row = _address(public_id)
    row.confirmed_at = row.confirmed_at or clock.now()
    session().flush()
    return row.email


def delete_address(public_id: uuid.UUID) -> str:
    """It gets no reports any more; the address."""
    row = _address(public_id)
    session().execute(
        delete(ScheduleRecipient).where(ScheduleRecipient.address_id == row.id),
        execution_options={"synchronize_session": False},
    )
    session().delete(row)
    session().flush()
    return row.email


def _refuse_too_many(of: type[ReportSchedule | ReportAddress], most: int) -> None:
    """Mails for the whole world would be sent in the reseller's name."""
    if len(session().scalars(select(of.id).limit(most)).all()) >= most:
        raise Refused("There are too many of these. Delete some first.", code="too_many")


def _is_day(every: Every, on_day: int, day: date) -> bool:
    if every is Every.DAY:
        return True
    if every is Every.WEEK:
        return day.isoweekday() == on_day
    return day == anchored(day.year, day.month, anchor=on_day)


def _round(row: ReportSchedule, came: datetime) -> str:
    """The period that a round belongs to, in words that come once."""
    day = came.astimezone(_zone()).date()
    if row.every == Every.DAY:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if row.every == Every.WEEK else f"{day:%Y-%m}"


def _accept(row: ReportSchedule, name: str) -> bool:
    """The file of one round, unless it is there already."""
    taken = session().scalar(
        select(ReportFile.id).where(ReportFile.schedule_id == row.id, ReportFile.round == name)
    )
    if taken is not None:
        return False
    report = by_kind(ReportKind(row.report))
    values: dict[str, Any] = {"last_run_at": clock.now(), "problem": ""}
    try:
        with force_locale(row.language):
            chosen = report.choose({key: str(value) for key, value in row.words.items()})
            accept(
                report.kind,
                chosen.filters,
                format=row.format,
                said=chosen.said,
                language=row.language,
                asked_by_id=row.made_by_id,
                schedule_id=row.id,
                round=name,
            )
    except DomainError as error:
        values["problem"] = error.message[:200]
    session().execute(
        update(ReportSchedule).where(ReportSchedule.id == row.id).values(**values),
        execution_options={"synchronize_session": False},
    )
    return not values["problem"]


def _fill(row: ReportSchedule, draft: ScheduleDraft) -> None:
    row.report, row.words = draft.report, dict(draft.words)
    row.said = [list(pair) for pair in draft.said]
    row.format, row.every = draft.format, draft.every
    row.on_day, row.hour = draft.on_day, draft.hour
    row.next_at = _next(row)
    session().flush()


def _next(row: ReportSchedule) -> datetime:
    return next_run(Every(row.every), row.on_day, row.hour, after=clock.now(), zone=_zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(identity.own_reseller().time_zone)


def _set_recipients(row: ReportSchedule, draft: ScheduleDraft) -> None:
    people = session().scalars(
        select(Person.id).where(Person.is_staff, Person.public_id.in_(draft.people))
    )
    outside = session().scalars(
        select(ReportAddress.id).where(
            ReportAddress.public_id.in_(draft.addresses), ReportAddress.confirmed_at.is_not(None)
        )
    )
    found = [ScheduleRecipient(schedule_id=row.id, person_id=one) for one in people]
    found += [ScheduleRecipient(schedule_id=row.id, address_id=one) for one in outside]
    if not found:
        raise InvalidInput("Choose at least one who gets it.", field="people")
    _forget_recipients(row)
    session().add_all(found)
    session().flush()


def _forget_recipients(row: ReportSchedule) -> None:
    session().execute(
        delete(ScheduleRecipient).where(ScheduleRecipient.schedule_id == row.id),
        execution_options={"synchronize_session": False},
    )


def _recipients(ids: Sequence[int]) -> dict[int, tuple[list[Person], list[ReportAddress]]]:
    rows: Any = session().execute(
        select(ScheduleRecipient.schedule_id, Person, ReportAddress)
        .outerjoin(Person, Person.id == ScheduleRecipient.person_id)
        .outerjoin(ReportAddress, ReportAddress.id == ScheduleRecipient.address_id)
        .where(ScheduleRecipient.schedule_id.in_(ids))
        .order_by(Person.name, ReportAddress.email)
    )
    found: dict[int, tuple[list[Person], list[ReportAddress]]] = {}
    for schedule_id, person, address in rows:
        people, outside = found.setdefault(schedule_id, ([], []))
        if person is not None:
            people.append(person)
        elif address is not None:
            outside.append(address)
    return found


def _readers(
    people: Sequence[Person], outside: Sequence[ReportAddress]
) -> list[tuple[str, str, str]]:
    """E-mail, first name and language of those who get it; nobody who may not come in any more."""
    language = identity.own_reseller().language
    found = [
        (one.email, one.name.partition(" ")[0], one.language or language)
        for one in people
        if one.disabled_at is None
    ]
    return found + [(one.email, "", language) for one in outside if one.confirmed_at is not None]


def _rows(statement: Any) -> list[ScheduleRow]:
    found = list(session().scalars(statement))
    recipients = _recipients([row.id for row in found])
    states = _last_states([row.id for row in found])
    return [
        ScheduleRow(
            row.public_id, ReportKind(row.report), dict(row.words),
            [(label, text) for label, text in row.said], FileFormat(row.format), Every(row.every),
            row.on_day, row.hour, row.paused, row.next_at, row.last_run_at, states.get(row.id),
            row.problem,
            tuple((one.public_id, one.name) for one in recipients.get(row.id, ([], []))[0]),
            tuple((one.public_id, one.email) for one in recipients.get(row.id, ([], []))[1]),
        )
        for row in found
    ]  # fmt: skip


def _last_states(ids: Sequence[int]) -> dict[int, FileState]:
    rows = session().execute(
        select(ReportFile.schedule_id, ReportFile.state)
        .where(ReportFile.schedule_id.in_(ids))
        .order_by(ReportFile.id)
    )
    return {row.schedule_id: FileState(row.state) for row in rows if row.schedule_id is not None}


def _locked(public_id: uuid.UUID) -> ReportSchedule:
    row: ReportSchedule | None = session().scalar(
        select(ReportSchedule)
        .where(ReportSchedule.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such schedule.")
    return row


def _address(public_id: uuid.UUID) -> ReportAddress:
    row: ReportAddress | None = session().scalar(
        select(ReportAddress).where(ReportAddress.public_id == public_id).with_for_update()
    )
    if row is None:
        raise NotFound("There is no such address.")
    return row
