"""`portal demo --reset` begins again, and never empties what is not a demo."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import PROJECT


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that is not free, so that a start ends before any part of it runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


def reset(instance: Path, port: int, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROJECT / ".venv" / "bin" / "portal", "demo", "--reset"],
        env={"PATH": os.environ["PATH"], "PORTAL_INSTANCE": str(instance), "PORT": str(port)}
        | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_reset_forgets_the_demo_and_keeps_unpacked_libraries(
    tmp_path: Path, taken_port: int
) -> None:
    (tmp_path / "demo").touch()
    (tmp_path / "portal.sqlite3").write_text("calls")
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "carrier.sqlite3").write_text("history")
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "env").write_text("export A=1")

    told = reset(tmp_path, taken_port)

    assert "is not free" in told.stderr
    assert not (tmp_path / "portal.sqlite3").exists()
    assert not (tmp_path / "sandbox").exists()
    assert (tmp_path / "system" / "env").exists()


def test_reset_refuses_an_installation_in_use(tmp_path: Path, taken_port: int) -> None:
    (tmp_path / "portal.sqlite3").write_text("clients")

    told = reset(tmp_path, taken_port)

    assert told.returncode == 2
    assert "no demo" in told.stderr
    assert (tmp_path / "portal.sqlite3").read_text() == "clients"


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_reset_does_not_empty_databases_that_the_operator_named(
    tmp_path: Path, taken_port: int, name: str
) -> None:
    (tmp_path / "demo").touch()
    (tmp_path / "portal.sqlite3").write_text("calls")
    url = {"DATABASE_URL": "postgresql://db/portal", "REDIS_URL": "redis://cache"}[name]

    told = reset(tmp_path, taken_port, **{name: url})

    assert told.returncode == 2
    assert name in told.stderr
    assert (tmp_path / "portal.sqlite3").exists()
