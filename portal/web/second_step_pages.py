"""2-step login in both portals: set up, codes on paper, changed, turned off."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno
from flask import abort, make_response, request, url_for
from flask_babel import gettext

from portal import identity, mail
from portal.core.db import transaction
from portal.identity import SetUp
from portal.web.forms.auth import CodeForm, SecondStepForm, SetUpForm
from portal.web.forms.base import PortalForm
from portal.web.htmx import Rendered, go, render
from portal.web.session import address, person

_RECOVERY_CODE = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}")
_BORDER = 4  # quiet modules around a QR code, by its standard


@dataclass(frozen=True, slots=True)
class QrCode:
    """Squares as one path of an SVG, ``size`` units wide and high."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Place:
    """Which portal's pages these are: the blueprint's name and its template."""

    portal: str
    page: str

    def url(self, view: str = "second_step") -> str:
        """The address of one of the views, which are called alike in both portals."""
        return url_for(f"{self.portal}.{view}")


def show(place: Place, issuer: str, **forms: PortalForm) -> Rendered:
    """How it stands, and what can be done next."""
    visitor = person()
    set_up = identity.set_up_of(visitor, issuer=issuer)
    return render(
        place.page,
        status=422 if forms else 200,
        has_errors=bool(forms),
        state=identity.second_step_of(visitor),
        must=visitor.must_have_second_step,
        ask=visitor.ask_second_step,
        set_up=set_up,
        key_text=_in_groups(set_up),
        qr=_qr(set_up),
        start=forms.get("start") or SetUpForm(),
        confirm=forms.get("confirm") or CodeForm(),
        change=forms.get("change") or SecondStepForm(),
        codes=(),
        done_url="",
    )


def begin(place: Place, issuer: str) -> Rendered:
    """Make a key to scan, for the password."""
    form, visitor = SetUpForm(request.form), person()
    if not form.validate():
        return show(place, issuer, start=form)
    with transaction():
        attempt = identity.begin_change(visitor, address=address())
    proof = identity.prove(attempt, form.current_password.data or "")
    form.submit(lambda: identity.begin_set_up(visitor, proof))
    return go(place.url()) if form.accepted else show(place, issuer, start=form)


def confirm(place: Place, issuer: str, *, done_url: str) -> Rendered:
    """Turn it on with the first code, and show the recovery codes this once."""
    form, visitor = CodeForm(request.form), person()

    def turn_on() -> tuple[str, ...]:
        who, codes = identity.confirm_set_up(visitor, form.code.data or "", address=address())
        mail.tell_second_step_changed(who, is_on=True)
        return codes

    codes = form.submit(turn_on)
    return show(place, issuer, confirm=form) if codes is None else _codes(place, codes, done_url)


def change(place: Place, issuer: str, *, done_url: str) -> Rendered:
    """New recovery codes, or none of it any more: for password and code."""
    form, visitor = SecondStepForm(request.form), person()
    wanted = request.form.get("what")
    if wanted not in {"codes", "off"}:
        abort(422)
    if not form.validate():
        return show(place, issuer, change=form)
    password, code = form.current_password.data or "", form.code.data or ""
    with transaction():
        attempt = identity.begin_change(visitor, address=address())
    with transaction():
        taken = identity.begin_own_code(visitor, address=address())
    proof = identity.prove(attempt, password)

    def act() -> tuple[str, ...]:
        if wanted == "codes":
            return identity.renew_recovery_codes(visitor, proof, taken, code, address=address())
        who = identity.turn_off_second_step(
            visitor, proof, taken, code, password_length=len(password), address=address()
        )
        mail.tell_second_step_changed(who, is_on=False)
        return ()

    codes = form.submit(act)
    if codes is None:
        return show(place, issuer, change=form)
    if codes:
        return _codes(place, codes, done_url)
    return go(place.url(), say=gettext("2-step login is off."))


def codes_file() -> Rendered:
    """The recovery codes of the page just seen, as a text file; only this person's own come back."""
    codes = request.form.get("codes", "")[:400].split()
    if not all(_RECOVERY_CODE.fullmatch(code) for code in codes):
        abort(404)
    if not identity.are_own_recovery_codes(person(), codes):
        abort(404)
    response = make_response("\r\n".join(codes) + "\r\n")
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def _codes(place: Place, codes: tuple[str, ...], done_url: str) -> Rendered:
    return render(
        place.page,
        state=identity.second_step_of(person()),
        codes=codes,
        file_url=place.url("recovery_codes_file"),
        done_url=done_url,
    )


def _in_groups(set_up: SetUp | None) -> str:
    """The key in groups of four, as one reads it aloud."""
    return " ".join(re.findall(".{1,4}", set_up.key)) if set_up else ""


def _qr(set_up: SetUp | None) -> QrCode | None:
    if set_up is None:
        return None
    rows = segno.make(set_up.address, error="m", micro=False).matrix
    squares = [
        f"M{x + _BORDER} {y + _BORDER}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return QrCode(len(rows) + 2 * _BORDER, "".join(squares))
