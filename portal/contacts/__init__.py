"""Whom a client knows: the phonebook that its texts, calls and faxes share."""

from portal.contacts.forgetting import forget_contacts_of as forget_contacts_of
from portal.contacts.queries import by_number as by_number
from portal.contacts.queries import find as find
from portal.contacts.queries import names as names
from portal.contacts.queries import search as search
from portal.contacts.service import name_number as name_number
from portal.contacts.spelling import spelled_number as spelled_number
from portal.contacts.values import ContactCard as ContactCard
from portal.contacts.values import ContactChoice as ContactChoice
from portal.contacts.values import ContactDraft as ContactDraft
from portal.contacts.values import NumberFacts as NumberFacts
from portal.contacts.values import NumberKind as NumberKind
from portal.contacts.values import first_name as first_name
