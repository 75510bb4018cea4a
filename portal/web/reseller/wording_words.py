"""What the reseller's texts are called, when they are sent, and what their names stand for."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext, lazy_gettext

from portal import mail
from portal.mail import MailName
from portal.web.i18n import LANGUAGES
from portal.wording import PALETTE, WELCOME, TextKind

LABELS = {
    WELCOME.name: (
        lazy_gettext("Welcome text"),
        lazy_gettext("On the dashboard of every client."),
    ),
    MailName.LOW_BALANCE: (
        lazy_gettext("Low balance"),
        lazy_gettext("When a balance falls below the threshold that the client was given."),
    ),
    MailName.RESET_PASSWORD: (
        lazy_gettext("Reset password: the link"),
        lazy_gettext("When somebody asks for a new password at the login."),
    ),
    MailName.PASSWORD_WAS_RESET: (
        lazy_gettext("Reset password: completed"),
        lazy_gettext("When a new password was chosen, so that a theft is noticed."),
    ),
    MailName.SIGN_UP_VERIFY: (
        lazy_gettext("Sign-up: confirm the e-mail"),
        lazy_gettext("When somebody signs up, to be sure of the address."),
    ),
    MailName.SIGN_UP_RECEIVED: (
        lazy_gettext("Sign-up received"),
        lazy_gettext("When the address is confirmed: the account awaits activation."),
    ),
    MailName.ACCOUNT_ACTIVATED: (
        lazy_gettext("Account activated"),
        lazy_gettext("When you activate a waiting account."),
    ),
    MailName.PAYMENT_RECEIVED: (
        lazy_gettext("Payment received"),
        lazy_gettext("When a payment is written down or comes in."),
    ),
    MailName.SUSPENDED: (
        lazy_gettext("Service suspended"),
        lazy_gettext("When an empty balance suspends the service (HARD)."),
    ),
    MailName.RESUMED: (
        lazy_gettext("Service resumed"),
        lazy_gettext("When a payment lets a suspended service go on."),
    ),
    MailName.EXPOSURE_STOPPED: (
        lazy_gettext("Service stopped for unusual calls"),
        lazy_gettext("When the guard over calls suspends the service; you let it go on."),
    ),
    MailName.FAX_RESULT: (
        lazy_gettext("Fax result"),
        lazy_gettext("When a fax was delivered or failed."),
    ),
    MailName.INVOICE_ISSUED: (
        lazy_gettext("Invoice"),
        lazy_gettext("With the invoice of a month as a PDF."),
    ),
    MailName.RECEIPT_ISSUED: (
        lazy_gettext("Receipt"),
        lazy_gettext("With the receipt of a payment as a PDF."),
    ),
    MailName.CREDIT_NOTE_ISSUED: (
        lazy_gettext("Credit note"),
        lazy_gettext("With a credit note as a PDF."),
    ),
}
VARIABLES = {
    "firstname": lazy_gettext("The client's first name"),
    "lastname": lazy_gettext("The client's last name"),
    "company": lazy_gettext("The client's company, or name"),
    "brand": lazy_gettext("Your name"),
    "portal_url": lazy_gettext("The address of your portal"),
    "balance": lazy_gettext("The balance now"),
    "threshold": lazy_gettext("The threshold of the warning"),
    "link": lazy_gettext("The link, which works once"),
    "amount": lazy_gettext("The amount of the payment or the paper"),
    "number": lazy_gettext("The number that was faxed"),
    "pages": lazy_gettext("How many pages"),
    "result": lazy_gettext("Delivered, or why not"),
    "paper": lazy_gettext("The number of the invoice, receipt or credit note"),
    "period": lazy_gettext("The month or day that it is for"),
}
# The guide's own come first in every list.
_ORDER = ("firstname", "lastname", "balance", "threshold", "link")


def kinds() -> list[TextKind]:
    """Every text that a reseller may word, in the order of the list."""
    return [WELCOME, *(mail.kind_of(name) for name in mail.EDITABLE)]


def kind(text: str, language: str) -> TextKind:
    """The text of an address; 404 for texts and languages that there are not."""
    found = next((one for one in kinds() if one.name == text), None)
    if found is None or language not in LANGUAGES:
        abort(404)
    return found


def variables(of: TextKind) -> list[tuple[str, str]]:
    """The names that may stand in a text, and what each stands for."""
    rest = sorted(of.variables - set(_ORDER))
    return [(name, str(VARIABLES[name])) for name in (*_ORDER, *rest) if name in of.variables]


def colour_names() -> list[tuple[str, str]]:
    """The palette's colours with what each is called."""
    hues = {
        "red": gettext("Red"),
        "orange": gettext("Orange"),
        "yellow": gettext("Yellow"),
        "green": gettext("Green"),
        "teal": gettext("Teal"),
        "blue": gettext("Blue"),
        "violet": gettext("Violet"),
        "pink": gettext("Pink"),
    }
    found = []
    for name in PALETTE:
        hue, _, shade = name.partition("-")
        said = hues[hue]
        if shade == "deep":
            said = gettext("%(colour)s, deep", colour=said)
        elif shade == "bright":
            said = gettext("%(colour)s, bright", colour=said)
        found.append((name, said))
    return found
