"""One fax, killed at each of its steps in turn, on both databases: one copy, one price, an end."""

from __future__ import annotations

import os
import uuid

from sqlalchemy import select

from portal import fax
from portal.core.db import session
from portal.core.money import Money
from portal.fax import FaxState, FileState
from portal.fax.models import FaxFile, FaxPage
from portal.tasks import CONVERT_FAX_FILE, DELIVER_FAX, IMPORT_FAXES, LOOK_UP_FAX
from tests import processes
from tests.calls.conftest import books_are_right
from tests.fax.conftest import NOTHING, FaxDesk, a_pdf
from tests.run_task import run_and_die
from tests.worker import bring_forward, work

TWO_PAGES = Money.of("0.036")


def killed(
    step: str, desk: FaxDesk, draft: uuid.UUID, failpoint: str, settings: dict[str, str]
) -> int:
    """A person's step in a web server that dies at the failpoint; how it ended."""
    words = [step, str(desk.reseller_id), str(desk.client_id), str(draft)]
    env = {**os.environ, **settings, "PORTAL_FAILPOINT": failpoint}
    return processes.run("tests.fax.act_once", *words, env=env).returncode


def files_and_pages(desk: FaxDesk) -> tuple[list[str], int]:
    with desk.reading():
        files = list(session().scalars(select(FaxFile.state).order_by(FaxFile.id)))
        return files, len(list(session().scalars(select(FaxPage.id))))


def test_a_fax_killed_at_every_step_goes_out_once_and_is_charged_once(
    desk: FaxDesk, each_database: str, environment: dict[str, str]
) -> None:
    settings = environment | {"DATABASE_URL": each_database}
    draft = desk.empty_draft()

    # 1: after the upload. Nothing is there; whoever got no answer uploads again.
    assert killed("upload", desk, draft, "fax.uploaded", settings) == -9
    assert files_and_pages(desk) == ([], 0)
    desk.add(draft, a_pdf(2))

    # 2, 3: after the pages were made, and after they lie in the store without a row.
    for failpoint in ("fax.converted", "fax.stored"):
        row_id = desk.newest_task(CONVERT_FAX_FILE)
        assert run_and_die(row_id, failpoint=failpoint, environment=settings) == -9
        assert files_and_pages(desk) == ([FileState.CONVERTING], 0)
        bring_forward()
    work()
    assert files_and_pages(desk) == ([FileState.READY], 2)

    # 4: after the money was set aside. All or nothing: the draft is a draft.
    assert killed("send", desk, draft, "fax.held", settings) == -9
    assert (desk.faxes(), desk.standing()) == ([], (NOTHING, NOTHING))
    [sent] = desk.send(draft)

    # 5: after the carrier took it. It may have gone out: unknown, and looked up.
    row_id = desk.newest_task(DELIVER_FAX)
    assert run_and_die(row_id, failpoint="fax.accepted", environment=settings) == -9
    assert desk.states() == [FaxState.SENDING]
    bring_forward()
    work()
    assert desk.states() == [FaxState.UNKNOWN]

    # 6, 7: while the pages that the carrier counted are written, and before the end is committed.
    for failpoint in ("fax.pages_corrected", "fax.before_commit"):
        row_id = desk.newest_task(LOOK_UP_FAX)
        bring_forward()
        assert run_and_die(row_id, failpoint=failpoint, environment=settings) == -9
        assert desk.states() == [FaxState.UNKNOWN]
    bring_forward()
    work(later=True)

    assert (desk.one(sent).state, desk.one(sent).price) == (FaxState.SENT, TWO_PAGES)
    assert len(desk.copies()) == 1
    assert desk.standing() == (-TWO_PAGES, NOTHING)
    with desk.reading():
        assert len(fax.timeline(desk.client_id, sent)) >= 4
    assert books_are_right()


def test_an_import_killed_before_its_fax_is_committed_takes_it_in_the_next(
    desk: FaxDesk, each_database: str, environment: dict[str, str]
) -> None:
    settings = environment | {"DATABASE_URL": each_database}
    desk.arrives(2)
    row_id = desk.accept(IMPORT_FAXES)

    assert run_and_die(row_id, failpoint="fax.charged", environment=settings) == -9
    assert desk.faxes("in") == []
    bring_forward()
    work()

    [came] = desk.faxes("in")
    assert (came.pages, bool(came.pdf), came.price) == (2, True, Money.of("0.030"))
    assert desk.standing() == (-came.price, NOTHING)
    assert books_are_right()
