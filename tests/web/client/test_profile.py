"""A person's own account."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from portal import identity
from portal.core.money import Money
from tests.browser import Browser
from tests.world import PASSWORD, World

Browse = Callable[..., Browser]
BETTER = "four quick herons"


def test_details_and_preferences_are_shown(world: World, browse: Browse) -> None:
    page = browse(world.a).open("/profile")

    assert "Harbourlight Dental" in page.text(".pairs")
    assert page.find("#time_zone option[selected]")["value"] == "America/Toronto"


def test_another_language_and_zone_hold_from_then_on(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    page = ada.submit("#preferences", language="fr", time_zone="Europe/Paris")

    assert page.find("html")["lang"] == "fr"
    assert "Europe/Paris" in ada.open("/calls").words


def test_a_zone_that_is_none_is_refused(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    page = ada.submit("#preferences", time_zone="Mars/Olympus")

    assert page.status == 422
    assert page.has("#time_zone-error")


def test_a_changed_password_ends_the_other_sessions(world: World, browse: Browse) -> None:
    ada, elsewhere = browse(world.a), browse(world.a)
    ada.open("/profile")

    page = ada.submit("#change-password", current_password=PASSWORD, password=BETTER, again=BETTER)

    assert "Your password was changed" in page.text("#toasts")
    assert page.path.endswith("/profile")
    assert elsewhere.open("/dashboard").title == "Log in"
    assert browse_again(browse, world, BETTER) == 200


def browse_again(browse: Browse, world: World, password: str) -> int:
    somebody = Browser(browse(world.b).app, world.a.base)
    return somebody.log_in(world.a.email, password).status


def test_a_wrong_current_password_changes_nothing(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    page = ada.submit(
        "#change-password", current_password="not this one", password=BETTER, again=BETTER
    )

    assert page.status == 422
    assert "not your current password" in page.text("#current_password-error")
    assert not page.has("#change-password input[value='not this one']")
    assert browse(world.a).open("/dashboard").status == 200


def test_weak_and_different_passwords_are_refused(world: World, browse: Browse) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    short = ada.submit(
        "#change-password", current_password=PASSWORD, password="short", again="short"
    )
    unlike = ada.submit(
        "#change-password", current_password=PASSWORD, password=BETTER, again="else"
    )

    assert "at least 10 characters" in short.text("#password-error")
    assert unlike.has("#again-error")


def test_another_browser_is_logged_out_at_once(world: World, browse: Browse) -> None:
    ada, elsewhere = browse(world.a), browse(world.a)
    page = ada.open("/profile")
    assert "This browser" in page.text("#sessions")

    page = ada.submit("#sessions form")

    assert "That browser is logged out" in page.text("#toasts")
    assert elsewhere.open("/dashboard").title == "Log in"
    assert ada.open("/dashboard").status == 200


def test_somebody_elses_session_cannot_be_ended(world: World, browse: Browse) -> None:
    owen = browse(world.b)
    ada = browse(world.a)
    with world.reading(world.northwind):
        theirs = identity.people_of(world.b.id)[0].public_id

    assert ada.post(f"/profile/sessions/{theirs}/end").status == 404
    assert ada.post(f"/profile/sessions/{uuid.uuid4()}/end").status == 404
    assert owen.open("/dashboard").status == 200


def test_the_warning_for_a_low_balance_is_changed_and_switched_off(
    world: World, browse: Browse
) -> None:
    ada = browse(world.a)
    ada.open("/profile")

    refused = ada.submit("#low-balance-form", threshold="5")
    ada.open("/profile")
    ada.submit("#low-balance-form", threshold="40,50")
    with world.reading(world.a):
        kept = identity.client_facts(world.a.id).details.low_balance_threshold
    ada.submit("#low-balance-form", threshold="")

    assert refused.status == 422
    assert kept == Money.of("40.50")
    with world.reading(world.a):
        assert identity.client_facts(world.a.id).details.low_balance_threshold is None


def test_hidden_money_hides_the_warning_too(
    world: World, browse: Browse, configure: Callable[..., None]
) -> None:
    configure(world.northwind, "Office Standard", hide_money=True)
    ada = browse(world.a)

    assert not ada.open("/profile").has("#low-balance")
    assert ada.post("/profile/low-balance", {"threshold": "40"}).status == 404
