"""What every document on paper has: whose it is, the colours and the logo, and the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext, ngettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal import branding, identity
from portal.branding import Brand, ShownPicture
from portal.branding.css import light_tokens
from portal.config import PROJECT
from portal.core import storage
from portal.core.errors import NotFound
from portal.reports import faces, pdf
from portal.reports.pdf import Assets


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The bound reseller's brand on paper. ``assets`` are the files a document may load."""

    brand: str
    colours: Mapping[str, str]
    logo: ShownPicture | None
    assets: Assets

    @classmethod
    def of_reseller(cls) -> Letterhead:
        """Read what the documents of the bound reseller look like."""
        brand = branding.current_theme()
        logo, logo_file = _logo(brand)
        return cls(
            brand.title or identity.own_reseller().name, light_tokens(brand.theme), logo,
            _own_files() | logo_file,
        )  # fmt: skip

    @staticmethod
    def own_files() -> Assets:
        """What every document may load: the style sheet and the font."""
        return _own_files()

    def html(self, template: str, **words: Any) -> str:
        """One document of ``templates/pdf`` as HTML."""
        found = _templates().get_template(template)
        return found.render(brand=self.brand, logo=self.logo, colours=self.colours, **words)


def preload() -> None:
    """Have the engine, the font and the style sheet ready in this process, before it forks."""
    html = '<html lang="en"><title>x</title><link rel="stylesheet" href="asset:pdf.css">{}'
    table = "<thead><tr><th>x</th></tr></thead><tbody><tr><td>x</td></tr></tbody>"
    pdf.warm_up(
        html.format(f'<dl class="strip"><div><dt>x</dt></div></dl><table>{table}</table>'),
        _own_files(),
    )


def _logo(brand: Brand) -> tuple[ShownPicture | None, dict[str, tuple[bytes, str]]]:
    """The logo of papers and its file; or nothing."""
    shown = brand.paper_logo
    if shown is None:
        return None, {}
    try:
        found = branding.find_picture(shown.public_id)
        content = storage.path_of(found.stored_as).read_bytes()
    except (NotFound, FileNotFoundError):
        return None, {}
    return shown, {"logo": (content, found.media_type)}


@cache
def _own_files() -> dict[str, tuple[bytes, str]]:
    """What every document may load, read once before the processes are forked."""
    static = PROJECT / "static"
    return faces.files() | {"pdf.css": ((static / "css" / "pdf.css").read_bytes(), "text/css")}


@cache
def _templates() -> Environment:
    """Not the pages' environment: a document has no request, and an unknown word is an error."""
    environment = Environment(
        loader=FileSystemLoader(PROJECT / "templates" / "pdf"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    return environment
