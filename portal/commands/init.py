"""``portal init``: the first reseller of an empty installation, in the browser or here."""

from __future__ import annotations

import click

from portal import identity
from portal.commands import _accounts as accounts
from portal.commands.reseller import add
from portal.config import Settings
from portal.core import schema, setup_token
from portal.core.db import transaction
from portal.core.scope import unscoped


@click.command("init")
@click.pass_context
def command(context: click.Context) -> None:
    """Bring the database up; while it is empty show the word for the setup page, or ask here."""
    settings = Settings.from_environment()
    schema.upgrade(settings.database_url)
    with accounts.the_application():
        count = len(identity.reseller_ids())
    if count:
        click.echo(
            f"There is nothing to do: {count} on this installation. See: portal reseller list"
        )
        return
    token = setup_token.new()
    with accounts.the_application(), unscoped("the installation is empty"), transaction():
        identity.open_setup(setup_token.hashed(token))
    click.echo(f"Open {settings.portal_url}/setup in a browser once the portal runs. The word is")
    click.echo(f"    {token}")
    click.echo("It works once, until the next start shows another. Or answer here:")
    name = click.prompt("Company (empty: use the browser)", default="", show_default=False)
    if not name:
        return
    add.main([name], prog_name=context.command_path, standalone_mode=False)
