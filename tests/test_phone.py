"""One number has one spelling, a country by its area code, and a kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.dialplan import Category
from portal.core.phone import category_of, country_of, dialled, international, national, normalise

LONDON = "+442079460018"


@pytest.mark.parametrize(
    "written",
    [
        "011 44 20 7946 0018", "011442079460018", "+44 20 7946 0018", "+44 (0)20 7946 0018",
        "00 44 20 7946 0018", "0044-20-7946-0018", "442079460018", "sip:+442079460018@example.net",
        "sip:00442079460018@example.net;user=phone", "SIP:%2B442079460018@example.net",
        "tel:+44-20-7946-0018", '"Office" <+442079460018>', " +44\u00a020\u00a07946\u00a00018 ",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_number_is_one_spelling(written):
    assert normalise(written) == LONDON


@pytest.mark.parametrize(
    "written, default_country, expected",
    [
        ("5145550199", "US", "+15145550199"),
        ("(514) 555-0199", "CA", "+15145550199"),
        ("1 514 555 0199", "US", "+15145550199"),
        ("15145550199", "GB", "+15145550199"),
        ("020 7946 0018", "GB", LONDON),
        ("5145550199", "ZZ", None),
        ("1145550199", "US", None),
        ("5140550199", "US", None),
        ("514555019", "US", None),
        ("+1514555019", "US", None),
        ("+0123456789", "US", None),
        ("+9991234567", "US", None),
        ("+44", "US", None),
        ("+4420794600181234567", "US", None),
        ("911", "US", None),
    ],
)
def test_national_forms_need_their_country_and_nonsense_is_no_number(
    written, default_country, expected
):
    assert normalise(written, default_country=default_country) == expected


@pytest.mark.parametrize(
    "number, country",
    [
        ("+12125550123", "US"),
        ("+18085550123", "US"),
        ("+14165550123", "CA"),
        ("+18675550123", "CA"),
        ("+18765550123", "JM"),
        ("+16585550123", "JM"),
        ("+18095550123", "DO"),
        ("+17875550123", "PR"),
        ("+13405550123", "VI"),
        ("+18005550100", None),
        ("+19005550100", None),
        (LONDON, "GB"),
        ("+441481555012", "GG"),
        ("+77015550123", "KZ"),
        ("+74955550123", "RU"),
        ("+881612345678", None),
        ("+", None),
        ("911", None),
        ("", None),
    ],
)
def test_the_country_of_a_number_goes_by_its_area_code(number, country):
    assert country_of(number) == country


@pytest.mark.parametrize(
    "written, category",
    [
        ("5145550199", Category.ORDINARY),
        ("8005550100", Category.TOLL_FREE),
        ("18885550100", Category.TOLL_FREE),
        ("+80012345678", Category.TOLL_FREE),
        ("19005550100", Category.PREMIUM),
        ("911", Category.EMERGENCY),
        ("933", Category.EMERGENCY),
        ("411", Category.DIRECTORY),
        ("1411", Category.DIRECTORY),
        ("5145551212", Category.DIRECTORY),
        ("811", Category.SERVICE),
        ("988", Category.SERVICE),
        ("*69", Category.SERVICE),
        ("*97", Category.INTERNAL),
        ("4443", Category.INTERNAL),
        ("1004", Category.INTERNAL),
        ("anonymous", Category.UNKNOWN),
        ("", Category.UNKNOWN),
        (None, Category.UNKNOWN),
    ],
)
def test_what_was_dialled_has_a_kind(written, category):
    assert dialled(written).category is category


def test_a_service_code_keeps_its_digits_and_text_loses_what_no_database_takes():
    assert dialled("* 9 7").number == "*97"
    assert dialled("a\x00b\ud800").number == "ab"
    assert len(dialled("x" * 1000).number) == 64


@pytest.mark.parametrize(
    "number, abroad, at_home",
    [
        ("+16135550142", "+1 613 555 0142", "613 555-0142"),
        (LONDON, "+44 20 7946 0018", "020 7946 0018"),
        ("911", "911", "911"),
        ("anonymous", "anonymous", "anonymous"),
        ("+", "+", "+"),
    ],
)
def test_numbers_are_shown_with_spaces(number, abroad, at_home):
    assert international(number) == abroad
    assert national(number) == at_home


@given(st.one_of(st.text(), st.text("+0123456789*#<>:@;% sip()"), st.none(), st.binary()))
def test_nothing_that_is_dialled_raises_and_what_comes_out_is_stable(raw):
    found = dialled(raw)

    assert found.number.isprintable()
    assert dialled(found.number).number == found.number or found.category is Category.UNKNOWN
    assert category_of(found.number) is found.category
    assert international(found.number) is not None
    assert national(found.number) is not None
