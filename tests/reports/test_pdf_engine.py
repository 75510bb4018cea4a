"""The layout engine in its cage: it loads nothing, and what strangers write stays text."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from portal import reports
from portal.core import storage
from portal.core.db import session, transaction
from portal.core.scope import Scope, bind
from portal.reports import ReportError, ReportKind, pdf
from portal.reports.pdf import Sheet
from portal.reports.values import LayoutKilled
from tests.reports.pdf_text import pages_of
from tests.worker import work
from tests.world import World, a_call, record_calls


class Listener:
    """A web server that counts who asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    started = Listener()
    yield started
    started.stop()


@pytest.mark.parametrize(
    "html",
    [
        '<img src="{url}/a.png">',
        '<link rel="stylesheet" href="{url}/a.css">',
        "<style>body {{ background: url({url}/a.png) }}</style><p>x",
        "<style>@import '{url}/a.css';</style><p>x",
        "<style>@font-face {{ font-family: x; src: url({url}/a.woff2) }} p {{ font-family: x }}</style><p>x",
        "<style>@color-profile device-cmyk {{ src: url({url}/a.icc) }} p {{ color: device-cmyk(0 1 0 0) }}</style><p>x",
        '<img src="file:///etc/passwd">',
        '<object data="{url}/a.svg"></object>',
        '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cimage href=%22{url}/b.png%22/%3E%3C/svg%3E">',
        '<link rel="attachment" href="file:///etc/passwd">',
    ],
)
def test_nothing_is_loaded_from_anywhere(html: str, listener: Listener, tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    sheet = Sheet(f"<html lang=en><title>x</title><body>{html.format(url=listener.url)}", target)

    with pytest.raises(ReportError) as refused:
        list(pdf.render([sheet], {}))

    assert refused.value.code == "refused_url"
    assert listener.asked == []
    assert not target.exists() or b"root:" not in target.read_bytes()


def test_hostile_callers_are_text_on_paper(world: World, listener: Listener) -> None:
    names = (
        f'<img src="{listener.url}/a">',
        f"</td><style>@import url({listener.url}/b)",
        f"{{{{ 7*7 }}}} url({listener.url})",
        "two\nlines\x00\u202e",
    )
    now = datetime.now(UTC).replace(microsecond=0)
    record_calls(
        world.northwind,
        [
            a_call("100482_reception", "", now - timedelta(minutes=at), inbound=world.a.dids[0], name=name)
            for at, name in enumerate(names, start=1)
        ],
    )  # fmt: skip
    with bind(Scope(world.northwind.id)), transaction():
        name = reports.request_file(
            ReportKind.GLOBAL_CDR, {"q": "<b>"}, language="en", asked_by_id=None
        )
        every = reports.request_file(ReportKind.GLOBAL_CDR, {}, language="en", asked_by_id=None)

    work()

    with bind(Scope(world.northwind.id)):
        texts = [
            " ".join(pages_of(storage.path_of(reports.stored_name(one)))) for one in (name, every)
        ]
        session().rollback()
    assert "<b>" in texts[0]
    assert "<img src=" in texts[1]
    assert "{{ 7*7 }}" in texts[1]
    assert listener.asked == []


def test_an_engine_that_falls_over_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    sheet = Sheet("<p>x", tmp_path / "no" / "such" / "folder.pdf")

    with pytest.raises(ReportError) as failed:
        list(pdf.render([sheet], {}))

    assert failed.value.code == "engine_failed"


def test_a_layout_that_is_killed_from_outside_is_no_fault_of_the_document(tmp_path: Path) -> None:
    before, rows = own_children(), "<tr><td>A line of a long report" * 3000

    def kill() -> None:
        while not (new := own_children() - before):
            time.sleep(0.01)
        os.kill(new.pop(), signal.SIGTERM)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(LayoutKilled):
        list(pdf.render([Sheet(f"<table>{rows}</table>", tmp_path / "long.pdf")], {}))
    killer.join()


def own_children() -> set[int]:
    """The processes of this one, forks included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(stat.parent.name))
    return found


def test_many_sheets_come_back_whole(tmp_path: Path) -> None:
    sheets = [Sheet(f"<html lang=en><p>Sheet {at}", tmp_path / f"{at}.pdf") for at in range(5)]

    done = list(pdf.render(iter(sheets), {}))

    assert {sheet.target for sheet in done} == {sheet.target for sheet in sheets}
    assert [pages_of(sheet.target) for sheet in sheets] == [[f"Sheet {at}"] for at in range(5)]
