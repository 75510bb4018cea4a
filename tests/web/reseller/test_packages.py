"""Packages: a price before it is saved, versions, and old calls that keep theirs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from portal import calls, entitlements, pricing
from portal.calls import CallFilter
from portal.core.money import Money, rate_e8
from portal.pricing import DeckLine
from tests.browser import Browser, form_values
from tests.world import World, a_call, record_calls


def draft(browser: Browser, **typed: str) -> dict[str, str]:
    """What the editor on the page would send, with something typed."""
    assert browser.page is not None
    values = form_values(browser.page.find("#package"))
    values |= {"preview_cost": "0.0090", "preview_length": "1:42"} | typed
    return {name: value for name, value in values.items() if value is not None}


def test_the_editor_shows_the_guides_example_step_by_step(owner: Browser, world: World) -> None:
    page = owner.open(f"/staff/packages/{world.northwind.packages['Office Standard']}")

    steps = page.texts("#price-preview .sum dd")

    assert steps == ["0.0090", "+ 0.0025", "0.0115", "× 1.20"]
    assert page.text("#preview-price") == "$0.0138"
    assert "$0.0235" in page.text("#price-preview")


def test_the_preview_follows_what_is_typed_and_saves_nothing(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]
    owner.open(f"/staff/packages/{package}")

    part = owner.post(
        f"/staff/packages/{package}/preview", draft(owner, markup_percent="100"), htmx=True
    )
    whole = owner.post(f"/staff/packages/{package}/preview", draft(owner, markup_percent="100"))

    assert part.text("#preview-price") == "$0.0230"
    assert not part.all("input"), "an answer that holds inputs would overwrite what is being typed"
    assert whole.text("#preview-price") == "$0.0230"
    assert whole.find("#markup_percent")["value"] == "100"
    with world.reading(world.northwind):
        assert pricing.find_package(package).details.markup_percent_e4 == 200_000


NONSENSE = (
    ("markup_fixed", "-1"),
    ("markup_fixed", "cheap"),
    ("markup_percent", "1001"),
    ("first_increment_seconds", "-6"),
    ("preview_cost", "x"),
    ("preview_length", "long"),
)


def test_a_draft_that_makes_no_sense_has_no_price_but_no_error_page(
    owner: Browser, world: World
) -> None:
    package = world.northwind.packages["Office Standard"]
    owner.open(f"/staff/packages/{package}")

    for field, value in NONSENSE:
        typed = draft(owner, **{field: value})
        part = owner.post(f"/staff/packages/{package}/preview", typed, htmx=True)

        assert part.status == 200, field
        assert not part.has("#preview-price"), field
        assert part.has("#price-preview .field-error"), field


def test_destinations_show_cost_price_profit_and_margin(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]
    with world.within(world.northwind):
        pricing.record_deck("premium", [DeckLine("1416", "Canada", rate_e8("0.0090"))])
    owner.open(f"/staff/packages/{package}")

    part = owner.post(
        f"/staff/packages/{package}/preview?part=destinations", draft(owner), htmx=True
    )

    row = part.texts("#destinations tbody tr")[0]
    assert len(part.all("#destinations tbody tr")) == 10
    assert row == "Canada all lines 1416 $0.0090 $0.0138 $0.0048 34.8%"


def test_a_packages_own_services_begin_with_the_resellers(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]
    with world.reading(world.northwind):
        default = entitlements.default_configuration()
    owner.open(f"/staff/packages/{package}")

    owner.submit("#package", markup_percent="25")
    with world.reading(world.northwind):
        following = pricing.find_package(package).details
    owner.open(f"/staff/packages/{package}")
    owner.submit("#package", own_services="own", view="simple")
    with world.reading(world.northwind):
        own = pricing.find_package(package).details

    assert (following.own_services, following.services) == (False, ())
    assert (own.own_services, own.view) == (True, "simple")
    assert set(own.services) == {str(one) for one in default.services}


def test_every_field_of_a_package_is_kept(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Pay as you go"]
    owner.open(f"/staff/packages/{package}")

    owner.submit(
        "#package", pulse_seconds="60", canada_route="value", international_route="premium",
        onnet_free="y", monthly_fee="4.50", setup_fee="9", free_minutes="300", client_may_edit="y",
    )  # fmt: skip

    with world.reading(world.northwind):
        kept = pricing.find_package(package).details
    assert (kept.pulse_seconds, kept.free_minutes) == (60, 300)
    assert (kept.canada_route, kept.international_route) == ("value", "premium")
    assert (kept.monthly_fee, kept.setup_fee) == (Money.of("4.50"), Money.of("9"))
    assert kept.onnet_free
    assert kept.client_may_edit


def test_saving_makes_a_version_and_calls_that_started_before_keep_their_price(
    owner: Browser, world: World
) -> None:
    package = world.northwind.packages["Pay as you go"]
    with world.within(world.northwind):
        pricing.save_package(pricing.find_package(package).details, package=package)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    account = f"{world.b.uid}_yard"
    owner.open(f"/staff/packages/{package}")

    page = owner.submit("#package", markup_percent="50", markup_fixed="0.5")
    record_calls(world.northwind, [a_call(account, "+16135550111", at, seconds=60)])

    with world.reading(world.northwind):
        span = CallFilter(at, at + timedelta(seconds=1), at.date(), at.date(), client_id=world.b.id)
        late = calls.search(span).rows[0]
        versions = pricing.versions_of(package)
    assert page.status == 200
    assert len(versions) == 2
    assert str(late.price) == "0.012150"
    assert "50%" in owner.open(f"/staff/packages/{package}/versions").text("#versions")


WRONG = (
    ("name", "", "This field is needed."),
    ("name", "pay as you GO", "Another package has this name."),
    ("markup_fixed", "1001", "Enter a rate per minute from 0 to 1,000."),
    ("markup_percent", "abc", "Enter an amount like"),
    ("free_minutes", "-1", "Enter a whole number of minutes"),
    ("free_minutes", "many", "Enter a whole number"),
    ("monthly_fee", "-3", "Enter an amount from 0"),
    ("monthly_fee", "900000", "goes from 0 to 100000"),
    ("first_increment_seconds", "99999", "Enter whole seconds"),
)


def test_a_wrong_field_of_a_package_is_said_beside_it(owner: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]

    for field, value, words in WRONG:
        owner.open(f"/staff/packages/{package}")
        page = owner.submit("#package", **{field: value})

        assert page.status == 422, field
        assert words in page.text(f"#{field}-error")
    with world.reading(world.northwind):
        assert len(pricing.versions_of(package)) == 1


def test_a_package_is_copied_retired_and_restored_but_not_deleted_in_use(
    owner: Browser, world: World
) -> None:
    package = world.northwind.packages["Office Standard"]
    owner.open(f"/staff/packages/{package}/copy")

    copy = owner.submit("#copy", name="Office Plus")
    owner.post(f"/staff/packages/{package}/retire")
    offered = owner.open("/staff/packages")
    every = owner.open("/staff/packages", retired="1")
    owner.post(f"/staff/packages/{package}/restore")
    refused = owner.post(f"/staff/packages/{package}/delete")
    deleted = owner.post(f"{copy.path}/delete")

    assert copy.title == "Office Plus"
    assert "Office Standard" not in offered.text("#package-rows")
    assert "Office Standard Retired" in every.text("#package-rows")
    assert "Office Standard" in owner.open("/staff/packages").words
    assert refused.status == 422
    assert deleted.status == 200
    assert "Office Plus" not in deleted.text("#package-rows")


def test_an_area_rate_below_cost_is_set_with_a_warning_and_ended(
    owner: Browser, world: World
) -> None:
    package = world.northwind.packages["Office Standard"]
    with world.within(world.northwind):
        pricing.record_deck("value", [DeckLine("336", "France mobile", rate_e8("0.0300"))])
    owner.open(f"/staff/packages/{package}/rates")

    page = owner.submit("#add-rate", kind="country", country="FR", rate="0.0150")
    ended = owner.submit("#rates form")

    assert "1 area is sold below cost" in page.text("#rates")
    assert "France mobile +336: price $0.0150, cost $0.0300" in page.text("#rates")
    assert "No own rates" in ended.text("#rates")


WRONG_AREAS = (
    ({"kind": "prefix", "prefix": "12a", "rate": "0.01"}, "prefix"),
    ({"kind": "country", "rate": "-1"}, "rate"),
    ({"kind": "country", "rate": "0.01", "valid_from": "2020-01-01"}, "valid_from"),
)


def test_a_wrong_area_is_said_beside_its_field(owner: Browser, world: World) -> None:
    for typed, field in WRONG_AREAS:
        owner.open(f"/staff/packages/{world.northwind.packages['Office Standard']}/rates")
        page = owner.submit("#add-rate", **typed)

        assert page.status == 422, field
        assert page.has(f"#{field}-error"), field


def test_each_kind_of_area_and_of_free_zone_is_kept(owner: Browser, world: World) -> None:
    package = f"/staff/packages/{world.northwind.packages['Office Standard']}"
    for typed in (
        {"kind": "usa"}, {"kind": "canada"}, {"kind": "country", "country": "FR"},
        {"kind": "prefix", "prefix": "+44 20"},
    ):  # fmt: skip
        owner.open(f"{package}/rates")
        owner.submit("#add-rate", rate="0.5", **typed)
    rates = owner.open(f"{package}/rates").text("#rates")
    for typed in ({"kind": "country", "country": "MX"}, {"kind": "prefix", "prefix": "52 55"}):
        owner.open(f"{package}/free-zones")
        owner.submit("#add-zone", **typed)
    zones = owner.open(f"{package}/free-zones").text("#zones")

    assert [
        word for word in ("United States", "Canada", "France", "+4420") if word not in rates
    ] == []
    assert [word for word in ("Mexico", "+5255") if word not in zones] == []


def test_a_free_zone_is_added_and_ended(owner: Browser, world: World) -> None:
    owner.open(f"/staff/packages/{world.northwind.packages['Office Standard']}/free-zones")

    page = owner.submit("#add-zone", kind="max_cost", max_cost="0.0100")
    ended = owner.submit("#zones form")

    assert "Every destination up to this cost $0.0100" in page.text("#zones")
    assert "No free zones" in ended.text("#zones")


def test_another_resellers_package_does_not_exist(owner: Browser, world: World) -> None:
    theirs = world.globex.packages["Office Standard"]

    answers = [
        owner.open(f"/staff/packages/{theirs}{path}").status
        for path in ("", "/rates", "/free-zones", "/versions", "/copy")
    ]
    posted = [
        owner.post(f"/staff/packages/{theirs}{path}", {"name": "Mine"}).status
        for path in (
            "", "/preview", "/rates", "/free-zones", "/copy", "/retire", "/restore", "/delete",
            f"/rates/{uuid.uuid4()}/end", f"/free-zones/{uuid.uuid4()}/end",
        )
    ]  # fmt: skip

    assert answers == [404] * 5
    assert posted == [404] * 10


def test_a_reader_sees_a_package_without_buttons(reader: Browser, world: World) -> None:
    package = world.northwind.packages["Office Standard"]

    page = reader.open(f"/staff/packages/{package}")
    posted = reader.post(f"/staff/packages/{package}", {"name": "Mine"})

    assert "Save package" not in page.words
    assert page.text("#preview-price") == "$0.0138"
    assert posted.status == 403
