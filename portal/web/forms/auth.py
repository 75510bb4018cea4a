"""Logging in, forgotten and changed passwords."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Regexp

from portal.web.fields import REQUIRED
from portal.web.forms.base import PortalForm


class LogInForm(PortalForm):
    email = StringField(lazy_gettext("E-mail"), [InputRequired(REQUIRED), Length(max=254)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(REQUIRED), Length(max=1000)])
    keep = BooleanField(lazy_gettext("Keep me logged in"))


class CodeForm(PortalForm):
    code = StringField(
        lazy_gettext("Code"),
        [InputRequired(REQUIRED), Length(max=40)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class SetUpForm(PortalForm):
    current_password = PasswordField(
        lazy_gettext("Your password"), [InputRequired(REQUIRED), Length(max=1000)]
    )


class SecondStepForm(SetUpForm):
    code = StringField(
        lazy_gettext("Code"),
        [InputRequired(REQUIRED), Length(max=40)],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class ForgotForm(PortalForm):
    email = StringField(
        lazy_gettext("E-mail"),
        [
            InputRequired(REQUIRED),
            Length(max=254),
            Regexp(r".+@.+", message=lazy_gettext("Enter an address like name@example.com.")),
        ],
    )


class NewPasswordForm(PortalForm):
    password = PasswordField(
        lazy_gettext("New password"), [InputRequired(REQUIRED), Length(max=1000)]
    )
    again = PasswordField(
        lazy_gettext("New password, again"),
        [InputRequired(REQUIRED), EqualTo("password", lazy_gettext("The two are not the same."))],
    )


class ChangePasswordForm(NewPasswordForm):
    current_password = PasswordField(
        lazy_gettext("Current password"), [InputRequired(REQUIRED), Length(max=1000)]
    )


class ActForm(PortalForm):
    reason = StringField(
        lazy_gettext("Why are you opening this portal?"),
        [InputRequired(REQUIRED), Length(max=200)],
    )
