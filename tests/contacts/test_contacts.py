"""Contacts: found by whatever one remembers, one per number, changed by two people, deleted and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal import contacts, messaging
from portal.contacts import ContactDraft, ContactFilter, NumberFacts, NumberKind
from portal.core.errors import InvalidInput, Refused
from tests.browser import Browser
from tests.world import World

Browse = Callable[..., Browser]
NADIA, FAX = "+16135550155", "+14165550175"
ELODIE = ContactDraft(
    "Élodie Marchand", "Bytown Dental Supply", "Elodie@Bytown.example", "fr", "Crowns",
    (NumberFacts("(514) 555-0117"), NumberFacts(FAX, NumberKind.FAX), NumberFacts("72345")),
)  # fmt: skip


def found(world: World, text: str) -> list[str]:
    with world.reading(world.a):
        return [one.name for one in contacts.listing(world.a.id, ContactFilter(text)).rows]


def test_somebody_is_found_by_whatever_one_remembers(world: World) -> None:
    with world.within(world.a):
        contacts.add(world.a.id, ELODIE, country="CA")
    with world.within(world.b):
        contacts.add(world.b.id, ELODIE, country="CA")

    for text in ("elodie", "MARCH", "marchand bytown", "bytown.ex", "514 555-01", "(514)", "72345"):
        assert found(world, text) == ["Élodie Marchand"], text
    for text in ("elodie okafor", "%", "_", "999", "\\"):
        assert found(world, text) == [], text
    with world.reading(world.a):
        known = contacts.names(world.a.id, ["+15145550117", FAX, "+19995550100"])
        choices = contacts.search(world.a.id, "élo")
        card = contacts.by_number(world.a.id, "+15145550117")
    assert known == {"+15145550117": "Élodie Marchand", FAX: "Élodie Marchand"}
    assert [one.number for one in choices] == ["+15145550117", FAX, "72345"]
    assert card is not None
    assert (card.email, card.number_for(NumberKind.FAX)) == ("elodie@bytown.example", FAX)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ContactDraft(), "name"),
        (ContactDraft("x" * 121), "name"),
        (ContactDraft("A", note="x" * 2_001), "note"),
        (ContactDraft("A", email="not an address"), "email"),
        (ContactDraft("A", language="xx"), "language"),
        (ContactDraft("A", numbers=(NumberFacts("613 555 0142"), NumberFacts("12"))), "number_1"),
        (ContactDraft("A", numbers=(NumberFacts(FAX),)), "number_0"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    world: World, draft: ContactDraft, field: str
) -> None:
    with world.within(world.a):
        contacts.add(world.a.id, ELODIE, country="CA")

    with pytest.raises(InvalidInput) as refused, world.within(world.a):
        contacts.add(world.a.id, draft, country="CA")

    assert refused.value.field == field


def test_a_name_given_in_a_conversation_is_the_contacts_everywhere(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    with world.reading(world.a):
        thread = messaging.find_conversation(world.a.id, world.a.dids[0], NADIA)

    ada.open(f"/messages/{thread}")
    ada.submit("#contact-name", name="  Nadia   Okafor ")

    assert "Nadia Okafor" in ada.open("/messages", q="NADIA okaf").text("#conversations")
    assert "Nadia Okafor" in ada.open("/contacts").text("#contact-rows")
    ada.open(f"/messages/{thread}")
    ada.submit("#contact-name", name="")
    assert found(world, "") == []
    assert "+1 613 555 0155" in ada.open("/messages").text("#conversations")


def test_two_who_edit_one_contact_do_not_undo_each_other(world: World) -> None:
    with world.within(world.a):
        card = contacts.add(world.a.id, ELODIE, country="CA")
    seen = contacts.mark(card)

    with world.within(world.a):
        contacts.edit(world.a.id, card.public_id, ContactDraft("First"), seen=seen)
    with pytest.raises(Refused), world.within(world.a):
        contacts.edit(world.a.id, card.public_id, ContactDraft("Second"), seen=seen)

    assert found(world, "") == ["First"]


def test_contacts_are_made_grouped_merged_deleted_and_brought_back(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open("/contacts/new", number="613 555 0155")
    wrong = ada.submit("#contact-form", name="", number_1="nonsense")
    assert wrong.status == 422
    assert wrong.find("#number_0")["value"] == "613 555 0155"
    ada.submit("#contact-form", name="Nadia Okafor", number_1="", email="nadia@mail.example")
    ada.open("/contacts/new")
    page = ada.submit("#contact-form", name="nadia okafor", number_0="343 555 0126", note="Work")
    assert page.title == "nadia okafor"

    both = [str(one["value"]) for one in ada.open("/contacts/duplicates").all("[name=chosen]")]
    page = ada.post("/contacts/bulk", {"action": "merge", "chosen": both})
    assert "+1 343 555 0126" in page.words
    assert "Work" in page.words

    ada.open("/contacts")
    chosen = str(ada.page.find("[name=chosen]")["value"]) if ada.page else ""
    page = ada.submit("#bulk", chosen=chosen, action="join", new_group="Patients")
    assert "Patients 1" in page.words
    page = ada.submit("#bulk", chosen=chosen, action="delete")
    assert "Nobody" in ada.open(page.link("Patients")).words or not found(world, "")
    with world.within(world.a):
        contacts.name_number(world.a.id, NADIA, "Somebody else")
    ada.open("/contacts", show="deleted")
    ada.submit("#bulk", chosen=chosen, action="restore")

    assert found(world, "") == ["Nadia Okafor", "Somebody else"]
    with world.reading(world.a):
        back = contacts.by_number(world.a.id, "+13435550126")
        assert back is not None
        assert [one.number for one in back.numbers] == ["+13435550126"], "the other has a new owner"
        assert list(back.groups.values()) == ["Patients"]


def test_a_long_list_is_read_page_by_page_in_every_order(world: World) -> None:
    with world.within(world.a):
        for at in range(120):
            contacts.add(world.a.id, ContactDraft(f"Person {at % 60:03}"))

    for sort in contacts.ContactSort:
        with world.reading(world.a):
            wanted, seen, after = ContactFilter(sort=sort), list[object](), None
            while True:
                page = contacts.listing(world.a.id, wanted, after=after)
                seen += [one.public_id for one in page.rows]
                if (after := page.older) is None:
                    break
        assert len(seen) == len(set(seen)) == 120, sort
