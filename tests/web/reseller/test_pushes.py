"""What the carrier has not taken yet is on the list of what needs somebody."""

from __future__ import annotations

from portal import carriers, numbers, pbx, upstream
from portal.core import clock
from portal.core.db import session
from portal.numbers import CallbackPush
from portal.pricing.models import PackageLink
from tests.browser import Browser
from tests.calls.conftest import sub_account
from tests.world import World


def test_what_the_carrier_did_not_take_is_named_with_its_reason(
    owner: Browser, world: World
) -> None:
    before = owner.open("/staff/").words
    with world.within(world.northwind):
        routes = pbx.open_push(pbx.sub_accounts_of(world.a.id)[0].id)
        did = numbers.dids_of(world.a.id)[0]
        callback = CallbackPush(did.id, did.number, did.kind, "http://localhost/hooks")
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


def test_a_line_of_nobody_hides_no_other_problem(owner: Browser, world: World) -> None:
    with world.within(world.northwind):
        known = [sub_account(row.account) for row in pbx.all_sub_accounts()]
        pbx.record_accounts([*known, sub_account("100482_aaa")])
        first, *_ = pbx.all_sub_accounts()
        session().add(
            PackageLink(
                sub_account_id=first.id, client_id=None, valid_from=clock.now(), anchor_day=1
            )
        )
        session().flush()
        routes = pbx.open_push(pbx.sub_accounts_of(world.a.id)[0].id)
        assert routes is not None
        for one in (routes, routes._replace(sub_account_id=first.id, account=first.account)):
            pbx.not_pushed(one, "The carrier has a fault.", again_at=clock.now())
        assert [row.client_id for row in pbx.push_problems()] == [None, world.a.id]

    page = owner.open("/staff/")

    assert "1 sub-account waits for its routes at the carrier" in page.words
    assert f"{routes.account}: The carrier has a fault." in page.words


def test_a_wrong_password_at_the_carrier_is_called_that(owner: Browser, world: World) -> None:
    said = "The carrier does not accept the user name and password."
    with world.within(world.northwind):
        upstream.connect_login("someone@example.com", "no longer right")
        upstream.note_error(
            carriers.CarrierError("invalid_credentials", permanent=True, sentence=said)
        )

    page = owner.open("/staff/attention")

    assert any(line.startswith(said) for line in page.texts("#attention .row"))
    assert "The carrier does not answer" not in page.words
