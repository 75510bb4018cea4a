"""A host name of the reseller's own: wanted, proved by DNS, served at once, given back at once."""

from __future__ import annotations

import http.client
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from portal import identity
from portal.commands import reseller as commands
from portal.core.db import db
from portal.core.errors import InvalidInput
from portal.core.scope import unscoped
from tests.browser import Browser
from tests.dns_server import DnsServer
from tests.world import World

ADDRESS = "/staff/configuration/hostname"
HOST = "phones.northwind.example"
TARGET = "192.0.2.10"


@pytest.fixture
def world_app(
    world_template: tuple[Path, World],
    make_app: Callable[..., Flask],
    tmp_path: Path,
    dns_server: DnsServer,
) -> Iterator[Flask]:
    """An installation at a public address, whose operator asks a fee; names come from our own server."""
    path = tmp_path / "world.db"
    shutil.copyfile(world_template[0], path)
    app = make_app(
        f"sqlite:///{path}",
        PORTAL_DNS_SERVERS=dns_server.address,
        PORTAL_PUBLIC_ADDRESS=TARGET,
        PORTAL_HOSTNAME_FEE="10.00 USD",
    )
    with app.app_context():
        yield app
        db.session.remove()


def want(owner: Browser, host: str = HOST) -> str:
    """Ask for the name; the word that proves it."""
    owner.open(ADDRESS)
    page = owner.submit("#hostname-form", host=host)
    return page.texts("#claim tbody code")[1]


def prove(dns_server: DnsServer, word: str, host: str = HOST) -> None:
    """Write the records as the page says."""
    dns_server.says |= {(f"_ringfront.{host}", "TXT"): [word], (host, "A"): [TARGET]}


def test_a_name_is_shown_its_records_checked_and_served_at_once(
    owner: Browser, dns_server: DnsServer, world: World
) -> None:
    fee_is_told = "$10.00 USD once" in owner.open(ADDRESS).words
    word = want(owner)
    shown = owner.page.texts("#claim tbody code") if owner.page else []
    dns_server.says[HOST, "A"] = ["192.0.2.99"]

    early = owner.submit("#claim form[action$='/check']")
    prove(dns_server, word)
    page = owner.submit("#claim form[action$='/check']")

    assert fee_is_told
    assert shown == [f"_ringfront.{HOST}", word, HOST, TARGET]
    assert early.texts("#claim .status")[1:] == ["Nothing", "Something else"]
    assert "192.0.2.99" in early.text("#claim")
    assert page.text("#address") == f"http://{HOST}"
    assert page.texts("#fees tbody td")[0::2] == [HOST, "$10.00 USD"]
    with world.reading(world.northwind):
        assert identity.portal_address(identity.own_reseller()) == f"http://{HOST}"


def test_links_in_mails_lead_to_the_verified_name_and_back_when_it_is_removed(
    owner: Browser, dns_server: DnsServer, world: World
) -> None:
    def link() -> str:
        with world.within(world.northwind):
            found = identity.begin_reset(world.northwind.id, world.a.email, address="127.0.0.1")
            assert found is not None
            return found.address

    wanted = link()
    prove(dns_server, want(owner))
    not_yet = link()
    owner.submit("#claim form[action$='/check']")
    served = link()
    owner.submit("#served form")

    assert wanted.startswith("http://localhost/r/100482/reset/")
    assert not_yet.startswith("http://localhost/r/100482/reset/")
    assert served.startswith(f"http://{HOST}/reset/")
    with world.reading(world.northwind):
        assert identity.portal_address(identity.own_reseller()) == "http://localhost/r/100482"


def test_an_alias_to_the_operators_name_proves_it_too(
    make_app: Callable[..., Flask], world: World, world_app: Flask, dns_server: DnsServer
) -> None:
    url = world_app.config["SQLALCHEMY_DATABASE_URI"]
    app = make_app(
        url, PORTAL_DNS_SERVERS=dns_server.address, PORTAL_PUBLIC_ADDRESS="edge.operator.example"
    )
    owner = Browser(app)
    owner.log_in(world.northwind.owner.email)
    word = want(owner)
    prove(dns_server, word)
    dns_server.says |= {
        (HOST, "CNAME"): ["edge.operator.example"],
        ("edge.operator.example", "A"): ["192.0.2.44"],
    }

    page = owner.submit("#claim form[action$='/check']")

    assert page.text("#address") == f"http://{HOST}"
    assert not page.has("#fees")


def test_silence_is_not_a_wrong_record(owner: Browser, dns_server: DnsServer) -> None:
    want(owner)
    dns_server.silent = True

    page = owner.submit("#claim form[action$='/check']")

    assert "did not answer" in page.text("#claim")
    assert page.texts("#claim tbody .status") == ["No answer", "No answer"]


