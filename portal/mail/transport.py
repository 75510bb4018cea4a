"""SMTP: the only place that speaks to a mail server."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Any

from portal.config import Smtp
from portal.core import clock, storage
from portal.core.db import finish_reading, in_transaction
from portal.core.errors import NotFound
from portal.core.http import (
    Forbidden,
    TooSlow,
    Unreachable,
    checked_addresses,
    is_allowed,
    system_resolver,
)
from portal.core.registry import settings
from portal.identity import one_line
from portal.mail.values import ClaimedMail, Problem, Step, WayOut

_TIMEOUT_SECONDS = 15
# For all of it: a server that drips a byte now and then never runs into the one above.
_DEADLINE_SECONDS = 30
_READY = 220
_LOGGED_IN = (235, 503)
_PERMANENT = 500
# A server that talks without end fills no memory of ours.
_MOST_REPLY_BYTES = 256_000
_LONGEST_WORDS = 200


class MailError(Exception):
    """The mail was not sent. ``permanent``: this mail never will be. ``said``: the server's words.

    ``maybe_taken``: the server had all of it and did not say whether it takes it.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        problem: Problem = Problem.BROKEN,
        said: str = "",
        maybe_taken: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.problem = problem
        self.said = said
        self.maybe_taken = maybe_taken

    @property
    def of_the_server(self) -> bool:
        """Is it the server's affair, rather than this one mail's?"""
        return self.problem not in {Problem.RECIPIENT, Problem.REFUSED}


@dataclass(slots=True)
class Trial:
    """How far a test mail came; without ``problem`` the server has it."""

    steps: list[tuple[Step, str]] = field(default_factory=list)
    problem: Problem | None = None
    said: str = ""


def send(mail: ClaimedMail, way: WayOut) -> None:
    """Give the mail to the server; raises MailError. No transaction may be open meanwhile."""
    _deliver(as_message(mail, way), way, Trial())


def try_out(
    way: WayOut,
    *,
    recipient: str,
    subject: str,
    text: str,
    deadline_seconds: float = _DEADLINE_SECONDS,
) -> Trial:
    """Send a test mail, and tell how far it came instead of raising."""
    finish_reading()
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = way.sender or settings().mail_from
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    domain = parseaddr(message["From"])[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{uuid.uuid4()}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    trial = Trial()
    try:
        _deliver(message, way, trial, deadline_seconds)
    except MailError as error:
        trial.problem, trial.said = error.problem, error.said
    return trial


# What goes along with a mail, by the ending it is stored under.
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_message(mail: ClaimedMail, way: WayOut) -> EmailMessage:
    """The mail as it travels. Date and Message-ID are the row's, so a second copy shows as one."""
    sender = way.sender or mail.sender
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = mail.recipient
    if way.reply_to:
        message["Reply-To"] = way.reply_to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.written_at)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail.public_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.attachment is not None:
        with suppress(NotFound):  # deleted since it was written: the words still hold
            content = storage.path_of(mail.attachment.stored_as).read_bytes()
            main, _, sub = _TYPES[mail.attachment.stored_as.rpartition(".")[2]].partition("/")
            message.add_attachment(
                content, maintype=main, subtype=sub, filename=mail.attachment.name
            )
    return message


def _deliver(
    message: EmailMessage,
    way: WayOut,
    trial: Trial,
    deadline_seconds: float = _DEADLINE_SECONDS,
) -> None:
    if in_transaction():
        raise RuntimeError("A mail must not be sent while a transaction is open.")
    server = way.server
    with _refusals_told(), _connected(server, _address(way), deadline_seconds) as connection:
        trial.steps.append((Step.CONNECTED, f"{server.host}:{server.port}"))
        if server.starttls:
            connection.starttls(context=ssl.create_default_context())
        if server.starttls or server.tls:
            trial.steps.append((Step.ENCRYPTED, _tls_version(connection)))
        if server.username:
            connection.login(server.username, server.password or "")
            trial.steps.append((Step.LOGGED_IN, server.username))
        connection.send_message(message)
        trial.steps.append((Step.ACCEPTED, str(message["To"])))


def _address(way: WayOut) -> str:
    """Where to connect: a reseller's server is looked up and checked, the operator's is trusted."""
    server = way.server
    if not way.own:
        return server.host
    try:
        found = checked_addresses(
            server.host,
            server.port,
            resolver=system_resolver,
            remaining_seconds=_TIMEOUT_SECONDS,
            private=is_allowed(server.host, server.port, settings().allow_private),
        )
    except Forbidden as error:
        raise MailError("forbidden address", permanent=False, problem=Problem.FORBIDDEN) from error
    except (Unreachable, TooSlow) as error:
        raise MailError("unknown host", permanent=False, problem=Problem.UNKNOWN_HOST) from error
    return found[0]


class _NoWord(smtplib.SMTPException):
    """The server had the whole mail, and no word came after it."""


