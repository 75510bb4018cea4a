"""The company page and the mail server page, through the browser and a real mail server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import identity, mail
from portal.config import Smtp
from portal.core.db import session
from portal.core.money import Money
from portal.core.scope import unscoped
from portal.mail import Problem
from portal.mail.models import MailServer as MailServerRow
from portal.mail.models import OutgoingMail
from tests.browser import Browser, Page
from tests.identity.people import add_owner, add_reseller
from tests.services import MailServer
from tests.worker import work
from tests.world import World

Browse = Callable[..., Browser]
NOTHING = {"balance": Money(0)}
CANARY = "canary-7be1-password"
COMPANY, SERVER = "/staff/configuration/company", "/staff/configuration/mail-server"


def server_fields(smtp: MailServer, **more: object) -> dict[str, object]:
    return {
        "host": "127.0.0.1",
        "port": smtp.port,
        "security": "none",
        "username": "",
        "sender_address": "hello@northwind.example",
        "sender_name": "Northwind Voice",
    } | more


@contextmanager
def talking(*lines: str) -> Iterator[int]:
    """A server on a port that says these lines, one for each thing it hears, then hangs up."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with suppress(OSError):
                line, _ = listening.accept()
                with closing(line):
                    for said in lines:
                        line.sendall(said.encode() + b"\r\n")
                        line.recv(4096)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])


