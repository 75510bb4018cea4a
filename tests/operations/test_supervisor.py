"""The supervisor keeps parts running, and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.config import PROJECT, read_run_file
from portal.supervisor import sessions

SLEEPS = "import time; time.sleep(600)"
# Writes its process id, starts a child in a group of its own (as a worker's job is), and sleeps.
WITH_CHILD = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
pathlib.Path("child").write_text(str(child.pid))
time.sleep(600)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


class Miniature:
    """A supervisor process in a folder, and what it tells."""

    def __init__(self, folder: Path, *parts: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.miniature", str(folder), *parts],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "run.json").read_text())["parts"]
        return told

    def pids(self) -> list[int]:
        return [part["pid"] for part in self.told().values()]

    def until(self, true: Callable[[], Any], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "It did not happen in time."
            time.sleep(0.02)

    def until_ready(self) -> None:
        self.until((self.folder / "ready").exists)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.fixture
def miniature(tmp_path: Path) -> Iterator[Callable[..., Miniature]]:
    started = []

    def start(*parts: str) -> Miniature:
        started.append(Miniature(tmp_path, *parts))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
        one.process.communicate(timeout=90)


def test_parts_start_in_order_and_a_task_ends_before_the_next_part(
    miniature: Callable[..., Miniature],
) -> None:
    late = "import time, pathlib; time.sleep(0.3); pathlib.Path('migrated').touch()"
    reader = f"import pathlib, time; print(pathlib.Path('migrated').exists(), flush=True); {SLEEPS}"

    running = miniature(f"!migrate={late}", f"web={reader}")
    running.until_ready()
    log = running.folder / "log" / "web.log"
    running.until(lambda: log.exists() and log.read_text().endswith("\n"))

    assert json.loads(log.read_text())["event"] == "True"
    assert list(running.told()) == ["web"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_good_time(
    miniature: Callable[..., Miniature], number: signal.Signals
) -> None:
    running = miniature(f"^redis={SLEEPS}", f"web={WITH_CHILD}", f"worker={SLEEPS}")
    running.until_ready()
    running.until((running.folder / "child").exists)
    pids = [*running.pids(), int((running.folder / "child").read_text())]

    asked_at = time.monotonic()
    running.process.send_signal(number)
    running.process.communicate(timeout=90)

    assert running.process.returncode == 0
    assert time.monotonic() - asked_at < 60
    assert not [pid for pid in pids if alive(pid)]
    assert not (running.folder / "run.json").exists()


def test_a_part_that_ignores_the_signal_is_killed(miniature: Callable[..., Miniature]) -> None:
    running = miniature(f"worker={DEAF}")
    running.until_ready()
    running.until((running.folder / "log" / "worker.log").exists)
    pids = running.pids()

    asked_at = time.monotonic()
    running.process.terminate()
    running.process.communicate(timeout=90)

    assert time.monotonic() - asked_at < 60
    assert not [pid for pid in pids if alive(pid)]


def test_what_others_need_ends_last(miniature: Callable[..., Miniature]) -> None:
    notes = """
