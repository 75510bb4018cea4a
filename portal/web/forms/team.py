"""Who joins a team, and what each of them may do or see."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.identity import Access, MemberRole, Role
from portal.web.fields import REQUIRED
from portal.web.forms.auth import NewPasswordForm
from portal.web.forms.base import PortalForm
from portal.web.forms.choices import choices

ALL, SOME = "all", "some"


class _WhoForm(PortalForm):
    name = StringField(lazy_gettext("Name"), [InputRequired(REQUIRED), Length(max=120)])
    email = StringField(lazy_gettext("E-mail"), [InputRequired(REQUIRED), Length(max=254)])


class RoleForm(PortalForm):
    role = RadioField(
        lazy_gettext("Role"),
        choices=choices(
            (
                (Role.OWNER, lazy_gettext("Owner")),
                (Role.BILLING, lazy_gettext("Billing")),
                (Role.SUPPORT, lazy_gettext("Support")),
                (Role.READ_ONLY, lazy_gettext("Read-only")),
            )
        ),
        default=Role.SUPPORT,
    )


class InviteStaffForm(_WhoForm, RoleForm):
    pass


class AccessForm(PortalForm):
    role = RadioField(
        lazy_gettext("Role"),
        choices=choices(
            (
                (MemberRole.MEMBER, lazy_gettext("Member")),
                (MemberRole.MANAGER, lazy_gettext("Manager")),
            )
        ),
        default=MemberRole.MEMBER,
    )
    reach = RadioField(
        lazy_gettext("Sub-accounts"),
        choices=choices(((ALL, lazy_gettext("All of them")), (SOME, lazy_gettext("Only these")))),
        default=ALL,
    )
    sub_accounts = SelectMultipleField(
        lazy_gettext("Only these sub-accounts"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    sees_money = BooleanField(lazy_gettext("May see balance, prices and history"))

    def offer(self, names: Sequence[tuple[str, str]]) -> None:
        """The sub-accounts to choose from: public id and name."""
        self.sub_accounts.choices = [SelectChoice(value, label) for value, label in names]

    def access(self, ids: dict[str, int]) -> Access:
        """What was chosen; ``ids`` are the sub-accounts by public id."""
        if self.role.data == MemberRole.MANAGER:
            return Access()
        if self.reach.data == ALL:
            return Access(MemberRole.MEMBER, None, bool(self.sees_money.data))
        chosen = frozenset(ids[one] for one in self.sub_accounts.data or () if one in ids)
        return Access(MemberRole.MEMBER, chosen, sees_money=False)


class InviteMemberForm(_WhoForm, AccessForm):
    pass


class JoinForm(NewPasswordForm):
    name = StringField(lazy_gettext("Your name"), [InputRequired(REQUIRED), Length(max=120)])


def role_text(role: Role) -> str:
    """A role's name."""
    names: dict[Role, str] = {
        Role.OWNER: gettext("Owner"),
        Role.BILLING: gettext("Billing"),
        Role.SUPPORT: gettext("Support"),
        Role.READ_ONLY: gettext("Read-only"),
    }
    return names[role]


def role_notes() -> dict[str, str]:
    """What each role is for, beside its tile."""
    return {
        Role.OWNER: gettext("Everything, also team and configuration."),
        Role.BILLING: gettext("Clients, money, rates and packages."),
        Role.SUPPORT: gettext("Clients, without money."),
        Role.READ_ONLY: gettext("Looks at everything, changes nothing."),
    }
