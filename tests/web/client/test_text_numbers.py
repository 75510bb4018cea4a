"""The page of a number: the host of one's own system, and how often it may be called by hand."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select, update

from portal import numbers
from portal.core.db import session
from portal.messaging.models import TextRelay
from tests.browser import Browser
from tests.world import World, receive_text

Browse = Callable[..., Browser]


def test_a_host_with_names_is_refused_beside_the_field_and_presses_are_counted(
    world: World, browse: Browse
) -> None:
    with world.reading(world.a):
        did = numbers.dids_of(world.a.id)[0].public_id
    ada, place = browse(world.a), f"/messages/numbers/{did}"
    ada.open(place)
    refused = ada.submit("#text-number", callback_url="https://{MESSAGE}.example/")
    assert refused.status == 422
    assert "Enter the whole address of your system" in refused.text("#callback_url-error")
    assert "{MESSAGE}.example" in refused.body.decode()
    ada.submit("#text-number", callback_url="https://hooks.example/t?m={MESSAGE}")
    receive_text(world.northwind, world.a.dids[0], "+16135550155", "Hello")
    with world.within(world.a):
        relay = session().scalars(select(TextRelay.public_id)).one()

    answers = [ada.post(f"{place}/test").status for _ in range(9)]
    answers.append(ada.post(f"{place}/again", {"relay": relay.hex}).status)
    beyond = ada.post(f"{place}/again", {"relay": relay.hex}), ada.post(f"{place}/test")

    assert {*answers} == {200}
    assert {one.status for one in beyond} == {429}
    for one in beyond:
        assert "Wait a little, then try again." in one.text("main [role=alert]")
        assert one.has("#text-number")
    with world.within(world.a):
        assert session().scalar(select(func.count(TextRelay.id))) == 10
        session().execute(update(TextRelay).values(state="trying"))
    page = ada.open(place)
    assert "Being tried" in page.words
    assert not page.has("form[action$='/again']"), "what is in flight is left alone"
