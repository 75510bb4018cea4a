"""``portal demo-data``: fill the demo, and write down who can log in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from portal.demo import build
from portal.factory import create_app


@click.command("demo-data")
def command() -> None:
    """Fill the demo through the practice carrier that the supervisor started."""
    sandbox = json.loads(Path(os.environ["PORTAL_SANDBOX_FILE"]).read_text())
    app = create_app()
    with app.app_context():
        told = build(sandbox)
    instance = app.extensions["settings"].instance
    draft = instance / ".demo.json"
    draft.write_text(json.dumps(told, indent=2))
    draft.replace(instance / "demo.json")
