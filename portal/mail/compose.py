"""Subject, text and HTML of a mail, in the language of the person who gets it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from flask_babel import force_locale, gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.config import PROJECT
from portal.core import formats
from portal.core.money import Money
from portal.core.phone import international
from portal.identity import ResellerFacts, one_line, portal_address
from portal.mail.catalogue import VARIABLES
from portal.mail.values import MailName, Recipient, Written

_LONGEST_SUBJECT = 200


def compose(
    name: MailName,
    recipient: Recipient,
    reseller: ResellerFacts,
    *,
    values: Mapping[str, Money | str],
) -> Written:
    """Fill the templates of one mail; money is written in the reseller's currency.

    ``values`` must be exactly the words that the catalogue lists for this mail.
    """
    if set(values) != VARIABLES[name]:
        raise ValueError(f"The mail {name} wants {sorted(VARIABLES[name])}, not {sorted(values)}.")
    language = recipient.language or reseller.language
    words = {
        "firstname": recipient.first_name,
        "lastname": recipient.last_name,
        "brand": reseller.name,
        "portal_url": portal_address(reseller),
        "contact": _contact(reseller),
        **{key: _shown(value, reseller.currency, language) for key, value in values.items()},
    }
    with force_locale(language):
        subject, text, html = (
            _templates().get_template(f"{name}/{part}").render(words, language=language)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Written(one_line(subject)[:_LONGEST_SUBJECT], text.strip() + "\n", html)


def _contact(reseller: ResellerFacts) -> list[str]:
    """The foot of a mail: address, telephone, e-mail and website, as far as they are known."""
    phone = reseller.support_phone
    return [
        *reseller.address.splitlines(),
        *filter(None, [international(phone) if phone.startswith("+") else phone]),
        *filter(None, [reseller.support_email, reseller.website]),
    ]


def _shown(value: Money | str, currency: str, language: str) -> str:
    if isinstance(value, str):
        return value
    return formats.write_money(value.decimal, currency, language)


@cache
def _templates() -> Environment:
    """Not the pages' environment: a mail has no request, and an unknown word is an error."""
    environment = Environment(
        loader=FileSystemLoader(PROJECT / "templates" / "emails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    return environment
