"""A reseller's own mail server: saved, chosen for each mail, and how it does."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import formataddr

from sqlalchemy import or_, select, update

from portal import identity
from portal.config import Smtp
from portal.core import clock, live, registry, scope, slow_hosts
from portal.core.db import session
from portal.core.errors import InvalidInput
from portal.core.http import is_allowed
from portal.identity import Visitor, one_line
from portal.mail.models import MailServer
from portal.mail.values import Problem, Security, ServerDetails, ServerHealth, WayOut

# What says little about a server is not written with every mail.
_NOTE_OK_EVERY = timedelta(minutes=5)
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
    r"|[0-9a-f:.]{2,45}"
)


def own_server() -> tuple[ServerDetails, ServerHealth] | None:
    """The bound reseller's mail server and how it does; None when the operator's is used."""
    row = _row()
    if row is None:
        return None
    health = ServerHealth(row.last_ok_at, row.problem, row.said, row.failing_since)
    return _details(row), health


def save_server(details: ServerDetails, password: str, *, by: Visitor | None = None) -> None:
    """Keep the bound reseller's mail server; its mails go through it from now on.

    An empty password keeps the one that is there, as long as it goes to the same server and user:
    nobody learns it by naming a server of theirs. InvalidInput names the field.
    """
    row = _row()
    details, password = _checked(details, password, row)
    if row is None:
        row = MailServer(reseller_id=scope.reseller_id())
        session().add(row)
    for name in ServerDetails.__dataclass_fields__:
        setattr(row, name, getattr(details, name))
    row.sealed_password = registry.key_ring().seal(password, context=_context()) if password else ""
    row.last_ok_at, row.problem, row.said, row.failing_since = None, "", "", None
    slow_hosts.answered(row.host)  # another port or password: nobody knows yet
    session().flush()
    identity.record(
        "mail_server.saved", by=by, host=details.host, port=details.port,
        sender=details.sender_address,
    )  # fmt: skip


def remove_server(*, by: Visitor | None = None) -> None:
    """Go back to the operator's mail server."""
    row = _row()
    if row is not None:
        session().delete(row)
        session().flush()
        identity.record("mail_server.removed", by=by)


def way_through(details: ServerDetails, password: str) -> WayOut:
    """A server that is being tried before it is saved; InvalidInput names the field."""
    details, password = _checked(details, password, _row())
    return _way(details, password)


def way_out() -> WayOut | None:
    """The server for the bound reseller's mails: its own, else the operator's, else none."""
    row = _row()
    if row is not None:
        return _way(_details(row), _password(row))
    server = registry.settings().smtp
    if server is None:
        return None
    return WayOut(server, own=False, reply_to=identity.own_reseller().support_email)


def try_server_now() -> None:
    """Somebody wants mails to leave now: a server that is left alone gets a try. In a transaction."""
    if (way := way_out()) is not None:
        slow_hosts.try_now(way.server.host)


def note_ok() -> None:
    """The reseller's own server took a mail. In a transaction."""
    at = clock.now()
    session().execute(
        update(MailServer)
        .where(
            MailServer.reseller_id == scope.reseller_id(),
            or_(
                MailServer.last_ok_at.is_(None),
                MailServer.last_ok_at < at - _NOTE_OK_EVERY,
                MailServer.problem != "",
            ),
        )
        .values(last_ok_at=at, problem="", said="", failing_since=None),
        execution_options={"synchronize_session": False},
    )


def note_problem(problem: Problem, said: str) -> None:
    """The reseller's own server did not do its part; staff see it until a mail leaves again."""
    row = _row()
    if row is None:
        return
    if not row.problem:
        live.tell("attention-changed", client_id=None)
    row.problem, row.said = problem.value, said[:300]
    row.failing_since = row.failing_since or clock.now()
    session().flush()


def _row() -> MailServer | None:
    found: MailServer | None = session().scalar(select(MailServer))
    return found


def _details(row: MailServer) -> ServerDetails:
    return ServerDetails(
        row.host,
        row.port,
        Security(row.security),
        row.username,
        row.sender_address,
        row.sender_name,
    )


def _password(row: MailServer) -> str:
    if not row.sealed_password:
        return ""
    return registry.key_ring().unseal(row.sealed_password, context=_context())


def _way(details: ServerDetails, password: str) -> WayOut:
    server = Smtp(
        details.host,
        details.port,
        username=details.username or None,
        password=password or None,
        tls=details.security is Security.TLS,
        starttls=details.security is Security.STARTTLS,
    )
    name = details.sender_name or one_line(identity.own_reseller().name)
    return WayOut(server, own=True, sender=formataddr((name, details.sender_address)))


def _checked(
    details: ServerDetails, password: str, row: MailServer | None
) -> tuple[ServerDetails, str]:
    """Everything in its one spelling, with the password that is meant."""
    details = ServerDetails(
        host=one_line(details.host).lower().rstrip("."),
        port=details.port,
        security=Security(details.security),
        username=one_line(details.username)[:254],
        sender_address=identity.checked_email(details.sender_address, field="sender_address"),
        sender_name=one_line(details.sender_name)[:120],
    )
    if not _HOST.fullmatch(details.host):
        raise InvalidInput("Enter the name of a server, like smtp.example.com.", field="host")
    if not 0 < details.port < 65_536:
        raise InvalidInput("Enter a port from 1 to 65535.", field="port")
    if not details.username:
        return details, ""
    trusted = is_allowed(details.host, details.port, registry.settings().allow_private)
    if details.security is Security.NONE and not trusted:
        raise InvalidInput(
            "A password needs STARTTLS or TLS, or everybody on the way could read it.",
            field="security",
        )
    if not password and row is not None and row.sealed_password:
        way = (row.host, row.port, row.security, row.username)
        if way != (details.host, details.port, details.security, details.username):
            raise InvalidInput(
                "Type the password again: it was given for another server or user.",
                field="password",
            )
        password = _password(row)
    if not password:
        raise InvalidInput("Enter the password of this user.", field="password")
    return details, password


def _context() -> str:
    return f"reseller:{scope.reseller_id()}/mail_servers/password"
