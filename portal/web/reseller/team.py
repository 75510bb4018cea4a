"""The team: who works here, in which role, and who was asked to join."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext

from portal import identity, mail
from portal.core.db import transaction
from portal.identity import PersonFacts, Role
from portal.web.forms.team import InviteStaffForm, RoleForm, role_notes, role_text
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.reseller.company_tabs import tabs
from portal.web.session import address, person


@bp.get("/configuration/team")
def team() -> Rendered:
    """Everybody with role, last login and 2-step login; and who has not answered yet."""
    return render(
        "reseller/team/index.html",
        company_tabs=tabs("team"),
        people=[(one, role_text(one.role or Role.READ_ONLY)) for one in identity.team()],
        invitations=[
            (one, role_text(one.role or Role.READ_ONLY)) for one in identity.open_invitations()
        ],
        me=person(),
        required=own_reseller().require_second_step,
    )


@bp.get("/configuration/team/invite")
@needs("team")
def team_invite() -> Rendered:
    """Whom to ask."""
    return _invite_page(InviteStaffForm())


@bp.post("/configuration/team/invite")
@needs("team")
def team_send_invitation() -> Rendered:
    """Ask by mail."""
    form, me = InviteStaffForm(request.form), person()

    def send() -> bool:
        mail.send_invitation(
            identity.invite(
                name=form.name.data or "",
                email=form.email.data or "",
                role=Role(form.role.data),
                by=me,
            )
        )
        return True

    if form.submit(send) is None:
        return _invite_page(form, status=422)
    return go(url_for(".team"), say=gettext("The invitation is on its way."))


@bp.post("/configuration/team/invitations/<uuid:public_id>/resend")
@needs("team")
def team_resend(public_id: uuid.UUID) -> Rendered:
    """Send it again, with a new link."""
    with transaction():
        mail.send_invitation(identity.resend_invitation(public_id, by=person()))
    return go(url_for(".team"), say=gettext("The invitation is on its way again."))


@bp.post("/configuration/team/invitations/<uuid:public_id>/withdraw")
@needs("team")
def team_withdraw(public_id: uuid.UUID) -> Rendered:
    """Let the link open nothing any more."""
    with transaction():
        identity.withdraw_invitation(public_id, by=person())
    return go(url_for(".team"), say=gettext("The invitation is withdrawn."))


@bp.get("/configuration/team/<uuid:public_id>")
@needs("team")
def team_member(public_id: uuid.UUID) -> Rendered:
    """One colleague: role, second step, in or out."""
    found = identity.teammate(public_id)
    return _member_page(found, RoleForm(data={"role": found.role}))


@bp.post("/configuration/team/<uuid:public_id>/role")
@needs("team")
def team_role(public_id: uuid.UUID) -> Rendered:
    """Another role; the colleague is logged out and comes back with it."""
    form, me = RoleForm(request.form), person()

    def save() -> bool:
        identity.set_role(public_id, Role(form.role.data), by=me)
        return True

    if form.submit(save) is None:
        return _member_page(identity.teammate(public_id), form, status=422)
    return go(url_for(".team"), say=gettext("The role is changed."))


@bp.post("/configuration/team/<uuid:public_id>/disable")
@needs("team")
def team_disable(public_id: uuid.UUID) -> Rendered:
    """Out, at once."""
    with transaction():
        identity.disable_teammate(public_id, by=person())
    return go(url_for(".team"), say=gettext("This person is logged out and cannot come in."))


@bp.post("/configuration/team/<uuid:public_id>/enable")
@needs("team")
def team_enable(public_id: uuid.UUID) -> Rendered:
    """In again."""
    with transaction():
        identity.enable_teammate(public_id, by=person())
    return go(url_for(".team"), say=gettext("This person may log in again."))


@bp.post("/configuration/team/<uuid:public_id>/second-step/reset")
@needs("team")
def team_reset_second_step(public_id: uuid.UUID) -> Rendered:
    """Help a colleague who lost the telephone."""
    with transaction():
        who = identity.reset_second_step(public_id, by=person(), address=address())
        mail.tell_second_step_changed(who, is_on=False)
    return go(url_for(".team"), say=gettext("2-step login of %(name)s is off.", name=who.name))


@bp.post("/configuration/team/second-step")
@needs("team")
def team_require() -> Rendered:
    """Require 2-step login of everybody on the team, or no longer."""
    required = request.form.get("required") == "1"
    with transaction():
        identity.require_second_step(required, by=person())
    return go(url_for(".team"), say=gettext("Saved."))


def _invite_page(form: InviteStaffForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/team/invite.html",
        status=status,
        has_errors=status != 200,
        form=form,
        notes=role_notes(),
    )


def _member_page(found: PersonFacts, form: RoleForm, *, status: int = 200) -> Rendered:
    return render(
        "reseller/team/member.html",
        status=status,
        has_errors=status != 200,
        one=found,
        form=form,
        notes=role_notes(),
        is_me=found.id == person().person_id,
    )
