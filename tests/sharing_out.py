"""Which worker runs what: a file stays with one of them, the browser's tests are one file, the longest begin first."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import Producer

from portal.config import PROJECT

BROWSER = "tests/e2e"
# What is begun last keeps the other workers waiting; these take half a minute and more.
LONGEST = (
    BROWSER,
    "tests/architecture/test_access.py",
    "tests/web/i18n/test_pages.py",
    "tests/web/client/test_switches.py",
    "tests/documents/test_hostile_files.py",
    "tests/billing/test_crashes.py",
    "tests/fax/test_crashes.py",
    "tests/ledger/test_stateful.py",
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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Among several workers the longest files begin, then those with the most tests."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: (_rank(item.path), -tests[item.path]))


def _rank(path: Path) -> int:
    name = path.relative_to(PROJECT).as_posix()
    return next((at for at, one in enumerate(LONGEST) if name.startswith(one)), len(LONGEST))
