"""``portal migrate``: the newest schema."""

from __future__ import annotations

import json
import os

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.config import Settings
from portal.core import schema, setup_token
from portal.core.db import transaction
from portal.core.scope import unscoped


@click.command("migrate")
def command() -> None:
    """Bring the database to the newest schema; every start does this first."""
    schema.upgrade(Settings.from_environment().database_url)
    if token_hash := os.environ.get(setup_token.ENVIRONMENT):
        _open_setup(token_hash)


def _open_setup(token_hash: str) -> None:
    """The supervisor knows the word; an empty installation opens to it, and says so."""
    with accounts.the_application(), unscoped("is the installation empty?"), transaction():
        is_open = identity.open_setup(token_hash)
    if is_open:
        click.echo(json.dumps({"event": setup_token.IS_OPEN, "level": "info"}))
