"""Faxes by e-mail, through the real listener: what goes out, what is refused, what is mailed on."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

import pytest
from flask import Flask, current_app

from jobs.mail_listener import listener
from jobs.runtime import answer_the_bell
from portal import fax, faxmail, numbers
from portal.config import FaxMail
from portal.core.money import Money
from portal.fax import FaxState
from portal.faxmail import Box, Wishes
from portal.tasks import (
    CONVERT_FAX_FILE,
    COPY_FAX,
    FINISH_FAX_MAIL,
    IMPORT_FAXES,
    TAKE_IN_FAX_MAIL,
)
from tests.calls.conftest import books_are_right
from tests.documents.writings import docx
from tests.fax.conftest import CLINIC, NOTHING, OTHERS, OWN, FaxDesk, a_pdf
from tests.pictures import picture
from tests.run_task import run_and_die
from tests.services import MailServer
from tests.worker import bring_forward, work

HOST = "fax.portal.test"
ANNA = "anna@clinic.test"


@pytest.fixture
def environment(environment: dict[str, str], smtp: MailServer) -> dict[str, str]:
    """An installation that receives mail for faxes and sends mail itself."""
    return environment | {
        "PORTAL_FAX_MAIL_HOST": HOST,
        "PORTAL_SMTP_URL": smtp.url,
        "PORTAL_MAIL_FROM": "portal@portal.test",
    }


@dataclass
class Listener:
    """The real listener on a free port, and a mail program beside it."""

    port: int = 0
    _ready: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def serve(self, app: Flask) -> None:
        asyncio.set_event_loop(self._loop)

        async def begin() -> asyncio.Server:
            made = listener(app, FaxMail(HOST, "127.0.0.1", 0))
            return await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)

        server = self._loop.run_until_complete(begin())
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        rest = asyncio.all_tasks(self._loop)
        for task in rest:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def send(self, to: str | list[str], mail: EmailMessage | bytes, *, sender: str = ANNA) -> str:
        """What the listener answered: "taken", or its refusal."""
        content = mail if isinstance(mail, bytes) else mail.as_bytes()
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        with smtplib.SMTP("127.0.0.1", self.port, timeout=120) as server:
            try:
                refused = server.sendmail(sender, to, content)
            except smtplib.SMTPRecipientsRefused as problem:
                refused = problem.recipients
            except smtplib.SMTPResponseException as problem:
                return f"{problem.smtp_code} {cast(bytes, problem.smtp_error).decode()}"
        if refused:
            code, words = next(iter(refused.values()))
            return f"{code} {words.decode()}"
        return "taken"


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[Listener]:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    made = Listener()
    thread = threading.Thread(target=made.serve, args=(app,), daemon=True)
    thread.start()
    assert made._ready.wait(60)
    yield made
    made._loop.call_soon_threadsafe(made._loop.stop)
    thread.join(60)


def open_box(desk: FaxDesk, **wishes: object) -> Box:
    """The box of the desk's number, with Anna as its sender."""
    wanted = {"takes_mail": True, "senders": (ANNA,), "copies_to": (ANNA,)} | wishes
    with desk.writing():
        did = next(one.public_id for one in fax.fax_numbers(desk.client_id) if one.number == OWN)
        faxmail.save(desk.client_id, did, Wishes(**wanted))  # type: ignore[arg-type]
        return faxmail.box(desk.client_id, did)


def a_mail(subject: str, words: str = "", *, sender: str = ANNA, name: str = "<1@clinic.test>") -> EmailMessage:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, "fax", subject, name
    mail.set_content(words)
    return mail


def to_clinic(box: Box) -> str:
    return box.address.replace("@", f"{CLINIC}@")


