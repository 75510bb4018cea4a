"""Pictures are served by the portal of their reseller, and by no other."""

from __future__ import annotations

from collections.abc import Callable

from portal import branding
from tests.browser import Browser
from tests.pictures import picture
from tests.world import World


def test_a_picture_belongs_to_its_resellers_portal(
    world: World, browser: Callable[..., Browser]
) -> None:
    with world.within(world.northwind):
        read = branding.read_picture(picture("PNG"))
        kept = branding.keep_picture(read, name="Logo")

    own = browser(world.northwind).open(kept.path)
    others = [
        browser(world.globex).open(kept.path),
        browser().open("/staff" + kept.path),
        browser(world.northwind).open(kept.path.replace(".png", ".html")),
        browser(world.northwind).open(kept.path.replace(".png", ".jpg")),
    ]

    assert (own.status, own.body) == (200, read.content)
    assert own.headers["Content-Type"] == "image/png"
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    assert own.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in own.headers
    assert {page.status for page in others} == {404}
