"""The demo's faxes: a few letters, laid out and made into pages once, and a year of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from portal import documents, fax, faxmail, identity, reports, upstream
from portal.core import clock, storage
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.demo import carrier as practice
from portal.demo.letters import LETTERS
from portal.demo.people import DemoClient
from portal.fax import MadeFax, MadePage, PastFax, Place, Recipient
from portal.faxmail import Wishes
from portal.tasks import MAKE_FAX_REPORT

RECEIVED, SENT = 52, 32
_SINCE_DAYS = 360
_DIAL_SECONDS, _PAGE_SECONDS = 12, 28


@dataclass(frozen=True, slots=True)
class _Kind:
    """Who faxes what: the number, the name, which letters, about what, and where it is filed."""

    number: str
    name: str
    letters: tuple[int, ...]
    subject: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A fax that is to have been: ``failed`` is what the carrier said of one that did not go."""

    place: int
    came: bool
    kind: _Kind
    at: datetime
    failed: str


_COMES = (
    _Kind("6135550147", "Riverside Orthodontics", (0, 1), folder="Referrals"),
    _Kind("4165550108", "Sunrise Group Benefits", (2,), folder="Insurance"),
    _Kind("6135550190", "Capital Denture Lab", (3,), folder="Lab"),
    _Kind("6135550151", "Ottawa Imaging Centre", (4,), folder="Referrals"),
    _Kind("8195550144", "", (3,)),
    _Kind("9025550161", "Dr. Hannah Lindqvist", (0,)),
)
_GOES = (
    _Kind("6135550147", "Riverside Orthodontics", (5, 4), "Referral of R. Bellamy"),
    _Kind("4165550108", "Sunrise Group Benefits", (6,), "Claim 55-0174"),
    _Kind("6135550190", "Capital Denture Lab", (5,), "Work order 5512"),
)


def fill_faxes(client_id: int, client: DemoClient, zone: ZoneInfo, *, control_url: str) -> None:
    """A year of faxes at one number, folders, and a draft; nothing where no PDF can be made."""
    try:
        path = reports.plain_document("demo_letters.html", title="Letters", letters=LETTERS)
    except reports.ReportError:
        return
    try:
        pages = fax.fax_pages(path, "letter", "fine")
        _fill(client_id, client.fax_line, zone, pages, path, control_url)
    finally:
        path.unlink(missing_ok=True)
    fax.discard(name for page in pages for name in page.names)


def open_fax_mail(client_id: int, email: str) -> None:
    """What the first fax number takes and gives by e-mail."""
    first = fax.fax_numbers(client_id)[0]
    wishes = Wishes(takes_mail=True, senders=(email,), copies_to=(email,), copy_results=True)
    faxmail.save(client_id, first.public_id, wishes)


def _fill(
    client_id: int,
    number: str,
    zone: ZoneInfo,
    pages: Sequence[MadePage],
    letters: Path,
    control_url: str,
) -> None:
    people = [person.id for person in identity.people_of(client_id)]
    files = {kind.letters: _pdf(pages, kind.letters) for kind in (*_COMES, *_GOES)}
    plans = sorted(_plans(zone), key=lambda plan: plan.at)
    refs = practice.tell_past_faxes(
        control_url,
        {_name(kind): files[kind.letters].read_bytes() for kind in (*_COMES, *_GOES)},
        [_told(plan, number) for plan in plans],
        allowed=settings().allow_private,
    )
    listed = {
        one.id: one
        for one in upstream.carrier().faxes(plans[0].at, clock.now() + timedelta(minutes=1))
    }
    dice = Random(20)
    with transaction():
        for ref, plan in zip(refs, plans, strict=True):
            one = listed[ref]
            past = PastFax(
                replace(one, name=plan.kind.name),
                _made(plan.kind.letters, pages, files[plan.kind.letters]),
                one.at + timedelta(seconds=one.seconds),
                subject=plan.kind.subject,
                person_id=None if plan.came else dice.choice(people),
                is_read=not plan.came or plan.place > 4,
            )
            fax.bring_in([past], posted_at=min(past.finished_at, clock.now()))
    for file in files.values():
        file.unlink(missing_ok=True)
    with transaction():
        _file_away(client_id)
        draft = fax.new_draft(
            client_id, own_number=f"+1{number}", subject="Signed consent",
            recipients=[Recipient("613 555 0147", "Riverside Orthodontics")], person_id=people[0],
        )  # fmt: skip
        fax.add_file(client_id, draft, name="Letters.pdf", path=_copy(letters, "upload"))