def test_one_mail_is_one_fax_of_its_words_and_files_and_costs_what_it_costs_in_the_portal(
    desk: FaxDesk, door: Listener, smtp: MailServer
) -> None:
    box = open_box(desk)
    mail = a_mail(f"Referral {box.code.upper()}", "Please call back.\n\n-- \nAnna\n")
    mail.add_attachment(
        a_pdf(2), maintype="application", subtype="octet-stream", filename="../a.exe"
    )
    mail.add_attachment(
        picture("PNG", (400, 300)), maintype="image", subtype="png", filename="b.png"
    )

    assert door.send(to_clinic(box), mail) == "taken"
    assert door.send(to_clinic(box), mail) == "taken"  # the other server lost our answer
    work()
    work(later=True)

    [sent] = desk.rows()
    assert (sent.state, sent.contact, sent.pages) == (FaxState.SENT, CLINIC, 4)
    assert sent.subject == "Referral"
    assert len(desk.copies()) == 1
    balance, held = desk.standing()
    assert (held, balance) == (NOTHING, Money(0) - sent.price)
    assert sent.price > NOTHING
    [told] = smtp.wait_for(1)
    assert told.recipients == [ANNA]
    assert "delivered" in str(told.message["Subject"])
    with desk.reading():
        [listed] = faxmail.latest(desk.client_id, box.did)
        assert (listed.state, listed.fax, listed.contact) == ("faxed", sent.public_id, CLINIC)
    assert books_are_right()


def test_a_mail_is_refused_with_a_code_before_anything_of_it_is_kept(
    desk_on_sqlite: FaxDesk, door: Listener
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    good, to = a_mail(f"{box.code} hello", "words"), to_clinic(box)
    twice = a_mail(f"{box.code} hello").as_bytes().replace(b"From:", b"From: x@evil.test\nFrom:", 1)
    automatic = a_mail(f"{box.code} hello")
    automatic["Auto-Submitted"] = "auto-replied"
    head = f"From: {ANNA}\nSubject: {box.code}\n".encode()
    robots = {
        line: door.send(to, head + line.encode() + b"\n\nwords")
        for line in (
            "Precedence: bulk", "List-Id: <x.test>", "Return-Path: <>", "X-Autoreply: yes",
            "Auto-Submitted: no\nAuto-Submitted: auto-replied",
        )
    }  # fmt: skip
    hostile = {
        "brackets without end": b"From: " + b"(((((((((\n " * 9_000 + b"\n\n",
        "words that cannot be decoded": f"From: {ANNA}\nSubject: =?utf-8?b?a?=\n\n".encode(),
    }

    answers = {
        "nobody's address": door.send(f"nobody+{CLINIC}@{HOST}", good),
        "another sender": door.send(to, good, sender="eve@evil.test"),
        "no sender, as a bounce": door.send(to, good, sender=""),
        "another From": door.send(to, a_mail(f"{box.code} hi", sender="eve@evil.test")),
        "two From": door.send(to, twice),
        "an automatic answer": door.send(to, automatic),
        **robots,
        **{name: door.send(to, mail) for name, mail in hostile.items()},
        "no code": door.send(to, a_mail("hello")),
        "a wrong code": door.send(to, a_mail("abcd2345 hello")),
        "no number at all": door.send(box.address, a_mail(f"{box.code} hello")),
        "a number that is none": door.send(box.address.replace("@", "+911@"), good),
        "larger than the limit": door.send(to, good.as_bytes() + b"x" * 30_000_001),
    }

    assert {name: answer.split(" ")[0] for name, answer in answers.items()} == {
        "larger than the limit": "552",
    } | {name: "550" for name in answers if name != "larger than the limit"}
    with desk.reading():
        assert faxmail.latest(desk.client_id, box.did) == []
        assert fax.folders(desk.client_id).drafts == 0

    with desk.writing():
        faxmail.new_address(desk.client_id, box.did)
    assert door.send(to, good).startswith("550")
    open_box(desk, takes_mail=False)
    with desk.reading():
        assert door.send(to_clinic(faxmail.box(desk.client_id, box.did)), good).startswith("550")


def test_the_number_may_stand_in_the_subject_and_several_addresses_are_several_faxes(
    desk_on_sqlite: FaxDesk, door: Listener
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    other = box.address.replace("@", "+14165550118@")
    mail = a_mail(f"Fax to (416) 555-0117 {box.code} about lamps", "words")

    assert door.send([box.address, other], mail) == "taken"
    work()
    work(later=True)

    assert {row.contact for row in desk.rows()} == {CLINIC, "+14165550118"}
    assert {row.subject for row in desk.rows()} >= {"Fax to about lamps"}


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"%PDF-1.7 broken", "letter.pdf", "damaged"),
        (docx(), "letter.docx", "Save it as PDF"),
        (b"MZ\x90\0" + bytes(99), "invoice.pdf", "Programs and archives"),
        (b"", "", "no words and no file"),
    ],
)
def test_what_cannot_be_faxed_is_told_to_the_sender_and_costs_nothing(
    desk_on_sqlite: FaxDesk,
    door: Listener,
    smtp: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    name: str,
    reason: str,
) -> None:
    monkeypatch.setenv("PATH", "/usr/nowhere")
    desk = desk_on_sqlite
    box = open_box(desk)
    mail = a_mail(box.code)
    if content:
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)

    assert door.send(to_clinic(box), mail) == "taken"
    work()
    work(later=True)

    [told] = smtp.wait_for(1)
    assert "not faxed" in str(told.message["Subject"])
    body = told.message.get_body(("plain",))
    assert body is not None
    assert reason in " ".join(body.get_content().split())
    assert (desk.copies(), desk.standing()) == ([], (NOTHING, NOTHING))
    with desk.reading():
        assert fax.folders(desk.client_id).drafts == 0


