"""Whom the demo's clients know. All names are invented; all numbers are from ranges set aside for fiction."""

from __future__ import annotations

from datetime import timedelta

from portal import contacts, numbers, prepared
from portal.contacts import ContactDraft, NumberFacts, NumberKind
from portal.core import clock
from portal.demo.people import DemoClient
from portal.prepared import LaterDraft

_TEMPLATES = (
    (
        "Reminder",
        "Hello [first name], a reminder of your appointment tomorrow. Reply C to confirm. [my company]",
    ),
    ("Running late", "Hello [first name], we are running about 20 minutes late today. Sorry!"),
    ("Thank you", "Thank you for your visit, [first name]. Call [my number] with any question."),
    ("Rappel", "Bonjour [first name], votre rendez-vous est demain. [my company]"),
)
_LATER = (
    ("+16135550155", "Hello Nadia, see you tomorrow at 10:30. Harbourlight Dental", 20),
    ("+16135550162", "Hello Beatriz, it is time for your six-month check-up.", 68),
)
_GROUPS = ("Patients", "Suppliers", "Staff")
# Name, company, e-mail, numbers with their kind, group, note.
_PEOPLE = (
    ("Amara Diallo", "", "amara.diallo@mail.example", ("6135550161",), "", "Patients", ""),
    ("Beatriz Fonseca", "", "", ("6135550162",), "", "Patients", "Prefers afternoons."),
    ("Cormac Whelan", "", "cormac@mail.example", ("8195550163",), "", "Patients", ""),
    ("Dagny Sørensen", "", "", ("6135550164", "3435550165"), "", "Patients", ""),
    ("Émile Gauthier", "", "emile.gauthier@courrier.example", ("8195550166",), "", "Patients",
     "Écrire en français."),
    ("Farah Siddiqui", "", "", ("6135550167",), "", "Patients", ""),
    ("Gus Lindqvist", "", "gus@mail.example", ("6135550168",), "", "Patients", ""),
    ("Imogen Achterberg", "", "", ("3435550169",), "", "Patients", "Allergic to latex."),
    ("Jun Takahashi", "", "jun.t@mail.example", ("6135550170",), "", "Patients", ""),
    ("Amara Diallo", "", "", ("3435550171",), "", "", "Work number."),
    ("", "Bytown Dental Supply", "orders@bytown-supply.example", ("6135550172",), "6135550173",
     "Suppliers", "Account 20417. Orders before 14:00 arrive the next day."),
    ("Renata Kovač", "Lumen Crown Lab", "renata@lumen-lab.example", ("4165550174",), "4165550175",
     "Suppliers", "Crowns and bridges."),
    ("", "Rideau Insurance Claims", "claims@rideau.example", ("8005550176",), "8005550177",
     "Suppliers", ""),
    ("Theo Marsh", "Harbourlight Dental", "theo@harbourlight.example", ("6135550179",), "", "Staff",
     ""),
    ("Adaeze Obi", "Harbourlight Dental", "adaeze@harbourlight.example", ("6135550180",), "",
     "Staff", ""),
)  # fmt: skip


def fill_phonebook(client: DemoClient, client_id: int, *, country: str) -> None:
    """Give whom they text their names; the first client has a whole phonebook, with groups."""
    for number, name in client.contacts:
        contacts.name_number(client_id, contacts.spelled_number(number, country), name)
    if not client.team:
        return
    groups = {name: contacts.make_group(client_id, name) for name in _GROUPS}
    for name, company, email, mobiles, fax, group, note in _PEOPLE:
        numbers = [NumberFacts(one) for one in mobiles]
        if fax:
            numbers.append(NumberFacts(fax, NumberKind.FAX))
        draft = ContactDraft(name, company, email, "", note, tuple(numbers))
        card = contacts.add(client_id, draft, country=country)
        if group:
            contacts.join(client_id, groups[group], [card.public_id])
    for number, _ in client.contacts:
        known = contacts.by_number(client_id, contacts.spelled_number(number, country))
        if known is not None:
            contacts.join(client_id, groups["Patients"], [known.public_id])
    _prepare(client_id, country)


def _prepare(client_id: int, country: str) -> None:
    """Templates, two texts that wait for their time, and a draft to many."""
    for name, text in _TEMPLATES:
        prepared.add_template(client_id, name, text)
    sender = numbers.sms_choices(client_id)[0].number
    for to, text, hours in _LATER:
        draft = LaterDraft(sender, to, text, clock.now() + timedelta(hours=hours))
        made = prepared.begin_later(client_id, draft, person_id=None, country=country)
        prepared.change_later(client_id, made, draft, country=country)
    patients = next(one for one in contacts.groups(client_id) if one.name == "Patients")
    wanted = contacts.ContactFilter(group=patients.public_id)
    found, left_out = prepared.of_contacts(contacts.every(client_id, wanted))
    made = prepared.begin_bulk(client_id, found, name="Patients", left_out=left_out, person_id=None)
    prepared.write_bulk(
        client_id,
        made,
        sender=sender,
        text="Hello [first name], we are closed on Monday. [my company]",
        send_as="",
        sender_name="Priya Raman",
    )