@pytest.mark.parametrize(
    "host",
    ["https://phones.example", "192.0.2.7", "phones", "localhost", "-a.example", "a b.example", "x" * 300],
)  # fmt: skip
def test_what_is_no_host_name_is_refused_beside_the_field(owner: Browser, host: str) -> None:
    owner.open(ADDRESS)

    page = owner.submit("#hostname-form", host=host)

    assert page.status == 422
    assert page.has("#host-error")
    assert page.find("#host")["value"] == host


def test_a_name_belongs_to_whoever_proves_it_first(
    owner: Browser, browse: Callable[..., Browser], dns_server: DnsServer, world: World
) -> None:
    rival = browse(world.globex.owner)
    own_word, other_word = want(owner), want(rival)
    prove(dns_server, own_word)

    late = rival.submit("#claim form[action$='/check']")
    owner.submit("#claim form[action$='/check']")
    dns_server.says[f"_ringfront.{HOST}", "TXT"].append(other_word)
    too_late = rival.submit("#claim form[action$='/check']")

    assert own_word != other_word
    assert "Something else" in late.text("#claim")
    assert too_late.status == 422
    with unscoped("whose is it?"):
        found = identity.reseller_by_hostname(HOST)
    assert found is not None
    assert found.uid == world.northwind.uid
    with world.reading(world.globex), pytest.raises(InvalidInput):
        identity.claim_hostname(HOST)


def test_the_fee_is_asked_once_for_each_name(
    owner: Browser, dns_server: DnsServer, world: World
) -> None:
    for _ in range(2):
        prove(dns_server, want(owner))
        owner.submit("#claim form[action$='/check']")
        owner.submit("#served form")
    prove(dns_server, want(owner, "second.northwind.example"), "second.northwind.example")
    owner.submit("#claim form[action$='/check']")

    with world.reading(world.northwind):
        asked = [row.subject for row in identity.operator_fees()]
    with world.reading(world.globex):
        assert identity.operator_fees() == []
    assert asked == ["second.northwind.example", HOST]
    assert "charges" in commands.command.commands


def test_who_only_reads_sees_the_records_and_changes_nothing(
    owner: Browser, reader: Browser
) -> None:
    want(owner)

    page = reader.open(ADDRESS)

    assert page.has("#claim")
    assert not page.has("#claim form")
    for action in ("", "/check", "/forget", "/remove"):
        assert reader.post(ADDRESS + action, {"host": HOST}).status == 403


class Server:
    """A web process of its own on a real port; ``ask`` sends whatever Host header."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def ask(self, host: str, path: str = "/login") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.server_port, timeout=120)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)


def test_the_running_servers_go_by_the_host_header(
    make_app: Callable[..., Flask],
    world_app: Flask,
    world: World,
    owner: Browser,
    dns_server: DnsServer,
) -> None:
    url = world_app.config["SQLALCHEMY_DATABASE_URI"]
    servers = [Server(make_app(url)) for _ in range(2)]  # neither is the one that changes it
    try:
        before = [server.ask(HOST) for server in servers]
        prove(dns_server, want(owner))
        owner.submit("#claim form[action$='/check']")
        served = [server.ask(HOST) for server in servers]
        asked = {
            host: servers[0].ask("proxy.internal", f"/health/hostname?domain={host}")[0]
            for host in (HOST, HOST.upper(), "localhost", "elsewhere.example", "")
        }
        hosts = {
            host: servers[1].ask(host)[0]
            for host in (f"{HOST}:8443", HOST.upper(), "localhost", "elsewhere.example", "", "a b")
        }
        prefix = servers[0].ask(HOST, "/r/100482/login")[0]
        staff = servers[0].ask(HOST, "/staff/login")[0]
        owner.open(ADDRESS)
        owner.submit("#served form")
        after = [server.ask(HOST) for server in servers]
        old = servers[1].ask("localhost", "/r/100482/login")
    finally:
        for server in servers:
            server.close()

    assert [status for status, _ in before + after] == [421] * 4
    assert all("Northwind" not in text for _, text in before + after)
    assert [status for status, _ in served] == [200, 200]
    assert all("Northwind Voice" in text for _, text in served)
    assert asked == {
        HOST: 200,
        HOST.upper(): 200,
        "localhost": 200,
        "elsewhere.example": 404,
        "": 404,
    }
    assert hosts[f"{HOST}:8443"] == hosts[HOST.upper()] == 200
    assert hosts["localhost"] == 404  # the installation's own pages have no client's login
    assert hosts["elsewhere.example"] == hosts[""] == 421
    assert hosts["a b"] in {400, 421}
    assert (prefix, staff) == (421, 404)
    assert old[0] == 200