def test_hostile_mails_are_refused_and_hurt_nobody(
    desk_on_sqlite: FaxDesk, door: Listener, smtp: MailServer
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    head = f"From: {ANNA}\nSubject: {box.code}\nMessage-ID: <%d@x>\nMIME-Version: 1.0\n".encode()
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(300)
    )
    many = b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * 1_000 + b"--b--"
    strange = (
        b"Content-Type: text/plain; charset=nobodys\nContent-Transfer-Encoding: base64\n\n=?????"
    )
    names = (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/pdf\n'
        b'Content-Disposition: attachment; filename="=?utf-8?b?Li4vLi4vZXRjL3Bhc3N3ZA==?=\x00"\n\n'
        b"%PDF-1.7 x\n--b--"
    )

    hostile = [deep, many, strange, names, b"\x00" * 900, b"Content-Type: " + b"a; " * 300]
    answers = [
        door.send(to_clinic(box), head % number + one)
        for number, one in enumerate(hostile)
    ]  # fmt: skip
    work()
    work(later=True)

    assert set(answers) == {"taken"}
    with desk.reading():
        ends = faxmail.latest(desk.client_id, box.did)
    assert len(ends) == len(hostile)
    assert {one.state for one in ends} <= {"faxed", "refused"}
    assert [one for one in ends if one.state == "refused" and not one.reason] == []
    assert door.send(to_clinic(box), a_mail(f"{box.code} fine", "words")) == "taken"


