"""Contacts from files: CSV and cards, tried before they count, brought in once; hostile ones hurt nobody."""

from __future__ import annotations

from portal import contacts
from portal.contacts import ContactDraft, ContactFilter, NumberFacts, NumberKind, read_cards
from tests.worker import work
from tests.world import World

CSV = """Full Name;E-mail;Cell phone;Fax number;Labels;Shoe size
Élodie Marchand;elodie@mail.example;(514) 555-0117;;Patients * VIP, Staff;38
Nadia Okafor;;613 555 0155;613-555-0156;;
Nadia Okafor;;613 555 0155;;;
Wrong Number;;12;;;
;nobody;;;;
"""
CARDS = (
    b"""BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Marchand;=C3=89lodie;;;\r
TEL;CELL:(514) 555-0117\r
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Renata Kova\xc4\x8d\\, lab\r
item1.TEL;VALUE=uri;TYPE="cell,voice":tel:+1-416-555-0174\r
TEL;TYPE=work,fax:416 555 0175\r
EMAIL;TYPE=work:renata@lumen-lab.example\r
ORG:Lumen Crown Lab;Ceramics\r
NOTE:Crowns\\nand br\r
 idges\r
CATEGORIES:Suppliers,Staff\r
END:VCARD\r
BEGIN:VCARD\r
FN:"""
    + b"x" * 4_000
    + b"""\r
TEL:613 555 0199\r
GARBAGE\r
END:VCARD\r
"""
)


def outcomes(world: World, content: bytes) -> list[str]:
    with world.within(world.a):
        made = contacts.upload_import(world.a.id, content, name="a file")
    with world.reading(world.a):
        tried = contacts.try_out(world.a.id, made, country="CA")
    with world.within(world.a):
        assert contacts.apply_import(world.a.id, made, country="CA")
        assert not contacts.apply_import(world.a.id, made, country="CA"), "pressed twice"
    work()
    with world.reading(world.a):
        facts = contacts.find_import(world.a.id, made)
    assert facts.state == "done"
    assert facts.added == sum(one.outcome == "new" for one in tried)
    assert len(facts.refused) == sum(one.outcome == "refused" for one in tried)
    return [one.outcome for one in tried]


def test_a_spreadsheet_is_tried_and_brought_in(world_app: object, world: World) -> None:
    with world.within(world.a):
        known = NumberFacts("+16135550155")
        contacts.add(world.a.id, ContactDraft("Nadia", note="Kept", numbers=(known,)))

    first = outcomes(world, CSV.encode("cp1252"))
    again = outcomes(world, CSV.encode("utf-16"))

    assert first == ["new", "changed", "changed", "refused", "refused"]
    assert again == ["same", "same", "same", "refused", "refused"]
    with world.reading(world.a):
        elodie, nadia = contacts.listing(world.a.id, ContactFilter()).rows
    assert (elodie.name, list(elodie.groups.values())) == (
        "Élodie Marchand",
        ["Patients * VIP", "Staff"],
    )
    assert (nadia.name, nadia.note) == ("Nadia Okafor", "Kept")
    assert nadia.numbers == (known, NumberFacts("+16135550156", NumberKind.FAX))


def test_cards_of_every_age_are_read_and_written_back(world_app: object, world: World) -> None:
    assert outcomes(world, CARDS) == ["new", "new", "new"]
    with world.reading(world.a):
        cards = contacts.every(world.a.id, ContactFilter())
        written = "".join(contacts.write_card(card) for card in cards).encode()

    assert [card.name for card in cards[:2]] == ["Élodie Marchand", "Renata Kovač, lab"]
    assert cards[1].numbers == (
        NumberFacts("+14165550174"), NumberFacts("+14165550175", NumberKind.FAX),
    )  # fmt: skip
    assert (cards[1].company, cards[1].note) == ("Lumen Crown Lab", "Crowns\nand bridges")
    assert len(cards[2].name) == 120
    assert outcomes(world, written) == ["same", "same", "same"]
    assert all(len(line) <= 76 for line in written.split(b"\r\n"))


def test_hostile_cards_are_no_cards() -> None:
    junk = b"BEGIN:VCARD\nTEL" + b";X" * 50_000 + b":1\nFN:" + b"=C3" * 5_000 + b"\nEND:VCARD\n"
    found = read_cards(junk * 3 + b"BEGIN:VCARD\n" * 1_000 + b"FN:Last\n\xff\xfe\x00END\nEND:VCARD")

    assert len(found) == 4
    assert all(len(value) <= 2_000 for one in found for value in one.values())
