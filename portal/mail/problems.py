"""Why a mail did not leave, as sentences that a reseller understands."""

from __future__ import annotations

from typing import Final

from portal.core.sentences import N_
from portal.mail.values import Problem

SENTENCES: Final[dict[Problem, tuple[str, str]]] = {
    Problem.UNKNOWN_HOST: (
        N_("There is no server of this name."),
        N_("Check the spelling of the host."),
    ),
    Problem.FORBIDDEN: (
        N_("The server's address is not a public one."),
        N_("Only the operator can allow a server in a private network."),
    ),
    Problem.UNREACHABLE: (
        N_("The server accepts no connection."),
        N_("Check host and port: 587 goes with STARTTLS, 465 with TLS."),
    ),
    Problem.TOO_SLOW: (
        N_("The server did not answer in time."),
        N_("Check host, port and encryption: 587 goes with STARTTLS, 465 with TLS."),
    ),
    Problem.TLS: (
        N_("The connection could not be encrypted, or the certificate is not the server's."),
        N_("Use the name that the certificate was made for; 465 goes with TLS, 587 with STARTTLS."),
    ),
    Problem.NO_STARTTLS: (
        N_("The server offers no STARTTLS on this port."),
        N_("Try TLS with port 465, or port 587."),
    ),
    Problem.NO_LOGIN: (
        N_("The server takes no user name and password on this port."),
        N_("Use the port for sending, usually 587 or 465, or leave the user name empty."),
    ),
    Problem.LOGIN: (
        N_("The server does not accept the user name and password."),
        N_("Some providers want a password made for programs only."),
    ),
    Problem.SENDER: (
        N_("The server does not accept the sender address."),
        N_("Use an address that belongs to this user."),
    ),
    Problem.RECIPIENT: (
        N_("The server does not accept the recipient."),
        N_("Check the address; some servers only send for users who have logged in."),
    ),
    Problem.REFUSED: (
        N_("The server did not take the mail."),
        N_("Its own words say why."),
    ),
    Problem.BROKEN: (
        N_("The server broke off, or it is no mail server."),
        N_("Check host, port and encryption: 587 goes with STARTTLS, 465 with TLS."),
    ),
}


def sentence(problem: str) -> str:
    """What a problem says; empty for none."""
    return SENTENCES[Problem(problem)][0] if problem else ""


def advice(problem: str) -> str:
    """What to do about it; empty for none."""
    return SENTENCES[Problem(problem)][1] if problem else ""
