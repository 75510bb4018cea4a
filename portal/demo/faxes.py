"""The demo's faxes: a few letters, laid out and made into pages once, and some weeks of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from portal import documents, fax, faxmail, identity, reports
from portal.carriers import CarrierFaxMessage, Direction, FaxStatus
from portal.core import clock, storage
from portal.core.db import transaction
from portal.core.queue import enqueue
from portal.demo.letters import LETTERS
from portal.fax import MadeFax, MadePage, PastFax, Place, Recipient
from portal.faxmail import Wishes
from portal.tasks import MAKE_FAX_REPORT

RECEIVED, SENT = 40, 25
_SINCE_DAYS = 70
_DIAL_SECONDS, _PAGE_SECONDS = 12, 28


@dataclass(frozen=True, slots=True)
class _Kind:
    """Who faxes what: the number, the name, which letters, about what, and where it is filed."""

    number: str
    name: str
    letters: tuple[int, ...]
    subject: str = ""
    folder: str = ""


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


def fill_faxes(client_id: int, number: str, zone: ZoneInfo) -> None:
    """Some weeks of faxes at one number, folders, and a draft; nothing where no PDF can be made."""
    try:
        path = reports.plain_document("demo_letters.html", title="Letters", letters=LETTERS)
    except reports.ReportError:
        return
    try:
        pages = fax.fax_pages(path, "letter", "fine")
        _fill(client_id, number, zone, pages, path)
    finally:
        path.unlink(missing_ok=True)
    fax.discard(name for page in pages for name in page.names)


def open_fax_mail(client_id: int, email: str) -> None:
    """What the first fax number takes and gives by e-mail."""
    first = fax.fax_numbers(client_id)[0]
    wishes = Wishes(takes_mail=True, senders=(email,), copies_to=(email,), copy_results=True)
    faxmail.save(client_id, first.public_id, wishes)


def _fill(
    client_id: int, number: str, zone: ZoneInfo, pages: Sequence[MadePage], letters: Path
) -> None:
    people = [person.id for person in identity.people_of(client_id)]
    files = {kind.letters: _pdf(pages, kind.letters) for kind in (*_COMES, *_GOES)}
    for past in sorted(
        _past(number, zone, people, pages, files), key=lambda one: one.listed.at
    ):  # fmt: skip
        with transaction():
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


def _past(
    number: str,
    zone: ZoneInfo,
    people: Sequence[int],
    pages: Sequence[MadePage],
    files: dict[tuple[int, ...], Path],
) -> Iterator[PastFax]:
    dice = Random(19)
    today = clock.now().astimezone(zone).date()
    for place in range(RECEIVED + SENT):
        came = place < RECEIVED
        kind = dice.choice(_COMES if came else _GOES)
        ago = place // 3 if place < 9 else dice.randrange(1, _SINCE_DAYS)
        minute = dice.randrange(8 * 60, 17 * 60)
        at = datetime.combine(today - timedelta(days=ago), time(minute // 60, minute % 60), zone)
        at = min(at, clock.now() - timedelta(minutes=5 + 7 * place))
        words = "" if came or place % 11 else dice.choice(("Busy", "Disconnected after page 1"))
        listed = _listed(place, came, kind, number, at, failed=words)
        yield PastFax(
            listed,
            _made(kind.letters, pages, files[kind.letters]),
            at + timedelta(seconds=listed.seconds),
            subject=kind.subject,
            person_id=None if came else dice.choice(people),
            is_read=not came or place > 4,
        )


def _listed(
    place: int, came: bool, kind: _Kind, number: str, at: datetime, *, failed: str
) -> CarrierFaxMessage:
    through = len(kind.letters)
    if failed:
        through = min(1, through - 1) if "page" in failed else 0
    seconds = _DIAL_SECONDS + len(kind.letters) * _PAGE_SECONDS + place % 5
    rate = 900_000 if came else 3_000_000
    return CarrierFaxMessage(
        id=f"demo-{place}",
        direction=Direction.IN if came else Direction.OUT,
        did=number,
        other=kind.number,
        name=kind.name,
        at=at,
        ambiguous=False,
        pages=through,
        seconds=seconds,
        status=FaxStatus.FAILED if failed else FaxStatus.SUCCESS,
        words=failed,
        folder="INBOX" if came else "SENT",
        rate_e8=rate,
        total_e8=rate * seconds // 60,
    )


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
