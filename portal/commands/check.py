"""``portal check``: the books' proof."""

from __future__ import annotations

import sys

import click

from portal.core.db import db
from portal.factory import create_app
from portal.ledger import check


@click.command("check")
def command() -> None:
    """Prove the books: what is compared, every fault as a sentence; with one it ends with 1. Corrects nothing."""
    app = create_app()
    faults = 0
    with app.app_context():
        try:
            for one in check.compared():
                click.echo(f"{one.invariant:<10} {one.rows:>12,} {one.what}")
            for sentence in check.findings():
                click.echo(sentence)
                faults += 1
        finally:
            db.session.remove()
            db.engine.dispose()
            app.extensions["redis"].close()
    if faults:
        click.echo(f"The books are not right: {faults} faults.", err=True)
        sys.exit(1)
    click.echo(f"The books are right: {check.count()} checks, no fault.")
