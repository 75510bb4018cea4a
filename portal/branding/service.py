"""Publishing a brand: a new version each time, the old ones stay."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from portal.branding.css import Theme
from portal.branding.looks import PLACES, Look, ShownPicture, stored_pictures
from portal.branding.models import Picture, ThemeVersion
from portal.branding.picture_files import Purpose
from portal.branding.pictures import find_picture
from portal.branding.queries import current_theme, find_version
from portal.core import scope
from portal.core.db import session
from portal.core.errors import InvalidInput, NotFound, Refused
from portal.identity.models import Reseller

_LONGEST = {"title": 80, "claim": 120, "claim_text": 300}


def publish_theme(title: str, theme: Theme, *, claim: str = "", claim_text: str = "") -> int:
    """Let a title, colours and texts be the bound reseller's brand; the new version's number.

    ``claim`` is the statement beside the login and ``claim_text`` what stands under it. The pictures
    stay. Publishing what is there changes nothing. InvalidInput names the field.
    """
    newest = _newest()
    return _publish(
        newest,
        {
            "title": _line(title),
            "claim": _line(claim),
            "claim_text": _line(claim_text),
            "colours": theme.stored(),
            "pictures": newest.pictures if newest else {},
        },
        by="",
    )


def publish_look(look: Look, *, base: int, by: str = "") -> int:
    """Let a look be the bound reseller's brand; the new version's number.

    ``base`` is the version the look was made from. Refused (``published_elsewhere``) when another
    one was published since; publishing what is there already changes nothing.
    """
    newest = _newest()
    values = {
        "title": _line(look.title),
        "claim": _line(look.claim),
        "claim_text": _line(look.claim_text),
        "colours": look.theme.stored(),
        "pictures": stored_pictures(look.pictures),
    }
    if newest is not None and newest.version != base and not _is_the_same(newest, values):
        raise Refused("Another version was published meanwhile.", code="published_elsewhere")
    return _publish(newest, values, by=by)


def restore_version(public_id: uuid.UUID, *, by: str = "") -> int:
    """Publish an earlier version again, as a new one; pictures deleted since are left out."""
    look = find_version(public_id).look
    pictures = {
        place: picture for place, picture in look.pictures.items() if _exists(picture.public_id)
    }
    return publish_look(
        Look(look.title, look.theme, pictures, look.claim, look.claim_text),
        base=current_theme().version,
        by=by,
    )


def picture_for(place: Purpose, public_id: uuid.UUID) -> ShownPicture:
    """A kept picture for a place; NotFound for another reseller's."""
    found = find_picture(public_id)
    if found.purpose != place:
        raise NotFound("This picture was kept for another place.")
    return ShownPicture.of(found)


def forget_unused_pictures(before: datetime) -> list[str]:
    """Forget pictures tried for a brand and never published; stored names to discard after.

    Pictures of texts stay: whoever writes the texts deletes them.
    """
    used = {
        picture["public_id"]
        for pictures in session().scalars(select(ThemeVersion.pictures))
        for picture in pictures.values()
    }
    tried = session().execute(
        select(Picture.id, Picture.public_id, Picture.stored_as).where(
            Picture.purpose.in_(PLACES), Picture.created_at < before
        )
    )
    unused = [row for row in tried if str(row.public_id) not in used]
    session().execute(
        delete(Picture).where(Picture.id.in_([row.id for row in unused])),
        execution_options={"synchronize_session": False},
    )
    return [row.stored_as for row in unused]


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


def _newest() -> ThemeVersion | None:
    """The version in use. The reseller's row is the lock: two publications at once get two numbers."""
    session().execute(
        select(Reseller.id).where(Reseller.id == scope.reseller_id()).with_for_update()
    )
    return session().scalar(select(ThemeVersion).order_by(ThemeVersion.version.desc()).limit(1))


def _publish(newest: ThemeVersion | None, values: Mapping[str, Any], *, by: str) -> int:
    _check(values)
    if newest is not None and _is_the_same(newest, values):
        return newest.version
    number = newest.version + 1 if newest else 1
    session().add(ThemeVersion(version=number, published_by=by[:120], **values))
    session().flush()
    return number


def _is_the_same(row: ThemeVersion, values: Mapping[str, Any]) -> bool:
    """Colours are compared as they are read: an older row has fewer of them."""
    if Theme.of(row.colours) != Theme.of(values["colours"]):
        return False
    return all(getattr(row, name) == value for name, value in values.items() if name != "colours")


def _exists(public_id: uuid.UUID) -> bool:
    return session().scalar(select(Picture.id).where(Picture.public_id == public_id)) is not None


def _line(text: str) -> str:
    return " ".join(text.split())


def _check(values: Mapping[str, Any]) -> None:
    if not values["title"]:
        raise InvalidInput("The title has 1 to 80 characters.", field="title")
    for name, longest in _LONGEST.items():
        if len(values[name]) > longest:
            raise InvalidInput("This text is too long.", field=name)
