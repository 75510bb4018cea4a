"""Three clients with five people each: everybody opens their own conversations and files, and no other."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal import identity
from portal.core import storage
from portal.core.db import session
from portal.identity import Access, MemberRole
from portal.messaging.models import Conversation, Message, MessageFile
from portal.numbers.models import DidLink
from portal.pbx.models import SubAccount
from tests.browser import Browser
from tests.pictures import picture
from tests.world import HASH, Customer, World, receive_text

# Who is of a client's team besides its owner, and whether they see the sub-account of the numbers.
TEAM = {"manager": True, "wide": True, "narrow": True, "elsewhere": False}


def add_team(world: World, client: Customer) -> None:
    shop = world.globex if client is world.x else world.northwind
    receive_text(shop, client.dids[0], "+16135550199", "Hello")
    with world.within(shop):
        first, other = _two_accounts(client)
        for link in session().scalars(select(DidLink).where(DidLink.client_id == client.id)):
            link.sub_account_id = first
        for name, only in (
            ("manager", None), ("wide", None), ("narrow", {first}), ("elsewhere", {other}),
        ):  # fmt: skip
            role = MemberRole.MANAGER if name == "manager" else MemberRole.MEMBER
            reach = None if only is None else frozenset(only)
            identity.add_member(
                client.id, name=name, email=f"{name}@{client.id}.example", password=HASH,
                access=Access(role, reach, sees_money=name == "manager"),
            )  # fmt: skip
        for message in session().scalars(select(Message).where(Message.client_id == client.id)):
            path = storage.draft(ending="png")
            path.write_bytes(picture())
            session().add(
                MessageFile(
                    client_id=client.id, message_id=message.id, did_id=message.did_id,
                    state="here", mime="image/png", stored_as=storage.keep(path, ending="png"),
                )
            )  # fmt: skip


def _two_accounts(client: Customer) -> tuple[int, int]:
    """That of all the client's numbers, and one without any."""
    other = SubAccount(account=f"elsewhere_{client.id}", carrier_id=f"9{client.id}")
    session().add(other)
    session().flush()
    own = select(SubAccount.id).where(SubAccount.public_id.in_(client.accounts.values()))
    return session().scalars(own.order_by(SubAccount.id)).first() or 0, other.id


def addresses(world: World, client: Customer) -> set[str]:
    with world.reading(client):
        return {
            f"{start}/{one}"
            for start, model in (("/messages", Conversation), ("/messages/files", MessageFile))
            for one in session().scalars(
                select(model.public_id).where(model.client_id == client.id).order_by(model.id).limit(4)
            )
        }  # fmt: skip


@pytest.mark.parametrize("whose", ["a", "b", "x"])
def test_three_clients_of_five_people_see_only_their_own(
    world: World, browse: Callable[..., Browser], whose: str
) -> None:
    clients = {name: getattr(world, name) for name in ("a", "b", "x")}
    for client in clients.values():
        add_team(world, client)
    own, everything = {}, set()
    for name, client in clients.items():
        own[name] = addresses(world, client)
        everything |= own[name]
    client = clients[whose]
    opened = {}
    for name in ("owner", *TEAM):
        email = client.email if name == "owner" else f"{name}@{client.id}.example"
        who = browse(SimpleNamespace(base=client.base, reseller_id=client.reseller_id, email=email))
        opened[name] = {path for path in everything if who.open(path).status == 200}
        listed = {
            str(one["href"]).removeprefix(client.base).partition("?")[0]
            for one in who.open("/messages").all(".conversation[href], .conversation a[href]")
        }
        assert listed == {path for path in opened[name] if "/files/" not in path}, name

    assert own[whose]
    assert opened == {"owner": own[whose]} | {
        name: own[whose] if sees else set() for name, sees in TEAM.items()
    }
