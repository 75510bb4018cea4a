"""``portal doctor``: what is worth knowing about this installation and the machine under it."""

from __future__ import annotations

import platform
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from redis import Redis, RedisError

from portal import identity, mail, upstream
from portal.config import ConfigError, Settings, read_run_file
from portal.core import schema
from portal.core.db import let_go, wal_is_safe
from portal.core.scope import Scope, bind
from portal.factory import create_app
from portal.supervisor import pdf_libraries
from portal.supervisor.redis_server import find_redis_server

_OLDEST_REDIS = (6, 2)


@dataclass(frozen=True, slots=True)
class Finding:
    """``level`` is ok, note (worth knowing) or bad (something will not work)."""

    level: str
    sentence: str


@click.command("doctor")
def command() -> None:
    """Look at settings, database, Redis and libraries; ends with 1 when something will not work."""
    findings = list(findings_of(Settings.from_environment()))
    for finding in findings:
        click.echo(f"{finding.level:<5} {finding.sentence}")
    if any(finding.level == "bad" for finding in findings):
        sys.exit(1)


def findings_of(settings: Settings) -> Iterator[Finding]:
    """Every finding about this installation, the good ones too."""
    yield Finding("ok", f"Python {platform.python_version()} on {platform.machine()}.")
    yield from _address(settings)
    yield from _database(settings)
    yield from _redis(settings)
    yield from _pdf()
    yield from _mail(settings)
    yield from _instance(settings)


def _address(settings: Settings) -> Iterator[Finding]:
    try:
        settings.require_servable()
    except ConfigError as error:
        yield Finding("bad", str(error))
        return
    if settings.https:
        yield Finding("ok", f"Browsers reach the portal at {settings.portal_url}.")
    else:
        yield Finding(
            "note",
            f"{settings.portal_url} is plain http: passwords and cookies travel in the clear."
            " Good for looking around on this machine, not for clients.",
        )
    if settings.allow_private:
        names = ", ".join(sorted(settings.allow_private))
        yield Finding("note", f"Outgoing requests may reach these private addresses: {names}.")


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url.startswith("sqlite"):
        version = sqlite3.sqlite_version
        yield Finding(
            "note",
            f"The database is SQLite {version}, for evaluation. Production wants PostgreSQL.",
        )
        if not wal_is_safe():
            yield Finding(
                "note",
                f"SQLite {version} can lose a commit in WAL mode, so the slower rollback journal is"
                " used.",
            )
        if not Path(settings.database_url.removeprefix("sqlite:///")).exists():
            yield Finding("note", "There is no database yet; the first start makes it.")
            return
    try:
        current = schema.is_current(settings.database_url)
    except Exception as error:  # the driver's errors differ; all of them mean the same here
        yield Finding("bad", f"The database does not answer: {type(error).__name__}.")
        return
    if current:
        yield Finding("ok", "The database has the newest schema.")
        yield from _resellers(settings)
    else:
        yield Finding("note", "The database has an older schema; the next start brings it up.")


def _resellers(settings: Settings) -> Iterator[Finding]:
    """What only the database knows."""
    with create_app(settings).app_context():
        if identity.setup_is_open():
            yield Finding(
                "note",
                f"Nobody has set this portal up yet: start it, and open {settings.portal_url}/setup",
            )
        for reseller_id in identity.reseller_ids():
            uid = identity.reseller_facts(reseller_id).uid
            with bind(Scope(reseller_id)):
                health, server = upstream.health(), mail.own_server()
            if health is not None and health.last_error:
                yield Finding("note", f"The carrier of reseller {uid}: {health.last_error}")
            if server is not None and server[1].problem:
                sentence = mail.sentence(server[1].problem)
                yield Finding("note", f"The mail server of reseller {uid}: {sentence}")
        let_go()


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.own_redis and read_run_file(settings.instance) is None:
        try:
            program = find_redis_server()
        except ConfigError as error:
            yield Finding("bad", str(error))
            return
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        version = said.stdout.partition("v=")[2].partition(" ")[0]
        yield Finding("ok", f"A private Redis {version} starts with the portal.")
        return
    try:
        with Redis.from_url(settings.redis_url, socket_connect_timeout=2) as client:
            version = str(client.info("server")["redis_version"])
    except RedisError as error:
        yield Finding(
            "bad",
            f"Redis does not answer ({type(error).__name__}): texts and reports wait until it does.",
        )
        return
    if tuple(map(int, version.split(".")[:2])) < _OLDEST_REDIS:
        yield Finding("bad", f"Redis {version} is too old; 6.2 or newer is needed.")
    else:
        yield Finding("ok", f"Redis {version} answers.")


def _pdf() -> Iterator[Finding]:
    lacking = pdf_libraries.missing()
    if lacking:
        yield Finding(
            "bad",
            f"PDF reports will not work, for want of {', '.join(lacking)}. Run script/bootstrap, or"
            " as root: apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core",
        )
    else:
        yield Finding("ok", "Pango and a font are there for PDF reports.")


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp is None:
        yield Finding("note", "PORTAL_SMTP_URL is not set: mails are kept, not sent.")
    else:
        how = "TLS" if settings.smtp.tls else "STARTTLS" if settings.smtp.starttls else "no TLS"
        level = "note" if how == "no TLS" else "ok"
        yield Finding(level, f"Mail goes out through {settings.smtp.host} with {how}.")


def _instance(settings: Settings) -> Iterator[Finding]:
    if stat.S_IMODE(settings.instance.stat().st_mode) & 0o077:
        yield Finding(
            "note", f"Others can look into {settings.instance}. Run: chmod 700 {settings.instance}"
        )
    yield Finding(
        "note",
        f"Back up {settings.instance}/keys apart from the database; both are needed to restore.",
    )
