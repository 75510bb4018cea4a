"""One installation, from its settings to its running parts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from portal.config import FaxMail, Settings
from portal.core import setup_token
from portal.supervisor import parts, run_file
from portal.supervisor.output import Output
from portal.supervisor.run import Supervisor

SANDBOX_FILE = "sandbox.json"


def serve(
    settings: Settings, *, sandbox: bool = False, speed: int = 1, quiet: bool = False
) -> None:
    """Run the installation until SIGINT or SIGTERM, with a practice carrier if asked.

    ``speed`` multiplies how many calls and texts happen at the practice carrier. Raises ConfigError or StartFailed, with nothing left running, when it cannot be run.
    """
    settings.require_servable()
    # Databases and logs are nobody else's to read, also in a folder that others may enter.
    os.umask(0o077)
    with run_file.only_supervisor(settings.instance):
        parts.refuse_taken_port(settings)
        ready_file = settings.instance / SANDBOX_FILE
        chosen: list[parts.Part] = []
        if settings.own_redis:
            chosen.append(parts.redis_part(settings))
        if sandbox:
            port = parts.free_port(wanted=parts.port_in(ready_file))
            ready_file.unlink(missing_ok=True)
            allowed = settings.allow_private | {f"127.0.0.1:{port}"}
            settings = replace(settings, allow_private=allowed)
            chosen.append(
                parts.sandbox_part(settings, port=port, ready_file=ready_file, speed=speed)
            )
        token = "" if settings.demo else setup_token.new()
        chosen.append(parts.migrate_part(setup_token.hashed(token) if token else ""))
        if settings.demo:
            chosen.append(parts.demo_data_part())
        if settings.demo and settings.fax_mail is None:
            mail = FaxMail("fax.localhost", "127.0.0.1", parts.free_port())
            settings = replace(settings, fax_mail=mail)
        if settings.fax_mail is not None:
            chosen.append(parts.fax_mail_part(settings.fax_mail))
        chosen += [*parts.background_parts(settings), parts.web_part(settings)]
        _run(settings, chosen, quiet=quiet, ready_file=ready_file if sandbox else None, token=token)


def _run(
    settings: Settings,
    chosen: list[parts.Part],
    *,
    quiet: bool,
    ready_file: Path | None,
    token: str,
) -> None:
    environment = parts.shared_environment(settings)
    if ready_file is not None:
        environment["PORTAL_SANDBOX_FILE"] = str(ready_file)
    output = Output(settings.instance / "log", human=settings.log_human, quiet=quiet)

    def tell(states: dict[str, Any]) -> None:
        told = {"pid": os.getpid(), "url": settings.portal_url, "environment": environment}
        run_file.write(settings.instance, told | {"parts": states})

    def announce() -> None:
        output.event("ready", url=settings.portal_url)
        if settings.log_human:
            output.say(f"\nThe portal answers at {settings.portal_url}   (Ctrl-C ends it)\n")
        if any(setup_token.IS_OPEN in line for line in output.last_lines("migrate")):
            # To the console only: the log files keep no word that opens something.
            output.say(f"\nNobody has set this portal up yet. Open {settings.portal_url}/setup")
            output.say(f"and enter this word, which works once:  {token}\n")
        if settings.demo:
            for line in logins(settings.instance / "demo.json"):
                output.say(line)

    if settings.demo and settings.log_human:
        output.say("Starting. The first time, the demo's year of calls takes about a minute.")
    supervisor = Supervisor(
        chosen, output=output, environment=parts.inherited_environment() | environment, tell=tell
    )
    supervisor.run(when_ready=announce)


def logins(demo_file: Path) -> Iterator[str]:
    """The demo's people as lines to read, from the file that programs read."""
    try:
        told = json.loads(demo_file.read_text())
    except (OSError, ValueError):
        return
    for role in ("reseller", "client", "other_reseller", "other_client"):
        person = told.get(role, {})
        if {"login_url", "email", "password"} <= person.keys():
            yield f"  {role.replace('_', ' '):<15} {person['login_url']}"
            yield f"  {'':<15} {person['email']}   password: {person['password']}"
    if "control_url" in told.get("sandbox", {}):
        yield f"  {'carrier':<15} {told['sandbox']['control_url']}"
    yield ""