def _plans(zone: ZoneInfo) -> Iterator[_Plan]:
    """More in the last weeks than long ago, and only in office hours."""
    dice = Random(19)
    today = clock.now().astimezone(zone).date()
    for place in range(RECEIVED + SENT):
        came = place < RECEIVED
        kind = dice.choice(_COMES if came else _GOES)
        ago = place // 3 if place < 9 else 1 + int(dice.random() ** 1.6 * _SINCE_DAYS)
        minute = dice.randrange(8 * 60, 17 * 60)
        at = datetime.combine(today - timedelta(days=ago), time(minute // 60, minute % 60), zone)
        at = min(at, clock.now() - timedelta(minutes=5 + 7 * place)).replace(microsecond=0)
        words = "" if came or place % 11 else dice.choice(("Busy", "Disconnected after page 1"))
        yield _Plan(place, came, kind, at, words)


def _told(plan: _Plan, number: str) -> dict[str, Any]:
    """A fax as the practice carrier is told of it."""
    sent = len(plan.kind.letters)
    broken = "page" in plan.failed
    through = (min(1, sent - 1) if broken else 0) if plan.failed else sent
    return {
        "direction": "in" if plan.came else "out",
        "did": number,
        "other": plan.kind.number,
        "name": plan.kind.name if plan.came else "",
        "at": plan.at.isoformat(),
        "sent_pages": sent,
        "pages": through,
        "seconds": _DIAL_SECONDS + sent * _PAGE_SECONDS + plan.place % 5,
        "status": "FAILED" if plan.failed else "SUCCESS",
        "message": plan.failed,
        "connected": broken or not plan.failed,
        "file": _name(plan.kind),
    }


def _name(kind: _Kind) -> str:
    return "-".join(str(letter) for letter in kind.letters)


def _made(letters: Sequence[int], pages: Sequence[MadePage], file: Path) -> MadeFax:
    copies = tuple(
        MadePage(
            "", _kept_copy(pages[one].view), _kept_copy(pages[one].thumb),
            pages[one].width, pages[one].height,
        )
        for one in letters
    )  # fmt: skip
    return MadeFax(storage.keep(_copy(file, "pdf"), ending="pdf"), file.stat().st_size, copies)


def _pdf(pages: Sequence[MadePage], letters: Sequence[int]) -> Path:
    return documents.fax_pdf([storage.path_of(pages[one].picture) for one in letters])


def _kept_copy(name: str) -> str:
    path = storage.path_of(name)
    return storage.keep(_copy(path, path.suffix[1:]), ending=path.suffix[1:])


def _copy(path: Path, ending: str) -> Path:
    target = storage.draft(ending=ending)
    shutil.copyfile(path, target)
    return target


def _file_away(client_id: int) -> None:
    """What came some days ago lies in folders; the latest reports are laid out by the worker."""
    old = clock.now() - timedelta(days=6)
    came = fax.listing(client_id, Place.INBOX, rows=RECEIVED).rows
    for name in ("Referrals", "Insurance", "Lab"):
        folder = fax.make_folder(client_id, name)
        theirs = {kind.number for kind in _COMES if kind.folder == name}
        fax.move(
            client_id,
            [row.public_id for row in came if row.at < old and row.contact[2:] in theirs],
            folder,
        )
    for place in (Place.SENT, Place.FAILED):
        for row in fax.listing(client_id, place, rows=2).rows:
            enqueue(MAKE_FAX_REPORT, fax_id=row.id)
