"""Three clients with five people each: everybody opens what is theirs to see, and nothing of anybody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from portal import contacts, identity, prepared
from portal.contacts import ContactDraft, NumberFacts
from portal.core import clock, storage
from portal.core.db import session
from portal.fax.models import Fax, FaxFolder, FaxPage
from portal.identity import Access, MemberRole
from portal.messaging.models import Conversation, Message, MessageFile
from portal.numbers.models import Did, DidLink
from portal.pbx.models import SubAccount
from portal.prepared import LaterDraft, LaterState, Recipient
from portal.prepared.models import BulkText, LaterText
from tests.browser import Browser
from tests.fax_things import give_faxes
from tests.pictures import picture
from tests.world import HASH, Customer, World, receive_text

# Who sees what of a client: that of the first office's numbers, that of the second's, and what the whole
# team has in common.
ALL = ("first", "second", "team")
SEES = {
    "owner": ALL, "manager": ALL, "member": ALL,
    "first office": ("first", "team"), "second office": ("second", "team"),
}  # fmt: skip
# What is opened of each thing, by its id; test_access.py knocks at every other door.
PAGES = {
    "conversation": "/messages/{}", "message_file": "/messages/files/{}", "later": "/messages/later/{}",
    "bulk": "/messages/bulk/{}/result.csv", "received": "/faxes/{}", "sent": "/faxes/{}.pdf",
    "draft": "/faxes/drafts/{}", "fax_page": "/faxes/pages/{}", "folder": "/faxes?folder={}",
    "contact": "/contacts/{}", "group": "/contacts/groups/{}", "template": "/messages/templates/{}",
}  # fmt: skip
# Which words of a client a list has, for whoever may see them. Each page of faxes names the folders.
LISTS = {
    "/messages": ("first", "second"), "/messages/later": ("first", "second"),
    "/messages/bulk": ("first", "second"), "/messages/templates": ("team",), "/faxes": ALL,
    "/contacts.csv": ("team",),
}  # fmt: skip
FRAGMENT = {"HX-Request": "true"}
# A page in front of a draft that is gone leaves it as it is.
NOT_FOUND = {204, 404}

Things = dict[str, set[str]]


def word(client: Customer, part: str) -> str:
    """What only the things of this client's part say."""
    return f"word{part}{client.number}"


def test_three_clients_of_five_people_see_only_their_own(
    world: World, browse: Callable[..., Browser]
) -> None:
    clients = (world.a, world.b, world.x)
    things = {client.number: furnish(world, client) for client in clients}
    words = {word(client, part) for client in clients for part in ALL}

    wrong: list[tuple[object, ...]] = []
    for client in clients:
        foreign = set().union(
            *(
                theirs["first"] | theirs["team"]
                for number, theirs in things.items()
                if number != client.number
            )
        )
        for name, sees in SEES.items():
            who = browse(
                SimpleNamespace(
                    base=client.base, reseller_id=client.reseller_id, email=email(client, name)
                )
            )
            for part, paths in (things[client.number] | {"foreign": foreign}).items():
                wanted = {200} if part in sees else NOT_FOUND
                asked = [(path, ask(who, path, **FRAGMENT)[0]) for path in paths]
                wrong += [
                    (client.number, name, part, *one) for one in asked if one[1] not in wanted
                ]
            for path, parts in LISTS.items():
                status, said = ask(who, path)
                read = {one for one in words if one in said}
                if (status, read) != (200, {word(client, one) for one in parts if one in sees}):
                    wrong.append((client.number, name, path, status, *read))
    assert wrong == []


def ask(who: Browser, path: str, **headers: str) -> tuple[int, str]:
    """The answer's code and words, unread by a parser: there are hundreds of them."""
    answer = who._send("GET", who.base + path, headers)
    return answer.status_code, answer.get_data().decode(errors="replace")


def email(client: Customer, name: str) -> str:
    return client.email if name == "owner" else f"{name.split()[0]}@{client.number}.example"


def furnish(world: World, client: Customer) -> Things:
    """A team, two offices with a number and a fax number each, and one thing of every kind for both."""
    shop = world.globex if client is world.x else world.northwind
    with world.within(shop):
        offices = dict(zip(("first", "second"), two_offices(client), strict=True))
        numbers = {part: a_number(client, part, office) for part, office in offices.items()}
        for name, only in (
            ("manager", None), ("member", None),
            ("first office", {offices["first"]}), ("second office", {offices["second"]}),
        ):  # fmt: skip
            role = MemberRole.MANAGER if name == "manager" else MemberRole.MEMBER
            reach = None if only is None else frozenset(only)
            identity.add_member(
                client.id, name=name, email=email(client, name), password=HASH,
                access=Access(role, reach, sees_money=name == "manager"),
            )  # fmt: skip
    for part, did in numbers.items():
        receive_text(shop, did.number, "+16135550199", word(client, part))
    with world.within(shop):
        found: dict[str, list[tuple[str, Any]]] = {part: [] for part in ALL}
        for part, did in numbers.items():
            found[part] += texts_of(client, part, did)
            faxes, folder = faxes_of(client, part, offices[part])
            found[part] += faxes
            found["team"].append(("folder", folder))
        found["team"] += shared_by(client)
    return {part: {PAGES[kind].format(one) for kind, one in those} for part, those in found.items()}


