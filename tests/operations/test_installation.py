"""The whole installation under its supervisor: one command starts it, one signal ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from portal.config import PROJECT, Settings, read_run_file

_START_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def until(true: Callable[[], Any], *, seconds: float, output: Path) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, output.read_text()[-3000:]
        time.sleep(0.1)


def sessions_of(pids: list[int]) -> list[int]:
    """The living processes whose session was led by one of these."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) in pids and fields[0] not in "ZX":
            found.append(int(entry.parent.name))
    return found


class Installation:
    """``portal run`` in a folder of its own."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.port = free_port()
        self.output = instance.with_suffix(".out")
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PORTAL_") and name not in {"DATABASE_URL", "REDIS_URL", "PORT"}
        }
        self.environ |= {"PORTAL_INSTANCE": str(instance), "PORTAL_LOG_FORMAT": "json"}
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "portal.cli", "run"],
                cwd=PROJECT,
                env=self.environ | {"PORT": str(self.port), "PORTAL_EVALUATION": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def parts(self) -> dict[str, Any]:
        return (read_run_file(self.instance) or {}).get("parts", {})

    def until(self, true: Callable[[], Any], *, seconds: float = 180) -> None:
        until(true, seconds=seconds, output=self.output)

    def until_up(self) -> None:
        self.until(
            lambda: health(self.port) == 200 or self.process.poll() is not None,
            seconds=_START_SECONDS,
        )
        assert self.process.poll() is None, self.output.read_text()[-3000:]

    def portal(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command beside the running installation: it is told the folder, nothing else."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "portal.cli", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation") / "instance")
    try:
        installation.until_up()
        yield installation
    finally:
        if installation.process.poll() is None:
            installation.process.terminate()
            installation.process.wait(90)


def test_every_part_is_up(running: Installation) -> None:
    wanted = {
        "redis", "web", "worker-1", "worker-2", "worker-fax", "worker-outside-1", "cron", "sweeper",
    }  # fmt: skip
    # The web answers before the last part has begun.
    running.until(lambda: set(running.parts()) == wanted)
    running.until(lambda: {part["state"] for part in running.parts().values()} == {"up"})


def test_only_the_portals_port_is_open_and_redis_is_private(running: Installation) -> None:
    settings = Settings.from_environment(running.environ)
    path = settings.redis_socket

    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_commands_work_on_the_running_installation(running: Installation) -> None:
    status, doctor = running.portal("status"), running.portal("doctor")

    assert status.returncode == 0
    assert f"http://127.0.0.1:{running.port}" in status.stdout
    assert doctor.returncode == 0, doctor.stdout
    assert "The database has the newest schema" in doctor.stdout
    assert "plain http" in doctor.stdout
    assert "answers" in doctor.stdout


def test_what_the_parts_say_is_json_in_one_file_each(running: Installation) -> None:
    log = running.instance / "log"
    running.until(lambda: '"ready"' in (log / "supervisor.log").read_text())

    lines = [json.loads(line) for line in (log / "supervisor.log").read_text().splitlines()]

    assert "ready" in [line["event"] for line in lines]
    assert stat.S_IMODE((log / "supervisor.log").stat().st_mode) == 0o600
    assert json.loads(running.output.read_text().splitlines()[0])["part"] == "supervisor"


@pytest.mark.parametrize("name", ["web", "worker-1", "cron", "sweeper", "redis"])
def test_a_killed_part_comes_back_and_the_portal_is_well_again(
    running: Installation, name: str
) -> None:
    before = running.parts()[name]

    os.kill(before["pid"], signal.SIGKILL)

    running.until(lambda: running.parts()[name]["pid"] != before["pid"])
    running.until(lambda: health(running.port) == 200)
    assert running.parts()[name]["restarts"] == before["restarts"] + 1


def test_a_second_start_is_refused(running: Installation) -> None:
    again = running.portal("run")

    assert again.returncode == 2
    assert "is running already" in again.stderr
    assert running.process.poll() is None


def test_stop_ends_everything(running: Installation) -> None:
    pids = [part["pid"] for part in running.parts().values()]

    stopped = running.portal("stop")

    assert stopped.stdout == "Stopped.\n"
    assert running.process.wait(60) == 0
    assert sessions_of(pids) == []
    assert health(running.port) == 0


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environ = {
            "PATH": os.environ["PATH"],
            "PORTAL_INSTANCE": str(tmp_path),
            "PORTAL_EVALUATION": "1",
            "PORT": str(taken.getsockname()[1]),
        }

        told = subprocess.run(
            [sys.executable, "-P", "-m", "portal.cli", "run"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    assert told.returncode == 2
    assert "is not free" in told.stderr
    assert "PORT=" in told.stderr


def test_production_over_plain_http_is_refused_before_anything_starts(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-m", "portal.cli", "run"],
        env={"PATH": os.environ["PATH"], "PORTAL_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert "https" in told.stderr
    assert not (tmp_path / "portal.sqlite3").exists()
