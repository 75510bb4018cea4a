"""Subject, text and HTML of a mail, in the language of the person who gets it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from flask_babel import force_locale, gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from portal import branding, wording
from portal.branding.css import light_tokens
from portal.config import PROJECT
from portal.core import formats
from portal.core.money import Money
from portal.core.phone import international
from portal.core.scope import Scope, bind
from portal.identity import ResellerFacts, one_line, portal_address
from portal.mail.catalogue import EDITABLE, VARIABLES
from portal.mail.values import MailName, Recipient, Written
from portal.wording import SavedText

_LONGEST_SUBJECT = 200
_OWN_WORDS = "_words"
_LOGO_HEIGHT = 32


def compose(
    name: MailName,
    recipient: Recipient,
    reseller: ResellerFacts,
    *,
    values: Mapping[str, Money | str],
) -> Written:
    """One mail in the reseller's own words, or in ours where there are none.

    ``values`` must be exactly the words that the catalogue lists for this mail; money is written in
    the reseller's currency.
    """
    if set(values) != VARIABLES[name]:
        raise ValueError(f"The mail {name} wants {sorted(VARIABLES[name])}, not {sorted(values)}.")
    language = recipient.language or reseller.language
    with bind(Scope(reseller.id)):
        # Only mails the reseller may word: the dashboard's text is called "welcome" too.
        own = wording.text_for(name, language, reseller.language) if name in EDITABLE else None
        if own is not None:
            return in_own_words(own, recipient, reseller, values=values)
        return in_our_words(name, recipient, reseller, values=values)


def in_our_words(
    name: MailName,
    recipient: Recipient,
    reseller: ResellerFacts,
    *,
    values: Mapping[str, Money | str],
) -> Written:
    """The mail from our templates, in the language of the person who gets it."""
    language = recipient.language or reseller.language
    words = _words(recipient, reseller, values, language)
    with force_locale(language):
        subject = _render(f"{name}/subject.txt", words)
        return _written(subject, f"{name}/body", words, reseller, language)


def in_own_words(
    text: SavedText,
    recipient: Recipient,
    reseller: ResellerFacts,
    *,
    values: Mapping[str, Money | str],
    pictures_at: str = "",
) -> Written:
    """The reseller's words, the names in brackets replaced; saved or still being written.

    ``pictures_at`` is the portal that serves the pictures, where it is not the one mails name.
    """
    words = _words(recipient, reseller, values, text.language)
    document = wording.fill(text.document, words)
    pictures = wording.shown_pictures(document, base=pictures_at or portal_address(reseller))
    said = {
        "own_text": wording.plain_text(document),
        "own_html": Markup(wording.mail_html(document, pictures)),
    }
    subject = wording.fill_text(text.subject, words)
    return _written(subject, f"{_OWN_WORDS}/body", words | said, reseller, text.language)


def _words(
    recipient: Recipient,
    reseller: ResellerFacts,
    values: Mapping[str, Money | str],
    language: str,
) -> dict[str, str]:
    return {
        "firstname": recipient.first_name,
        "lastname": recipient.last_name,
        "company": recipient.company,
        "brand": reseller.name,
        "portal_url": portal_address(reseller),
        **{key: _shown(value, reseller.currency, language) for key, value in values.items()},
    }


def _written(
    subject: str, body: str, words: Mapping[str, str], reseller: ResellerFacts, language: str
) -> Written:
    brand = branding.current_theme()
    context = {
        **words,
        "language": language,
        "colours": light_tokens(brand.theme),
        "contact": _contact(reseller),
        "logo": _logo(brand, reseller),
    }
    text = _render(f"{body}.txt", context)
    html = _render(f"{body}.html", context)
    return Written(one_line(subject)[:_LONGEST_SUBJECT], text.strip() + "\n", html)


def _logo(brand: branding.Brand, reseller: ResellerFacts) -> dict[str, object] | None:
    """The header picture, with the size it is shown at; old mail programs know no WebP."""
    picture = brand.pictures.get(branding.Purpose.HEADER)
    if picture is None or picture.ending == "webp":
        return None
    height = min(_LOGO_HEIGHT, picture.height)
    return {
        "url": portal_address(reseller) + picture.path,
        "width": max(1, round(picture.width * height / picture.height)),
        "height": height,
        "is_name": picture.is_name,
    }


def _contact(reseller: ResellerFacts) -> list[str]:
    """The foot of a mail: address, telephone, e-mail and website, as far as they are known."""
    phone = reseller.support_phone
    return [
        *reseller.address.splitlines(),
        *filter(None, [international(phone) if phone.startswith("+") else phone]),
        *filter(None, [reseller.support_email, reseller.website]),
    ]


def _render(template: str, words: Mapping[str, object]) -> str:
    return _templates().get_template(template).render(words)


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
