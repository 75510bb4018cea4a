"""A file of contacts: matched to fields, tried line by line, and brought in some lines at a time.

Who is known already by a number or the e-mail is changed where the file says more, never emptied.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select, update

from portal.contacts.groups import join, make_group
from portal.contacts.models import Contact, ContactImport, ContactNumber
from portal.contacts.queries import cards
from portal.contacts.service import add, edit
from portal.contacts.spelling import checked
from portal.contacts.values import MOST_NUMBERS, ContactCard, ContactDraft, NumberFacts, NumberKind
from portal.contacts.vcards import read_cards
from portal.core import clock, live
from portal.core.db import only_one, session
from portal.core.errors import DomainError, InvalidInput, NotFound
from portal.core.failpoints import failpoint
from portal.core.queue import enqueue
from portal.core.sheets import LARGE, read_sheet
from portal.identity.spelling import folded
from portal.tasks import IMPORT_CONTACTS

FIELDS = (
    "name", "first_name", "last_name", "company", "email", "mobile", "phone", "fax", "groups",
    "language", "note",
)  # fmt: skip
CHUNK = 100
_CALLED = {
    "name": "name fullname displayname nomcomplet nombrecompleto contact",
    "first_name": "firstname first givenname prenom nombre",
    "last_name": "lastname last surname familyname nom apellido apellidos",
    "company": "company organization organisation organizationname business entreprise societe empresa",
    "email": "email emailaddress email1value mail courriel correo",
    "mobile": "mobile mobilephone cell cellphone number phone1value portable movil numero",
    "phone": "phone telephone tel businessphone homephone otherphone telefono other",
    "fax": "fax businessfax faxnumber telecopieur",
    "groups": "groups group labels groupmembership categories groupes grupos",
    "language": "language langue idioma",
    "note": "note notes comment comments remarque nota",
}
_FIELD_CALLED = {word: name for name, words in _CALLED.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class TriedRow:
    """One line and what would happen to it: new, changed, same or refused, and why."""

    position: int
    name: str
    outcome: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """A file on its way in."""

    public_id: uuid.UUID
    name: str
    state: str
    head: tuple[str, ...]
    mapping: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    all_rows: int
    done: int
    added: int
    changed: int
    same: int
    refused: tuple[TriedRow, ...]


def upload_import(client_id: int, content: bytes, *, name: str) -> uuid.UUID:
    """Keep a CSV file or cards as a draft with guessed columns."""
    if b"BEGIN:VCARD" in content[:2_000].upper():
        head: Sequence[str] = FIELDS
        rows = [
            [at, *(card.get(field, "") for field in FIELDS)]
            for at, card in enumerate(read_cards(content), 1)
        ]
        mapping = list(FIELDS)
    else:
        sheet = read_sheet(content, LARGE)
        head, mapping = sheet.head, guess(sheet.head)
        rows = [[at, *cells] for at, cells in sheet.rows]
    row = ContactImport(
        client_id=client_id, name=name[:120], head=list(head), mapping=mapping, rows=rows
    )
    session().add(row)
    session().flush()
    return row.public_id


def guess(head: Sequence[str]) -> list[str]:
    """Which field each column is; empty for none. Only numbers may come more than once."""
    found: list[str] = []
    for title in head:
        name = _FIELD_CALLED.get(re.sub(r"[^a-z0-9]", "", folded(title)), "")
        found.append("" if name in found and name not in {"mobile", "phone", "fax"} else name)
    return found


def map_columns(client_id: int, public_id: uuid.UUID, mapping: Sequence[str]) -> None:
    """Say what each column is."""
    row = _row(client_id, public_id)
    wanted = [name if name in FIELDS else "" for name in mapping][: len(row.head)]
    mine = only_one(
        update(ContactImport)
        .where(ContactImport.id == row.id, ContactImport.state == "draft")
        .values(mapping=wanted + [""] * (len(row.head) - len(wanted)))
    )
    if not mine:
        raise NotFound("There is no such file.")


def try_out(client_id: int, public_id: uuid.UUID, *, country: str) -> list[TriedRow]:
    """What would happen to every line. Changes nothing."""
    row = _row(client_id, public_id)
    drafts = [_draft(row.mapping, cells, country) for cells in row.rows]
    known = _known(client_id, [one for one in drafts if isinstance(one, ContactDraft)])
    seen: set[str] = set()
    found = []
    for (position, *_), draft in zip(row.rows, drafts, strict=True):
        if isinstance(draft, TriedRow):
            found.append(replace(draft, position=position))
            continue
        keys = _keys(draft)
        card = next((known[key] for key in keys if key in known), None)
        outcome = "new"
        if card is not None:
            outcome = "same" if _is_same(card, _joined(card, draft)) else "changed"
        elif seen & set(keys):
            outcome = "changed"
        seen.update(keys)
        found.append(TriedRow(position, draft.name, outcome))
    return found


def apply_import(client_id: int, public_id: uuid.UUID, *, country: str) -> bool:
    """Bring it in, in the background; True for exactly one of those who press."""
    row = _row(client_id, public_id)
    mine = only_one(
        update(ContactImport)
        .where(ContactImport.id == row.id, ContactImport.state == "draft")
        .values(state="running", country=country)
    )
    if mine:
        enqueue(IMPORT_CONTACTS, import_id=row.id)
    return mine


def bring_some(import_id: int) -> bool:
    """Bring in the next lines; False when nothing is left. In the caller's transaction, for the job."""
    row: ContactImport | None = session().scalar(
        select(ContactImport)
        .where(ContactImport.id == import_id, ContactImport.state == "running")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return False
    assert row.client_id is not None
    some = row.rows[row.done : row.done + CHUNK]
    problems = list(row.problems)
    for position, *cells in some:
        outcome = _bring(row, position, cells)
        if outcome.outcome == "refused":
            problems.append([outcome.position, outcome.name, outcome.problem])
        else:
            name = {"new": "added", "changed": "changed", "same": "same"}[outcome.outcome]
            setattr(row, name, getattr(row, name) + 1)
    row.done += len(some)
    row.problems = problems
    if not some:
        row.state, row.finished_at, row.rows = "done", clock.now(), []
    session().flush()
    failpoint("contacts.chunk")
    live.tell("job-changed", client_id=row.client_id)
    return bool(some)


def find_import(client_id: int, public_id: uuid.UUID) -> ImportFacts:
    """One of them; NotFound when it is not theirs."""
    row = _row(client_id, public_id)
    return ImportFacts(
        row.public_id, row.name, row.state, tuple(row.head), tuple(row.mapping),
        tuple(tuple(cells[1:]) for cells in row.rows[:3]), len(row.rows) or row.done, row.done,
        row.added, row.changed, row.same,
        tuple(TriedRow(at, name, "refused", problem) for at, name, problem in row.problems),
    )  # fmt: skip


def discard_import(client_id: int, public_id: uuid.UUID) -> None:
    """Throw a draft away."""
    row = _row(client_id, public_id)
    if row.state != "draft":
        raise NotFound("There is no such file.")
    session().delete(row)
    session().flush()


def forget_imports(before: datetime) -> None:
    """Files this old, with the names in them."""
    session().execute(
        delete(ContactImport).where(ContactImport.created_at < before),
        execution_options={"synchronize_session": False},
    )


def _bring(row: ContactImport, position: int, cells: Sequence[str]) -> TriedRow:
    assert row.client_id is not None
    client_id, country = row.client_id, row.country
    draft = _draft(row.mapping, [position, *cells], country)
    if isinstance(draft, TriedRow):
        return replace(draft, position=position)
    groups = _groups(row.mapping, cells)
    known = _known(client_id, [draft])
    card = next((known[key] for key in _keys(draft) if key in known), None)
    try:
        with session().begin_nested():
            if card is None:
                kept, outcome = add(client_id, draft, country=country), "new"
            else:
                draft = _joined(card, draft)
                outcome = "same" if _is_same(card, draft) else "changed"
                kept = card if outcome == "same" else edit(
                    client_id, card.public_id, draft, country=country
                )  # fmt: skip
            for name in groups:
                join(client_id, make_group(client_id, name), [kept.public_id])
    except DomainError as refusal:
        return TriedRow(position, draft.name, "refused", refusal.message)
    return TriedRow(position, draft.name, outcome)


def _draft(mapping: Sequence[str], row: Sequence[object], country: str) -> ContactDraft | TriedRow:
    """A line as a contact, or why not."""
    typed: dict[str, list[str]] = {}
    for name, cell in zip(mapping, row[1:], strict=False):
        text = re.sub(r"^'(?=[=+\-@|%])", "", str(cell).strip())
        if name and text:
            typed.setdefault(name, []).append(text)
    one = {name: texts[0] for name, texts in typed.items()}
    name = one.get("name") or f"{one.get('first_name', '')} {one.get('last_name', '')}".strip()
    numbers = [
        NumberFacts(number.strip(), kind)
        for field, kind in (
            ("mobile", NumberKind.MOBILE), ("phone", NumberKind.OTHER), ("fax", NumberKind.FAX),
        )
        for text in typed.get(field, ())
        for number in re.split(r"[;,]| ::: ", text)
        if number.strip()
    ]  # fmt: skip
    language = one.get("language", "")[:2].lower()
    draft = ContactDraft(
        name[:120], one.get("company", "")[:120], one.get("email", "")[:254],
        language if language in {"en", "fr", "es"} else "", one.get("note", "")[:2_000],
        tuple(numbers[:MOST_NUMBERS]),
    )  # fmt: skip
    try:
        return checked(draft, country)
    except InvalidInput as refusal:
        return TriedRow(0, name[:120], "refused", refusal.message)


def _groups(mapping: Sequence[str], cells: Sequence[str]) -> list[str]:
    texts = [cell for name, cell in zip(mapping, cells, strict=False) if name == "groups"]
    found = [
        one.strip().lstrip("* ")[:60] for text in texts for one in re.split(r"[;,]| ::: ", text)
    ]
    return [one for one in dict.fromkeys(found) if one][:20]


def _keys(draft: ContactDraft) -> list[str]:
    return [*(one.number for one in draft.numbers), *([draft.email] if draft.email else [])]


def _known(client_id: int, drafts: Sequence[ContactDraft]) -> dict[str, ContactCard]:
    """Whom the client knows of these, by number and by e-mail."""
    numbers = sorted({one.number for draft in drafts for one in draft.numbers})
    emails = sorted({draft.email for draft in drafts if draft.email})
    found: dict[int, Contact] = {}
    keys: dict[str, int] = {}
    for first in range(0, len(emails), 500):
        for row in session().scalars(
            select(Contact).where(
                Contact.client_id == client_id,
                Contact.deleted_at.is_(None),
                Contact.email.in_(emails[first : first + 500]),
            )
        ):
            found[row.id] = row
            keys.setdefault(row.email, row.id)
    for first in range(0, len(numbers), 500):
        for row, number in session().execute(
            select(Contact, ContactNumber.number)
            .join(ContactNumber, ContactNumber.contact_id == Contact.id)
            .where(
                Contact.client_id == client_id,
                ContactNumber.number.in_(numbers[first : first + 500]),
            )
        ):
            found[row.id] = row
            keys[number] = row.id
    ids = list(found)
    shown = {
        id_: card
        for first in range(0, len(ids), 500)
        for id_, card in zip(
            ids[first : first + 500],
            cards([found[one] for one in ids[first : first + 500]]),
            strict=True,
        )
    }
    return {key: shown[id_] for key, id_ in keys.items()}


def _joined(card: ContactCard, draft: ContactDraft) -> ContactDraft:
    """The contact as it would be: what the file says, and what it does not say as it was."""
    numbers = {one.number: one for one in card.numbers}
    for one in draft.numbers:
        numbers.setdefault(one.number, one)
    return ContactDraft(
        draft.name or card.name, draft.company or card.company, draft.email or card.email,
        draft.language or card.language, draft.note or card.note,
        tuple(numbers.values())[:MOST_NUMBERS],
    )  # fmt: skip


def _is_same(card: ContactCard, draft: ContactDraft) -> bool:
    return (card.name, card.company, card.email, card.language, card.note, card.numbers) == (
        draft.name, draft.company, draft.email, draft.language, draft.note, draft.numbers,
    )  # fmt: skip


def _row(client_id: int, public_id: uuid.UUID) -> ContactImport:
    row: ContactImport | None = session().scalar(
        select(ContactImport)
        .where(ContactImport.public_id == public_id, ContactImport.client_id == client_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such file.")
    return row
