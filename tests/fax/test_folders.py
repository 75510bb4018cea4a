"""Where faxes lie: folders, the bin, unread, the report; what is deleted leaves its price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portal import contacts, fax
from portal.core import clock, storage
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, NotFound
from portal.core.scope import unscoped
from portal.fax import FaxFilter, Recipient
from portal.fax.models import Fax, FaxDocument, FaxPage
from tests.calls.conftest import books_are_right
from tests.fax.conftest import CLINIC, NOTHING, FaxDesk
from tests.worker import work


def test_faxes_are_sorted_found_thrown_away_and_brought_back(desk: FaxDesk) -> None:
    with desk.writing():
        contacts.name_number(desk.client_id, CLINIC, "Clinique Bélanger")
        folder = fax.make_folder(desk.client_id, "Références")
    desk.send(desk.draft(1), CLINIC, "+14165550118")
    work(later=True)
    first, second = (row.public_id for row in desk.rows())

    with desk.writing():
        before = fax.move(desk.client_id, [first, second], folder)
    with desk.reading():
        moved, counts = fax.listing(desk.client_id, folder).rows, fax.folders(desk.client_id)
        found = fax.listing(desk.client_id, folder, text="clinique belanger").rows
        by_number = fax.listing(desk.client_id, folder, text="416 555-0118").rows
    with desk.writing():
        fax.put_back(desk.client_id, before)
        fax.to_bin(desk.client_id, [first])
    with desk.reading():
        after = fax.folders(desk.client_id)
    with desk.writing():
        fax.restore(desk.client_id, [first])

    assert (len(moved), counts.sent, [one.faxes for one in counts.own]) == (2, 0, [2])
    assert [row.contact_name for row in found] == ["Clinique Bélanger"]
    assert [row.contact for row in by_number] == ["+14165550118"]
    assert (after.sent, after.binned, after.own[0].faxes) == (1, 1, 0)
    assert len(desk.rows()) == 2
    with pytest.raises(InvalidInput), desk.writing():
        fax.make_folder(desk.client_id, "references")
    for wrong in (desk.other_id,):
        with pytest.raises(NotFound), desk.writing():
            fax.drop_folder(wrong, folder)
        with desk.reading(), pytest.raises(NotFound):
            fax.one(wrong, first)


def test_what_is_deleted_for_good_leaves_its_facts_and_its_price(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    first, second = desk.send(desk.draft(1), CLINIC, "+14165550118")
    work(later=True)
    since, until = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    price = desk.one(first).price
    with desk.reading():
        [page] = fax.pages(desk.client_id, second)
        picture = fax.page_file(desk.client_id, page.public_id)
        pdf = fax.pdf_file(desk.client_id, first)

    with desk.writing():
        fax.to_bin(desk.client_id, [first, second])
        fax.delete_for_good(desk.client_id, [first])
    shared = storage.path_of(picture).exists()
    with unscoped("the bin's thirty days pass"), transaction():
        session().execute(update(Fax).values(binned_at=clock.now() - timedelta(days=31)))
        fax.forget_old(clock.now())

    assert shared, "the other fax still had the page"
    for name in (picture, pdf):
        with pytest.raises(NotFound):
            storage.path_of(name)
    with desk.reading():
        assert not list(session().scalars(select(FaxDocument)))
        assert not list(session().scalars(select(FaxPage)))
        rows = fax.report(FaxFilter(since, until)).rows
        totals = fax.report_totals(FaxFilter(since, until, client_id=desk.client_id))
        with pytest.raises(NotFound):
            fax.one(desk.client_id, first)
    assert [(row.contact, row.price) for row in rows] == [("+14165550118", price), (CLINIC, price)]
    assert (totals.faxes, totals.delivered, totals.price) == (2, 2, price + price)
    assert desk.standing() == (-price - price, NOTHING)
    assert books_are_right()


def test_a_draft_keeps_what_was_typed_and_goes_with_its_files(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    draft = desk.draft(2)
    with desk.writing():
        fax.save_draft(
            desk.client_id, draft, own_number="+16135550121",
            recipients=[Recipient("416 555 01", "Not yet whole")], subject="Half a number",
        )  # fmt: skip
    with desk.reading():
        view = fax.draft(desk.client_id, draft)
        counts = fax.folders(desk.client_id)
        picture = fax.page_file(desk.client_id, view.pages[0].public_id)

    with desk.writing():
        fax.discard_draft(desk.client_id, draft)

    assert view.recipients == (Recipient("416 555 01", "Not yet whole"),)
    assert (view.fax.subject, counts.drafts, view.pages_to_send) == ("Half a number", 1, 2)
    with pytest.raises(NotFound):
        storage.path_of(picture)
    with desk.reading(), pytest.raises(NotFound):
        fax.draft(desk.client_id, draft)
