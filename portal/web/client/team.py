"""A client's team: who may see which sub-accounts, and who was asked to join."""

from __future__ import annotations

import uuid

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import identity, mail, pbx
from portal.core.db import transaction
from portal.identity import Access, MemberRole, PersonFacts
from portal.pbx import SubAccountRow
from portal.web.client.blueprint import bp
from portal.web.forms.team import ALL, SOME, AccessForm, InviteMemberForm
from portal.web.guards import managers, own_account
from portal.web.htmx import Rendered, go, render
from portal.web.rights import client_id
from portal.web.session import address, person


@bp.get("/profile/team")
@managers
def team() -> Rendered:
    """Everybody, with what each may see; and who has not answered yet."""
    names = {one.id: _name(one) for one in _sub_accounts()}
    return render(
        "client/team/index.html",
        people=[(one, access_text(one.access, names)) for one in identity.team(client_id())],
        invitations=[
            (one, access_text(one.access, names)) for one in identity.open_invitations(client_id())
        ],
        me=person(),
    )


@bp.get("/profile/team/invite")
@own_account
@managers
def team_invite() -> Rendered:
    """Whom to ask."""
    return _invite_page(InviteMemberForm())


@bp.post("/profile/team/invite")
@own_account
@managers
def team_send_invitation() -> Rendered:
    """Ask by mail."""
    form, me = InviteMemberForm(request.form), person()
    ids = _offer(form)

    def send() -> bool:
        access = form.access(ids)
        mail.send_invitation(
            identity.invite(
                name=form.name.data or "", email=form.email.data or "", access=access, by=me
            )
        )
        return True

    if form.submit(send) is None:
        return _invite_page(form, status=422)
    return go(url_for(".team"), say=gettext("The invitation is on its way."))


@bp.post("/profile/team/invitations/<uuid:public_id>/resend")
@own_account
@managers
def team_resend(public_id: uuid.UUID) -> Rendered:
    """Send it again, with a new link."""
    with transaction():
        mail.send_invitation(identity.resend_invitation(public_id, by=person()))
    return go(url_for(".team"), say=gettext("The invitation is on its way again."))


@bp.post("/profile/team/invitations/<uuid:public_id>/withdraw")
@own_account
@managers
def team_withdraw(public_id: uuid.UUID) -> Rendered:
    """Let the link open nothing any more."""
    with transaction():
        identity.withdraw_invitation(public_id, by=person())
    return go(url_for(".team"), say=gettext("The invitation is withdrawn."))


@bp.get("/profile/team/<uuid:public_id>")
@own_account
@managers
def team_member(public_id: uuid.UUID) -> Rendered:
    """One of them: what they may see, in or out."""
    found = identity.teammate(public_id, client_id())
    return _member_page(found, _filled(found))


@bp.post("/profile/team/<uuid:public_id>/access")
@own_account
@managers
def team_access(public_id: uuid.UUID) -> Rendered:
    """Say anew what somebody may see; they are logged out and come back with it."""
    form, me, own_id = AccessForm(request.form), person(), client_id()
    ids = _offer(form)

    def save() -> bool:
        identity.set_access(own_id, public_id, form.access(ids), by=me)
        return True

    if form.submit(save) is None:
        return _member_page(identity.teammate(public_id, own_id), form, status=422)
    return go(url_for(".team"), say=gettext("Saved."))


@bp.post("/profile/team/<uuid:public_id>/disable")
@own_account
@managers
def team_disable(public_id: uuid.UUID) -> Rendered:
    """Out, at once."""
    with transaction():
        identity.disable_teammate(public_id, client_id=client_id(), by=person())
    return go(url_for(".team"), say=gettext("This person is logged out and cannot come in."))


@bp.post("/profile/team/<uuid:public_id>/enable")
@own_account
@managers
def team_enable(public_id: uuid.UUID) -> Rendered:
    """In again."""
    with transaction():
        identity.enable_teammate(public_id, client_id=client_id(), by=person())
    return go(url_for(".team"), say=gettext("This person may log in again."))


@bp.post("/profile/team/<uuid:public_id>/second-step/reset")
@own_account
@managers
def team_reset_second_step(public_id: uuid.UUID) -> Rendered:
    """Help somebody who lost the telephone."""
    with transaction():
        who = identity.reset_second_step(public_id, by=person(), address=address())
        mail.tell_second_step_changed(who, is_on=False)
    return go(url_for(".team"), say=gettext("2-step login of %(name)s is off.", name=who.name))


def access_text(access: Access | None, names: dict[int, str]) -> str:
    """What somebody may see, in words."""
    if access is None or access.is_manager:
        return gettext("Manager, everything")
    if access.sub_account_ids is None:
        return (
            gettext("Member, all sub-accounts")
            if access.sees_money
            else gettext("Member, all sub-accounts, no money")
        )
    known = sorted(names[one] for one in access.sub_account_ids if one in names)
    if 0 < len(known) <= 3:
        return gettext("Member, only %(names)s", names=", ".join(known))
    return ngettext(
        "Member, only %(num)d sub-account", "Member, only %(num)d sub-accounts", len(known)
    )


def _sub_accounts() -> list[SubAccountRow]:
    return [one for one in pbx.sub_accounts_of(client_id()) if not one.is_removed]


def _name(one: SubAccountRow) -> str:
    return one.description or one.username


def _offer(form: AccessForm) -> dict[str, int]:
    """Let the form offer the client's own sub-accounts; their ids by public id."""
    found = _sub_accounts()
    form.offer([(str(one.public_id), _name(one)) for one in found])
    return {str(one.public_id): one.id for one in found}


def _filled(found: PersonFacts) -> AccessForm:
    access = found.access or Access(MemberRole.MEMBER, frozenset(), sees_money=False)
    chosen = access.sub_account_ids
    return AccessForm(
        data={
            "role": access.role,
            "reach": ALL if chosen is None else SOME,
            "sub_accounts": [
                str(one.public_id) for one in _sub_accounts() if one.id in (chosen or ())
            ],
            "sees_money": access.sees_money and not access.is_manager,
        }
    )


def _invite_page(form: InviteMemberForm, *, status: int = 200) -> Rendered:
    _offer(form)
    return render("client/team/invite.html", status=status, has_errors=status != 200, form=form)


def _member_page(found: PersonFacts, form: AccessForm, *, status: int = 200) -> Rendered:
    _offer(form)
    return render(
        "client/team/member.html",
        status=status,
        has_errors=status != 200,
        one=found,
        form=form,
        is_me=found.id == person().person_id,
    )
