"""The carrier as a web application: `create_app(folder)` for tests in one process, or under a server."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from sandbox.clockwork import Clockwork
from sandbox.control import control
from sandbox.control.seed import plant
from sandbox.methods import load
from sandbox.public import public
from sandbox.wire.rest import rest
from sandbox.world import Options, World


def create_app(
    data_dir: str | Path, *, options: Options | None = None, seed_file: str | Path | None = None,
    clockwork: bool = True,
) -> Flask:  # fmt: skip
    """A WSGI application with its state in `data_dir`.

    Without `clockwork` nothing happens by itself: no traffic, no replies, no deliveries, until
    `POST /control/tick` is called. `app.extensions["world"]` is the carrier's memory.
    """
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = 32_000_000
    app.config["MAX_FORM_MEMORY_SIZE"] = 32_000_000
    world = World(Path(data_dir), options or Options())
    load()
    if seed_file and world.reseller() is None:
        plant(world, json.loads(Path(seed_file).read_text(encoding="utf-8")))
    app.extensions["world"] = world
    app.extensions["clockwork"] = Clockwork(world)
    app.before_request(world.remember_address)
    app.register_blueprint(rest)
    app.register_blueprint(control)
    app.register_blueprint(public)
    if clockwork:
        app.extensions["clockwork"].start()
    return app
