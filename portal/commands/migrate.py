"""``portal migrate``: the newest schema."""

from __future__ import annotations

import click

from portal.config import Settings
from portal.core import schema


@click.command("migrate")
def command() -> None:
    """Bring the database to the newest schema; every start does this first."""
    schema.upgrade(Settings.from_environment().database_url)
