"""``portal stop``: ends the running installation from another terminal."""

from __future__ import annotations

import os
import signal
import sys
import time

import click

from portal.config import Settings, read_run_file

_PATIENCE_SECONDS = 15.0


@click.command("stop")
def command() -> None:
    """End the running installation, as Ctrl-C would."""
    instance = Settings.from_environment().instance
    told = read_run_file(instance)
    if told is None:
        click.echo("Nothing is running.")
        return
    os.kill(int(told["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while read_run_file(instance) is not None:
        if time.monotonic() > deadline:
            click.echo(f"It has not ended after {_PATIENCE_SECONDS:.0f} seconds.", err=True)
            sys.exit(1)
        time.sleep(0.1)
    click.echo("Stopped.")
