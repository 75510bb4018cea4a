"""The layout engine, each document in a process of its own: no network, bounded time and memory."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.core.log import get_logger
from portal.reports.values import LayoutKilled, ReportError, Unwanted

log = get_logger(__name__)

LONGEST_SECONDS = 60
LOOK_SECONDS = 1.0
MOST_BYTES = 1 << 30
LARGEST_FILE_BYTES = 200_000_000
PROCESSES = min(2, os.cpu_count() or 1)
SCHEME = "asset:"

_REFUSED_URL, _NO_MEMORY, _FAULT = 3, 4, 5
_FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, -signal.SIGQUIT, -signal.SIGKILL}
_PR_SET_PDEATHSIG = 1

Assets = Mapping[str, tuple[bytes, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document to lay out. ``tagged`` writes its structure for screen readers."""

    html: str
    target: Path
    tagged: bool = False


def preload() -> bool:
    """Import the engine, so that a forked process has it already; False when it cannot be used."""
    try:
        import weasyprint  # noqa: F401  # its libraries may be missing: the worker lives on
    except OSError as error:
        log.warning("pdf_engine_missing", problem=str(error)[:200])
        return False
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    return True


def warm_up(html: str, assets: Assets) -> None:
    """Lay out a document in this very process: what the engine learns by it, forked processes know.

    It reads its own declarations of C and the style sheet's words once; a short paper takes half the
    time afterwards.
    """
    if preload():
        _write(Sheet(html, Path(os.devnull), tagged=True), assets)


def render(
    sheets: Iterable[Sheet], assets: Assets, *, is_wanted: Callable[[], bool] = lambda: True
) -> Iterator[Sheet]:
    """Lay out documents, a few at a time; each is given back when it is on disk.

    ``is_wanted`` is asked every second: when it says no, the processes are ended (Unwanted).

    ``assets`` are the only things a document can load, as ``asset:<name>``: content and media type.
    Raises ReportError when a document takes too long, grows too large, or asks for anything else, and
    LayoutKilled when somebody outside ended its process: a stop of the portal, a machine without memory.
    The sheets are taken one by one, so they may be made while others are being laid out.
    """
    if not preload():
        raise ReportError("PDF files cannot be made on this server yet.", code="no_engine")
    running: dict[int, _Child] = {}
    try:
        for sheet in sheets:
            while len(running) >= PROCESSES:
                yield _next(running, is_wanted)
            child = _Child.start(sheet, assets)
            running[child.pid] = child
        while running:
            yield _next(running, is_wanted)
    finally:
        for child in running.values():
            child.kill()


@dataclass(frozen=True, slots=True)
class _Child:
    sheet: Sheet
    pid: int
    ended: int  # readable once the process is gone
    deadline: float

    @classmethod
    def start(cls, sheet: Sheet, assets: Assets) -> _Child:
        parent, deadline = os.getpid(), time.monotonic() + LONGEST_SECONDS
        pid = os.fork()
        if pid == 0:
            _be_a_renderer(sheet, assets, parent)  # never returns
        return cls(sheet, pid, os.pidfd_open(pid), deadline)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        os.close(self.ended)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def _next(running: dict[int, _Child], is_wanted: Callable[[], bool]) -> Sheet:
    """The next finished sheet; whoever exceeds the deadline is killed."""
    while True:
        wait = min(child.deadline for child in running.values()) - time.monotonic()
        ready, _, _ = select.select(
            [child.ended for child in running.values()], [], [], min(max(wait, 0), LOOK_SECONDS)
        )
        if not ready and not is_wanted():
            raise Unwanted
        for pid, child in list(running.items()):
            if child.ended in ready:
                del running[pid]
                _judge(child.wait())
                return child.sheet
            if child.deadline <= time.monotonic():
                del running[pid]
                child.kill()
                _judge(-signal.SIGXCPU)


def _judge(code: int) -> None:
    if code == 0:
        return
    log.warning("pdf_process_failed", exit_code=code)
    if code in _FROM_OUTSIDE:
        raise LayoutKilled(f"signal {-code}")
    if code == _NO_MEMORY:
        raise ReportError("This report is too large for a PDF. Use the CSV file.", code="too_large")
    if code in {-signal.SIGXCPU, -signal.SIGXFSZ}:
        raise ReportError("This PDF took too long to lay out. Use the CSV file.", code="too_slow")
    if code == _REFUSED_URL:
        raise ReportError("The report asked for a picture it may not load.", code="refused_url")
    raise ReportError("The PDF could not be laid out. Use the CSV file.", code="engine_failed")


def _be_a_renderer(sheet: Sheet, assets: Assets, parent: int) -> None:
    """The whole life of a child. It never returns and never touches what it inherited."""
    code = _FAULT
    try:
        _tie_to(parent)
        _limit()
        # It lives for one document: to look for what could be forgotten takes a quarter of its time.
        gc.disable()
        _write(sheet, assets)
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    except BaseException as error:  # the engine's fatal error is no Exception
        code = _REFUSED_URL if type(error).__name__ == "FatalURLFetchingError" else _FAULT
        if code == _FAULT:
            os.write(2, f"pdf: {type(error).__name__}: {error}\n"[:500].encode())
    finally:
        os._exit(code)


def _tie_to(parent: int) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_FAULT)


def _limit() -> None:
    """What the process had at its start does not count: it is shared with its parent."""
    resource.setrlimit(resource.RLIMIT_AS, (_mapped_bytes() + MOST_BYTES,) * 2)
    # The hard limit kills without a word, so it comes later than ours.
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_SECONDS, LONGEST_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mapped_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return MOST_BYTES


def _write(sheet: Sheet, assets: Assets) -> None:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyAssets(URLFetcher):  # type: ignore[misc]
        """Answers for the assets; anything else stops the document."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in assets:
                raise ValueError("Not an asset.")
            content, media_type = assets[name]
            return URLFetcherResponse(url, content, {"Content-Type": media_type})

    fetcher = OnlyAssets(allowed_protocols=(), fail_on_errors=True)
    document = HTML(string=sheet.html, base_url=SCHEME, url_fetcher=fetcher)
    options: dict[str, Any] = {"pdf_variant": "pdf/ua-1"} if sheet.tagged else {}
    document.write_pdf(sheet.target, **options)
