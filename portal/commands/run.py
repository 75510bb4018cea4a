"""``portal run``: everything, until Ctrl-C."""

from __future__ import annotations

import sys

import click

from portal.config import Settings
from portal.supervisor.run import StartFailed
from portal.supervisor.start import serve


@click.command("run")
@click.option("--sandbox", is_flag=True, help="Start the practice carrier too.")
def command(*, sandbox: bool) -> None:
    """Run the portal: web, workers, clock, and Redis unless REDIS_URL names one."""
    try:
        serve(Settings.from_environment(), sandbox=sandbox)
    except StartFailed as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(1)
