"""A mail is written in the language of the person who gets it."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.core.money import Money
from portal.mail import MailName
from portal.mail.catalogue import VARIABLES
from portal.mail.compose import compose
from portal.mail.values import Recipient, Written
from tests.identity.people import add_reseller

VALUES: dict[str, Money | str] = {
    "balance": Money.of("1284.60"),
    "threshold": Money.of("25"),
    "link": "https://portal.example/reset/abc",
    "amount": Money.of("50"),
    "number": "+1 613 555 0142",
    "pages": "3",
    "result": "ok",
    "team": "Harbourlight Dental",
    "inviter": "Priya Raman",
    "title": "+1 613 555 0142",
    "said": "",
    "contact": "+1 613 555 0155",
    "reason": "",
    "text": "",
    "paper": "INV-2026-0042",
    "period": "2026-10",
}


def write(name: MailName, language: str) -> Written:
    person = Recipient("ada@example.com", "Ada", "Moreau", language)
    values = {word: VALUES[word] for word in VARIABLES[name]}
    return compose(name, person, add_reseller("Northwind Voice", currency="CAD"), values=values)


@pytest.mark.parametrize(
    ("language", "subject", "hello", "says"),
    [
        (
            "fr",
            "Votre solde est de 1 284,60 $",
            "Bonjour Ada Moreau,",
            "Votre solde est de 1 284,60 $, sous le seuil de 25,00 $",
        ),
        (
            "es",
            "Su saldo es de 1.284,60 $",
            "Hola, Ada Moreau:",
            "Su saldo es de 1.284,60 $, por debajo de los 25,00 $",
        ),
    ],
)
def test_a_warning_comes_in_the_clients_language(
    app: Flask, language: str, subject: str, hello: str, says: str
) -> None:
    written = write(MailName.LOW_BALANCE, language)

    assert written.subject.replace("\u00a0", " ") == subject
    text = written.text.replace("\u00a0", " ")
    assert text.startswith(hello + "\n")
    assert says in text
    assert f'<html lang="{language}">' in written.html
    assert says in written.html.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize("name", [one for one in MailName if one is not MailName.NOTICE])
def test_no_mail_falls_back_to_english(app: Flask, name: MailName, language: str) -> None:
    english, other = write(name, "en"), write(name, language)

    same = set(english.text.splitlines()) & set(other.text.splitlines())
    # What is new is told to it as a sentence of the reader's language.
    assert other.subject != english.subject or name in {MailName.NEWS, MailName.REPORT}
    assert {line for line in same if " " in line.strip()} <= {
        "Northwind Voice",
        "-- ",
        VALUES["title"],
    }
