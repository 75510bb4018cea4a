"""Free colours of the reseller's texts, as classes of the brand's style sheet (policy: no styles)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import update

from portal.branding.colours import nearest_passing, parse
from portal.branding.css import DARK_PAGE, DARK_PANEL, Theme, light_tokens
from portal.branding.models import TextColours
from portal.core import scope
from portal.core.db import insert_once, session


def set_text_colours(colours: Iterable[str]) -> None:
    """The colours that texts of the bound reseller use beyond the palette; all others are forgotten."""
    wanted = sorted({parse(colour) for colour in colours})
    row = {"reseller_id": scope.reseller_id(), "colours": wanted}
    if not insert_once(TextColours, row):
        session().execute(update(TextColours).values(colours=wanted))


def colour_classes(colours: Sequence[str], theme: Theme) -> str:
    """One class each, moved to where it can be read on this brand's panels, in light and dark."""
    if not colours:
        return ""
    tokens = light_tokens(theme)
    grounds = (tokens["surface"], tokens["bg"])
    rules = [
        f"  .ql-color-c-{colour[1:]} {{ color: light-dark({nearest_passing(colour, *grounds)}, "
        f"{nearest_passing(colour, DARK_PANEL, DARK_PAGE)}); }}"
        for colour in map(parse, colours)
    ]
    return "@layer utilities {\n" + "\n".join(rules) + "\n}\n"
