"""What the account commands share: the application, the reseller they speak of, new passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from portal import identity
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.scope import Scope, bind
from portal.factory import create_app
from portal.identity import ChosenPassword, ResellerFacts


def password_option() -> Callable[..., Any]:
    """``PORTAL_NEW_PASSWORD`` or a question: an argument would show in the list of processes."""
    return click.option(
        "--password",
        envvar="PORTAL_NEW_PASSWORD",
        prompt="Password",
        hide_input=True,
        confirmation_prompt=True,
        help="Asked for when PORTAL_NEW_PASSWORD is not set.",
    )


@contextmanager
def the_application() -> Iterator[None]:
    """The application's context; what the business refuses becomes one sentence."""
    with create_app().app_context():
        try:
            yield
        except DomainError as error:
            where = f"{error.field}: " if error.field else ""
            raise click.ClickException(f"{where}{error.message}") from error


@contextmanager
def as_reseller(uid: str) -> Iterator[ResellerFacts]:
    """A transaction as the reseller with this number."""
    reseller = identity.reseller_by_uid(uid)
    if reseller is None:
        raise click.ClickException(f"There is no reseller {uid}.")
    with bind(Scope(reseller.id)), transaction():
        yield reseller


def chosen(password: str, *known: str) -> ChosenPassword:
    """Hash it before the transaction begins; a weak one is refused."""
    return identity.choose_password(password, known=known)
