"""SMTP: the only place that speaks to a mail server."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from portal.config import Smtp
from portal.core.db import in_transaction
from portal.core.registry import settings
from portal.mail.values import ClaimedMail

_TIMEOUT_SECONDS = 15
_PERMANENT = 500


class MailError(Exception):
    """The mail was not sent. ``permanent``: this mail never will be."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


def is_configured() -> bool:
    """Is there a mail server at all?"""
    return settings().smtp is not None


def send(mail: ClaimedMail) -> None:
    """Give the mail to the server; raises MailError. No transaction may be open meanwhile."""
    server = settings().smtp
    assert server is not None
    if in_transaction():
        raise RuntimeError("A mail must not be sent while a transaction is open.")
    message = as_message(mail)
    try:
        with _connect(server) as connection:
            if server.starttls:
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(server.username, server.password or "")
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise MailError(
            f"recipient refused ({codes})", permanent=all(code >= _PERMANENT for code in codes)
        ) from error
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as error:
        # The operator's settings are wrong, not the mail: it can go when they are mended.
        raise MailError(f"{type(error).__name__} ({error.smtp_code})", permanent=False) from error
    except smtplib.SMTPResponseException as error:
        permanent = error.smtp_code >= _PERMANENT and isinstance(error, smtplib.SMTPDataError)
        raise MailError(f"the server said {error.smtp_code}", permanent=permanent) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(type(error).__name__, permanent=False) from error


def as_message(mail: ClaimedMail) -> EmailMessage:
    """The mail as it travels. Date and Message-ID are the row's, so a second copy shows as one."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = mail.sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.written_at)
    domain = parseaddr(mail.sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail.public_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _connect(server: Smtp) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            timeout=_TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
