"""The package editor with others around: a second editor, plans for later, who is on it, real calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from portal import calls, identity, pricing
from portal.core import clock
from portal.core.money import Money
from tests.browser import Browser
from tests.web.reseller.test_packages import draft
from tests.world import World


def url(world: World, name: str = "Office Standard") -> str:
    return f"/staff/packages/{world.northwind.packages[name]}"


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    browse: Callable[..., Browser], world: World
) -> None:
    first, second = browse(world.northwind.owner), browse(world.northwind.owner)
    first.open(url(world))
    second.open(url(world))

    first.submit("#package", markup_percent="30", monthly_fee="15.00")
    told = second.submit("#package", markup_fixed="0.0040")
    saved = second.submit("#package")

    assert told.status == 422
    assert "Somebody else has saved this package meanwhile" in told.words
    assert "Different from what is saved now: Fixed amount, Percentage, Monthly fee" in told.words
    assert told.find("#markup_fixed")["value"] == "0.0040"
    assert saved.status == 200
    with world.reading(world.northwind):
        package = world.northwind.packages["Office Standard"]
        assert pricing.find_package(package).details.markup_fixed_e8 == 400_000
        assert len(pricing.versions_of(package)) == 3


def test_prices_can_be_planned_and_withdrawn(owner: Browser, world: World) -> None:
    later = (clock.now() + timedelta(days=40)).date()
    owner.open(url(world))

    planned = owner.submit("#package", markup_percent="55", valid_from=later.isoformat())
    editor = owner.open(url(world))
    refused = owner.submit("#package", markup_percent="60")
    owner.open(f"{url(world)}/versions")
    withdrawn = owner.submit("#versions form")

    assert "To come" in planned.text("#versions")
    assert editor.find("#markup_percent")["value"] == "20"
    assert "New prices begin on" in editor.words
    assert refused.status == 422
    assert "Withdraw them under Versions first" in refused.words
    assert len(withdrawn.all("#versions tbody tr")) == 1


def test_prices_do_not_begin_in_the_past(owner: Browser, world: World) -> None:
    owner.open(url(world))

    page = owner.submit("#package", markup_percent="55", valid_from="2020-01-01")

    assert page.status == 422
    assert page.has("#valid_from-error")


def test_a_package_lists_who_is_on_it_with_links(owner: Browser, world: World) -> None:
    page = owner.open(f"{url(world)}/users")
    found = owner.open(f"{url(world)}/users", q="kanata", htmx=True)
    nobody = owner.open(f"{url(world)}/users", q="nowhere", htmx=True)

    assert [text.split()[0] for text in page.texts("#users tbody tr")] == [
        f"{world.a.uid}_kanata",
        f"{world.a.uid}_reception",
    ]
    assert str(world.a.public_id) in str(page.all("#users tbody a")[0]["href"])
    assert len(found.all("tbody tr")) == 1
    assert "No sub-accounts match" in nobody.text("#users")


def test_the_last_days_are_what_was_charged_and_what_the_draft_would_charge(
    owner: Browser, world: World
) -> None:
    package = world.northwind.packages["Office Standard"]
    with world.reading(world.northwind):
        same = pricing.find_package(package).details
        found = calls.last_days(same, package)
        dearer = calls.last_days(
            pricing.PackageDetails("x", markup_percent_e4=9_000_000, free_minutes=0), package
        )
        few = calls.last_days(same, package, most=3)
        sample = calls.last_days(same, None)
    owner.open(url(world))

    part = owner.post(f"{url(world)}/preview?part=month", draft(owner), htmx=True)

    assert found.calls > 50
    assert found.is_whole
    assert found.revenue == found.revenue_drafted, "the same terms lead to the same money"
    assert dearer.revenue == found.revenue
    assert dearer.revenue_drafted > found.revenue
    assert (few.calls, few.is_whole) == (3, False)
    assert sample.calls < found.calls, "outgoing calls only"
    assert found.cost > Money(0)
    assert f"All {found.calls} calls on this package" in part.text("#last-days")


def test_another_resellers_calls_are_no_sample(world: World) -> None:
    with world.reading(world.globex):
        details = pricing.PackageDetails("x")

        theirs = calls.last_days(details, None)
        stranger = calls.last_days(details, None, most=0)

    assert theirs.calls == 1
    assert stranger.calls == 0


def test_what_was_done_to_packages_stands_in_the_log(owner: Browser, world: World) -> None:
    owner.open(url(world))
    owner.submit("#package", markup_percent="31")
    owner.post(f"{url(world)}/retire")

    with world.reading(world.northwind):
        events = identity.recent_events(["package.saved", "package.retired"])

    assert [(one.action, one.facts["package"]) for one in events] == [
        ("package.retired", "Office Standard"),
        ("package.saved", "Office Standard"),
    ]
