"""The dashboard, what needs somebody, calls with their worksheets, fees, and the own profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta

from portal import calls, identity, ledger, payments, pricing
from portal.calls import CallFilter
from portal.core.money import Money, rate_e8
from portal.identity import BalanceMode, ClientDetails, ClientStatus
from tests.browser import Browser
from tests.worker import queued_tasks
from tests.world import PASSWORD, World, a_call, record_calls


def calls_of(world: World) -> list[calls.CallRow]:
    """The latest calls of Harbourlight."""
    now = datetime.now(UTC)
    wanted = CallFilter(
        now - timedelta(days=20), now + timedelta(days=1), now.date(), now.date(),
        client_id=world.a.id, direction="out", states=("rated",),
    )  # fmt: skip
    with world.reading(world.northwind):
        return list(calls.search(wanted).rows)


def test_the_figures_of_the_dashboard_are_the_sums_of_the_calls(
    owner: Browser, world: World
) -> None:
    page = owner.open("/staff/", period="week")

    said = page.texts("#figures .figure-value")

    with world.reading(world.northwind):
        last = datetime.now(UTC).astimezone().date()
        held = ledger.balances_held()
        days = calls.days(last - timedelta(days=9), last)
    price = sum((day.price for day in days[-7:]), Money(0))
    assert said[3] == f"${held.decimal:.2f}"
    assert said[0].startswith("$")
    assert price > Money(0)
    assert page.text("h2 ~ .legend, .legend") == "Profit Carrier cost"
    assert "Harbourlight Dental" in page.words
    assert "Meridian" not in page.words


def test_what_needs_somebody_is_named_with_one_action_each(owner: Browser, world: World) -> None:
    with world.within(world.northwind):
        waiting = identity.add_client(
            ClientDetails(
                "Julie", "Tremblay", "julie@tremblay.example", company="Tremblay Notaires"
            ),
            status=ClientStatus.WAIT,
        )
        ledger.open_wallet(waiting.id, mode=BalanceMode.SOFT)
        payments.add_charge(world.b.id, Money.of("40"), reference="too-much")
    now = datetime.now(UTC) - timedelta(hours=1)
    record_calls(world.northwind, [a_call("100482_reception", "+16135550111", now, rate=None)])
    record_calls(world.northwind, [a_call("100482_nobody", "+16135550111", now)])

    page = owner.open("/staff/attention")

    lines = page.texts("#attention .row")
    assert any(line.startswith("Tremblay Notaires signed up") for line in lines)
    assert any(line.startswith("Kestrel Landscaping owes $") for line in lines)
    assert any(line.startswith("1 call without a rate") for line in lines)
    assert any(line.startswith("1 call of nobody") for line in lines)
    assert any(line.startswith("No exchange rate yet") for line in lines)
    assert len(page.all("#attention .row a")) == len(lines)


def test_waiting_calls_are_listed_and_priced_again_on_request(owner: Browser, world: World) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    record_calls(world.northwind, [a_call("100482_reception", "+16135550111", now, rate=None)])

    page = owner.open("/staff/attention", state="unrated")
    owner.post("/staff/attention/rerate")

    assert len(page.all("#waiting-calls tbody tr")) == 1
    assert "rerate_unrated" in queued_tasks()


def test_staff_see_cost_profit_and_every_step_of_a_price(owner: Browser, world: World) -> None:
    row = calls_of(world)[0]

    listed = owner.open(f"/staff/clients/{world.a.public_id}/calls")
    page = owner.open(f"/staff/clients/{world.a.public_id}/calls/{row.public_id}")
    part = owner.open(f"/staff/clients/{world.a.public_id}/calls/{row.public_id}", htmx=True)

    assert "Profit" in listed.text("#calls thead")
    for words in ("Fixed markup", "Percent markup", "Carrier's charge", "Profit", "$0.0138"):
        assert words in page.words
    assert "from the carrier's record" in part.text("tr")


def test_a_call_of_another_client_is_not_explained_here(owner: Browser, world: World) -> None:
    row = calls_of(world)[0]

    page = owner.open(f"/staff/clients/{world.b.public_id}/calls/{row.public_id}")

    assert page.status == 404


def test_default_fees_hold_from_the_moment_they_are_saved(owner: Browser, world: World) -> None:
    owner.open("/staff/configuration/fees")

    wrong = owner.submit("#fees", sms_out="-1", did_monthly="dear")
    owner.open("/staff/configuration/fees")
    page = owner.submit("#fees", did_monthly="1.75", recording_minute_e8="0.0020")

    assert wrong.status == 422
    assert wrong.has("#sms_out-error")
    assert wrong.has("#did_monthly-error")
    assert page.find("#did_monthly")["value"] == "1.75"
    with world.reading(world.northwind):
        assert pricing.default_fees().recording_minute_e8 == rate_e8("0.0020")


def test_every_default_fee_is_kept(owner: Browser, world: World) -> None:
    typed = {field.name: f"0.01{at:02}" for at, field in enumerate(fields(pricing.Fees), 1)}
    owner.open("/staff/configuration/fees")

    page = owner.submit("#fees", **typed)

    assert page.status == 200
    with world.reading(world.northwind):
        kept = pricing.default_fees()
    for name, amount in typed.items():
        wanted = rate_e8(amount) if name.endswith("_e8") else Money.of(amount)
        assert getattr(kept, name) == wanted, name


def test_amounts_take_one_to_six_decimals_and_nothing_absurd(owner: Browser, world: World) -> None:
    owner.open("/staff/configuration/fees")

    for typed in ("0.0000001", "2000000", "1e3", "NaN", "12,34,56", "٣"):
        wrong = owner.submit("#fees", did_setup=typed)
        assert wrong.status == 422, typed
        assert wrong.text("#did_setup-error").startswith("Enter an amount"), typed
        assert wrong.find("#did_setup")["value"] == typed
    for typed in ("0.1", "0.000001", "1,5"):
        assert owner.submit("#fees", did_setup=typed).status == 200, typed
        owner.open("/staff/configuration/fees")


def test_the_exchange_rate_is_typed_in(owner: Browser, world: World) -> None:
    owner.open("/staff/configuration/fees")

    zero = owner.submit("#exchange-rate", rate="0")
    page = owner.submit("#exchange-rate", rate="1.3725")

    assert zero.text("#rate-error") == "The exchange rate must be above zero."
    assert "1 USD is $1.3725 CAD" in page.text("#exchange")


def test_a_changed_password_ends_other_sessions(
    browse: Callable[..., Browser], world: World
) -> None:
    here, there = browse(world.northwind.owner), browse(world.northwind.owner)
    here.open("/staff/profile")

    wrong = here.submit(
        "#password-form", current_password="wrong", password="four quiet rivers",
        again="four quiet rivers",
    )  # fmt: skip
    done = here.submit(
        "#password-form", current_password=PASSWORD, password="four quiet rivers",
        again="four quiet rivers",
    )  # fmt: skip

    assert wrong.text("#current_password-error") == "This is not your current password."
    assert done.title == "Profile"
    assert there.open("/staff/clients").path == "/staff/login"


def test_another_browser_is_logged_out_from_the_profile(
    browse: Callable[..., Browser], world: World
) -> None:
    here, there = browse(world.northwind.reader), browse(world.northwind.reader)
    here.open("/staff/profile")

    page = here.submit("#sessions form")

    assert len(page.all("#sessions .row")) == 1
    assert there.open("/staff/clients").path == "/staff/login"


def test_a_time_zone_is_chosen(owner: Browser) -> None:
    owner.open("/staff/profile")

    page = owner.submit("#preferences", time_zone="Europe/Paris", language="fr")

    assert page.find("html")["lang"] == "fr"
    assert page.find("#time_zone option[selected]")["value"] == "Europe/Paris"
