"""Signing up: a stranger fills in the page, proves the e-mail by a link, and waits to be activated.

Until the link is used there is no client: a form that a machine fills in leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import timedelta

from sqlalchemy import or_, select, update

from portal.core import clock, scope
from portal.core.db import insert_once, only_one, session
from portal.core.errors import InvalidInput
from portal.identity import audit, throttle, tokens
from portal.identity.addresses import portal_address
from portal.identity.client_details import checked_details
from portal.identity.clients import add_client
from portal.identity.models import Client, Person, SignUp, SignUpRule
from portal.identity.passwords import ChosenPassword
from portal.identity.resellers import own_reseller
from portal.identity.resets import LinkIsSpent
from portal.identity.throttle import Door
from portal.identity.values import (
    BalanceMode,
    ClientDetails,
    ClientFacts,
    ClientStatus,
    SignUpAnswer,
    SignUpRules,
)
from portal.identity.visitor import Visitor

LASTS = timedelta(days=2)
# What a reseller may ask for besides names, e-mail and password, which are always needed.
OPTIONAL_FIELDS = ("company", "phone", "address", "city", "state", "zip", "country")
# An address in a name would make our mail an advertisement to whoever owns the e-mail.
_NO_NAME = re.compile(r"\w\.\w|[/:@<>|\\]|www", re.I)


def sign_up_rules() -> SignUpRules:
    """What the bound reseller asks strangers; off until somebody switches it on."""
    row = session().scalar(select(SignUpRule).execution_options(populate_existing=True))
    if row is None:
        return SignUpRules()
    return SignUpRules(row.is_on, frozenset(row.shown), frozenset(row.required))


def save_sign_up_rules(
    *, is_on: bool, shown: Iterable[str], required: Iterable[str], by: Visitor | None = None
) -> SignUpRules:
    """Switch signing up on or off and choose its fields; what is required is also shown."""
    known = set(OPTIONAL_FIELDS)
    needed = frozenset(required) & known
    rules = SignUpRules(is_on, frozenset(shown) & known | needed, needed)
    insert_once(
        SignUpRule,
        {"reseller_id": scope.reseller_id(), "is_on": False, "shown": [], "required": []},
    )
    row = session().scalars(select(SignUpRule)).one()
    row.is_on, row.shown, row.required = is_on, sorted(rules.shown), sorted(rules.required)
    session().flush()
    audit.record(
        "reseller.sign_up_changed", by=by, on=is_on, shown=row.shown, required=row.required
    )
    return rules


def begin_sign_up(details: ClientDetails, chosen: ChosenPassword, *, address: str) -> SignUpAnswer:
    """Keep what was typed until the e-mail is proved. The page's answer is the same for everybody.

    Raises Throttled, or InvalidInput naming the field. The balance is SOFT, as the guide says.
    """
    details = replace(checked_details(details), balance_mode=BalanceMode.SOFT)
    for name in ("first_name", "last_name", "company"):
        if _NO_NAME.search(getattr(details, name)):
            raise InvalidInput("Enter a name, without web addresses or signs.", field=name)
    reseller = own_reseller()
    throttle.take(
        Door.SIGN_UP,
        account=f"{reseller.id}:{details.email}",
        address=address,
        reseller_id=reseller.id,
    )
    known = _known(details.email)
    if known is not None:
        return known
    token, at = tokens.new_token(), clock.now()
    session().add(
        SignUp(
            token_hash=tokens.hashed(token),
            details=_plain(details),
            password_hash=chosen.hash,
            created_at=at,
            expires_at=at + LASTS,
        )
    )
    session().flush()
    link = f"{portal_address(reseller)}/signup/{token}"
    return SignUpAnswer(
        details.email, details.first_name, details.last_name, details.language, link
    )


def sign_up_is_open(token: str) -> bool:
    """Does this link still lead to an account? Looking does not use it up."""
    return _find(token) is not None


def finish_sign_up(token: str, *, address: str) -> ClientFacts:
    """The e-mail is proved: a client in WAIT, with the password that was chosen. Raises LinkIsSpent."""
    row = _find(token)
    if row is None:
        raise LinkIsSpent
    details, chosen = ClientDetails(**row.details), ChosenPassword(row.password_hash)
    mine = only_one(
        update(SignUp)
        .where(SignUp.id == row.id, SignUp.used_at.is_(None))
        .values(used_at=clock.now(), details={}, password_hash="")
    )
    if not mine:
        raise LinkIsSpent
    try:
        client = add_client(details, password=chosen, status=ClientStatus.WAIT)
    except InvalidInput as error:  # somebody took the e-mail meanwhile
        raise LinkIsSpent from error
    audit.record("client.signed_up", client_id=client.id, address=address)
    return client


def _find(token: str) -> SignUp | None:
    return session().scalar(
        select(SignUp)
        .where(
            SignUp.token_hash == tokens.hashed(token),
            SignUp.used_at.is_(None),
            SignUp.expires_at > clock.now(),
        )
        .execution_options(populate_existing=True)
    )


def _known(email: str) -> SignUpAnswer | None:
    """A person of a client, or a client of old: named as we know them, not as a stranger typed."""
    found = (
        session()
        .execute(
            select(Client.first_name, Client.last_name, Client.language)
            .outerjoin(Person, Person.client_id == Client.id)
            .where(or_(Client.email == email, Person.email == email))
            .limit(1)
        )
        .one_or_none()
    )
    return None if found is None else SignUpAnswer(email, *found)


def _plain(details: ClientDetails) -> dict[str, object]:
    """What JSON can hold; a sign-up has no dates and no amounts."""
    return {name: value for name, value in asdict(details).items() if isinstance(value, str)}
