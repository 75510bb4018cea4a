"""Mails: written in the caller's transaction, sent by a job, and settled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import and_, delete, or_, select, update

from portal import identity
from portal.core import clock
from portal.core.db import only_one, session
from portal.core.money import Money
from portal.core.queue import enqueue
from portal.core.registry import settings
from portal.core.scope import Scope, bind
from portal.identity import (
    InvitationLink,
    PersonFacts,
    ResellerFacts,
    ResetLink,
    SignUpAnswer,
    one_line,
)
from portal.mail.compose import compose, in_our_words, in_own_words
from portal.mail.models import OutgoingMail
from portal.mail.servers import try_server_now
from portal.mail.switches import is_on
from portal.mail.values import Attachment, ClaimedMail, MailName, MailState, Recipient, Written
from portal.tasks import SEND_MAIL, SEND_URGENT_MAIL
from portal.wording import SavedText

# Shorter than the task's own lease, so that whoever gets the task anew gets the mail too.
_LEASE = timedelta(seconds=60)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
_WAIT_WHEN_TAKEN = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(hours=24)
_MOST_AT_ONCE = 500
# A link that opens something stands in these; somebody waits for it, so they go before other mails.
WITH_LINKS = (
    MailName.RESET_PASSWORD,
    MailName.SIGN_UP_VERIFY,
    MailName.WELCOME,
    MailName.INVITATION,
)


def queue_mail(
    name: MailName | str,
    *,
    client_id: int,
    values: Mapping[str, Money | str],
    attachment: Attachment | None = None,
) -> None:
    """Write a mail about a client's account and have it sent after the commit.

    ``name`` and the words in ``values`` are those of the catalogue. It goes to the client's address
    for such warnings when there is one, in the client's language; nowhere when the reseller leaves
    this mail out, or when the client is nameless already.
    """
    client = identity.client_facts(client_id)
    if client.anonymised_at is not None:
        return
    with bind(Scope(client.reseller_id)):
        if not is_on(MailName(name)):
            return
    details = client.details
    warned_elsewhere = name == MailName.LOW_BALANCE and details.low_balance_email
    recipient = Recipient(
        email=details.low_balance_email if warned_elsewhere else details.email,
        first_name=details.first_name,
        last_name=details.last_name,
        language=details.language,
        client_id=client.id,
        company=client.title,
    )
    with bind(Scope(client.reseller_id)):
        _write(MailName(name), recipient, values=values, attachment=attachment)


def copy_text(client_id: int, email: str, *, values: Mapping[str, Money | str]) -> None:
    """Mail a copy of an arrived text to where its client wants it, in that transaction."""
    client = identity.client_facts(client_id)
    if client.anonymised_at is not None:
        return
    details = client.details
    recipient = Recipient(
        email, details.first_name, details.last_name, details.language, client_id, client.title
    )
    _write(MailName.TEXT_COPY, recipient, values=values)


def send_reset_link(link: ResetLink) -> None:
    """Mail a link from ``identity.begin_reset`` to its person, in that transaction."""
    with bind(Scope(link.person.reseller_id)):
        _write(
            MailName.RESET_PASSWORD,
            _person(link.person),
            values={"link": link.address},
            token_id=link.token_id,
        )


def send_welcome(link: ResetLink) -> None:
    """Mail a link from ``identity.invite_client``: the account is there, the password is to choose."""
    _write(MailName.WELCOME, _person(link.person), values={"link": link.address})


def tell_password_was_reset(person: PersonFacts) -> None:
    """Tell a person that the password was reset, so that a theft is noticed."""
    with bind(Scope(person.reseller_id)):
        _write(MailName.PASSWORD_WAS_RESET, _person(person), values={})


def send_test(
    name: MailName,
    text: SavedText | None,
    *,
    to: Recipient,
    about: Recipient,
    values: Mapping[str, Money | str],
) -> None:
    """Send a member of staff the mail as a client would get it, marked as a test."""
    reseller = identity.own_reseller()
    written = (
        in_own_words(text, about, reseller, values=values)
        if text is not None
        else in_our_words(name, about, reseller, values=values)
    )
    with force_locale(to.language or reseller.language):
        subject = gettext("[Test] %(title)s", title=written.subject)
    _queue(name, replace(written, subject=subject[:200]), to.email, reseller)


def send_invitation(link: InvitationLink) -> None:
    """Mail the link of an invitation to whoever was asked to join, in that transaction."""
    first, _, last = link.name.partition(" ")
    with bind(Scope(link.reseller_id)):
        _write(
            MailName.INVITATION,
            Recipient(link.email, first, last, link.language, link.client_id),
            values={"link": link.address, "inviter": link.invited_by, "team": link.team},
        )


def send_news(person: PersonFacts, *, title: str, said: str, link: str) -> None:
    """Mail somebody that something came: ``said`` is what was written, where it may be told."""
    with bind(Scope(person.reseller_id)):
        _write(MailName.NEWS, _person(person), values={"title": title, "said": said, "link": link})


def tell_second_step_changed(person: PersonFacts, *, is_on: bool) -> None:
    """Tell a person that 2-step login was turned on or off, so that a theft is noticed."""
    name = MailName.SECOND_STEP_ON if is_on else MailName.SECOND_STEP_OFF
    with bind(Scope(person.reseller_id)):
        _write(name, _person(person), values={})


def answer_sign_up(answer: SignUpAnswer) -> None:
    """Send a stranger the link that proves the e-mail; tell somebody we know that they are known."""
    recipient = Recipient(answer.email, answer.first_name, answer.last_name, answer.language)
    if answer.link:
        _write(MailName.SIGN_UP_VERIFY, recipient, values={"link": answer.link})
    else:
        _write(MailName.SIGN_UP_KNOWN, recipient, values={})


def tell_person(name: MailName, person: PersonFacts, *, values: Mapping[str, Money | str]) -> None:
    """Write to one of a client's people about something of theirs, unless the reseller leaves it out."""
    with bind(Scope(person.reseller_id)):
        if is_on(name):
            _write(name, _person(person), values=values)


