"""The command line: ``portal WORD``, one module in ``portal/commands`` for each word."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from portal import __version__
from portal.config import ConfigError

_FOLDER = Path(__file__).parent / "commands"


class _Words(click.Group):
    """Imports a word's module when it is used: ``portal status`` need not wait for the rest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (path.stem for path in _FOLDER.glob("*.py"))
        return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"portal.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(cls=_Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portal")
def portal() -> None:
    """Work on the installation in instance/, also while it runs."""


def main() -> None:
    """Run one command; a wrong setting is one sentence, not a traceback."""
    try:
        portal(prog_name="portal")
    except ConfigError as error:
        click.echo(f"portal: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
