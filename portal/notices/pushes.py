"""Browsers that show notices: they come, are told, and go."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import force_locale
from sqlalchemy import delete, select

from portal.core import clock, scope
from portal.core.db import insert_once, new_public_id, session
from portal.core.errors import InvalidInput
from portal.core.registry import key_ring, settings
from portal.core.sentences import N_
from portal.notices import sealing, wording
from portal.notices.models import Notice, PushKey, PushSubscription
from portal.notices.queries import reader, wish_of
from portal.notices.sealing import BadKeys, OwnKey

_CONTEXT = "push_keys.sealed_key"
_MOST_BROWSERS = 10
_LONGEST_ENDPOINT = 1_000
_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one browser shall show, as values: nothing of the database stays open."""

    endpoint: str = field(repr=False)
    browser_key: str = field(repr=False)
    browser_secret: str = field(repr=False)
    key: OwnKey = field(repr=False)
    content: bytes = field(repr=False)
    contact: str
    client_id: int | None

    @property
    def host(self) -> str:
        """Whose answer is waited for."""
        return (urlsplit(self.endpoint).hostname or "").lower()

    def sealed(self) -> bytes:
        """The body, which only this browser can read."""
        return sealing.seal(
            self.content, browser_key=self.browser_key, browser_secret=self.browser_secret
        )

    def proof(self, at: datetime) -> str:
        """The header that says who sends it."""
        return sealing.proof(self.endpoint, self.key, at=at, contact=self.contact)


def public_key() -> str:
    """The installation's public key, which a browser binds its subscription to. In a transaction."""
    return urlsafe_b64encode(sealing.public_point(_key().public_key())).rstrip(b"=").decode()


def subscribe(
    client_id: int, person_id: int, *, endpoint: str, key: str, secret: str, browser: str
) -> None:
    """Tell this browser from now on. A browser belongs to who asked last."""
    try:
        parts = urlsplit(endpoint)
        good = parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or len(endpoint) > _LONGEST_ENDPOINT or not endpoint.isprintable():
        raise InvalidInput(N_("This browser gave no address for notices."))
    try:
        sealing.checked_keys(key, secret)
    except BadKeys as error:
        raise InvalidInput(N_("This browser gave no address for notices.")) from error
    session().execute(
        delete(PushSubscription).where(PushSubscription.endpoint_hash == _hash(endpoint)),
        execution_options={"synchronize_session": False},
    )
    have = session().scalars(
        select(PushSubscription.id)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.id.desc())
        .offset(_MOST_BROWSERS - 1)
    )
    for old in have.all():
        drop_subscription(old)
    insert_once(
        PushSubscription,
        {
            "public_id": new_public_id(),
            "reseller_id": scope.reseller_id(),
            "client_id": client_id,
            "person_id": person_id,
            "endpoint": endpoint,
            "endpoint_hash": _hash(endpoint),
            "browser_key": key,
            "browser_secret": secret,
            "browser": browser,
            "created_at": clock.now(),
        },
    )


def unsubscribe(person_id: int, *, endpoint: str) -> None:
    """Tell this browser no longer."""
    session().execute(
        delete(PushSubscription).where(
            PushSubscription.endpoint_hash == _hash(endpoint),
            PushSubscription.person_id == person_id,
        ),
        execution_options={"synchronize_session": False},
    )


def drop_subscription(subscription_id: int) -> None:
    """The push service does not know it any more."""
    session().execute(
        delete(PushSubscription).where(PushSubscription.id == subscription_id),
        execution_options={"synchronize_session": False},
    )


def subscriptions_of(person_id: int) -> list[str]:
    """What the browsers of a person say of themselves."""
    return list(
        session().scalars(
            select(PushSubscription.browser)
            .where(PushSubscription.person_id == person_id)
            .order_by(PushSubscription.id)
        )
    )


def ids_of(person_id: int) -> list[int]:
    """The browsers of a person."""
    return list(
        session().scalars(
            select(PushSubscription.id).where(PushSubscription.person_id == person_id)
        )
    )


def to_push(notice_id: int, subscription_id: int) -> Delivery | None:
    """An unread notice for a browser that still is there; None when there is nothing to tell now.

    What was written is told only to somebody who wants it on the screen of a locked telephone.
    """
    row = (
        session()
        .execute(
            select(Notice, PushSubscription)
            .join(PushSubscription, PushSubscription.person_id == Notice.person_id)
            .where(
                Notice.id == notice_id,
                Notice.read_at.is_(None),
                Notice.at > clock.now() - _LASTS,
                PushSubscription.id == subscription_id,
            )
        )
        .first()
    )
    if row is None:
        return None
    notice, browser = row
    wish, person = wish_of(notice.person_id), reader(notice.client_id, notice.person_id)
    if person is None or wish.quiet_end(clock.now(), person.time_zone):
        return None
    with force_locale(person.language):
        content = {
            "title": wording.title(notice.kind, notice.who, notice.times),
            "body": notice.text if wish.push_shows_text else "",
            "tag": str(notice.about),
            "url": wording.place(notice.kind, notice.about),
        }
    return Delivery(
        endpoint=browser.endpoint,
        browser_key=browser.browser_key,
        browser_secret=browser.browser_secret,
        key=_key(),
        content=json.dumps(content).encode(),
        contact=_contact(),
        client_id=notice.client_id,
    )


def _contact() -> str:
    """Whom a push service may write to about us."""
    url = settings().portal_url
    return url if url.startswith("https://") else f"mailto:portal@{settings().portal_host}"


def _key() -> OwnKey:
    """The installation's key, made when it is needed for the first time."""
    if (kept := _kept()) is None:
        sealed = key_ring().seal(f"{sealing.number_of(sealing.new_key()):x}", context=_CONTEXT)
        insert_once(PushKey, {"id": 1, "sealed_key": sealed, "created_at": clock.now()})
        kept = _kept()
    assert kept is not None
    return sealing.key_of(int(key_ring().unseal(kept, context=_CONTEXT), 16))


def _kept() -> str | None:
    return session().scalar(select(PushKey.sealed_key).where(PushKey.id == 1))


def _hash(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
