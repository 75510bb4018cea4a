"""``portal import``: bringing in what a reseller has elsewhere."""

from __future__ import annotations

import click

from portal.commands._rates import command as rates


@click.group("import")
def command() -> None:
    """Bring in rates from a file."""


command.add_command(rates)
