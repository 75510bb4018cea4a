"""``portal import rates``: a carrier's rate deck from a CSV file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from portal import identity, pricing
from portal.core.db import transaction
from portal.core.errors import DomainError
from portal.core.money import InvalidAmount, rate_e8
from portal.core.scope import Scope, bind
from portal.factory import create_app

_COLUMNS = ("prefix", "destination", "rate", "increment")


@click.command("rates")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reseller", "uid", required=True, help="The reseller's six-digit number.")
@click.option("--route", type=click.Choice(pricing.ROUTES), default="value", show_default=True)
def command(file: Path, uid: str, route: str) -> None:
    """Read FILE (columns prefix,destination,rate,increment) as the newest deck of a route.

    The rate is per minute in the carrier's currency, with up to 8 decimals. All lines or none; the
    deck before it stays for the calls of its time.
    """
    app = create_app()
    with app.app_context():
        reseller = identity.reseller_by_uid(uid)
        if reseller is None:
            _stop(f"There is no reseller {uid}.")
        try:
            with bind(Scope(reseller.id)), transaction():
                prefixes = pricing.record_deck(route, read(file))
        except DomainError as error:
            _stop(error.message)
    if prefixes is None:
        click.echo("The deck in force says the same already.")
    else:
        click.echo(f"{prefixes} prefixes are in force on the {route} route from now on.")


def read(file: Path) -> Iterator[pricing.DeckLine]:
    """The lines of a CSV file as deck lines; ends the command with a sentence that names the line."""
    with file.open(newline="", encoding="utf-8-sig") as text:
        reader = csv.DictReader(text)
        missing = [name for name in _COLUMNS[:3] if name not in (reader.fieldnames or ())]
        if missing:
            _stop(f"The first line of {file.name} must name the columns: {','.join(_COLUMNS)}.")
        for row in reader:
            try:
                yield pricing.DeckLine(
                    (row["prefix"] or "").strip().removeprefix("+"),
                    (row["destination"] or "").strip(),
                    rate_e8(row["rate"] or ""),
                    int(row.get("increment") or 6),
                )
            except (InvalidAmount, ValueError) as error:
                _stop(f"Line {reader.line_num} of {file.name} cannot be read: {error}.")


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