def tell_address(
    email: str,
    *,
    client_id: int,
    subject: str,
    text: str,
    attachment: Attachment | None = None,
) -> None:
    """Write to an address that a client named, in words that are made already."""
    client = identity.client_facts(client_id)
    if client.anonymised_at is not None:
        return
    details = client.details
    recipient = Recipient(
        email, details.first_name, details.last_name, details.language, client_id, client.title
    )
    with bind(Scope(client.reseller_id)):
        _write(
            MailName.NOTICE,
            recipient,
            values={"subject": one_line(subject), "text": text},
            attachment=attachment,
        )


def send_report(
    email: str,
    first_name: str,
    language: str,
    *,
    title: str,
    said: str,
    link: str,
    attachment: Attachment | None,
) -> None:
    """Mail a report to a colleague or to an address the team confirmed: the file, or where it lies."""
    _write(
        MailName.REPORT,
        Recipient(email, first_name, "", language),
        values={"title": one_line(title), "said": said, "link": link},
        attachment=attachment,
    )


def claim(mail_id: int) -> ClaimedMail | None:
    """Take a waiting mail for one run; None when it is gone, done, or another's.

    A link in it gets its whole time from now on, however long the mail had to wait.
    """
    at = clock.now()
    mail = session().scalar(
        select(OutgoingMail)
        .where(OutgoingMail.id == mail_id)
        .execution_options(populate_existing=True)
    )
    if mail is None:
        return None
    number = mail.lease_number + 1
    mine = only_one(
        update(OutgoingMail)
        .where(
            OutgoingMail.id == mail_id,
            OutgoingMail.state == MailState.QUEUED,
            OutgoingMail.lease_number == mail.lease_number,
            or_(OutgoingMail.lease_until.is_(None), OutgoingMail.lease_until < at),
        )
        .values(lease_number=number, lease_until=at + _LEASE)
    )
    if not mine:
        return None
    if mail.token_id is not None:
        identity.renew_reset(mail.token_id)
    return ClaimedMail(
        id=mail.id,
        public_id=mail.public_id,
        sender=mail.sender,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        written_at=mail.created_at,
        tried_since=mail.tried_since or mail.created_at,
        lease_number=number,
        attachment=Attachment(mail.attached, mail.attached_name) if mail.attached else None,
    )


def is_waiting(mail_id: int) -> bool:
    """Is it still to be sent (by whoever holds it now)?"""
    state = session().scalar(select(OutgoingMail.state).where(OutgoingMail.id == mail_id))
    return state == MailState.QUEUED


def settle(mail: ClaimedMail) -> None:
    """The mail server has it."""
    _finish(mail, state=MailState.SENT, sent_at=clock.now(), last_error="")


def keep(mail: ClaimedMail) -> None:
    """There is no mail server: it can be read with ``portal mails``."""
    _finish(mail, state=MailState.KEPT)


def fail(mail: ClaimedMail, *, error: str) -> None:
    """The mail server will never take it."""
    _finish(mail, state=MailState.FAILED, last_error=error[:300])


