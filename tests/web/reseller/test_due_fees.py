"""What falls due and what is unpaid, as staff see it: tried again, waived for a reason, add-ons, e911."""

from __future__ import annotations

from collections.abc import Callable

from portal import billing, identity, ledger, numbers
from portal.core.money import Money
from portal.identity import ClientStatus
from tests.browser import Browser
from tests.calls.conftest import books_are_right
from tests.worker import work
from tests.world import World


def add_on(world: World, browser: Browser, amount: str, **more: str) -> int:
    """Type a new add-on for client b, who is HARD and has little."""
    browser.open(f"/staff/clients/{world.b.public_id}/add-ons/new")
    return browser.submit("#add-on", description="Phone rental", amount=amount, **more).status


def test_a_fee_that_is_not_covered_is_listed_tried_again_and_waived(
    browse: Callable[..., Browser], world: World
) -> None:
    ada = browse(world.northwind.owner)
    add_on(world, ada, "5000")
    work()
    with world.reading(world.northwind):
        [fee] = billing.unpaid_fees().rows
        assert identity.client_facts(world.b.id).status is ClientStatus.SUSPENDED

    page = ada.open("/staff/fees")
    assert "Phone rental" in page.words
    assert "5,000.00" in page.words
    assert "Phone rental" not in ada.open("/staff/fees?q=somebody+else").words
    ada.post(f"/staff/fees/{fee.public_id}/try", {})
    assert "1 unpaid fee $5,000.00 together" in ada.open("/staff/attention").words
    for elsewhere in ("https://evil.example/", "//evil.example"):
        page = ada.open(f"/staff/fees/{fee.public_id}/waive?back={elsewhere}")
        assert page.link("Cancel") == f"/staff/clients/{world.b.public_id}/fees"
    ada.open("/staff/fees?q=phone")
    ada.follow("Waive")
    assert ada.submit("#waive", words="").status == 422
    done = ada.submit("#waive", words="Sent back")
    assert (done.path, "Phone rental is waived" in done.words) == ("/staff/fees", True)
    work()

    with world.reading(world.northwind):
        assert billing.unpaid_total() == (0, Money(0))
        assert identity.client_facts(world.b.id).status is ClientStatus.ACTIVE
    assert "Sent back" in ada.open(f"/staff/clients/{world.b.public_id}/fees").words
    assert books_are_right()


def test_an_add_on_is_refused_beside_the_field_changed_and_ended(
    browse: Callable[..., Browser], world: World
) -> None:
    ada = browse(world.northwind.owner)
    for amount, first_day in (
        ("-1", "2099-01-31"),
        ("1.1234567", "2099-01-31"),
        ("3", "2001-01-01"),
    ):
        assert add_on(world, ada, amount, first_day=first_day) == 422

    add_on(world, ada, "3.25", first_day="2099-01-31")
    with world.reading(world.northwind):
        [made] = billing.add_ons_of(world.b.id)
    ada.open(f"/staff/clients/{world.b.public_id}/add-ons/{made.public_id}")
    ada.submit("#add-on", description="Two phones", amount="6.50", until="2099-06-30")
    ada.post(f"/staff/clients/{world.b.public_id}/add-ons/{made.public_id}/end", {})

    with world.reading(world.northwind):
        [ended] = billing.add_ons_of(world.b.id)
    assert (ended.description, ended.amount, ended.next_day) == (
        "Two phones",
        Money.of("6.50"),
        None,
    )


def test_a_number_that_gets_e911_pays_its_setup_and_the_client_sees_what_comes(
    browse: Callable[..., Browser], world: World
) -> None:
    ada, priya = browse(world.northwind.owner), browse(world.a)
    with world.reading(world.northwind):
        before = ledger.balance_of(world.a.id)
        link = numbers.dids_of(world.a.id)[0].link_public_id

    ada.open(f"/staff/clients/{world.a.public_id}/numbers/{link}/e911")
    ada.submit("#e911", has_e911="y", e911_setup="2", e911_monthly="1.75")

    with world.reading(world.northwind):
        assert before - ledger.balance_of(world.a.id) == Money.of("2")
    page = priya.open("/balance")
    assert "Coming fees" in page.words
    assert "1.75" in page.words


def test_a_number_without_end_is_none_and_stands_beside_its_field(owner: Browser) -> None:
    owner.open("/staff/configuration/billing")

    page = owner.submit("#billing-rules", most_periods="9" * 400)

    assert page.status == 422
    assert "Enter a whole number." in page.text("#billing-rules")
    owner.open("/staff/configuration/billing")
    assert owner.submit("#billing-rules", most_periods="4").status == 200
