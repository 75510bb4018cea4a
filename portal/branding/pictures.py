"""A reseller's own pictures: kept, found, listed, deleted while nothing shows them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select

from portal.branding.models import Picture, ThemeVersion
from portal.branding.picture_files import ReadPicture
from portal.core import scope, storage
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import NotFound, Refused

MOST_PICTURES: Final = 200


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A kept picture: ``path`` is its address below the portal's, ``stored_as`` its file."""

    public_id: uuid.UUID
    name: str
    purpose: str
    media_type: str
    ending: str
    width: int
    height: int
    size_bytes: int
    created_at: datetime
    stored_as: str

    @property
    def path(self) -> str:
        """Where the portal serves it; the content of an address never changes."""
        return f"/pictures/{self.public_id}.{self.ending}"


def keep_picture(picture: ReadPicture, *, name: str) -> PictureFacts:
    """Keep a picture under a name a person will know; the same picture twice is kept once."""
    digest = picture.digest
    if (known := _first(Picture.digest == digest, Picture.purpose == picture.purpose)) is not None:
        return known
    if (session().scalar(select(func.count()).select_from(Picture)) or 0) >= MOST_PICTURES:
        raise Refused("There are 200 pictures already. Delete those that nothing shows.")
    path = storage.draft(ending=picture.ending)
    path.write_bytes(picture.content)
    public_id = new_public_id()
    stored_as = storage.keep(path, ending=picture.ending)
    new = insert_once(
        Picture,
        {
            "reseller_id": scope.reseller_id(),
            "public_id": public_id,
            "name": " ".join(name.split())[:120],
            "purpose": picture.purpose,
            "media_type": picture.media_type,
            "ending": picture.ending,
            "width": picture.width,
            "height": picture.height,
            "size_bytes": len(picture.content),
            "digest": digest,
            "stored_as": stored_as,
        },
    )
    if not new:  # somebody kept the same one meanwhile
        storage.discard(stored_as)
    kept = _first(Picture.digest == digest, Picture.purpose == picture.purpose)
    assert kept is not None
    return kept


def find_picture(public_id: uuid.UUID) -> PictureFacts:
    """One of the bound reseller's pictures; NotFound for anybody else's."""
    found = _first(Picture.public_id == public_id)
    if found is None:
        raise NotFound("This picture does not exist any more.")
    return found


def list_pictures(purpose: str | None = None) -> list[PictureFacts]:
    """The bound reseller's pictures, newest first."""
    query = select(Picture).order_by(Picture.id.desc())
    if purpose is not None:
        query = query.where(Picture.purpose == purpose)
    return [_facts(row) for row in session().scalars(query)]


def delete_picture(public_id: uuid.UUID) -> str:
    """Forget a picture; the name of its file, to be discarded once this is committed.

    Refused while the brand in use shows it; earlier versions do without when they are restored.
    """
    found = find_picture(public_id)
    newest = select(ThemeVersion.pictures).order_by(ThemeVersion.version.desc()).limit(1)
    shown = session().scalar(newest) or {}
    if any(picture["public_id"] == str(public_id) for picture in shown.values()):
        raise Refused("The brand in use shows this picture. Publish without it first.")
    session().execute(delete(Picture).where(Picture.public_id == public_id))
    return found.stored_as


def _first(*which: object) -> PictureFacts | None:
    row = session().scalars(select(Picture).where(*which)).first()  # type: ignore[arg-type]
    return _facts(row) if row is not None else None


def _facts(row: Picture) -> PictureFacts:
    return PictureFacts(
        row.public_id,
        row.name,
        row.purpose,
        row.media_type,
        row.ending,
        row.width,
        row.height,
        row.size_bytes,
        row.created_at,
        row.stored_as,
    )
