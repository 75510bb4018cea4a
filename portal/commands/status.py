"""``portal status``: which parts run."""

from __future__ import annotations

import sys

import click

from portal.config import Settings, read_run_file


@click.command("status")
def command() -> None:
    """Show the parts of the running installation; ends with 1 when none runs."""
    told = read_run_file(Settings.from_environment().instance)
    if told is None:
        click.echo("Nothing is running.")
        sys.exit(1)
    click.echo(told["url"])
    for name, part in told["parts"].items():
        restarts = f", restarted {part['restarts']} times" if part["restarts"] else ""
        click.echo(f"  {name:<10} {part['state']}, process {part['pid']}{restarts}")
