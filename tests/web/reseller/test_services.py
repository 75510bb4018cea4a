"""What clients see by default, and which packages say otherwise."""

from __future__ import annotations

from dataclasses import replace

from portal import entitlements, pricing
from portal.entitlements import Service, View
from tests.browser import Browser
from tests.world import World

ADDRESS = "/staff/configuration/services"


def test_view_and_switches_hold_from_the_next_page_on(owner: Browser, world: World) -> None:
    owner.open(ADDRESS)

    page = owner.post(
        ADDRESS, {"view": "simple", "services": ["cdr", "fax", "balance"], "hide_money": "y"}
    )

    assert page.find("#view input[checked]")["value"] == "simple"
    assert len(page.all("#services input[name=services][checked]")) == 3
    with world.reading(world.northwind):
        kept = entitlements.default_configuration()
    assert kept.view is View.SIMPLE
    assert kept.services == {Service.CDR, Service.FAX, Service.BALANCE}
    assert kept.hide_money
    with world.reading(world.globex):
        assert entitlements.default_configuration() == entitlements.Configuration()


def test_htmx_saves_in_place_and_says_so(owner: Browser) -> None:
    owner.open(ADDRESS)

    part = owner.submit("#services-form", htmx=True, view="simple_hidden")

    assert part.find("form")["id"] == "services-form"
    assert "toast" in part.headers["HX-Trigger"]
    assert owner.open(ADDRESS).find("#view input[checked]")["value"] == "simple_hidden"


def test_words_that_nobody_offered_are_refused_and_change_nothing(
    owner: Browser, world: World
) -> None:
    owner.open(ADDRESS)

    refused = owner.post(ADDRESS, {"view": "loud", "services": ["teleport"]})

    assert refused.status == 422
    assert refused.has(".field-error")
    with world.reading(world.northwind):
        assert entitlements.default_configuration() == entitlements.Configuration()


def test_a_package_with_its_own_configuration_is_listed_with_what_differs(
    owner: Browser, world: World
) -> None:
    before = owner.open(ADDRESS).text("#exceptions")
    with world.within(world.northwind):
        package = pricing.find_package(world.northwind.packages["Pay as you go"])
        pricing.save_package(
            replace(
                package.details,
                own_services=True,
                services=("sms_mms", "call_recordings"),
                hide_money=True,
            ),
            package=package.public_id,
        )

    page = owner.open(ADDRESS)

    assert "Every package follows this page" in before
    row = page.text("#exceptions tbody tr")
    assert row.startswith("Pay as you go Standard Without Numbers")
    assert "With Call recordings. Money hidden" in row
    assert "1 package follows this page" in page.text("#exceptions")


def test_who_only_reads_may_not_save(reader: Browser) -> None:
    page = reader.open(ADDRESS)

    assert page.all("#services-form input[role=switch]:not([disabled])") == []
    assert reader.post(ADDRESS, {"view": "simple"}).status == 403
