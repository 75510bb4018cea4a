"""2-step login of a client's person."""

from __future__ import annotations

from flask import url_for

from portal.web import second_step_pages as pages
from portal.web.client.blueprint import bp
from portal.web.guards import own_account, while_setting_up, while_suspended
from portal.web.htmx import Rendered
from portal.web.places import reseller
from portal.web.rights import theme

_PLACE = pages.Place("client", "client/profile/second_step.html")


@bp.get("/profile/second-step")
@own_account
@while_setting_up
def second_step() -> Rendered:
    """Off, being set up, or on."""
    return pages.show(_PLACE, _issuer())


@bp.post("/profile/second-step/begin")
@own_account
@while_suspended
@while_setting_up
def second_step_begin() -> Rendered:
    """Make a key to scan."""
    return pages.begin(_PLACE, _issuer())


@bp.post("/profile/second-step/confirm")
@own_account
@while_suspended
@while_setting_up
def second_step_confirm() -> Rendered:
    """Turn it on."""
    return pages.confirm(_PLACE, _issuer(), done_url=url_for(".profile"))


@bp.post("/profile/second-step/change")
@own_account
@while_suspended
@while_setting_up
def second_step_change() -> Rendered:
    """New recovery codes, or off."""
    return pages.change(_PLACE, _issuer(), done_url=url_for(".profile"))


@bp.post("/profile/second-step/codes.txt")
@own_account
@while_suspended
@while_setting_up
def recovery_codes_file() -> Rendered:
    """The codes of the page, as a file."""
    return pages.codes_file()


def _issuer() -> str:
    return theme().title or reseller().name
