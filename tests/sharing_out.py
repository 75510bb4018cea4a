"""Which worker runs what: a file stays with one of them, the browser's tests are one file, the longest begin first."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import Producer

from portal.config import PROJECT

BROWSER = "tests/e2e"
STEPS_BACK = 5
# What is begun last keeps the other workers waiting; these take a quarter of a minute and more.
LONGEST = (
    BROWSER,
    "tests/architecture/test_access.py",
    "tests/web/i18n/test_pages.py",
    "tests/web/client/test_switches.py",
    "tests/documents/test_hostile_files.py",
    "tests/billing/test_crashes.py",
    "tests/fax/test_crashes.py",
    "tests/ledger/test_stateful.py",
    "tests/calls/test_import.py",
    "tests/ledger/test_crowd.py",
    "tests/messaging/test_callback_lines.py",
    "tests/messaging/test_crashes.py",
    "tests/operations/test_demo_command.py",
    "tests/operations/test_installation.py",
    "tests/payments/test_crashes.py",
    "tests/pricing/test_rate_imports.py",
    "tests/reports/test_generated_year.py",
    "tests/reports/test_global_cdr.py",
)


class ByFile(LoadFileScheduling):
    """As ``--dist loadfile``, but one worker has the demo and the Chromium, and keeps them."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return BROWSER if scope.startswith(BROWSER) else scope


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Ours, where files stay together; the order is the one of the collection."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByFile(config, log)


class StepsBack:
    """Whoever does not begin with the browser leaves it the processors: nobody waits longer than it does."""

    def __init__(self) -> None:
        self._begun = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if not self._begun and not item.nodeid.startswith(BROWSER):
            os.nice(STEPS_BACK)
        self._begun = True


def pytest_configure(config: pytest.Config) -> None:
    """A worker steps back by itself; a person who runs one file waits for nobody."""
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(StepsBack())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers the longest files begin, then those with the most tests."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: (_rank(item.path), -tests[item.path]))


def _rank(path: Path) -> int:
    name = path.relative_to(PROJECT).as_posix()
    return next((at for at, one in enumerate(LONGEST) if name.startswith(one)), len(LONGEST))
