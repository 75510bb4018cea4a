"""2-step login of a client's person."""

from __future__ import annotations

from flask import abort, url_for

from portal.web import second_step_pages as pages
from portal.web.client.blueprint import bp
from portal.web.guards import while_setting_up, while_suspended
from portal.web.htmx import Rendered
from portal.web.places import reseller
from portal.web.rights import theme
from portal.web.session import person

_PLACE = pages.Place("client", "client/profile/second_step.html")


@bp.get("/profile/second-step")
@while_setting_up
def second_step() -> Rendered:
    """Off, being set up, or on."""
    _own_account()
    return pages.show(_PLACE, _issuer())


@bp.post("/profile/second-step/begin")
@while_suspended
@while_setting_up
def second_step_begin() -> Rendered:
    """Make a key to scan."""
    _own_account()
    return pages.begin(_PLACE, _issuer())


@bp.post("/profile/second-step/confirm")
@while_suspended
@while_setting_up
def second_step_confirm() -> Rendered:
    """Turn it on."""
    _own_account()
    return pages.confirm(_PLACE, _issuer(), done_url=url_for(".profile"))


@bp.post("/profile/second-step/change")
@while_suspended
@while_setting_up
def second_step_change() -> Rendered:
    """New recovery codes, or off."""
    _own_account()
    return pages.change(_PLACE, _issuer(), done_url=url_for(".profile"))


@bp.post("/profile/second-step/codes.txt")
@while_suspended
@while_setting_up
def recovery_codes_file() -> Rendered:
    """The codes of the page, as a file."""
    _own_account()
    return pages.codes_file()


def _own_account() -> None:
    """Staff who view the portal have their own second step elsewhere."""
    if person().acting:
        abort(404)


def _issuer() -> str:
    return theme().title or reseller().name
