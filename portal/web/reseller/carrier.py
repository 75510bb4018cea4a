"""The login at the carrier: typed, tried out, kept; and how the carrier does."""

from __future__ import annotations

from decimal import Decimal

from flask import request, url_for
from flask_babel import gettext, ngettext

from portal import calls, carriers, identity, numbers, upstream
from portal.core import clock, queue
from portal.core.db import transaction
from portal.identity import Door
from portal.tasks import IMPORT_CALLS, IMPORT_MESSAGES, REFRESH_NUMBERS, REFRESH_RATES, Task
from portal.upstream import Trial
from portal.web.forms.carrier import CarrierForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, go, render
from portal.web.reseller.blueprint import bp, can
from portal.web.session import person
from portal.web.worksheets import CARRIER_CURRENCY

PAGE, RESULT = "reseller/carrier/index.html", "reseller/carrier/_trial.html"
_AT_ONCE = (REFRESH_NUMBERS, IMPORT_CALLS, IMPORT_MESSAGES)
_A_ROUND_SECONDS = 20


@bp.get("/configuration/carrier")
def carrier() -> Rendered:
    """The login, and how the carrier does."""
    known = upstream.health()
    return _page(CarrierForm(data={"username": known.username, "base_url": known.base_url}) if known else CarrierForm())  # fmt: skip


@bp.post("/configuration/carrier")
@needs("configuration")
def save_carrier() -> Rendered:
    """Keep the login; calls, texts, numbers and rates are fetched at once."""
    form = CarrierForm(request.form)

    def save() -> bool:
        upstream.save_login(*_typed(form), base_url=form.base_url.data or "", by=person())
        _fetch(*_AT_ONCE, REFRESH_RATES)
        return True

    if form.submit(save) is None:
        return _page(form, status=422)
    return go(
        url_for("reseller.carrier"),
        say=gettext("The carrier is connected: calls, numbers and rates are being fetched."),
    )


@bp.post("/configuration/carrier/test")
@needs("configuration")
def test_carrier() -> Rendered:
    """Ask the carrier with what is typed, and keep nothing."""
    form = CarrierForm(request.form)
    me = person()

    def ask() -> Trial:
        with transaction():
            identity.throttle.take(Door.TRIAL, reseller_id=me.reseller_id)
        return upstream.try_out(*_typed(form), base_url=form.base_url.data or "")

    trial = form.check(ask)
    if trial is None:
        return _page(form, status=422)
    with transaction():
        code = trial.problem.code if trial.problem else ""
        identity.record("carrier.tested", by=me, username=form.username.data, problem=code)
    return _page(form, trial)


@bp.post("/configuration/carrier/import")
@needs("write")
def import_now() -> Rendered:
    """Fetch calls, texts and numbers now instead of at the next round."""
    with transaction():
        if upstream.is_connected():
            _fetch(*_AT_ONCE)
    return go(
        url_for("reseller.carrier"),
        say=gettext("Calls, texts and numbers are being fetched. Reload in a moment."),
    )


@bp.get("/configuration/carrier/callback")
@needs("configuration")
def confirm_callback() -> Rendered:
    """Ask once before the address of texts changes."""
    return render("reseller/carrier/renew.html")


@bp.post("/configuration/carrier/callback")
@needs("configuration")
def renew_callback() -> Rendered:
    """Make another secret for the callback; the old address stops at once."""
    with transaction():
        upstream.new_hook_secret()
        told = numbers.push_all_later()
        identity.record("carrier.callback_renewed", by=person(), numbers=told)
    if told:
        say = ngettext(
            "The address is new; the carrier is told it for %(num)d number.",
            "The address is new; the carrier is told it for %(num)d numbers.",
            told,
        )
    else:
        say = gettext("The address is new: enter it at the carrier for each number.")
    return go(url_for("reseller.carrier"), say=say)


def _typed(form: CarrierForm) -> tuple[str, str]:
    return form.username.data or "", form.password.data or ""


def _fetch(*tasks: Task) -> None:
    """Accept one run of each; pressed twice within a round it is the same one."""
    slot = int(clock.now().timestamp()) // _A_ROUND_SECONDS
    for task in tasks:
        queue.enqueue(task, once_key=f"{task.name}:{person().reseller_id}:asked-{slot}")


def _page(form: CarrierForm, trial: Trial | None = None, *, status: int = 200) -> Rendered:
    health = upstream.health()
    last = calls.last_import()
    return render(
        PAGE,
        RESULT if request.method == "POST" else None,
        status=status,
        has_errors=status != 200,
        form=form,
        trial=trial,
        trial_balance=Decimal(trial.balance.current_e8).scaleb(-8)
        if trial and trial.balance
        else None,
        health=health,
        health_advice=carriers.advice_on(health.last_error) if health else "",
        last_import=last,
        next_import=queue.next_due(IMPORT_CALLS) if health else None,
        callback=upstream.callback_address() if health and can("configuration") else None,
        may_choose_endpoint=upstream.may_choose_endpoint(),
        carrier_currency=CARRIER_CURRENCY,
    )
