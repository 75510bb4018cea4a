"""Earlier looks of the portal: listed, compared, published again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from portal import branding, identity
from portal.branding import COLOURS, VersionRow
from portal.core.db import transaction
from portal.web.forms.branding import BrandingForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp
from portal.web.reseller.branding_contrast import contrast_of
from portal.web.reseller.branding_drafts import version_id, word_of
from portal.web.security import FRAMING_POLICY
from portal.web.session import address, person


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version in a list or beside another; ``draft`` shows it in a frame."""

    public_id: uuid.UUID
    row: VersionRow
    colours: tuple[str, ...]
    problems: int
    draft: str


@dataclass(frozen=True, slots=True)
class SlotShown:
    """One colour of two versions."""

    name: str
    one: str
    other: str


@bp.get("/configuration/branding/versions")
def branding_versions() -> Rendered:
    """Every published version, newest first."""
    before = request.args.get("before", "")
    # Ten digits are more versions than anybody publishes, and fit the database's numbers.
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    rows = branding.versions(before=number)
    return render(
        "reseller/branding/versions.html",
        versions=[_shown(row) for row in rows],
        newest=branding.current_theme().version,
        older_url=url_for(".branding_versions", before=rows[-1].version)
        if rows and rows[-1].version > 1
        else "",
        newest_url=url_for(".branding_versions") if number is not None else "",
    )


@bp.get("/configuration/branding/compare")
def branding_compare() -> Rendered:
    """Two versions side by side: the one in use and the one before it, unless the address says."""
    rows = branding.versions()
    if len(rows) < 2:
        return go(
            url_for(".branding_versions"), say=gettext("There are no two versions to compare yet.")
        )
    one, other = _asked("one", rows[1]), _asked("other", rows[0])
    names = BrandingForm()
    slots = [
        SlotShown(str(names[slot].label.text), getattr(one.look.theme, slot), getattr(other.look.theme, slot))
        for slot in COLOURS
    ]  # fmt: skip
    listed = {row.public_id: row for row in (*rows, one, other)}
    response = render(
        "reseller/branding/compare.html",
        choices=sorted(listed.values(), key=lambda row: -row.version),
        pair=[("one", _shown(one)), ("other", _shown(other))],
        slots=slots,
        newest=rows[0].version,
    )
    response.headers["Content-Security-Policy"] = FRAMING_POLICY
    return response


@bp.post("/configuration/branding/versions/<uuid:public_id>/restore")
@needs("branding")
def restore_branding(public_id: uuid.UUID) -> Rendered:
    """Publish an earlier version again."""
    visitor = person()
    with transaction():
        version = branding.restore_version(public_id, by=visitor.name)
        identity.record("branding.published", by=visitor, address=address(), version=version)
    return go(url_for(".branding"), say=gettext("Published. Your clients see it now."))


def _asked(name: str, otherwise: VersionRow) -> VersionRow:
    """The version that the address names; 404 for one that is not ours."""
    said = request.args.get(name)
    return branding.find_version(version_id(said)) if said else otherwise


def _shown(row: VersionRow) -> VersionShown:
    theme = row.look.theme
    strip = (theme.navbar, theme.background, theme.link, theme.primary_bg, theme.success_bg)
    problems = len(contrast_of(theme).problems)
    return VersionShown(row.public_id, row, strip, problems, word_of(row.look))
