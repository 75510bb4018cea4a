"""``portal init``: the first reseller of an empty installation."""

from __future__ import annotations

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.commands.reseller import add
from portal.config import Settings
from portal.core import schema


@click.command("init")
@click.pass_context
def command(context: click.Context) -> None:
    """Bring the database up, and ask for the first reseller and its owner when there is none."""
    schema.upgrade(Settings.from_environment().database_url)
    with accounts.the_application():
        count = len(identity.reseller_ids())
    if count:
        click.echo(
            f"There is nothing to do: {count} on this installation. See: portal reseller list"
        )
        return
    name = click.prompt("Company")
    add.main([name], prog_name=context.command_path, standalone_mode=False)
