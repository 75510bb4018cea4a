"""The parts of an installation: what is started, in which order, and how one knows it is ready."""

from __future__ import annotations

import json
import os
import secrets
import socket
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.config import PROJECT, ConfigError, FaxMail, Settings
from portal.core import setup_token
from portal.supervisor.redis_server import find_redis_server, redis_command


def _at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the installation.

    ``once`` runs to its end before the next one starts, and its failure stops the start; any other
    part is kept running. ``ready`` is asked until it says yes before the next one starts.
    ``needed_by_others`` ends last.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    ready: Callable[[], bool] = _at_once
    needed_by_others: bool = False


def python_module(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs one of our modules with the Python that runs us."""
    return (sys.executable, "-m", module, *arguments)


def redis_part(settings: Settings) -> Part:
    """The private Redis, on a socket that only this user can open."""
    path = settings.redis_socket
    assert path is not None
    _make_own_folder(path.parent)
    data = settings.instance / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    command = redis_command(find_redis_server(), socket=path, data=data)
    return Part(
        "redis",
        tuple(command),
        ready=lambda: _redis_answers(path),
        needed_by_others=True,
    )


def sandbox_part(settings: Settings, *, port: int, ready_file: Path, speed: int = 1) -> Part:
    """The practice carrier; ``ready_file`` appears when it answers."""
    data = settings.instance / "sandbox"
    command = python_module("sandbox", "--data", str(data), "--port", str(port))
    command += ("--ready-file", str(ready_file), "--speed", str(speed))
    return Part(
        "sandbox", command, ready=lambda: accepts("127.0.0.1", port) and ready_file.exists()
    )


def migrate_part(setup_token_hash: str = "") -> Part:
    """Brings the database to the newest schema, and opens the setup page of an empty one."""
    told = {setup_token.ENVIRONMENT: setup_token_hash} if setup_token_hash else {}
    return Part("migrate", python_module("portal.cli", "migrate"), told, once=True)


def demo_data_part() -> Part:
    """Fills the demo; running it again changes nothing but addresses."""
    return Part("demo-data", python_module("portal.cli", "demo-data"), once=True)


def web_part(settings: Settings) -> Part:
    """The web server in front of ``wsgi:app``."""
    configuration = "python:portal.supervisor.gunicorn_conf"
    command = python_module("gunicorn", "--config", configuration, "wsgi:app")
    host = "127.0.0.1" if settings.bind in {"0.0.0.0", "::"} else settings.bind  # noqa: S104
    return Part("web", command, ready=lambda: accepts(host, settings.port))


def background_parts(settings: Settings) -> list[Part]:
    """Workers, the clock of periodic work, and the sweeper."""
    # The first keep clear of reports, which take minutes; all of them of faxes, and of hosts that
    # tenants named, which may never answer: those have workers of their own.
    workers = [
        Part(f"worker-{number}", python_module("jobs.worker", "default"))
        for number in range(1, settings.job_workers + 1)
    ]
    return [
        *workers,
        Part(
            f"worker-{settings.job_workers + 1}", python_module("jobs.worker", "default", "reports")
        ),
        Part("worker-fax", python_module("jobs.worker", "fax", "fax_out")),
        *(
            Part(f"worker-outside-{number}", python_module("jobs.worker", "urgent", "outside"))
            for number in range(1, settings.outside_workers + 1)
        ),
        Part("cron", python_module("jobs.cron")),
        Part("sweeper", python_module("jobs.sweeper")),
    ]


def fax_mail_part(mail: FaxMail) -> Part:
    """Listens for mails that are to go out as faxes."""
    host = "127.0.0.1" if mail.bind in {"0.0.0.0", "::"} else mail.bind  # noqa: S104
    return Part(
        "fax-mail", python_module("jobs.mail_listener"), ready=lambda: accepts(host, mail.port)
    )


def shared_environment(settings: Settings) -> dict[str, str]:
    """What every part is told, so that all of them mean the same installation."""
    return {
        "PORTAL_INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PORT": str(settings.port),
        "PORTAL_BIND": settings.bind,
        "PORTAL_URL": settings.portal_url,
        "PORTAL_EVALUATION": "1" if settings.evaluation else "0",
        "PORTAL_DEMO": "1" if settings.demo else "0",
        "PORTAL_ALLOW_PRIVATE": " ".join(sorted(settings.allow_private)),
        "PORTAL_CALLBACKS_PRIVATE": " ".join(sorted(settings.callbacks_private)),
        "PORTAL_LOG_FORMAT": "json",
        **_told_of_mail(settings.fax_mail),
    }


def _told_of_mail(mail: FaxMail | None) -> dict[str, str]:
    if mail is None:
        return {}
    return {
        "PORTAL_FAX_MAIL_HOST": mail.host,
        "PORTAL_FAX_MAIL_BIND": mail.bind,
        "PORTAL_FAX_MAIL_PORT": str(mail.port),
    }


def inherited_environment() -> dict[str, str]:
    """Our own environment without what must not reach a part by accident."""
    kept = {name: value for name, value in os.environ.items() if name != "PORTAL_FAILPOINT"}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(PROJECT)}


def refuse_taken_port(settings: Settings) -> None:
    """Raise ConfigError when somebody else listens where the portal should."""
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.bind, settings.port))
        except OSError as error:
            raise ConfigError(
                f"Port {settings.port} on {settings.bind} is not free ({error.strerror})."
                " Choose another one with PORT=…"
            ) from error


def free_port(*, wanted: int | None = None) -> int:
    """A loopback port that nobody listens on; ``wanted`` when it is free, so addresses stay."""
    for port in (wanted, 0) if wanted else (0,):
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ConfigError("There is no free port on 127.0.0.1.")


def accepts(host: str, port: int) -> bool:
    """Does somebody listen there?"""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def port_in(ready_file: Path) -> int | None:
    """The port that the sandbox had when it ran here before."""
    try:
        return int(json.loads(ready_file.read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _redis_answers(path: Path) -> bool:
    word = secrets.token_hex(4).encode()
    with closing(socket.socket(socket.AF_UNIX)) as client, suppress(OSError):
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(b"PING " + word + b"\r\n")
        # While Redis reads its file it answers "-LOADING …".
        return word in client.recv(200)
    return False


def _make_own_folder(folder: Path) -> None:
    """The socket's folder; outside the instance its name can be guessed, so look who made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise ConfigError(f"{folder} is not a private folder of this user; remove it.")