def two_offices(client: Customer) -> tuple[int, int]:
    """The client's first sub-account, and another one."""
    other = SubAccount(account=f"second_{client.id}", carrier_id=f"9{client.id}")
    session().add(other)
    session().flush()
    own = select(SubAccount.id).where(SubAccount.public_id.in_(client.accounts.values()))
    return session().scalars(own.order_by(SubAccount.id)).first() or 0, other.id


def a_number(client: Customer, part: str, office: int) -> Did:
    place = 7_000 if part == "first" else 7_500
    did = Did(number=f"+1613555{place + client.id}", sms_available=True, sms_enabled=True)
    session().add(did)
    session().flush()
    since = clock.now() - timedelta(days=1)
    session().add(
        DidLink(did_id=did.id, client_id=client.id, sub_account_id=office, valid_from=since)
    )
    session().flush()
    return did


def texts_of(client: Customer, part: str, did: Did) -> list[tuple[str, uuid.UUID]]:
    """A conversation with a picture, a text for later and one to many."""
    own = word(client, part)
    thread = session().scalars(select(Conversation).where(Conversation.did_id == did.id)).one()
    row = MessageFile(
        client_id=client.id, message_id=first_message(thread), did_id=did.id, state="here",
        mime="image/png", stored_as=kept(), thumbnail_as=kept(),
    )  # fmt: skip
    session().add(row)
    tomorrow = clock.now() + timedelta(days=1)
    later = prepared.begin_later(
        client.id, LaterDraft(did.number, "+16135550155", own, tomorrow), person_id=None, country="CA"
    )  # fmt: skip
    session().scalars(
        select(LaterText).where(LaterText.public_id == later)
    ).one().state = LaterState.WAITING
    to = [Recipient("+16135550155", "", {})]
    bulk = prepared.begin_bulk(client.id, to, name=own, left_out={}, person_id=None)
    session().scalars(select(BulkText).where(BulkText.public_id == bulk)).one().did_id = did.id
    session().flush()
    return [
        ("conversation", thread.public_id), ("message_file", row.public_id),
        ("later", later), ("bulk", bulk),
    ]  # fmt: skip


def first_message(thread: Conversation) -> int:
    own = select(Message.id).where(Message.conversation_id == thread.id)
    return session().scalars(own).one()


def kept() -> str:
    path = storage.draft(ending="png")
    path.write_bytes(picture(size=(8, 8)))
    return storage.keep(path, ending="png")


def faxes_of(client: Customer, part: str, office: int) -> tuple[list[tuple[str, Any]], uuid.UUID]:
    """A fax number with a fax of each kind, their pages and a folder."""
    place = 8_000 if part == "first" else 8_500
    given = give_faxes(client.id, f"+1613555{place + client.id}")
    rows = session().scalars(select(Fax).where(Fax.public_id.in_(given.values()))).all()
    for row in rows:
        row.contact_name = row.searched = word(client, part)
    did = session().get_one(Did, rows[0].did_id)
    link = session().scalars(select(DidLink).where(DidLink.did_id == did.id)).one()
    link.sub_account_id = office
    folder = (
        session().scalars(select(FaxFolder).where(FaxFolder.public_id == given["folder"])).one()
    )
    folder.name = folder.folded_name = f"{part} {word(client, 'team')}"
    session().flush()
    page = session().scalars(select(FaxPage.public_id).where(FaxPage.did_id == did.id)).first()
    kinds = [(kind, given[kind]) for kind in ("received", "sent", "draft")]
    return [*kinds, ("fax_page", page)], folder.public_id


def shared_by(client: Customer) -> list[tuple[str, Any]]:
    """What the whole team has in common."""
    own = word(client, "team")
    numbers = (NumberFacts("+16135550177"),)
    contact = contacts.add(client.id, ContactDraft(name=own, numbers=numbers)).public_id
    return [
        ("contact", contact),
        ("group", contacts.make_group(client.id, own)),
        ("template", prepared.add_template(client.id, own, "Hello")),
    ]
