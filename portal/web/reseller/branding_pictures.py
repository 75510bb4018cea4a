"""The pictures of a draft: named by the form, sent with it, fetched for it, or taken away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from portal import branding
from portal.branding import PLACES, Purpose, ReadPicture, ShownPicture
from portal.core.db import transaction
from portal.core.errors import DomainError, NotFound
from portal.web.branding_words import place_name


@dataclass(frozen=True, slots=True)
class Place:
    """One picture in the editor: what is there, the address that was typed, what was refused."""

    place: Purpose
    label: str
    picture: ShownPicture | None
    typed: str = ""
    problem: str = ""


@dataclass(slots=True)
class Draft:
    """Every place of the draft."""

    places: list[Place] = field(default_factory=list)

    @property
    def pictures(self) -> dict[Purpose, ShownPicture]:
        """Those that are there."""
        return {one.place: one.picture for one in self.places if one.picture is not None}

    @property
    def problems(self) -> list[Place]:
        """Those that were refused."""
        return [one for one in self.places if one.problem]


def published(pictures: Mapping[Purpose, ShownPicture]) -> Draft:
    """The pictures in use."""
    return Draft([Place(one, place_name(one), pictures.get(one)) for one in PLACES])


def read() -> Draft:
    """What the posted form says. New pictures are kept, but no brand shows them until it is published."""
    return Draft([_read(place) for place in PLACES])


def _read(place: Purpose) -> Place:
    label, typed = place_name(place), request.form.get(f"{place}_url", "").strip()[:2000]
    there = _named(place)
    if request.form.get("remove") == place:
        return Place(place, label, None)
    sent = request.files.get(f"{place}_file")
    try:
        if sent is not None and sent.filename:
            found = branding.read_picture(
                sent.stream.read(branding.MOST_PICTURE_BYTES + 1), purpose=place
            )
            return Place(place, label, _kept(found, sent.filename))
        if typed:
            return Place(place, label, _kept(branding.import_picture(typed, purpose=place), typed))
    except DomainError as refusal:
        return Place(place, label, there, typed, gettext(refusal.message))
    return Place(place, label, there)


def _kept(picture: ReadPicture, name: str) -> ShownPicture:
    """Decoded and fetched before: the database is held for the row alone."""
    with transaction():
        return ShownPicture.of(branding.keep_picture(picture, name=name.rsplit("/", 1)[-1] or name))


def _named(place: Purpose) -> ShownPicture | None:
    """The picture that the form already had; one that is gone meanwhile is left out."""
    try:
        return branding.picture_for(place, uuid.UUID(request.form.get(place, "")))
    except (ValueError, NotFound):
        return None