import signal, sys, time
def end(*_):
    time.sleep({wait})
    open("order", "a").write("{name} ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""
    running = miniature(
        "^redis=" + notes.format(name="redis", wait=0),
        "worker=" + notes.format(name="worker", wait=0.5),
    )
    running.until_ready()
    for name in ("redis", "worker"):
        running.until((running.folder / "log" / f"{name}.log").exists)

    running.process.terminate()
    running.process.communicate(timeout=90)

    assert (running.folder / "order").read_text().split() == ["worker", "redis"]


def test_a_crashed_part_is_restarted_without_its_leftovers_and_logged(
    miniature: Callable[..., Miniature],
) -> None:
    running = miniature(f"worker={WITH_CHILD}", f"web={SLEEPS}")
    running.until_ready()
    running.until((running.folder / "child").exists)
    before = running.told()
    orphan = int((running.folder / "child").read_text())

    os.kill(before["worker"]["pid"], signal.SIGKILL)
    running.until(lambda: running.told()["worker"]["pid"] != before["worker"]["pid"])

    after = running.told()
    assert after["worker"]["restarts"] == 1
    assert after["worker"]["state"] == "up"
    assert after["web"] == before["web"]
    assert not alive(orphan)
    lines = (running.folder / "log" / "supervisor.log").read_text().splitlines()
    crash = [line for line in map(json.loads, lines) if line["event"] == "part_ended_unasked"]
    assert [(line["ended"], line["code"]) for line in crash] == [("worker", -9)]


def test_a_part_that_keeps_crashing_is_restarted_ever_more_slowly(
    miniature: Callable[..., Miniature],
) -> None:
    lives_briefly = (
        "import time; open('starts', 'a').write('x'); time.sleep(0.1); raise SystemExit(3)"
    )
    running = miniature(f"worker={lives_briefly}")
    log = running.folder / "log" / "supervisor.log"

    def crashes() -> list[dict[str, Any]]:
        lines = map(json.loads, log.read_text().splitlines()) if log.exists() else ()
        return [line for line in lines if line["event"] == "part_ended_unasked"]

    running.until(lambda: len(crashes()) >= 3)

    waits = [crash["restart_in_seconds"] for crash in crashes()[:3]]
    assert waits == [0.25, 0.5, 1.0]


def test_a_killed_supervisor_leaves_nothing_behind(miniature: Callable[..., Miniature]) -> None:
    running = miniature(f"^redis={SLEEPS}", f"web={WITH_CHILD}")
    running.until_ready()
    running.until((running.folder / "child").exists)
    pids = [*running.pids(), int((running.folder / "child").read_text())]

    running.process.kill()
    running.process.communicate(timeout=90)

    running.until(lambda: not any(alive(pid) for pid in pids))
    assert not sessions.members(pids)
    assert read_run_file(running.folder) is None


def test_a_killed_supervisor_leaves_nothing_behind_even_without_the_undertaker(
    miniature: Callable[..., Miniature],
) -> None:
    running = miniature(f"web={SLEEPS}")
    running.until_ready()
    pids = running.pids()
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    undertakers = [pid for pid in map(int, children.read_text().split()) if pid not in pids]
    assert len(undertakers) == 1

    running.process.send_signal(signal.SIGSTOP)
    os.kill(undertakers[0], signal.SIGKILL)
    running.process.kill()
    running.process.communicate(timeout=90)

    running.until(lambda: not any(alive(pid) for pid in pids))


def test_a_part_that_does_not_start_stops_the_start_and_says_why(
    miniature: Callable[..., Miniature],
) -> None:
    running = miniature(f"^redis={SLEEPS}", "!migrate=raise SystemExit('no such column')")

    _, said = running.process.communicate(timeout=90)

    assert running.process.returncode == 1
    assert "The part migrate ended with 1" in said
    assert "no such column" in said
    assert not (running.folder / "ready").exists()


def test_a_part_that_falls_over_soon_after_its_start_stops_the_start_too(
    miniature: Callable[..., Miniature], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTLE_SECONDS", "60")
    running = miniature(
        "worker=import time; time.sleep(0.5); raise SystemExit('no such module')",
        f"web={SLEEPS}",
    )

    _, said = running.process.communicate(timeout=90)

    assert running.process.returncode == 1
    assert "The part worker ended with 1" in said
    assert "no such module" in said
    assert not (running.folder / "ready").exists()


def test_a_second_supervisor_is_refused(miniature: Callable[..., Miniature]) -> None:
    first = miniature(f"web={SLEEPS}")
    first.until_ready()

    second = miniature(f"web={SLEEPS}")
    _, said = second.process.communicate(timeout=90)

    assert second.process.returncode != 0
    assert "is running already" in said
    assert [alive(pid) for pid in first.pids()] == [True]


def test_an_armed_failpoint_does_not_reach_the_parts(
    miniature: Callable[..., Miniature], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_FAILPOINT", "import.after_insert")
    tells = f"import os; print(os.environ.get('PORTAL_FAILPOINT'), flush=True); {SLEEPS}"

    running = miniature(f"worker={tells}")
    log = running.folder / "log" / "worker.log"
    running.until(lambda: log.exists() and log.read_text().endswith("\n"))

    assert json.loads(log.read_text())["event"] == "None"
