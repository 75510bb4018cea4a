"""What strangers may put into a caller's name or a text is shown as words and does nothing."""

from __future__ import annotations

import pytest

from tests.e2e.installation import Installation, until
from tests.e2e.people import People

pytestmark = pytest.mark.browser

_TRIPWIRE = """
window.tripped = [];
window.alert = window.confirm = window.prompt = (words) => { window.tripped.push(String(words)); };
"""
TEXTS = (
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(2)><a href='javascript:alert(3)'>here</a>",
    "{{ 7*7 }} ${7*7} </textarea><script>alert(4)</script>",
    "\u202ereversed \u0007bell",
)


def test_hostile_callers_and_texts_stay_words_on_every_page_that_shows_them(
    people: People, installation: Installation
) -> None:
    made = installation.carrier("calls/hostile", did="4165550160")["calls"]
    for text in TEXTS:
        installation.carrier("messages", did="4165550160", contact="4165550199", message=text)
    installation.import_now()
    carlos = people.stranger("client", email="carlos@medina.example")
    carlos.page.add_init_script(_TRIPWIRE)
    carlos.log_in().wait_for_url("**/dashboard")
    ines = people.ines()
    ines.page.add_init_script(_TRIPWIRE)

    def arrived() -> bool:
        carlos.open("/calls")
        return "DROP TABLE" in carlos.page.locator("#calls").inner_text()

    until(arrived, what="the import of the hostile calls")
    tripped, words = [], ""
    for person, path in (
        (carlos, "/calls"),
        (carlos, "/calls?q=<script>alert(5)</script>"),
        (carlos, "/dashboard"),
        (carlos, "/messages"),
        (ines, "/reports/global-cdr"),
        (ines, '/clients?q="><svg onload=alert(6)>'),
        (ines, "/"),
    ):
        page = person.open(path)
        if path == "/messages":
            page.locator("a.conversation", has_text="416 555 0199").click()
            page.wait_for_selector("#thread")
        tripped += page.evaluate("window.tripped")
        words += page.locator("main").inner_text()
        assert page.locator("main svg[onload], main img[onerror], main script").count() == 0, path

    assert len(made) > 10
    assert tripped == []
    assert "<script>alert(1)</script>" in words
    assert "<img src=x onerror=alert(1)>" in words
    assert "{{7*7}}" in words
    assert "{{ 7*7 }}" in words
