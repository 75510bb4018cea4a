"""``portal demo``: a portal with believable people, calls and a practice carrier."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from portal.config import PROJECT, ConfigError, Settings, read_run_file
from portal.supervisor.run import StartFailed
from portal.supervisor.start import serve

# Written at the first start, so that a demo never takes over, or wipes, an installation in use.
_MARK = "demo"
# What bootstrap unpacked stays; making it again needs a network.
_KEPT = {"system", "run.lock", _MARK}


@click.command("demo")
@click.option("--reset", is_flag=True, help="Forget everything in the demo and begin again.")
@click.option(
    "--speed",
    type=click.IntRange(1, 1000),
    default=1,
    help="Times the traffic of an ordinary small carrier.",
)
def command(*, reset: bool, speed: int) -> None:
    """Run the demo: portal, workers, Redis and a practice carrier that makes calls."""
    os.environ["PORTAL_DEMO"] = "1"
    instance = Path(os.environ.get("PORTAL_INSTANCE") or PROJECT / "instance").absolute()
    if read_run_file(instance) is not None:
        raise ConfigError(
            f"The installation in {instance} is running already. Stop it with .venv/bin/portal stop"
        )
    _refuse_a_real_installation(instance)
    if reset:
        _forget(instance)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    (instance / _MARK).touch()
    settings = Settings.from_environment()
    try:
        serve(settings, sandbox=True, speed=speed, quiet=settings.log_human)
    except StartFailed as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(1)


def _refuse_a_real_installation(instance: Path) -> None:
    in_use = (instance / "portal.sqlite3").exists() or (instance / "portal.env").exists()
    if in_use and not (instance / _MARK).exists():
        raise ConfigError(
            f"{instance} holds an installation that is no demo. Run the demo in a folder of its own:"
            " PORTAL_INSTANCE=/some/folder script/demo"
        )


def _forget(instance: Path) -> None:
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        raise ConfigError(
            "--reset empties the demo's own files only. Empty the databases that DATABASE_URL and"
            " REDIS_URL name yourself, or leave those settings out."
        )
    if not (instance / _MARK).exists():
        return
    for path in instance.iterdir():
        if path.name in _KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
