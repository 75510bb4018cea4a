"""A fax to many: its file is made once, and nobody else waits until all of them are gone."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from jobs.runtime import answer_the_bell
from portal import fax
from portal.core import storage
from portal.fax import Cover, FaxState, Recipient
from portal.fax.turns import AHEAD
from portal.tasks import DELIVER_FAX
from tests.calls.conftest import books_are_right
from tests.fax.conftest import OWN, FaxDesk
from tests.worker import work

MANY = [f"+1416555{number:04}" for number in range(100, 107)]


def files_made(logs: list[Any]) -> int:
    return len([line for line in logs if line["event"] == "fax_body_made"])


def test_one_file_goes_to_all_of_them_and_another_client_is_let_between(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    mine = desk.send(desk.draft(3), *MANY)
    [theirs] = desk.send(
        desk.draft(1, client_id=desk.other_id), reference="r2", client_id=desk.other_id
    )

    with capture_logs() as logs:
        work()

    rows = sorted(desk.faxes(), key=lambda row: str(row.handed_over_at))
    assert len(desk.copies()) == len(MANY) + 1, "each went out, and went out once"
    assert [row.public_id for row in rows].index(theirs) <= AHEAD
    assert files_made(logs) == 2, "one for each content, not for each transmission"
    [shared] = {row.pdf for row in rows if row.public_id in mine}
    kept = storage.path_of(shared)
    with desk.writing():
        fax.forget_faxes_of(desk.client_id)
    assert not kept.exists()


def test_covers_differ_before_the_same_pages_and_a_damaged_file_is_made_anew(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    draft = desk.draft(2)
    with desk.writing():
        fax.save_draft(
            desk.client_id, draft, own_number=OWN, recipients=[Recipient(MANY[0])],
            cover=Cover(remarks="For your file."),
        )  # fmt: skip
    desk.send(draft, *MANY[:2])
    plain = desk.draft(1)
    first, second = desk.send(plain, *MANY[:2], reference="r2")

    desk.fault("status", status="method_maintenance")
    with capture_logs() as logs:
        answer_the_bell(desk.newest_task(DELIVER_FAX))
        [shared] = {row.pdf for row in desk.faxes() if row.public_id == second}
        storage.path_of(shared).write_bytes(b"%PDF-1.7 torn")
        work()
    waiting = desk.one(second)
    with desk.writing():
        fax.cancel(desk.client_id, second)
        fax.to_bin(desk.client_id, [second])
        fax.delete_for_good(desk.client_id, [second])

    by_id = {row.public_id: row for row in desk.faxes()}
    assert waiting.state == FaxState.QUEUED
    assert files_made(logs) == 3, "the pages under two covers once; the other's again when it broke"
    assert by_id[first].pdf != shared
    assert storage.path_of(by_id[first].pdf).is_file(), "also when the other fax of it is deleted"
    assert len({row.pdf for row in by_id.values() if row.pdf}) == 3, "two with a cover, one without"
    assert sorted(copy["pages"] for copy in desk.copies()) == [1, 3, 3]
    assert books_are_right()
