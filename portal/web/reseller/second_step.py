"""2-step login of a member of staff."""

from __future__ import annotations

from flask import url_for

from portal import identity
from portal.core.db import transaction
from portal.web import second_step_pages as pages
from portal.web.guards import needs, while_setting_up
from portal.web.htmx import Rendered, go
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

_PLACE = pages.Place("reseller", "reseller/profile/second_step.html")


@bp.get("/profile/second-step")
@while_setting_up
def second_step() -> Rendered:
    """Off, being set up, or on."""
    return pages.show(_PLACE, own_reseller().name)


@bp.post("/profile/second-step/begin")
@needs("own_account")
@while_setting_up
def second_step_begin() -> Rendered:
    """Make a key to scan."""
    return pages.begin(_PLACE, own_reseller().name)


@bp.post("/profile/second-step/confirm")
@needs("own_account")
@while_setting_up
def second_step_confirm() -> Rendered:
    """Turn it on."""
    return pages.confirm(_PLACE, own_reseller().name, done_url=url_for(".dashboard"))


@bp.post("/profile/second-step/change")
@needs("own_account")
@while_setting_up
def second_step_change() -> Rendered:
    """New recovery codes, or off."""
    return pages.change(_PLACE, own_reseller().name, done_url=url_for(".profile"))


@bp.post("/profile/second-step/codes.txt")
@needs("own_account")
@while_setting_up
def recovery_codes_file() -> Rendered:
    """The codes of the page, as a file."""
    return pages.codes_file()


@bp.post("/profile/second-step/later")
@needs("own_account")
def second_step_later() -> Rendered:
    """Not now: an owner is asked only once."""
    with transaction():
        identity.postpone_second_step(person())
    return go(url_for(".dashboard"))