def test_no_second_mail_is_smuggled_in_behind_the_end_of_another(
    desk_on_sqlite: FaxDesk, door: Listener
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    hidden = a_mail(f"{box.code} hidden", name="<hidden@x>").as_bytes().replace(b"\n", b"\r\n")
    second = b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nDATA\r\n%b\r\n.\r\n" % (
        ANNA.encode(), to_clinic(box).encode(), hidden,
    )  # fmt: skip
    first = a_mail("wrong code", name="<first@x>").as_bytes().replace(b"\n", b"\r\n")
    codes = []
    for end in (b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r"):
        with smtplib.SMTP("127.0.0.1", door.port, timeout=120) as server:
            server.ehlo()
            server.mail(ANNA)
            server.rcpt(to_clinic(box))
            server.docmd("DATA")
            server.send(first.rstrip() + end + second)
            codes.append(server.getreply()[0])

    assert [code for code in codes if code < 500] == []
    with desk.reading():
        assert faxmail.latest(desk.client_id, box.did) == []


def test_a_thousand_recipients_and_thirty_megabytes_are_too_much(
    desk_on_sqlite: FaxDesk, door: Listener
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    with smtplib.SMTP("127.0.0.1", door.port, timeout=120) as server:
        server.ehlo()
        server.mail(ANNA)
        codes = {server.rcpt(to_clinic(box))[0] for _ in range(1_000)}
        large = server.docmd("RSET"), server.docmd(f"MAIL FROM:<{ANNA}> SIZE=60000000")
    spoofed = door.send(
        to_clinic(box), a_mail(f"{box.code} x", sender="eve@elsewhere.test"), sender=ANNA
    )

    assert codes == {250, 452}
    assert large[1][0] == 552
    assert spoofed.startswith("550")


def test_a_fax_that_arrives_is_mailed_once_with_its_pages(
    desk_on_sqlite: FaxDesk, smtp: MailServer
) -> None:
    desk = desk_on_sqlite
    open_box(desk, takes_mail=False, copy_arrivals=True, copies_to=(ANNA, "desk@clinic.test"))
    desk.arrives(2)

    desk.accept(IMPORT_FAXES)
    work()
    [came] = desk.faxes("in")
    desk.accept(COPY_FAX, fax_id=came.id)
    work()

    mails = smtp.wait_for(2)
    assert sorted(mail.recipients[0] for mail in mails) == [ANNA, "desk@clinic.test"]
    [attached] = mails[0].message.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF-")
    assert "CLINIC" in str(mails[0].message["Subject"])


def test_a_number_that_changed_hands_takes_no_mail_of_its_former_owner(
    desk_on_sqlite: FaxDesk, door: Listener
) -> None:
    desk = desk_on_sqlite
    box = open_box(desk)
    with desk.writing():
        link = next(one.link_public_id for one in fax.fax_numbers(desk.client_id))
        assert link is not None
        numbers.unconnect(link)

    assert door.send(to_clinic(box), a_mail(box.code, "words")).startswith("550 5.1.1")
    with desk.reading():
        theirs = faxmail.boxes(desk.other_id)
        assert [(one.number, one.address) for one in theirs] == [(OTHERS, "")]


def test_a_mail_delivered_twice_at_once_and_killed_at_each_step_is_one_fax(
    desk_on_sqlite: FaxDesk, door: Listener, environment: dict[str, str], database_url: str
) -> None:
    desk, settings = desk_on_sqlite, environment | {"DATABASE_URL": database_url}
    box = open_box(desk)
    mail, to = a_mail(f"{box.code} hello", "words"), to_clinic(box)
    with ThreadPoolExecutor(4) as several:
        answers = set(several.map(lambda _: door.send(to, mail), range(4)))
    assert answers == {"taken"}

    taking = desk.newest_task(TAKE_IN_FAX_MAIL)
    assert run_and_die(taking, failpoint="faxmail.opened", environment=settings) == -9
    bring_forward()
    answer_the_bell(taking)
    answer_the_bell(desk.newest_task(CONVERT_FAX_FILE))
    finishing = desk.newest_task(FINISH_FAX_MAIL)
    assert run_and_die(finishing, failpoint="faxmail.sent", environment=settings) == -9
    assert (desk.faxes(), desk.standing()) == ([], (NOTHING, NOTHING))
    bring_forward()
    work()
    work(later=True)

    [sent] = desk.rows()
    assert (sent.state, len(desk.copies())) == (FaxState.SENT, 1)
    assert desk.standing() == (-sent.price, NOTHING)
    assert books_are_right()
