"""Fees in words: the same for the client and for staff."""

from __future__ import annotations

from flask_babel import gettext

from portal.ledger import FeeKind

SYMBOLS = {
    FeeKind.PACKAGE: "package",
    FeeKind.DID: "hash",
    FeeKind.FAX: "printer",
    FeeKind.E911: "shield",
    FeeKind.ADD_ON: "repeat",
}


def kind_words(kind: FeeKind) -> str:
    """What a monthly fee is for."""
    return {
        FeeKind.PACKAGE: gettext("Package"),
        FeeKind.DID: gettext("Number"),
        FeeKind.FAX: gettext("Fax number"),
        FeeKind.E911: gettext("e911"),
        FeeKind.ADD_ON: gettext("Add-on"),
    }.get(kind, gettext("Setup"))


def state_words(state: str, cause: str) -> tuple[str, str]:
    """The word and tone of a fee's badge."""
    words = {
        "paid": (gettext("Charged"), "ok"),
        "unpaid": (gettext("Unpaid"), "bad"),
        "free": (gettext("Nothing to pay"), ""),
        "late": (gettext("Missed"), "warn"),
        "gone": (gettext("Number gone"), "warn"),
        "waived": (gettext("Waived"), ""),
    }
    return words[cause or state]
