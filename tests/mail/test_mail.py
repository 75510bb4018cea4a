"""From the transaction a mail is written in to the mail server that takes it."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import ClassVar

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.mail import send_mail
from portal import identity, mail, wording
from portal.config import PROJECT
from portal.core import clock
from portal.core.db import session, transaction
from portal.core.money import Money
from portal.core.outbox import OutboxTask
from portal.core.scope import Scope, bind, unscoped
from portal.identity import ClientFacts, ResellerFacts
from portal.mail import MailName, MailState
from portal.mail.compose import compose
from portal.mail.models import OutgoingMail
from portal.mail.values import Recipient, Security, ServerDetails
from portal.tasks import SEND_MAIL, SEND_URGENT_MAIL
from tests.identity.people import ADDRESS, add_client, add_reseller, within
from tests.run_task import run_and_die
from tests.services import MailServer

BALANCE = {"balance": Money.of("9.995"), "threshold": Money.of("25")}


def warn(reseller: ResellerFacts, client: ClientFacts) -> None:
    with within(reseller):
        mail.queue_mail("low_balance", client_id=client.id, values=BALANCE)


def forget(reseller: ResellerFacts, email: str = "ada@example.com") -> None:
    """As the page does: nobody is logged in."""
    with unscoped("nobody is logged in yet"), transaction():
        link = identity.begin_reset(reseller.id, email, address=ADDRESS)
        if link is not None:
            mail.send_reset_link(link)


def only_mail() -> OutgoingMail:
    with unscoped("a test"), transaction():  # reads and lets go
        found = select(OutgoingMail).execution_options(populate_existing=True)
        return session().scalars(found).one()


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def token_in(message: EmailMessage) -> str:
    (line,) = [line for line in body(message, "plain").splitlines() if "/reset/" in line]
    return line.rpartition("/")[2]


def test_a_forgotten_password_is_reset_through_the_mail(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    forget(northwind)
    run_jobs()
    (received,) = smtp.wait_for(1)

    chosen = identity.choose_password("quite another lamp")
    with transaction():
        person = identity.finish_reset(
            northwind.id, token_in(received.message), chosen, address=ADDRESS
        )
        mail.tell_password_was_reset(person)
    run_jobs()

    assert received.recipients == ["ada@example.com"]
    assert received.sender == "portal@mail.example"
    assert received.message["From"] == '"Northwind & Söhne, Voice" <portal@mail.example>'
    _, confirmation = smtp.wait_for(2)
    assert confirmation.message["Subject"] == (
        "Your password for Northwind & Söhne, Voice was changed"
    )


def test_nobody_is_written_to_for_an_unknown_email(
    northwind: ResellerFacts, queued: Callable[[], list[str]]
) -> None:
    forget(northwind, "nobody@example.com")

    assert queued() == []


def test_a_mail_is_sent_only_when_its_transaction_is_kept(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    def change_my_mind() -> None:
        with within(northwind):
            mail.queue_mail("low_balance", client_id=ada.id, values=BALANCE)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        change_my_mind()
    run_jobs()

    assert smtp.received == []


@pytest.mark.parametrize(
    ("name", "values", "subject", "says"),
    [
        (
            "low_balance", BALANCE, "Your balance is $10.00",
            "Your balance is $10.00, below the $25.00 at which you wanted to know.",
        ),
        (
            "suspended", {"balance": Money.of("-1.2")},
            "Your service with Northwind & Söhne, Voice is suspended",
            "Your balance is −$1.20, so your service is suspended.",
        ),
        (
            "resumed", {"balance": Money.of("20")},
            "Your service with Northwind & Söhne, Voice works again",
            "Your balance is $20.00, and your service works again.",
        ),
    ],
)  # fmt: skip
def test_what_the_mails_about_a_balance_say(
    northwind: ResellerFacts,
    ada: ClientFacts,
    smtp: MailServer,
    run_jobs: Callable[..., None],
    name: str,
    values: dict[str, Money],
    subject: str,
    says: str,
) -> None:
    with within(northwind):
        mail.queue_mail(name, client_id=ada.id, values=values)
    run_jobs()

    (received,) = smtp.wait_for(1)
    text, html = body(received.message, "plain"), body(received.message, "html")
    assert received.message["Subject"] == subject
    assert text.startswith("Hello Ada <b> O'Moreau,\n\n" + says)
    assert says in html
    assert f"http://localhost/r/{northwind.uid}" in text
    assert "Ada &lt;b&gt; O&#39;Moreau" in html
    assert "<b>" not in html


def test_what_the_mail_with_a_link_says(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    forget(northwind)
    run_jobs()

    (received,) = smtp.wait_for(1)
    link = f"http://localhost/r/{northwind.uid}/reset/{token_in(received.message)}"
    assert received.message["Subject"] == "Choose a new password for Northwind & Söhne, Voice"
    assert "once, for one hour" in body(received.message, "plain")
    assert f'<a href="{link}" style=' in body(received.message, "html")


def test_every_mail_has_its_words_and_no_others(northwind: ResellerFacts, ada: ClientFacts) -> None:
    from portal.mail.catalogue import VARIABLES

    folders = {path.name for path in (PROJECT / "templates/emails").iterdir()} - {"_base", "_words"}
    with within(northwind):
        for values in ({}, BALANCE | {"more": "x"}):
            with pytest.raises(ValueError, match="low_balance"):
                mail.queue_mail("low_balance", client_id=ada.id, values=values)

    assert folders == {name.value for name in MailName} == {name.value for name in VARIABLES}


def test_a_warning_goes_to_the_address_for_warnings(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    with within(northwind):
        identity.set_low_balance(ada.id, Money.of("25"), email="books@example.com")
    warn(northwind, ada)
    with within(northwind):
        mail.queue_mail("suspended", client_id=ada.id, values={"balance": Money(0)})
    run_jobs()

    recipients = {received.recipients[0] for received in smtp.wait_for(2)}
    assert recipients == {"books@example.com", "ada@example.com"}


@pytest.mark.parametrize(
    "name", ["Evil\r\nBcc: all@example.com", "Evil\nX: y", "=?utf-8?q?a?=\r\n", 'A"; <x@y.z>']
)
def test_a_name_cannot_write_headers(
    app: Flask, smtp: MailServer, run_jobs: Callable[..., None], name: str
) -> None:
    reseller = add_reseller(name)
    client = add_client(reseller, first_name=name)
    with within(reseller):
        mail.queue_mail("resumed", client_id=client.id, values={"balance": Money(0)})
    run_jobs()

    (received,) = smtp.wait_for(1)
    assert received.recipients == ["ada@example.com"]
    assert received.message.get_all("From") == [received.message["From"]]
    assert received.message["From"].addresses[0].addr_spec == "portal@mail.example"
    assert received.message["Bcc"] is None
    assert received.message["X"] is None


def test_running_the_job_again_sends_nothing(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    warn(northwind, ada)
    run_jobs()
    with bind(Scope(northwind.id)):
        send_mail(only_mail().id)

    assert len(smtp.wait_for(1)) == 1
    assert only_mail().state == MailState.SENT
    assert only_mail().sent_at is not None


def test_while_the_server_is_busy_a_mail_waits_and_then_leaves_once(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    smtp.refuse = "451 Later please"
    warn(northwind, ada)
    run_jobs()
    waiting = only_mail()
    assert (waiting.state, waiting.last_error) == (MailState.QUEUED, "the server said 451")

    smtp.refuse = None
    run_jobs(later=True)
    run_jobs(later=True)

    assert len(smtp.wait_for(1)) == 1
    assert only_mail().state == MailState.SENT


def test_a_resellers_silent_server_gets_one_try_and_holds_nobody_elses_mail(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    other = add_reseller("Other", uid="100777")
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    came.append(silent.accept()[0])
                    came[-1].close()

        threading.Thread(target=hang_up, daemon=True).start()
        own = ServerDetails(
            "127.0.0.1", silent.getsockname()[1], Security.NONE, "", "desk@northwind.example", ""
        )
        with within(northwind):
            mail.save_server(own, "")
        for _ in range(4):
            warn(northwind, ada)
        forget(northwind)
        warn(other, add_client(other, email="bo@other.example"))
        with unscoped("a test"):
            tasks = list(session().scalars(select(OutboxTask.task).order_by(OutboxTask.id)))
        assert tasks == [SEND_MAIL.name] * 4 + [SEND_URGENT_MAIL.name, SEND_MAIL.name]

        run_jobs()

        assert len(came) == 1, "four wait without a try"
        assert [one.recipients for one in smtp.wait_for(1)] == [["bo@other.example"]]
    with within(northwind):
        mail.save_server(replace(own, port=smtp.port), "")
    run_jobs(later=True)
    assert len(smtp.wait_for(6)) == 6


class OddServer:
    """A mail server that answers each verb as it is told; it hangs up for "", and "…" never ends."""

    usual: ClassVar[dict[str, str]] = {
        "": "220 hi", "EHLO": "250-odd\r\n250 AUTH CRAM-MD5 PLAIN", "AUTH": "235 in",
        "DATA": "354 go on", "QUIT": "221 bye",
    }  # fmt: skip

    def __init__(self, **says: str) -> None:
        self.says = self.usual | says
        self.heard: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                with line, suppress(OSError):
                    self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        words, verb = line.makefile("rb"), ""
        while said := self.says.get(verb, "250 ok"):
            while said == "…":
                line.sendall(b"220-" + b"and so on " * 50 + b"\r\n")
            line.sendall(said.encode() + b"\r\n")
            if verb == "DATA":
                while words.readline() not in {b".\r\n", b""}:
                    pass
                verb = "DOT"
                continue
            heard = words.readline().decode()
            if not heard:
                return
            self.heard.append(heard)
            verb = heard[:4].strip().upper()


@pytest.mark.parametrize(
    ("says", "state", "error", "wait_minutes"),
    [
        ({"QUIT": "421 too busy for goodbyes"}, MailState.SENT, "", 0),
        ({"QUIT": ""}, MailState.SENT, "", 0),
        ({"RCPT": "550 nobody", "QUIT": "421 away"}, MailState.FAILED, "recipient refused ([550])", 0),
        ({"RCPT": "450 greylisted"}, MailState.QUEUED, "recipient refused ([450])", 0.5),
        ({"DOT": ""}, MailState.QUEUED, "no answer after the mail", 60),
        ({"DATA": ""}, MailState.QUEUED, "SMTPServerDisconnected", 0.5),
        ({"EHLO": "…"}, MailState.QUEUED, "SMTPServerDisconnected", 0.5),
        ({"AUTH": "535 no"}, MailState.QUEUED, "SMTPAuthenticationError (535)", 0.5),
        ({"EHLO": "250 odd"}, MailState.QUEUED, "SMTPNotSupportedError", 0.5),
    ],
)  # fmt: skip
def test_whatever_a_mail_server_does_a_mail_is_taken_once_or_waits(
    northwind: ResellerFacts, ada: ClientFacts, run_jobs: Callable[..., None],
    says: dict[str, str], state: MailState, error: str, wait_minutes: float,
) -> None:  # fmt: skip
    odd = OddServer(**says)
    own = ServerDetails(
        "127.0.0.1", odd.port, Security.NONE, "désk", "desk@northwind.example", "Desk"
    )
    with within(northwind):
        mail.save_server(own, "pässwört")
    warn(northwind, ada)
    run_jobs()
    odd.close()

    assert (only_mail().state, only_mail().last_error) == (state, error)
    with unscoped("a test"):
        due = list(session().scalars(select(OutboxTask.due_at).where(OutboxTask.state == "queued")))
    waits = [(at - clock.now()).total_seconds() / 60 for at in due]
    assert [wait_minutes - 0.3 < one <= wait_minutes for one in waits] == [True] * (
        state == "queued"
    )
    [word] = [one for one in odd.heard if one.startswith("AUTH")] or [""]
    login = b64encode("\0désk\0pässwört".encode()).decode()
    assert word in {"", f"AUTH PLAIN {login}\r\n"}


def test_a_server_that_is_down_loses_nothing_for_a_day(
    make_app: Callable[..., Flask], database_url: str, run_jobs: Callable[..., None]
) -> None:
    app = make_app(
        database_url, PORTAL_SMTP_URL="smtp://127.0.0.1:1", PORTAL_MAIL_FROM="p@mail.example"
    )
    with app.app_context():
        reseller = add_reseller()
        warn(reseller, add_client(reseller))
        run_jobs()
        assert only_mail().state == MailState.QUEUED
        with time_machine.travel(clock.now() + timedelta(hours=23)):
            run_jobs()
            assert only_mail().state == MailState.QUEUED
        with time_machine.travel(clock.now() + timedelta(hours=25)):
            run_jobs()
            assert only_mail().state == MailState.FAILED
            assert only_mail().last_error == "ConnectionRefusedError"


def test_a_refused_mail_is_not_tried_again(
    northwind: ResellerFacts,
    ada: ClientFacts,
    smtp: MailServer,
    run_jobs: Callable[..., None],
    queued: Callable[[], list[str]],
) -> None:
    smtp.refuse = "554 We do not want this"
    warn(northwind, ada)
    run_jobs()

    assert queued() == []
    assert only_mail().state == MailState.FAILED


def test_a_link_gets_its_hour_when_the_mail_leaves(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    smtp.refuse = "451 Later please"
    forget(northwind)
    run_jobs()
    smtp.refuse = None

    with time_machine.travel(clock.now() + timedelta(hours=2)):
        run_jobs()
        (received,) = smtp.wait_for(1)
        assert identity.reset_is_open(northwind.id, token_in(received.message))
    with time_machine.travel(clock.now() + timedelta(hours=3, minutes=1)):
        assert not identity.reset_is_open(northwind.id, token_in(received.message))


def test_without_a_mail_server_a_mail_is_kept_to_be_read(
    make_app: Callable[..., Flask], database_url: str, run_jobs: Callable[..., None]
) -> None:
    with make_app(database_url).app_context():
        northwind, globex = add_reseller(), add_reseller("Globex Tel")
        add_client(northwind)
        forget(northwind)
        run_jobs()

        with bind(Scope(northwind.id)):
            (kept,) = mail.kept_mails()
        with bind(Scope(globex.id)):
            assert mail.kept_mails() == []
        (link,) = [word for word in kept.text.split() if "/reset/" in word]
        assert kept.recipient == "ada@example.com"
        assert identity.reset_is_open(northwind.id, link.rpartition("/")[2])


@pytest.mark.parametrize("demo", ["1", "0"])
def test_a_kept_mail_says_where_it_is_read_and_the_demo_says_its_subject(
    make_app: Callable[..., Flask],
    database_url: str,
    run_jobs: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    demo: str,
) -> None:
    with make_app(database_url, PORTAL_DEMO=demo, PORTAL_LOG_LEVEL="INFO").app_context():
        northwind = add_reseller()
        add_client(northwind)
        forget(northwind)
        run_jobs()
        with bind(Scope(northwind.id)):
            (kept,) = mail.kept_mails()

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "mail_kept" in line]
    said = json.loads(line)
    assert said["read_it_with"] == f"portal mails show {kept.number}"
    assert said.get("subject") == (kept.subject if demo == "1" else None)
    assert said["level"] == ("warning" if demo == "1" else "info"), "the demo's console is quiet"
    assert "/reset/" not in line


def test_old_texts_are_forgotten_links_first(
    northwind: ResellerFacts, ada: ClientFacts, run_jobs: Callable[..., None]
) -> None:
    forget(northwind)
    warn(northwind, ada)
    run_jobs()

    def texts_after(days: int) -> dict[str, bool]:
        with unscoped("a test"), transaction():
            mail.forget_texts(clock.now() + timedelta(days=days))
        with unscoped("a test"):
            return {row.name: bool(row.text or row.html) for row in session().execute(
                select(OutgoingMail.name, OutgoingMail.text, OutgoingMail.html))}  # fmt: skip

    assert texts_after(0) == {"reset_password": True, "low_balance": True}
    assert texts_after(2) == {"reset_password": False, "low_balance": True}
    assert texts_after(31) == {"reset_password": False, "low_balance": False}


def test_a_crash_after_sending_repeats_the_mail_recognisably(
    northwind: ResellerFacts,
    ada: ClientFacts,
    smtp: MailServer,
    environment: dict[str, str],
    database_url: str,
    run_jobs: Callable[..., None],
) -> None:
    warn(northwind, ada)
    killed = run_and_die(
        newest_task(),
        failpoint="mail.sent",
        environment=environment
        | {
            "DATABASE_URL": database_url,
            "PORTAL_SMTP_URL": smtp.url,
            "PORTAL_MAIL_FROM": "portal@mail.example",
        },
    )

    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        run_jobs()

    assert killed == -9
    first, second = smtp.wait_for(2)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] == second.message["Date"]
    assert only_mail().state == MailState.SENT


def newest_task() -> int:
    with unscoped("a test"), transaction():  # reads and lets go
        return session().scalars(select(OutboxTask.id).order_by(OutboxTask.id.desc())).first() or 0


def test_a_mail_in_the_resellers_own_words_arrives(
    northwind: ResellerFacts, ada: ClientFacts, smtp: MailServer, run_jobs: Callable[..., None]
) -> None:
    words = wording.from_delta(
        {
            "ops": [
                {"insert": "[firstname], only "},
                {"insert": "[balance]", "attributes": {"bold": True, "color": "c-98541b"}},
                {"insert": " is left.\n"},
                {"insert": "Add funds", "attributes": {"link": "[portal_url]"}},
                {"insert": "\n"},
            ]
        }
    )
    with within(northwind):
        kind = mail.kind_of(MailName.LOW_BALANCE)
        wording.save_text(kind, "en", "[lastname]: [balance]", words, version=0)
    warn(northwind, ada)
    run_jobs()

    (received,) = smtp.wait_for(1)
    address = f"http://localhost/r/{northwind.uid}"
    assert received.message["Subject"] == "O'Moreau: $10.00"
    assert body(received.message, "plain").startswith(
        f"Ada <b>, only $10.00 is left.\nAdd funds ({address})\n\n-- \n"
    )
    html = body(received.message, "html")
    assert "Ada &lt;b&gt;, only <strong><span style=" in html
    assert f'<a href="{address}" rel="noopener noreferrer">Add funds</a>' in html


def test_the_dashboards_welcome_text_is_no_mail(northwind: ResellerFacts, app: Flask) -> None:
    words = wording.from_text("Only on the dashboard")
    person = Recipient("ada@example.com", "Ada", "Moreau", "en")
    with within(northwind):
        wording.save_text(wording.WELCOME, "en", "Holiday hours", words, version=0)

    written = compose(
        MailName.WELCOME, person, northwind, values={"link": "http://localhost/reset/x"}
    )

    assert "http://localhost/reset/x" in written.text
    assert "Only on the dashboard" not in written.text
    assert wording.WELCOME.name not in mail.EDITABLE
