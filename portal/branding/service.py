"""Publishing a brand: a new version each time, the old ones stay."""

from __future__ import annotations

from sqlalchemy import select

from portal.branding.css import Theme
from portal.branding.models import ThemeVersion
from portal.core import scope
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.identity.models import Reseller

_LONGEST = {"title": 80, "claim": 120, "claim_text": 300}


def publish_theme(title: str, theme: Theme, *, claim: str = "", claim_text: str = "") -> int:
    """Let a title, colours and texts be the bound reseller's brand; the new version's number.

    ``claim`` is the statement beside the login and ``claim_text`` what stands under it. Publishing
    what is there changes nothing. InvalidInput names the field.
    """
    texts = {
        "title": " ".join(title.split()),
        "claim": " ".join(claim.split()),
        "claim_text": " ".join(claim_text.split()),
    }
    _check(texts)
    # The reseller's row is the lock: two publications at once get two numbers.
    session().execute(
        select(Reseller.id).where(Reseller.id == scope.reseller_id()).with_for_update()
    )
    newest = session().scalar(select(ThemeVersion).order_by(ThemeVersion.version.desc()).limit(1))
    if newest is not None and Theme.of(newest.colours) == theme:
        if all(getattr(newest, name) == text for name, text in texts.items()):
            return newest.version
    number = newest.version + 1 if newest else 1
    session().add(ThemeVersion(version=number, colours=theme.stored(), **texts))
    session().flush()
    return number


def theme_from(colours: dict[str, str]) -> Theme:
    """Colours as they were typed; InvalidInput names the first that is none."""
    for name, value in colours.items():
        try:
            Theme.of({name: value})
        except ValueError as error:
            raise InvalidInput(
                "Write the colour as # and six digits or letters.", field=name
            ) from error
    return Theme.of(colours)


def _check(texts: dict[str, str]) -> None:
    if not texts["title"]:
        raise InvalidInput("The title has 1 to 80 characters.", field="title")
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            raise InvalidInput("This text is too long.", field=name)
