"""The carrier page, against the practice carrier and servers that fail as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import identity, upstream
from portal.carriers import CarrierError, forget_outages
from tests.browser import Browser, Page
from tests.carrier import PASSWORD, USER, Carrier
from tests.world import World

PAGE = "/staff/configuration/carrier"
CANARY = "canary-55d0-password"


@pytest.fixture(scope="module")
def running() -> Iterator[Carrier]:
    """A practice carrier for all tests of this file."""
    with Carrier() as carrier:
        yield carrier


@pytest.fixture
def sandbox(running: Carrier) -> Carrier:
    """It, with one account that has 412.08."""
    running.reset()
    running.post("faults/clear")
    running.seed(balance="412.08", allow_ips=["127.0.0.1"])
    forget_outages()
    return running


def typed(sandbox: Carrier, **more: str) -> dict[str, str]:
    return {"username": USER, "password": PASSWORD, "base_url": sandbox.rest_url} | more


def trying(owner: Browser, fields: dict[str, str]) -> Page:
    owner.open(PAGE)
    return owner.post(f"{PAGE}/test", fields, htmx=True)


def test_a_good_login_shows_address_balance_servers_and_is_not_kept(
    world: World, owner: Browser, sandbox: Carrier
) -> None:
    page = trying(owner, typed(sandbox))

    words = page.text("#carrier-trial")
    assert "The carrier sees this server as 127.0.0.1" in words
    assert "Balance at the carrier 412.08 USD" in words
    assert " ms" in words
    assert "servers to register at" in words
    assert "Everything works" in words
    with world.reading(world.northwind):
        assert upstream.health() is None


def test_the_address_to_allow_is_told_before_it_is_allowed(
    owner: Browser, sandbox: Carrier
) -> None:
    sandbox.reset()
    sandbox.seed(allow_ips=["203.0.113.9"])
    page = trying(owner, typed(sandbox))

    words = page.text("#carrier-trial")
    assert "The carrier sees this server as 127.0.0.1" in words
    assert "does not accept requests from this server's address" in words
    assert "Add this server's address to the API's allowed addresses" in words
    assert "Everything works" not in words


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"kind": "status", "status": "invalid_credentials"}, "does not accept the user name and password. Check the API user name"),
        ({"kind": "status", "status": "api_not_enabled"}, "The API is switched off at the carrier. Switch the API on"),
        ({"kind": "status", "status": "ip_not_enabled"}, "does not accept requests from this server's address"),
        ({"kind": "status", "status": "method_maintenance"}, "The carrier is working on this function."),
        ({"kind": "status", "status": "api_limit_exceeded"}, "limit of requests per minute is reached"),
        ({"kind": "status", "status": "brand_new_word"}, "The carrier refused. Look up the carrier's status word, or contact the carrier. brand_new_word"),
        ({"kind": "html"}, "The carrier has a fault."),
        ({"kind": "http"}, "The carrier has a fault."),
        ({"kind": "empty"}, "The carrier answered something that makes no sense."),
        ({"kind": "array"}, "The carrier answered something that makes no sense."),
        ({"kind": "redirect"}, "The carrier answered something that makes no sense."),
        ({"kind": "reset"}, "The carrier cannot be reached."),
    ],
    ids=lambda value: value.get("status", value["kind"]) if isinstance(value, dict) else "",
)  # fmt: skip
def test_each_failure_is_a_sentence_with_what_to_do(
    owner: Browser, sandbox: Carrier, fault: dict[str, str], says: str
) -> None:
    sandbox.post("faults", method="getBalance", calls=0, **fault)
    page = trying(owner, typed(sandbox, password=PASSWORD))

    assert says in page.text("#carrier-trial")
    assert PASSWORD not in page.body.decode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"username": ""}, "This field is needed."),
        ({"password": ""}, "Enter the API password of the carrier account."),
        ({"base_url": "https://carrier.example/api/v1/rest.php"}, "Only the operator can allow"),
        ({"base_url": "http://169.254.169.254/latest/"}, "Only the operator can allow"),
        ({"base_url": "http://localhost:1/"}, "Only the operator can allow"),
        ({"base_url": "https://voip.ms:99999/"}, "Enter the whole address of the carrier's API."),
        ({"base_url": "file:///etc/passwd"}, "Enter the whole address of the carrier's API."),
    ],
)
def test_what_cannot_be_a_login_is_told_before_anybody_is_asked(
    owner: Browser, sandbox: Carrier, change: dict[str, str], says: str
) -> None:
    fields = typed(sandbox, **change)
    fragment = trying(owner, fields)
    saved = owner.post(PAGE, fields)

    assert says in fragment.text("#carrier-trial")
    assert saved.status == 422
    assert says in saved.words


def test_a_saved_login_is_sealed_used_at_once_and_goes_nowhere_else(
    world: World,
    owner: Browser,
    sandbox: Carrier,
    world_app: Flask,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sandbox.reset()
    sandbox.seed({"api_username": USER, "api_password": CANARY, "allow_ips": ["127.0.0.1"]})
    owner.open(PAGE)
    page = owner.submit("#carrier", **typed(sandbox, password=CANARY))
    again = trying(owner, typed(sandbox, password=""))
    elsewhere = trying(owner, typed(sandbox, password="", base_url="http://127.0.0.1:1/x"))

    assert page.path == PAGE
    assert "are being fetched" in page.words
    assert "Everything works" in again.text("#carrier-trial")
    assert "Type the password again" in elsewhere.text("#carrier-trial")
    file = Path(world_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    assert CANARY.encode() not in file.read_bytes()
    for seen in (page, again, elsewhere):
        assert CANARY not in seen.body.decode()
    assert CANARY not in capsys.readouterr().out
    with world.reading(world.northwind):
        (event,) = identity.recent_events(["carrier.connected"])
    assert CANARY not in str(event.facts)
    with world.reading(world.globex):
        assert upstream.health() is None


def test_what_the_import_meets_is_on_the_page_and_on_the_dashboard(
    world: World, owner: Browser, sandbox: Carrier
) -> None:
    owner.open(PAGE)
    owner.submit("#carrier", **typed(sandbox))
    refused = CarrierError("x", permanent=False, sentence="The carrier cannot be reached.")
    for _ in range(5):
        with world.within(world.northwind):
            upstream.note_error(refused)
    ill, front = owner.open(PAGE), owner.open("/staff/")
    with world.within(world.northwind):
        upstream.note_ok()
    well = owner.open(PAGE)

    words = ill.text("#carrier-health")
    assert (
        "The carrier cannot be reached. Nothing needs to be done; it is tried again later." in words
    )
    assert "5 failed rounds in a row since Today" in words
    assert "asked less often" in words
    assert "The carrier cannot be reached." in front.text("#attention")
    assert front.link("The carrier cannot be reached.") == PAGE
    assert "Answers" in well.text("#carrier-health")


def test_import_now_is_accepted_once_however_often_it_is_pressed(
    owner: Browser, sandbox: Carrier, queued_here: Callable[[], list[str]]
) -> None:
    owner.open(PAGE)
    owner.submit("#carrier", **typed(sandbox))
    before = len(queued_here())
    for _ in range(3):
        owner.open(PAGE)
        owner.post(f"{PAGE}/import")

    assert sorted(queued_here())[:1] == ["import_calls"]
    assert len(queued_here()) - before <= 3, "one round of it, or the next one's"


def test_a_renewed_secret_ends_the_old_address(
    world: World, owner: Browser, reader: Browser, sandbox: Carrier
) -> None:
    owner.open(PAGE)
    before = str(owner.submit("#carrier", **typed(sandbox)).find("#callback-address")["value"])
    owner.follow("Renew the secret")
    after = str(owner.submit("#confirm form").find("#callback-address")["value"])
    seen = reader.open(PAGE)

    def secret(address: str) -> str:
        return address.split("/hooks/voipms/")[1].partition("/")[0]

    assert upstream.hook_reseller(secret(before)) is None
    assert upstream.hook_reseller(secret(after)) == world.northwind.id
    assert secret(after) not in seen.body.decode(), "only who may change it sees it"
    assert not seen.has("#carrier button, #callback")
