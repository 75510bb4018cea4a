"""Staff see what a client wants done with texts, and never the secret of the client's system."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from portal import messaging, numbers
from portal.messaging import NumberSettings
from tests.browser import Browser
from tests.web.client.test_acting import acting_as_a
from tests.world import World

Browse = Callable[..., Browser]


def test_staff_see_where_texts_go_and_switch_them_off_and_learn_no_secret(
    world: World, world_app: Flask, browse: Browse
) -> None:
    with world.within(world.a):
        did = numbers.dids_of(world.a.id)[0].public_id
        wish = NumberSettings(
            "", email="desk@harbour.test", forward_to="+14165550142",
            callback_url="https://hooks.harbour.test/t?key=hush",
        )  # fmt: skip
        messaging.save_number_settings(world.a.id, did, wish)
        secret = messaging.number_settings(world.a.id, did).secret
    sam = browse(world.a)
    sam.open("/profile")
    sam.submit("form[action$='/profile/privacy']")
    ada = browse(world.northwind.owner)
    page = ada.open(f"/staff/clients/{world.a.public_id}/messages/numbers")
    row = page.texts("tbody tr")[0]
    assert all(one in row for one in ("On", "desk@harbour.test", "+1 416 555 0142"))
    assert "GET hooks.harbour.test" in row
    assert "hush" not in page.body.decode()
    off = ada.submit("tbody tr:first-child form")
    assert "Off" in off.texts("tbody tr")[0] or "off" in off.texts("tbody tr")[0]

    staff = acting_as_a(world_app, world, allow_changes=True)
    own = staff.open(f"/messages/numbers/{did}")
    assert secret not in own.body.decode()
    assert "Only the client sees the secret" in own.words
    staff.submit("#text-number", callback_url="https://elsewhere.test/")
    with world.reading(world.a):
        assert messaging.number_settings(world.a.id, did).secret != secret
    assert secret not in staff.open(f"/messages/numbers/{did}").body.decode()
