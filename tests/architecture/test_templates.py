"""Templates: each compiles and is used; parts are parts, and nothing runs that is not in a file."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.architecture.source import ROOT, python_files

TEMPLATES = ROOT / "templates"
ALL = sorted(
    path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()
)
HTML = [name for name in ALL if name.endswith(".html") and not name.startswith(("emails/", "pdf/"))]


def text_of(name: str) -> str:
    return (TEMPLATES / name).read_text()


def test_every_template_compiles(app: Flask) -> None:
    for name in ALL:
        app.jinja_env.get_template(name)


def test_every_template_is_used() -> None:
    code = "\n".join(path.read_text() for path in python_files("portal"))
    words = code + "\n".join(text_of(name) for name in ALL)
    folders = {name.rpartition("/")[0] for name in ALL if name.startswith("emails/")}

    unused = [
        name
        for name in ALL
        if not name.startswith("emails/")
        and f'"{name.removeprefix("pdf/")}"' not in words
        and f'"{name}"' not in words
    ]
    unwritten = [
        folder
        for folder in folders - {"emails/_base"}
        if f'"{folder.removeprefix("emails/")}"' not in code
    ]

    assert unused == []
    assert unwritten == []


@pytest.mark.parametrize("name", HTML)
def test_a_part_extends_nothing_and_a_page_extends_a_layout(name: str) -> None:
    folder, _, file = name.rpartition("/")
    extends = "{% extends" in text_of(name)

    if folder == "macros" or name == "layouts/base.html":
        assert not extends
    else:
        assert extends is not file.startswith("_")


@pytest.mark.parametrize("name", HTML)
def test_nothing_runs_and_nothing_is_painted_in_a_template(name: str) -> None:
    source = re.sub(r"\{#.*?#\}", "", text_of(name), flags=re.S)
    soup = BeautifulSoup(source, "html.parser")

    assert [
        one for one in soup.select("script") if not one.get("src") or one.get_text(strip=True)
    ] == []
    assert soup.select("style, [style]") == []
    assert not re.search(r"""\s(on[a-z]+|hx-on[:\w-]*|style)\s*=\s*["'{]""", source)
    assert "javascript:" not in source.lower()
    assert not re.search(r"#[0-9a-fA-F]{6}\b|\brgba?\(|\bhsl\(", source), "colours are tokens"
    assert not re.search(r"https?://(?!www\.w3\.org)", source), "nothing is loaded from elsewhere"


def test_a_form_that_posts_carries_a_token() -> None:
    bare = []
    for name in HTML:
        for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>.*?</form>", text_of(name), re.S):
            if "csrf_token" not in form and "token()" not in form and "{{ csrf" not in form:
                bare.append(name)

    assert bare == []