class _Measured:
    """What a server says, up to a limit of so many bytes."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = _MOST_REPLY_BYTES

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("The server talks without end.")
        return line

    def close(self) -> None:
        self._file.close()


class _Line(smtplib.SMTP):
    """The library's way to speak, and what it leaves out."""

    file: Any
    all_said = False

    def send(self, s: Any) -> None:
        super().send(s)
        self.all_said = isinstance(s, bytes) and s.endswith(b"\r\n.\r\n")

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            raise _NoWord if self.all_said else error from None

    def __exit__(self, *_error: object) -> None:
        """Say goodbye. The mail was taken or refused before: what is answered to this changes nothing."""
        with suppress(smtplib.SMTPException, OSError):
            self.docmd("QUIT")
        self.close()

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Measured(self.sock.makefile("rb"))
        return super().getreply()

    def login(self, user: str, password: str, *, initial_response_ok: bool = True) -> Any:
        """The library knows ASCII alone; other letters travel as RFC 4616 has them."""
        if (user + password).isascii():
            return super().login(user, password, initial_response_ok=initial_response_ok)
        self.ehlo_or_helo_if_needed()
        if "PLAIN" not in self.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError("There is no way for this password.")
        word = b64encode(f"\0{user}\0{password}".encode()).decode()
        code, said = self.docmd("AUTH", f"PLAIN {word}")
        if code not in _LOGGED_IN:
            raise smtplib.SMTPAuthenticationError(code, said)
        return code, said


class _To(_Line):
    """Connects to the address that was checked, and speaks to the server by its name."""

    def __init__(self, server: Smtp, address: str) -> None:
        self._address = address
        super().__init__(timeout=_TIMEOUT_SECONDS)
        self._host = server.host  # whose certificate STARTTLS wants to see

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class _ToTls(_Line, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte; the certificate is checked for the name."""

    def __init__(self, server: Smtp, address: str) -> None:
        self._address = address
        super().__init__(timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context())

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


@contextmanager
def _connected(server: Smtp, address: str, deadline_seconds: float) -> Iterator[smtplib.SMTP]:
    """A server that has greeted us; greeting and farewell are within the deadline too."""
    line = (_ToTls if server.tls else _To)(server, address)
    over = threading.Event()
    watch = threading.Thread(target=_hang_up, args=[line, over, deadline_seconds], daemon=True)
    watch.start()
    try:
        with line as connection:
            code, said = connection.connect(server.host, server.port)
            if code != _READY:
                connection.close()
                raise smtplib.SMTPConnectError(code, said)
            yield connection
    finally:
        over.set()


def _hang_up(connection: smtplib.SMTP, over: threading.Event, seconds: float) -> None:
    """At the deadline and until it is over: while TLS begins there is no line to hang up."""
    while not over.wait(seconds):
        seconds = 1.0
        line = connection.sock
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def _tls_version(connection: smtplib.SMTP) -> str:
    version = getattr(connection.sock, "version", None)
    return str(version() or "") if version else ""


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Every way the library fails, as ours; the operator's settings may be mended, a mail not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        answers = list(error.recipients.values())
        codes = [code for code, _ in answers]
        raise MailError(
            f"recipient refused ({codes})",
            permanent=all(code >= _PERMANENT for code in codes),
            problem=Problem.RECIPIENT,
            said=_words(*answers[0]),
        ) from error
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
        login = isinstance(error, smtplib.SMTPAuthenticationError)
        raise MailError(
            f"{type(error).__name__} ({error.smtp_code})",
            permanent=False,
            problem=Problem.LOGIN if login else Problem.SENDER,
            said=_words(error.smtp_code, error.smtp_error),
        ) from error
    except smtplib.SMTPResponseException as error:
        data = isinstance(error, smtplib.SMTPDataError)
        raise MailError(
            f"the server said {error.smtp_code}",
            permanent=error.smtp_code >= _PERMANENT and data,
            problem=Problem.REFUSED if data else Problem.BROKEN,
            said=_words(error.smtp_code, error.smtp_error),
        ) from error
    except _NoWord as error:
        raise MailError(
            "no answer after the mail", permanent=False, problem=Problem.TOO_SLOW, maybe_taken=True
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(type(error).__name__, permanent=False, problem=_problem(error)) from error


def _problem(error: Exception) -> Problem:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Problem.NO_STARTTLS if "STARTTLS" in str(error) else Problem.NO_LOGIN
    if isinstance(error, ssl.SSLError):
        return Problem.TLS
    if isinstance(error, TimeoutError):
        return Problem.TOO_SLOW
    if isinstance(error, socket.gaierror):
        return Problem.UNKNOWN_HOST
    if isinstance(error, smtplib.SMTPException):
        return Problem.NO_LOGIN if "authentication" in str(error) else Problem.BROKEN
    return Problem.UNREACHABLE


def _words(code: int, said: bytes | str) -> str:
    """What the server answered, fit for a page."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {one_line(text)}"[:_LONGEST_WORDS]