@contextmanager
def greeting_for_ever() -> Iterator[int]:
    """A server on a port whose greeting goes on and on, a line at a time."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with suppress(OSError):
                line, _ = listening.accept()
                with closing(line):
                    while True:
                        line.sendall(b"220-wait\r\n")
                        time.sleep(0.1)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])


def steps(page: Page) -> list[str]:
    return page.texts("#mail-trial .row")


def test_what_the_company_tells_is_saved_and_read_by_its_clients(
    world: World, browse: Browse
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(COMPANY)
    page = owner.submit(
        "#company",
        name="Northwind Voice Inc.",
        address="12 Quay Street\n\n  Halifax  NS B3J 1A1 ",
        tax_numbers="GST 12345 6789 RT0001",
        support_phone="902 555 0142",
        support_email="Help@Northwind.Example",
        website="https://www.northwind.example/",
        country="CA",
    )

    assert page.path == COMPANY
    assert page.find("[name=address]").get_text().strip() == "12 Quay Street\nHalifax NS B3J 1A1"
    ada = browse(world.a).open("/dashboard")
    assert ada.texts(".page-foot a") == [
        "+1 902 555 0142", "help@northwind.example", "www.northwind.example",
    ]  # fmt: skip
    with world.reading(world.northwind):
        (event,) = identity.recent_events(["company.changed"])
    assert event.person_name == world.northwind.owner.name
    assert "support_phone" in str(event.facts["fields"])


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "This field is needed."),
        ("name", "x" * 121, "At most 120 characters are possible."),
        ("website", "javascript:alert(1)", "Enter an address like https://www.example.com."),
        ("website", "https://somebody@example.com", "Enter an address like https://www.example.com."),
        ("support_email", "nobody@localhost", "This is not an e-mail address."),
        ("support_phone", "12", "Enter a number with its area code, like 613 555 0142."),
        ("country", "XQ", "Choose one of the list."),
        ("language", "de", "Choose one of the list."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_beside_its_field(
    world: World, browse: Browse, field: str, value: str, says: str
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(COMPANY)
    page = owner.submit("#company", **{"address": "kept as typed", field: value})

    assert page.status == 422
    assert says in page.text(f"#{field}-error")
    assert page.find("[name=address]").get_text().strip() == "kept as typed"


def test_zone_and_currency_stay_once_calls_are_in_the_books(world: World, browse: Browse) -> None:
    owner = browse(world.northwind.owner)
    page = owner.open(COMPANY)
    assert not page.has("select[name=currency], select[name=time_zone]")

    moved = owner.submit("#company", time_zone="Europe/Paris")
    owner.open(COMPANY)
    changed = owner.submit("#company", currency="EUR")

    for refused in (moved, changed):
        assert refused.status == 422
        assert "are in the books already" in refused.words
    with world.reading(world.northwind):
        kept = identity.own_reseller()
    assert (kept.time_zone, kept.currency) == ("America/Toronto", "CAD")


def test_before_the_first_call_zone_and_currency_can_be_chosen(app: Flask) -> None:
    fresh = add_reseller("Fresh Tel")
    add_owner(fresh)
    owner = Browser(app)
    owner.log_in("owner@example.com")
    owner.open(COMPANY)
    page = owner.submit("#company", time_zone="Europe/Paris", currency="EUR")

    assert page.path == COMPANY
    with unscoped("a test"):
        kept = identity.reseller_facts(fresh.id)
    assert (kept.time_zone, kept.currency) == ("Europe/Paris", "EUR")


def test_only_the_owner_may_change_and_others_see_no_controls(
    world: World, browse: Browse, smtp: MailServer
) -> None:
    reader = browse(world.northwind.reader)
    for place, form in ((COMPANY, "#company"), (SERVER, "#mail-server")):
        page = reader.open(place)
        assert page.status == 200
        assert not page.has(f"{form} button")
        assert not page.has(f"{form} .input:not([disabled])")
    for place in (COMPANY, SERVER, f"{SERVER}/test", f"{SERVER}/remove"):
        assert reader.post(place, server_fields(smtp)).status == 403


def test_a_test_mail_tells_how_far_it_came(world: World, browse: Browse, smtp: MailServer) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    good = owner.post(f"{SERVER}/test", server_fields(smtp), htmx=True)
    smtp.refuse = "550 5.7.1 We <do not> relay"
    refused = owner.post(f"{SERVER}/test", server_fields(smtp), htmx=True)

    assert steps(good)[:2] == [
        f"Connected 127.0.0.1:{smtp.port}", f"Accepted for {world.northwind.owner.email}",
    ]  # fmt: skip
    (received,) = smtp.received
    assert received.recipients == [world.northwind.owner.email]
    assert received.message["From"] == "Northwind Voice <hello@northwind.example>"
    assert "The server did not take the mail. 550 5.7.1 We <do not> relay" in steps(refused)[1]
    with world.reading(world.northwind):
        assert mail.own_server() is None, "a test saves nothing"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"host": "10.0.0.8"}, "The server's address is not a public one."),
        ({"host": "localhost"}, "The server's address is not a public one."),
        ({"host": "no-such-host.invalid"}, "There is no server of this name."),
        ({"port": "1"}, "The server accepts no connection."),
        ({"security": "starttls"}, "The server offers no STARTTLS on this port."),
        ({"security": "tls"}, "The connection could not be encrypted"),
        ({"username": "bob", "password": CANARY}, "The server takes no user name and password"),
    ],
)
def test_what_keeps_a_test_mail_back_is_a_sentence(
    world: World, browse: Browse, smtp: MailServer, change: dict[str, object], says: str
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    page = owner.post(f"{SERVER}/test", server_fields(smtp, **change), htmx=True)

    assert says in page.text("#mail-trial")
    assert smtp.received == []
    assert CANARY not in page.body.decode()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("220 hi", "250-mail.test\r\n250 AUTH PLAIN", "535 5.7.8 Bad credentials"), "The server does not accept the user name and password. 535 5.7.8 Bad credentials"),
        (("220 hi", "250-mail.test\r\n250 AUTH PLAIN", "235 ok", "553 Not yours"), "The server does not accept the sender address. 553 Not yours"),
        (("220 hi", "250-mail.test\r\n250 AUTH PLAIN", "235 ok", "250 ok", "550 Unknown"), "The server does not accept the recipient. 550 Unknown"),
        (("SSH-2.0-OpenSSH_9.2",), "The server broke off, or it is no mail server."),
        (("554 Your address is on a list",), "554 Your address is on a list"),
    ],
)  # fmt: skip
def test_the_servers_own_words_are_shown(
    world: World, browse: Browse, smtp: MailServer, lines: tuple[str, ...], says: str
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    with talking(*lines) as port:
        fields = server_fields(smtp, port=port, username="bob", password=CANARY)
        page = owner.post(f"{SERVER}/test", fields)

    assert says in page.text("#mail-trial")
    assert CANARY not in page.body.decode()


def test_a_server_that_never_ends_its_greeting_is_hung_up_on(app: Flask) -> None:
    trials: list[mail.Trial] = []
    with greeting_for_ever() as port:
        way = mail.WayOut(Smtp("127.0.0.1", port), own=True, sender="a@northwind.example")

        def ask() -> None:
            with app.app_context():
                trials.append(
                    mail.try_out(
                        way, recipient="b@example.com", subject="s", text="t", deadline_seconds=0.5
                    )
                )

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(60)

    assert len(trials) == 1, "the server keeps us for as long as it likes"
    assert trials[0].problem is Problem.BROKEN
    assert trials[0].steps == []


def test_a_password_is_sealed_and_goes_to_no_other_server(
    world: World, browse: Browse, smtp: MailServer, world_app: Flask
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    owner.submit("#mail-server", **server_fields(smtp, username="bob", password=CANARY))
    shown = owner.open(SERVER)
    kept = owner.submit("#mail-server", **server_fields(smtp, username="bob", sender_name="N"))
    stolen = owner.post(f"{SERVER}/test", server_fields(smtp, port=1, username="bob"))
    clear = owner.post(SERVER, server_fields(smtp, host="mail.example.com", username="bob", password="x"))  # fmt: skip

    assert CANARY not in shown.body.decode()
    assert kept.status == 200
    assert "Type the password again" in stolen.text("#mail-trial")
    assert "A password needs STARTTLS or TLS" in clear.text("#security-error")
    file = Path(world_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    assert CANARY.encode() not in file.read_bytes()
    with world.reading(world.northwind):
        way = mail.way_out()
        events = identity.recent_events(["mail_server.saved"])
    assert way is not None
    assert (way.server.password, way.sender) == (CANARY, "N <hello@northwind.example>")
    assert CANARY not in repr(way) + repr(events)


def test_each_reseller_sends_through_its_own_server(
    world: World, browse: Browse, smtp: MailServer, world_app: Flask
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    owner.submit("#mail-server", **server_fields(smtp))
    for client in (world.a, world.x):
        with world.within(world.northwind if client is world.a else world.globex):
            mail.queue_mail("suspended", client_id=client.id, values=NOTHING)
    work()

    (received,) = smtp.wait_for(1)
    assert received.sender == "hello@northwind.example"
    assert received.recipients == [world.a.email]
    with unscoped("a test"):
        states = {(row.recipient, row.state) for row in session().scalars(select(OutgoingMail))}
    assert (world.a.email, "sent") in states
    assert (world.x.email, "kept") in states, "Globex has no server, and the operator neither"


def test_a_broken_server_keeps_mails_waiting_and_is_seen(
    world: World, browse: Browse, smtp: MailServer
) -> None:
    owner = browse(world.northwind.owner)
    owner.open(SERVER)
    owner.submit("#mail-server", **server_fields(smtp, port=1))
    with world.within(world.northwind):
        mail.queue_mail("suspended", client_id=world.a.id, values=NOTHING)
    work()
    broken = owner.open("/staff/")
    owner.open(SERVER)
    owner.submit("#mail-server", **server_fields(smtp))
    work(later=True)
    mended = owner.open(SERVER)

    assert "The server accepts no connection." in broken.text("#attention")
    assert len(smtp.wait_for(1)) == 1
    assert "Works" in mended.words
    with unscoped("a test"):
        assert session().scalars(select(MailServerRow.problem)).one() == ""


def test_a_server_that_says_little_for_long_is_left(
    world: World, browse: Browse, smtp: MailServer
) -> None:
    owner = browse(world.northwind.owner)
    page = owner.open(SERVER)
    tries = [owner.post(f"{SERVER}/test", server_fields(smtp, port=1)) for _ in range(21)]

    assert page.status == 200
    assert [one.status for one in tries[:19]] == [200] * 19
    assert tries[-1].status == 429, "our address is no tool to look around with"
