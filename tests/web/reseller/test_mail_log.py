"""The log of mails: found, filtered, and sent again once, by whoever may."""

from __future__ import annotations

from sqlalchemy import func, select

from portal import mail
from portal.core.db import session
from portal.core.outbox import OutboxTask
from portal.mail import MailName
from portal.mail.models import OutgoingMail
from portal.tasks import SEND_MAIL
from tests.browser import Browser
from tests.world import World

LOG = "/staff/configuration/mails"


def write(world: World, name: MailName, state: str, *, subject: str, text: str = "Hello") -> None:
    with world.within(world.northwind):
        session().add(
            OutgoingMail(
                name=name, client_id=world.a.id, sender="Northwind <n@portal.example>",
                recipient="priya@harbourlight.example", subject=subject, text=text, html=text,
                state=state, last_error="550 no such user" if state == "failed" else "",
            )
        )  # fmt: skip


def asked(world: World) -> int:
    with world.reading(world.northwind):
        wanted = select(func.count(OutboxTask.id)).where(OutboxTask.task == SEND_MAIL.name)
        return session().scalar(wanted) or 0


def test_the_log_says_what_became_of_each_mail_and_finds_them(owner: Browser, world: World) -> None:
    write(world, MailName.LOW_BALANCE, "failed", subject="Your balance is low")
    write(world, MailName.TEXT_COPY, "sent", subject="Secret words of a text")

    page = owner.open(LOG)
    failed = owner.open(f"{LOG}?state=failed")
    found = owner.open(f"{LOG}?q=balance", htmx=True)
    private = owner.open(f"{LOG}?q=secret", htmx=True)

    assert "550 no such user" in page.text("#mails")
    assert "Harbourlight Dental" in page.text("#mails")
    assert "Secret words" not in page.words, "the subject of a text is the client's"
    assert "Copy of a text" not in failed.text("#mails")
    assert len(found.all("tbody tr")) == 1
    assert not private.all("tbody tr")


def test_a_mail_is_sent_again_once_however_often_it_is_pressed(
    owner: Browser, world: World
) -> None:
    write(world, MailName.LOW_BALANCE, "failed", subject="Your balance is low")
    before = asked(world)
    form = owner.open(LOG).find('#mails form[action$="/again"]')

    first = owner.post(str(form["action"]))
    second = owner.post(str(form["action"]))

    assert (first.status, second.status) == (200, 422)
    assert asked(world) == before + 1
    with world.reading(world.northwind):
        assert [row.state for row in mail.log(text="balance").rows] == ["queued"]


def test_a_mail_whose_link_works_once_or_whose_text_is_gone_is_not_sent_again(
    owner: Browser, world: World
) -> None:
    write(world, MailName.RESET_PASSWORD, "sent", subject="Choose a new password")
    write(world, MailName.LOW_BALANCE, "sent", subject="Old", text="")

    page = owner.open(LOG)

    assert not page.has('#mails form[action$="/again"]')
