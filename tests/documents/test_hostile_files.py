"""About 300 files that nobody should open: each is read or refused, and nobody else is hurt."""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from portal import documents
from portal.documents import Unreadable
from portal.documents.fence import ask
from portal.documents.refusals import SENTENCES
from tests.documents import case, paintings, pdfs, recordings, writings
from tests.documents.case import Case

MOST_KILOBYTES = 512 * 1024
LONGEST_SECONDS = 60
TASKS: dict[str, Callable[[Path], object]] = {
    case.KIND: documents.identify,
    case.FAX: lambda path: documents.fax_pages(path, paper="letter", quality="standard"),
    case.OFFICE: lambda path: documents.fax_pages(path, paper="a4", quality="fine"),
    case.VIEW: lambda path: documents.page_pictures(path, width=400),
    case.REBUILT: documents.rebuilt_pdf,
    case.MMS: lambda path: documents.picture_for_mms(path, most_bytes=1_200_000),
    case.SOUND: lambda path: documents.audio_for_mms(path, most_bytes=1_200_000),
    case.THUMB: lambda path: documents.thumbnail(path, box=(160, 160)),
}
# What no file of ours may still hold.
TRACES = (b"JavaScript", b"/Launch", b"EmbeddedFile", b"/URI", b"XFA", b"alert(", b"Telltale")


def test_every_hostile_file_is_read_or_refused_with_words_within_its_limits(
    app: Flask, tmp_path: Path
) -> None:
    corpus = [*pdfs.cases(), *paintings.cases(), *recordings.cases(), *writings.cases()]

    def end_of(number: int, one: Case) -> str:
        path = tmp_path / str(number)
        path.write_bytes(one.bytes())
        began = time.monotonic()
        with app.app_context():
            end = _end(TASKS[one.task], path)
        path.unlink()
        if (seconds := time.monotonic() - began) > LONGEST_SECONDS:
            return f"{seconds:.0f} seconds"
        return end

    with ThreadPoolExecutor(2) as two:
        ends = list(two.map(end_of, itertools.count(), corpus))

    wrong = {
        one.name: end
        for one, end in zip(corpus, ends, strict=True)
        if end not in (one.ends or ("ok", *SENTENCES))
    }
    assert wrong == {}
    assert len(corpus) >= 200
    assert len({one.name for one in corpus}) == len(corpus)
    # Each file in a process of its own, which was waited for; it begins as a copy of this one.
    own, theirs = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    assert theirs <= max(MOST_KILOBYTES, own)
    drafts = tmp_path / "instance" / "files" / "drafts"
    assert [path for path in drafts.iterdir() if path.is_dir()] == []


def test_a_file_that_takes_for_ever_is_given_up(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "endless"
    path.write_bytes(pdfs.endless())

    with (
        pytest.raises(Unreadable) as refused,
        ask("page_pictures", path, longest=1, width=1000, first=0, most=1),
    ):
        pass

    assert refused.value.code == "too_slow"


def test_inside_the_fence_there_is_no_network_no_other_process_and_no_file_of_ours(
    app: Flask, tmp_path: Path
) -> None:
    secret = tmp_path / "encryption.keys"
    secret.write_text("1:lamp")

    with ask("probe", None, secret=str(secret)) as answer:
        refused = answer.facts["refused_tries"]

    assert refused == ["disk", "memory", "network", "processes", "reading", "signals", "writing"]
    assert [path.name for path in tmp_path.glob("*inside*")] == []


def _end(task: Callable[[Path], object], path: Path) -> str:
    """ "ok" or the code; what was made holds nothing of what was hidden."""
    try:
        made = task(path)
    except Unreadable as refused:
        return refused.code if refused.message == SENTENCES[refused.code] else "other words"
    for one in made if isinstance(made, list) else [made]:
        found = getattr(one, "path", one)
        if isinstance(found, documents.FileKind):
            continue
        content = found.read_bytes()
        found.unlink()
        if any(trace in content for trace in TRACES):
            return "a trace was left"
    return "ok"
