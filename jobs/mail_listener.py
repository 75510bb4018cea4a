"""Listens for mails that are to go out as faxes. Each is on the disk and in the table before 250."""

from __future__ import annotations

import asyncio
import signal
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from portal import faxmail
from portal.config import FaxMail
from portal.core.db import let_go, transaction
from portal.core.log import get_logger
from portal.documents import MOST_MAIL_BYTES
from portal.factory import create_app
from portal.faxmail import Door, NotTaken

log = get_logger(__name__)

MOST_RECIPIENTS = 20
MOST_HEAD_BYTES = 100_000
IDLE_SECONDS = 60
_LATER = "451 4.3.0 Try again later"


class Desk:
    """Answers for each address and each mail; the database is asked in a thread."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    async def handle_RCPT(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Is this an address of ours, and may this sender use it?"""
        doors: dict[str, Door] = session.__dict__.setdefault("doors", {})
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        answer = await self._ask(faxmail.knock, address, envelope.mail_from or "")
        if isinstance(answer, str):
            return answer
        doors[address] = answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail for all of its addresses, or for none."""
        doors: dict[str, Door] = session.__dict__.get("doors", {})
        wanted = [doors[address] for address in dict.fromkeys(envelope.rcpt_tos)]
        content = envelope.original_content or b""
        answer = await self._ask(self._take, wanted, envelope.mail_from or "", content)
        return answer if isinstance(answer, str) else _LATER

    def _take(self, doors: list[Door], sender: str, content: bytes) -> str:
        heads = _heads(content)
        aimed = faxmail.check(doors, heads)
        with transaction():
            new = [
                faxmail.keep(
                    door, contact, subject, sender=sender.lower(),
                    message_id=heads.get("message-id", ""), content=content,
                )
                for door, contact, subject in aimed
            ]  # fmt: skip
        log.info("fax_mail_taken", faxes=sum(new), repeated=len(new) - sum(new))
        return "250 2.0.0 Accepted; you will get a mail when the fax is through"

    async def _ask(self, question: Any, *words: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(
            None, self._answer, question, *words
        )

    def _answer(self, question: Any, *words: Any) -> Any:
        with self._app.app_context():
            try:
                return question(*words)
            except NotTaken as refusal:
                log.info("fax_mail_not_taken", answer=str(refusal))
                return str(refusal)
            except Exception:
                log.exception("fax_mail_failed")
                return _LATER
            finally:
                let_go()


def listener(app: Flask, settings: FaxMail) -> Any:
    """What makes a server for each connection."""
    desk = Desk(app)

    def serve() -> SMTP:
        return SMTP(
            desk,
            hostname=settings.host,
            ident="fax mail",
            data_size_limit=MOST_MAIL_BYTES,
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )

    return serve


def _heads(content: bytes) -> dict[str, str]:
    """The few lines of a mail's head that decide; the rest is opened behind the fence."""
    head = content[:MOST_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    mail = message_from_bytes(head, policy=policy.compat32)
    found = {}
    for name in faxmail.HEADS:
        lines = mail.get_all(name, [])
        if name == "from" and len(lines) > 1:
            raise NotTaken("550 5.6.0 A mail has one sender")
        if name == "auto-submitted":  # one that says so is enough
            lines.sort(key=lambda line: str(line).strip().lower() == "no")
        try:
            found[name] = str(make_header(decode_header(str(lines[0] if lines else ""))))
        except (ValueError, LookupError, HeaderParseError):
            found[name] = ""
    return found


async def _listen(app: Flask, settings: FaxMail) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(listener(app, settings), settings.bind, settings.port)
    async with server:
        log.info("fax_mail_listens", port=settings.port)
        await stop.wait()


def main() -> None:
    """Listen until SIGTERM or SIGINT."""
    app = create_app()
    settings = app.extensions["settings"].fax_mail
    if settings is None:
        raise SystemExit("PORTAL_FAX_MAIL_HOST is not set.")
    asyncio.run(_listen(app, settings))


if __name__ == "__main__":
    main()
