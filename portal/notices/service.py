"""Writing notices: told to everybody who may see the number, read, mailed after a while, forgotten."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import String, cast, delete, select, update

from portal import identity, mail, messaging
from portal.core import clock, live, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput, NotFound
from portal.core.queue import enqueue
from portal.core.sentences import N_
from portal.notices import wording
from portal.notices.models import Notice, NoticeWish, PushSubscription
from portal.notices.pushes import ids_of
from portal.notices.queries import WISHES, reader, wish_of, wishes
from portal.notices.values import News, NoticeKind, Wish
from portal.tasks import MAIL_NOTICE, PUSH_NOTICE

LONGEST_WAIT_MINUTES = 24 * 60
_TEXT, _WHO = 160, 120


def tell(news: News, *, only: int | None = None) -> None:
    """Put something new under the bell of everybody of the team who may see the number.

    Their browsers hear of it at once, their mailbox when it stays unread. ``only`` is the one person
    (id) whom it concerns. In a transaction.
    """
    team = messaging.who_sees(news.client_id, news.did_id)
    wanted = wishes([one.person_id for one in team])
    for one in team:
        if only not in {None, one.person_id}:
            continue
        wish = wanted.get(one.person_id, Wish())
        if wish.only_mine and news.given_to_id not in {None, one.person_id}:
            continue
        notice_id, is_new = _put(one.person_id, news)
        if wish.wants_push(news.kind):
            for subscription_id in ids_of(one.person_id):
                enqueue(PUSH_NOTICE, notice_id=notice_id, subscription_id=subscription_id)
        if is_new and wish.wants_mail(news.kind):
            due_at = clock.now() + timedelta(minutes=wish.minutes)
            enqueue(MAIL_NOTICE, due_at=due_at, notice_id=notice_id)
    live.tell("notice-changed", client_id=news.client_id, did_id=news.did_id)


def mail_later(notice_id: int) -> None:
    """Mail a notice that is still unread, or once the person's quiet hours are over."""
    notice = session().scalar(
        select(Notice).where(
            Notice.id == notice_id, Notice.read_at.is_(None), Notice.mailed_at.is_(None)
        )
    )
    if notice is None or notice.client_id is None:
        return
    person = reader(notice.client_id, notice.person_id)
    kind, wish = NoticeKind(notice.kind), wish_of(notice.person_id)
    if person is None or not wish.wants_mail(kind) or _was_seen(notice):
        return
    if quiet := wish.quiet_end(clock.now(), person.time_zone):
        enqueue(MAIL_NOTICE, due_at=quiet, notice_id=notice_id)
        return
    address = identity.portal_address(identity.own_reseller())
    with force_locale(person.language):
        said = wording.title(kind, notice.who, notice.times)
    mail.send_news(
        person,
        title=said,
        said=notice.text if notice.times == 1 else "",
        link=f"{address}/{wording.place(notice.kind, notice.about)}",
    )
    notice.mailed_at = clock.now()
    session().flush()


def mark_read(person_id: int, *, about: uuid.UUID) -> None:
    """This person has seen the thing that these notices are about."""
    _read(Notice.person_id == person_id, Notice.about == about)


def mark_all_read(person_id: int) -> None:
    """This person has looked at the list."""
    _read(Notice.person_id == person_id)


def save_wish(client_id: int, person_id: int, wish: Wish) -> None:
    """Keep how a person wants to be told; raises InvalidInput for a field of it."""
    if not 0 <= wish.minutes <= LONGEST_WAIT_MINUTES:
        raise InvalidInput(N_("Enter 0 to 1,440 minutes."), field="minutes")
    if (wish.quiet_from is None) != (wish.quiet_until is None):
        raise InvalidInput(N_("Enter both times, or none."), field="quiet_until")
    values = {name: getattr(wish, name) for name in WISHES}
    key = {
        "reseller_id": scope.reseller_id(),
        "client_id": client_id,
        "person_id": person_id,
    }
    if not insert_once(NoticeWish, key | values):
        session().execute(
            update(NoticeWish).where(NoticeWish.person_id == person_id).values(values),
            execution_options={"synchronize_session": False},
        )


def forget_old(before: datetime) -> None:
    """Forget notices of before. For all resellers."""
    session().execute(
        delete(Notice).where(Notice.at < before), execution_options={"synchronize_session": False}
    )


def forget_notices_of(client_id: int) -> None:
    """Forget everything of a former client's people."""
    for model in (Notice, NoticeWish, PushSubscription):
        session().execute(
            delete(model).where(model.client_id == client_id),
            execution_options={"synchronize_session": False},
        )


def _put(person_id: int, news: News) -> tuple[int, bool]:
    """The unread notice of a thing, new or told once more; its id, and whether it is new."""
    new = insert_once(
        Notice,
        {
            "public_id": new_public_id(),
            "reseller_id": scope.reseller_id(),
            "client_id": news.client_id,
            "person_id": person_id,
            "did_id": news.did_id,
            "kind": news.kind,
            "about": news.about,
            "who": news.who[:_WHO],
            "text": news.text[:_TEXT],
            "times": 1,
            "unread_key": "",
            "at": clock.now(),
        },
    )
    unread = (
        Notice.person_id == person_id,
        Notice.kind == news.kind,
        Notice.about == news.about,
        Notice.unread_key == "",
    )
    if not new:
        session().execute(
            update(Notice)
            .where(*unread)
            .values(times=Notice.times + 1, text=news.text[:_TEXT], at=clock.now()),
            execution_options={"synchronize_session": False},
        )
    return session().scalars(select(Notice.id).where(*unread)).one(), new


def _read(*which: object) -> None:
    session().execute(
        update(Notice)
        .where(*which, Notice.read_at.is_(None))  # type: ignore[arg-type]
        .values(read_at=clock.now(), unread_key=cast(Notice.public_id, String)),
        execution_options={"synchronize_session": False},
    )


def _was_seen(notice: Notice) -> bool:
    """Did somebody of the team read the conversation meanwhile? Or is it gone?"""
    if notice.kind != NoticeKind.TEXT or notice.client_id is None:
        return False
    try:
        return messaging.conversation(notice.client_id, notice.about).unread == 0
    except NotFound:
        return True
