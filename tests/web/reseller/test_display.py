"""Display elements: the two switches about passwords, and what they do in the client's portal."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser import Browser
from tests.world import World


def test_forgot_your_password_disappears_with_its_addresses(
    owner: Browser, browser: Callable[..., Browser], world: World
) -> None:
    client, neighbour = browser(world.northwind), browser(world.globex)
    before = client.open("/login").has("a[href$='/forgot']")

    owner.open("/staff/configuration/display")
    owner.submit("#display", show_forgot_password=None)

    assert before
    assert not client.open("/login").has("a[href$='/forgot']")
    assert client.open("/forgot").status == 404
    assert client.post("/forgot", {"email": world.a.email}).status == 404
    assert client.open("/reset/any-link").status == 404
    assert neighbour.open("/forgot").status == 200


def test_both_switches_are_kept_and_written_down(owner: Browser, world: World) -> None:
    owner.open("/staff/configuration/display")

    page = owner.submit("#display", show_sip_password=None, show_forgot_password="y")

    assert not page.find("#show_sip_password").has_attr("checked")
    assert page.find("#show_forgot_password").has_attr("checked")


def test_who_only_reads_sees_the_switches_and_cannot_move_them(reader: Browser) -> None:
    page = reader.open("/staff/configuration/display")

    assert page.find("#show_sip_password").has_attr("disabled")
    assert not page.has("#display button")
    assert reader.post("/staff/configuration/display", {}).status == 403
