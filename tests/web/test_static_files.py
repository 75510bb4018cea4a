"""What browsers are given: vendored files, style sheets, icons, scripts, templates."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from portal.branding.colours import contrast

ROOT = Path(__file__).resolve().parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
MANIFEST = json.loads((STATIC / "vendor/manifest.json").read_text())
OWN_CSS = sorted((STATIC / "css").rglob("*.css"))
# Mails and paper have no policy and no style sheet beside them.
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if not {"emails", "pdf"} & set(path.parts)
)
FIRST_VIEW = [
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/pages/messages.css",
    "css/print.css",
    "img/icons.svg",
    "js/theme.js",
    "js/portal.js",
    "vendor/htmx-2.0.11.min.js",
    "vendor/htmx-ext-sse-2.2.4.min.js",
    "vendor/idiomorph-ext-0.8.0.min.js",
    "vendor/hanken-grotesk-latin-5.3.0.woff2",
]
TEXT_GROUNDS = [
    *(
        (ink, ground)
        for ink in ("text", "text-2", "text-3")
        for ground in ("surface", "surface-2", "bg")
    ),
    *((ink, "surface-3") for ink in ("text", "text-2")),
    *((ink, "accent-soft") for ink in ("text", "text-2", "accent-strong")),
    *((tone, f"{tone}-ground") for tone in ("ok", "warn", "bad", "info")),
    *((tone, "surface") for tone in ("ok", "warn", "bad", "info")),
    *((f"btn-{name}-fg", f"btn-{name}-bg") for name in ("primary", "success", "exit", "delete")),
    *((f"btn-{name}-fg", f"btn-{name}-hover") for name in ("primary", "success", "exit", "delete")),
    *((f"tint-{at}-text", f"tint-{at}") for at in range(1, 8)),
    ("link", "surface"),
    ("link", "bg"),
    ("on-accent", "accent"),
    ("brand-navbar-text", "brand-navbar"),
]


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["package"]))
def test_a_vendored_file_is_the_one_its_manifest_names(entry: dict[str, str]) -> None:
    file, licence = ROOT / entry["file"], ROOT / entry["licence_file"]

    assert hashlib.sha256(file.read_bytes()).hexdigest() == entry["sha256"]
    assert licence.read_text().strip()
    assert entry["version"] in licence.name


def test_every_vendored_file_is_in_the_manifest() -> None:
    named = {entry["file"] for entry in MANIFEST} | {entry["licence_file"] for entry in MANIFEST}
    found = {
        str(path.relative_to(ROOT))
        for folder in (STATIC / "vendor", ROOT / "tests/vendor")
        for path in folder.iterdir()
        if path.name != "manifest.json" and "3RD-PARTY" not in path.name
    }

    assert found <= named


def test_no_style_sheet_script_or_picture_asks_another_host() -> None:
    own = [*OWN_CSS, *(STATIC / "js").glob("*.js"), *STATIC.rglob("*.svg")]

    foreign = {
        (path.name, address)
        for path in own
        for address in re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text())
        if "www.w3.org" not in address
    }

    assert foreign == set()


@pytest.mark.parametrize("path", [path for path in OWN_CSS if path.name != "tokens.css"], ids=str)
def test_colours_live_in_the_tokens_alone(path: Path) -> None:
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", path.read_text())

    assert found == []


@pytest.mark.parametrize("face", ["client", "reseller"])
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_the_products_tokens_can_be_read(face: str, theme: int) -> None:
    values = _tokens(face, theme)

    low = [
        f"{ink} on {ground} is {contrast(values[ink], values[ground]):.2f}"
        for ink, ground in TEXT_GROUNDS
        if contrast(values[ink], values[ground]) < 4.5
    ]

    assert low == []
    assert contrast(values["border-control"], values["surface"]) >= 3
    assert contrast(values["accent"], values["surface"]) >= 3


def test_scripts_and_the_first_view_stay_small() -> None:
    sizes = {name: _sent(STATIC / name) for name in FIRST_VIEW}

    assert sizes["js/portal.js"] <= 6_000
    assert sum(sizes.values()) <= 110_000, sizes


def test_every_icon_a_template_asks_for_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'symbol id="([a-z0-9-]+)"', (STATIC / "img/icons.svg").read_text()))

    asked = {
        name
        for path in PAGES
        for name in re.findall(r"\bicon\('([a-z0-9-]+)'|symbol='([a-z0-9-]+)'", path.read_text())
        for name in name
        if name
    }

    assert asked - sprite == set()
    assert len(asked) > 20


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_no_style_no_script_and_no_colour(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)

    assert not re.search(r"\sstyle\s*=|<style|javascript:", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an inline handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"hx-on|hx-vals\s*=\s*[\"']js:", text), "needs eval"
    assert not re.search(r"[\"'\s:]#[0-9a-fA-F]{6}\b", text), "a colour"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_form_that_posts_carries_its_token(path: Path) -> None:
    text = path.read_text()

    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, flags=re.DOTALL):
        assert "csrf" in form, form[:120]


def _sent(path: Path) -> int:
    content = path.read_bytes()
    return len(content) if path.suffix == ".woff2" else len(gzip.compress(content, 9))


def _tokens(face: str, theme: int) -> dict[str, str]:
    """The plain colours of a face: light values or dark ones."""
    text = (STATIC / "css/tokens.css").read_text()
    blocks = [text.split(":root {")[1].split("}")[0]]
    if face == "reseller":
        blocks.append(text.split(':root[data-face="reseller"] {')[1].split("}")[0])
    values: dict[str, str] = {}
    for block in blocks:
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", block
        ):
            values[name] = (light, dark)[theme]
    return values
