"""SIP servers by the reseller's own names: listed by the carrier, checked by DNS, told to clients."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import identity, pbx
from portal.carriers import ServerPop, SubAccountCreated
from portal.core.db import db
from portal.pbx import NewAccount
from portal.tasks import REFRESH_NUMBERS
from tests.browser import Browser
from tests.dns_server import DnsServer
from tests.worker import queued_tasks
from tests.world import World

ADDRESS = "/staff/configuration/access/servers"
OWN = "sip.northwind.example"
POPS = [
    ServerPop("5", "Toronto, ON", "Toronto", "toronto.voip.example", "203.0.113.5", "Canada", True),
    ServerPop("6", "Montreal, QC", "Montreal", "montreal.voip.example", "203.0.113.6", "Canada", False),
]  # fmt: skip


@pytest.fixture
def world_app(
    world_template: tuple[Path, World],
    make_app: Callable[..., Flask],
    tmp_path: Path,
    dns_server: DnsServer,
) -> Iterator[Flask]:
    """The world, with names from our own server."""
    path = tmp_path / "world.db"
    shutil.copyfile(world_template[0], path)
    app = make_app(f"sqlite:///{path}", PORTAL_DNS_SERVERS=dns_server.address)
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def toronto(world: World) -> str:
    """The selector of Toronto's row, after the carrier has listed its servers."""
    with world.within(world.northwind):
        pbx.record_servers(POPS)
    with world.reading(world.northwind):
        return f"#server-{next(row.public_id for row in pbx.sip_servers('toronto'))}"


def test_an_own_name_is_told_to_clients_once_it_leads_to_the_server(
    owner: Browser,
    browse: Callable[..., Browser],
    world: World,
    toronto: str,
    dns_server: DnsServer,
) -> None:
    ada = browse(world.a)
    dns_server.says[OWN, "A"] = ["203.0.113.99"]
    owner.open(ADDRESS)

    wrong = owner.submit(f"{toronto} form", own_name=OWN)
    too_early = ada.open("/dashboard").text("#registration")
    dns_server.says[OWN, "A"] = ["203.0.113.5"]
    right = owner.submit(f"{toronto} form", own_name=OWN)

    assert "Something else 203.0.113.99" in wrong.text(toronto)
    assert OWN not in too_early
    assert right.text(f"{toronto} .status") == "Yes"
    told = ada.open("/dashboard").text("#registration")
    assert OWN in told
    assert "voip.example" not in told
    assert OWN not in browse(world.x).open("/dashboard").words


def test_an_alias_of_the_carriers_name_is_right_and_nonsense_is_refused(
    owner: Browser, toronto: str, dns_server: DnsServer
) -> None:
    dns_server.says[OWN, "CNAME"] = ["toronto.voip.example"]
    owner.open(ADDRESS)

    refused = owner.submit(f"{toronto} form", own_name="not a name")
    carriers = owner.submit(f"{toronto} form", own_name="toronto.voip.example")
    right = owner.submit(f"{toronto} form", own_name=OWN.upper() + ".")

    assert (refused.status, carriers.status) == (422, 422)
    assert refused.find(f"{toronto} input[name=own_name]")["value"] == "not a name"
    assert "carrier's own name" in carriers.text("#own-name-error")
    assert right.text(f"{toronto} .status") == "Yes"
    assert owner.open(ADDRESS, q="nowhere").has(".empty")


def test_names_stay_when_the_carrier_lists_again_and_a_job_asks_it(
    owner: Browser, world: World, toronto: str
) -> None:
    owner.open(ADDRESS)
    owner.submit(f"{toronto} form", own_name=OWN)

    with world.within(world.northwind):
        pbx.record_servers(POPS[:1])
    owner.post(f"{ADDRESS}/refresh")

    with world.reading(world.northwind):
        assert [row.own_name for row in pbx.sip_servers()] == [OWN]
    assert REFRESH_NUMBERS.name in queued_tasks()


def test_the_sip_password_is_shown_only_where_the_reseller_shows_it(
    browse: Callable[..., Browser], world: World, world_app: Flask
) -> None:
    with world.within(world.northwind):
        public_id = pbx.keep_account(
            SubAccountCreated("77", "100482_reception"),
            NewAccount("reception", "a-password-of-1-phone"),
        )
    ada, bob = browse(world.a), browse(world.b)
    path = f"/sub-accounts/{public_id}"

    shown, others = ada.open(path), bob.open(path)
    with world.within(world.northwind):
        identity.set_display(show_sip_password=False, show_forgot_password=True)

    assert "a-password-of-1-phone" in shown.text("#credentials")
    assert others.status == 404
    assert ada.open(path).status == 404
    assert not ada.open("/dashboard").has(f"a[href$='{path}']")
