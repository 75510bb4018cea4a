"""The catalogues say everything that the code and the templates say today."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from babel.messages.mofile import write_mo

from portal.web.i18n import LANGUAGES
from tests.web.i18n.catalogues import (
    TRANSLATED,
    catalogue,
    extracted,
    forms,
    placeholders,
    po_path,
    sentences,
)


def test_every_language_but_english_has_a_catalogue() -> None:
    assert set(LANGUAGES) - {"en"} == set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    known = catalogue(language)

    waiting = []
    for message in sentences(extracted()):
        said = known.get(message.id, message.context)
        if said is None or said.fuzzy or not all(forms(said.string)):
            waiting.append(message.id)

    assert waiting == [], "run script/translate and give these words"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_keeps_sentences_that_nobody_says(language: str) -> None:
    said = {str(message.id) for message in sentences(extracted())}

    left = [message.id for message in sentences(catalogue(language)) if str(message.id) not in said]

    assert left == [], "run script/translate"


def test_no_code_of_a_program_waits_for_a_translation() -> None:
    """A single small word is only for translation where a page or a mail says it."""
    found = [str(message.id) for message in sentences(extracted())]

    assert [one for one in found if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", one)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_filled_in_stands_in_every_form(language: str) -> None:
    wrong = [
        (message.id, form)
        for message in sentences(catalogue(language))
        for form in forms(message.string)
        if placeholders(form) != placeholders(forms(message.id)[-1])
    ]

    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_has_as_many_forms_as_the_language(language: str) -> None:
    known = catalogue(language)

    wrong = [
        message.id
        for message in sentences(known)
        if message.pluralizable and len(forms(message.string)) != known.num_plurals
    ]

    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_begins_and_ends_as_its_sentence_does(language: str) -> None:
    """White space at the ends is layout; a full stop says that it is a sentence."""
    wrong = []
    for message in sentences(catalogue(language)):
        source = forms(message.id)[-1]
        for form in forms(message.string):
            ends = {text[-1:] in ".:," for text in (source, form)}
            if form != form.strip() or source != source.strip() or len(ends) > 1:
                wrong.append((source, form))

    assert wrong == []


def test_french_is_set_as_french_is() -> None:
    """The curved apostrophe, and no ordinary space where a line must not break."""
    said = [form for message in sentences(catalogue("fr")) for form in forms(message.string)]

    wrong = [form for form in said if "'" in form or " :" in form or "« " in form or " »" in form]

    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_the_one_that_was_written(language: str) -> None:
    fresh = BytesIO()

    write_mo(fresh, catalogue(language))

    compiled = po_path(language).with_suffix(".mo").read_bytes()
    assert compiled == fresh.getvalue(), "run script/translate"
