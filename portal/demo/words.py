"""What the demo's resellers wrote for their clients, as their editor would have posted it."""

from __future__ import annotations

from typing import Any

from portal import branding, mail, wording
from portal.demo.pictures import winter_evening
from portal.mail import MailName
from portal.wording import TextKind


def _op(text: str, **look: Any) -> dict[str, Any]:
    return {"insert": text} | ({"attributes": look} if look else {})


_NORTHWIND_WELCOME = (
    _op("Your phones can follow a "), _op("holiday calendar", bold=True, color="teal"),
    _op(" this year, [firstname]:\n"),
    _op("closing message from December 24 to January 2"), _op("\n", list="bullet"),
    _op("normal hours again on January 3"), _op("\n", list="bullet"),
    _op("Need a hand? Call us on "), _op("+1 613 555 0100", link="tel:+16135550100"),
    _op(", "), _op("weekdays 8 to 6", italic=True, color="c-98541b"), _op(".\n"),
)  # fmt: skip
_NORTHWIND_WELCOME_FR = (
    _op("Cette année, vos téléphones peuvent suivre un "),
    _op("calendrier des fêtes", bold=True, color="teal"), _op(", [firstname].\n"),
    _op("Besoin d’aide? Appelez-nous au "), _op("+1 613 555-0100", link="tel:+16135550100"),
    _op(", en semaine de 8 h à 18 h.\n"),
)  # fmt: skip
_NORTHWIND_LOW_BALANCE = (
    _op("Hello [firstname],\n"),
    _op("the balance of [company] is "), _op("[balance]", bold=True),
    _op(", below the [threshold] at which you wanted to know.\n"),
    _op("Add funds", link="[portal_url]"), _op(" in a minute, and your phones go on ringing.\n"),
    _op("Ines and everybody at [brand]\n", size="small"),
)  # fmt: skip
_GLOBEX_WELCOME = (
    _op("Votre tableau de bord réunit vos "), _op("appels", bold=True), _op(", vos "),
    _op("textos", bold=True), _op(" et votre "), _op("solde", bold=True), _op(".\n"),
    _op("Une question? "), _op("Écrivez-nous", link="mailto:soutien@globex.example"),
    _op(", nous répondons le jour même.\n"),
)  # fmt: skip

_TEXTS: dict[str, tuple[tuple[TextKind, str, str, tuple[dict[str, Any], ...]], ...]] = {
    "northwind": (
        (wording.WELCOME, "en", "Holiday hours: set them once, forget them", _NORTHWIND_WELCOME),
        (
            wording.WELCOME,
            "fr",
            "Heures des fêtes: réglez-les une seule fois",
            _NORTHWIND_WELCOME_FR,
        ),
        (
            mail.kind_of(MailName.LOW_BALANCE),
            "en",
            "Your balance is [balance]",
            _NORTHWIND_LOW_BALANCE,
        ),
    ),
    "globex": ((wording.WELCOME, "fr", "Bienvenue, [firstname]", _GLOBEX_WELCOME),),
}


def write_texts(theme: str) -> None:
    """Save the texts of the bound reseller, in the caller's transaction."""
    beside: dict[str, Any] = {}
    if theme == "northwind":
        read = branding.read_picture(winter_evening())
        kept = branding.keep_picture(read, name="winter-evening.png")
        beside = {"insert": {"picture": {"id": str(kept.public_id), "alt": ""}}}
    for kind, language, subject, ops in _TEXTS[theme]:
        first = [beside, _op("\n")] if beside and kind == wording.WELCOME else []
        document = wording.from_delta({"ops": [*first, *ops]})
        wording.save_text(kind, language, subject, document, version=0)
