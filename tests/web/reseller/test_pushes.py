"""What the carrier has not taken yet is on the list of what needs somebody."""

from __future__ import annotations

from portal import numbers, pbx
from portal.core import clock
from portal.numbers import CallbackPush
from tests.browser import Browser
from tests.world import World


def test_what_the_carrier_did_not_take_is_named_with_its_reason(
    owner: Browser, world: World
) -> None:
    before = owner.open("/staff/").words
    with world.within(world.northwind):
        routes = pbx.open_push(pbx.sub_accounts_of(world.a.id)[0].id)
        did = numbers.dids_of(world.a.id)[0]
        callback = CallbackPush(did.id, did.number, "http://localhost/hooks")
        assert routes is not None
        pbx.not_pushed(routes, "The carrier has a fault.", again_at=clock.now())
        numbers.not_pushed(callback, "The carrier cannot be reached.", again_at=clock.now())

    page = owner.open("/staff/")
    behind = [
        owner.open(str(link["href"])).words
        for link in page.soup.select("#attention a")
        if "waits for its routes" in link.text or "report its texts" in link.text
    ]

    assert "at the carrier" not in before
    assert "1 sub-account waits for its routes at the carrier" in page.words
    assert f"{routes.account}: The carrier has a fault." in page.words
    assert "1 number does not report its texts at once" in page.words
    assert "The carrier cannot be reached." in page.words
    assert [world.a.title in words for words in behind] == [True, True]