def postpone(
    mail: ClaimedMail,
    *,
    error: str,
    not_before: datetime | None = None,
    maybe_taken: bool = False,
) -> None:
    """Try again later: in as long as it has waited, half a minute to a quarter of an hour; for a day.

    What the server may have taken is tried after an hour and then ever more rarely: its reader would
    get it each time.
    """
    age = clock.now() - mail.tried_since
    if age > _GIVE_UP_AFTER:
        fail(mail, error=error)
        return
    if _finish(mail, last_error=error[:300]):
        wait = min(max(age, _SHORTEST_WAIT), _LONGEST_WAIT)
        if maybe_taken:
            wait = max(age, _WAIT_WHEN_TAKEN)
        due_at = max(clock.now() + wait, not_before or clock.now())
        enqueue(SEND_MAIL, due_at=due_at, mail_id=mail.id)


def try_failed_again() -> int:
    """Have the bound reseller's mails that were given up tried for another day; how many those are.

    One whose text was forgotten stays failed. In a transaction.
    """
    failed = select(OutgoingMail.id).where(
        OutgoingMail.state == MailState.FAILED, OutgoingMail.text != ""
    )
    ids = list(session().scalars(failed.order_by(OutgoingMail.id).limit(_MOST_AT_ONCE)))
    again = [
        mail_id
        for mail_id in ids
        if only_one(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail_id, OutgoingMail.state == MailState.FAILED)
            .values(state=MailState.QUEUED, tried_since=clock.now(), lease_until=None)
        )
    ]
    try_server_now()
    for mail_id in again:
        enqueue(SEND_MAIL, mail_id=mail_id)
    return len(again)


def dismiss_failed() -> None:
    """Let the bound reseller's mails that were given up rest. In a transaction."""
    session().execute(
        update(OutgoingMail)
        .where(OutgoingMail.state == MailState.FAILED)
        .values(state=MailState.DISMISSED),
        execution_options={"synchronize_session": False},
    )


def forget_texts(now: datetime) -> None:
    """Empty old mails: links after a day, everything after thirty. In the caller's transaction."""
    done = OutgoingMail.state != MailState.QUEUED
    session().execute(
        update(OutgoingMail)
        .where(
            done,
            OutgoingMail.text != "",
            or_(
                OutgoingMail.created_at < now - timedelta(days=30),
                OutgoingMail.name.in_(WITH_LINKS)
                & (OutgoingMail.created_at < now - timedelta(days=1)),
            ),
        )
        .values(text="", html=""),
        execution_options={"synchronize_session": False},
    )


def forget_client(client_id: int) -> None:
    """Take a former client's address and every word from the mails they got; what waits is not sent.

    Before they are nameless: what they got as a stranger is known by its address alone. What went to
    the same address for another client stays.
    """
    details = identity.client_facts(client_id).details
    theirs = or_(
        OutgoingMail.client_id == client_id,
        and_(
            OutgoingMail.client_id.is_(None),
            OutgoingMail.recipient.in_([details.email, details.low_balance_email or details.email]),
        ),
    )
    for statement in (
        delete(OutgoingMail).where(theirs, OutgoingMail.state == MailState.QUEUED),
        update(OutgoingMail).where(theirs).values(recipient="", subject="", text="", html=""),
    ):
        session().execute(statement, execution_options={"synchronize_session": False})


def _write(
    name: MailName,
    recipient: Recipient,
    *,
    values: Mapping[str, Money | str],
    token_id: int | None = None,
    attachment: Attachment | None = None,
) -> None:
    reseller = identity.own_reseller()
    written = compose(name, recipient, reseller, values=values)
    _queue(
        name, written, recipient.email, reseller, client_id=recipient.client_id, token_id=token_id,
        attachment=attachment,
    )  # fmt: skip


def _queue(
    name: MailName,
    written: Written,
    email: str,
    reseller: ResellerFacts,
    *,
    client_id: int | None = None,
    token_id: int | None = None,
    attachment: Attachment | None = None,
) -> None:
    _, address = parseaddr(settings().mail_from)
    mail = OutgoingMail(
        name=name,
        client_id=client_id,
        sender=formataddr((one_line(reseller.name), address)),
        recipient=email,
        subject=written.subject,
        text=written.text,
        html=written.html,
        token_id=token_id,
        attached=attachment.stored_as if attachment else "",
        attached_name=attachment.name if attachment else "",
    )
    session().add(mail)
    session().flush()
    enqueue(SEND_URGENT_MAIL if name in WITH_LINKS else SEND_MAIL, mail_id=mail.id)


def _person(person: PersonFacts) -> Recipient:
    first, _, last = person.name.partition(" ")
    return Recipient(person.email, first, last, person.language, person.client_id)


def _finish(mail: ClaimedMail, **values: Any) -> bool:
    return only_one(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail.id, OutgoingMail.lease_number == mail.lease_number)
        .values(lease_until=None, **values)
    )
