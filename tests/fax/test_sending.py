"""Sending faxes: the pages as they will be seen, the price before, one copy and its exact price after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from jobs.runtime import answer_the_bell
from portal import fax, identity, ledger, reports
from portal.core import clock
from portal.core.errors import InsufficientBalance, InvalidInput, NotFound, Refused
from portal.core.money import Money
from portal.core.scope import Scope
from portal.fax import Cover, FaxState, FileState, Place, Policy, Recipient
from portal.identity import BalanceMode
from portal.reports import ReportKind
from portal.tasks import DELIVER_FAX, IMPORT_FAXES, LOOK_UP_FAX
from tests.calls.conftest import books_are_right
from tests.carrier import Carrier
from tests.fax.conftest import CLINIC, NOTHING, OTHERS, OWN, FaxDesk, open_desk
from tests.together import meet
from tests.worker import bring_forward, work

# The machine: 12 s to dial, 28 s a page. Two pages: 68 s, in steps of 6 s 72 s, at 0.03 a minute.
TWO_PAGES, HELD_FOR_TWO = Money.of("0.036"), Money.of("0.045")


def test_a_fax_goes_out_once_and_costs_its_length(desk: FaxDesk) -> None:
    draft = desk.converted_draft()
    with desk.reading():
        shown = fax.draft(desk.client_id, draft)
        price = fax.estimate(desk.client_id, OWN, shown.pages_to_send)

    [sent] = desk.send(draft)
    again = desk.send(draft)  # a second click
    held = desk.standing()
    work(later=True)

    assert [file.state for file in shown.files] == [FileState.READY]
    assert (price.seconds, price.price, price.learned) == (90, HELD_FOR_TWO, False)
    assert again == [sent]
    assert held == (NOTHING, HELD_FOR_TWO)
    assert [copy["pages"] for copy in desk.copies()] == [2]
    row = desk.one(sent)
    assert (row.state, row.pages, row.seconds, row.price) == (FaxState.SENT, 2, 68, TWO_PAGES)
    assert row.has_pdf
    assert row.has_report
    assert desk.standing() == (-TWO_PAGES, NOTHING)
    steps = [step for step in desk.steps(sent) if step != "page"]  # seen, or over already
    assert steps == ["queued", "preparing", "dialling", "sent"]
    assert books_are_right()


def test_the_report_of_each_user_is_to_the_micro_what_the_books_took(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk, report = desk_on_sqlite, reports.by_kind(ReportKind.FAXES)
    desk.machine("busy", number="+14165550199")
    for pages, number in ((1, CLINIC), (3, CLINIC), (2, "+14165550199")):
        desk.send(desk.draft(pages), number)
    work(later=True)
    desk.arrives(2)
    desk.arrives(1, did=OTHERS[2:])
    desk.accept(IMPORT_FAXES)
    work()

    def total(client_id: int | None = None) -> Money:
        words = {"client": str(identity.client_facts(client_id).public_id)} if client_id else {}
        sums = report.summary(report.choose(words)).totals
        price = sums[[column.key for column in report.columns()].index("price")]
        assert isinstance(price, Money)
        return price

    with desk.reading(), force_locale("en"):
        taken = [-ledger.standing(one).balance for one in (desk.client_id, desk.other_id)]
        said = [total(one) for one in (desk.client_id, desk.other_id)]
        of_all = total()
    assert taken[0] > taken[1] > NOTHING
    assert said == taken
    assert of_all == taken[0] + taken[1]


def test_several_recipients_get_a_fax_each_with_a_cover_of_their_own(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    draft = desk.draft(3)
    with desk.writing():
        fax.save_draft(
            desk.client_id, draft, own_number=OWN, recipients=[Recipient(CLINIC, "Dr. Béatrice")],
            subject="Référence", cover=Cover(remarks="For your file."),
        )  # fmt: skip
    with desk.reading():
        first, second, third = fax.draft(desk.client_id, draft).pages
    with desk.writing():
        fax.arrange(desk.client_id, draft, [third.public_id, first.public_id])
    work(later=True)
    with desk.reading():
        view = fax.draft(desk.client_id, draft)
    drawn = [page.number for page in view.pages if page.file is None]
    assert (drawn, view.pages_to_send) == ([1], 3), "the cover is seen before it is sent"

    one, two = desk.send(draft, CLINIC, "416-555-0118", CLINIC)
    work(later=True)

    assert [copy["pages"] for copy in desk.copies()] == [3, 3]
    assert sorted(copy["other"] for copy in desk.copies()) == ["4165550117", "4165550118"]
    with desk.reading():
        pages = fax.pages(desk.client_id, one)
        others = fax.pages(desk.client_id, two)
    assert [page.public_id for page in pages[1:]] == [third.public_id, first.public_id]
    assert pages[1:] == others[1:], "the pages are kept once"
    assert pages[0] != others[0], "the covers are two"
    assert second.public_id not in {page.public_id for page in pages}
    with desk.reading():
        found = fax.listing(desk.client_id, Place.SENT, text="REFERENCE").rows
    assert {row.public_id for row in found} == {one, two}
    assert books_are_right()


def test_a_fax_that_breaks_on_page_2_costs_nothing_and_goes_out_when_it_is_tried_again(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    desk.machine("fails", page=2, fails=1)
    [sent] = desk.send(desk.draft())

    work(later=True)
    failed, after_failing = desk.one(sent), desk.standing()
    with desk.writing():
        fax.retry(desk.client_id, sent, attempt=1)
        fax.retry(desk.client_id, sent, attempt=1)  # a second click
    held = desk.standing()
    work(later=True)

    assert (failed.state, failed.error_code, failed.error_page) == (FaxState.FAILED, "page", 2)
    assert (failed.price, failed.has_report) == (NOTHING, True)
    assert after_failing == (NOTHING, NOTHING), "J12: not charged"
    assert held == (NOTHING, HELD_FOR_TWO)
    assert (desk.one(sent).state, desk.one(sent).attempt) == (FaxState.SENT, 2)
    assert desk.standing() == (-TWO_PAGES, NOTHING)
    assert len(desk.copies()) == 2
    assert books_are_right()


def test_a_busy_line_is_tried_again_as_often_as_the_client_wishes(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    with desk.writing():
        fax.save_policy(desk.client_id, Policy(retries=1, retry_minutes=3))
    desk.machine("busy")
    [sent] = desk.send(desk.draft(1))

    work(later=True)

    row = desk.one(sent)
    assert (row.state, row.error_code, row.attempt) == (FaxState.FAILED, "busy", 2)
    assert [step for step in desk.steps(sent) if step != "page"] == [
        "queued", "preparing", "dialling", "retry", "dialling", "failed",
    ]  # fmt: skip
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_an_unknown_outcome_is_looked_up_and_never_sent_again(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    desk.fault("cut")  # the carrier takes it, its answer is lost
    [arrived] = desk.send(desk.draft(1))
    work()
    between = desk.one(arrived)
    with pytest.raises(Refused), desk.writing():
        fax.retry(desk.client_id, arrived, attempt=1)
    work(later=True)

    desk.fault("reset")  # the carrier never sees it
    [lost] = desk.send(desk.draft(1), reference="r2")
    work(later=True)

    assert between.state == FaxState.UNKNOWN
    assert desk.one(arrived).state == FaxState.SENT
    assert (desk.one(lost).state, desk.one(lost).error_code) == (FaxState.FAILED, "not_sent")
    assert len(desk.copies()) == 1
    assert desk.standing() == (-desk.one(arrived).price, NOTHING)
    assert books_are_right()


def test_an_unknown_fax_leaves_the_carriers_row_to_the_same_fax_that_was_taken(
    desk_on_sqlite: FaxDesk,
) -> None:
    desk = desk_on_sqlite
    desk.fault("reset")  # the carrier never sees the first
    [lost] = desk.send(desk.draft(1))
    work()
    looking = desk.newest_task(LOOK_UP_FAX)
    [taken] = desk.send(desk.draft(1), reference="r2")
    answer_the_bell(desk.newest_task(DELIVER_FAX))
    between = [desk.one(lost).state, desk.one(taken).state]

    bring_forward()
    answer_the_bell(looking)
    work(later=True)

    assert between == [FaxState.UNKNOWN, FaxState.SENDING]
    assert (desk.one(lost).state, desk.one(taken).state) == (FaxState.FAILED, FaxState.SENT)
    assert desk.standing() == (-desk.one(taken).price, NOTHING)


def test_a_planned_fax_waits_and_can_be_stopped(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    later = clock.now() + timedelta(hours=3)
    [kept] = desk.send(desk.draft(1), due_at=later)
    [stopped] = desk.send(desk.draft(1), reference="r2", due_at=later)
    with desk.writing():
        fax.cancel(desk.client_id, stopped)
        fax.cancel(desk.client_id, stopped)

    work()
    waiting = [desk.one(kept).state, desk.one(stopped).state]
    with desk.writing():
        identity.suspend_client(desk.client_id)
    work(later=True)

    assert waiting == [FaxState.QUEUED, FaxState.CANCELLED]
    assert (desk.one(kept).state, desk.one(kept).error_code) == (FaxState.FAILED, "suspended")
    assert desk.copies() == []
    assert desk.standing() == (NOTHING, NOTHING)
    assert books_are_right()


def test_stop_and_retry_pressed_in_two_tabs_at_once_happen_once_and_hold_once(
    make_app: Callable[..., Flask], migrated_postgres_url: str, practice: Carrier
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        desk = open_desk(practice)
        [sent] = desk.send(desk.draft(2))

        def stop() -> None:
            fax.cancel(desk.client_id, sent)

        def again() -> None:
            fax.retry(desk.client_id, sent, attempt=1)

        scope = Scope(desk.reseller_id)
        assert meet(app, scope, stop, stop) == (None, None)
        assert (desk.states(), desk.standing()) == ([FaxState.CANCELLED], (NOTHING, NOTHING))
        assert meet(app, scope, again, again) == (None, None)
        assert (desk.states(), desk.standing()) == ([FaxState.QUEUED], (NOTHING, HELD_FOR_TWO))
        assert books_are_right()


def test_one_draft_in_two_windows_at_once_is_sent_once_as_one_of_them_said_or_not_at_all(
    make_app: Callable[..., Flask], migrated_postgres_url: str, practice: Carrier
) -> None:
    app = make_app(migrated_postgres_url)
    with app.app_context():
        desk = open_desk(practice)
        scope = Scope(desk.reseller_id)

        def window(draft: uuid.UUID, to: str) -> Callable[[], list[uuid.UUID]]:
            def press() -> list[uuid.UUID]:
                said = [Recipient(to)]
                fax.save_draft(
                    desk.client_id, draft, own_number=OWN, recipients=said, subject=f"For {to}"
                )
                return fax.send(desk.client_id, draft, said, reference=f"draft-{draft}")

            return press

        def discard() -> None:
            fax.discard_draft(desk.client_id, draft)

        draft = desk.draft(2)
        sent, refused = meet(app, scope, window(draft, CLINIC), window(draft, "+14165550118"))
        [made] = desk.faxes()
        assert ([made.public_id], made.subject, made.contact) == (sent, f"For {CLINIC}", CLINIC)
        assert isinstance(refused, NotFound)

        draft = desk.draft(2)
        sent, refused = meet(app, scope, window(draft, CLINIC), discard)
        assert isinstance(refused, NotFound)
        assert desk.one(sent[0]).has_pages

        draft = desk.draft(2)
        done, refused = meet(app, scope, discard, window(draft, CLINIC))
        assert (done, type(refused)) == (None, NotFound)

        assert desk.states() == [FaxState.QUEUED] * 2
        assert desk.standing() == (NOTHING, Money(HELD_FOR_TWO.micros * 2))
        assert books_are_right()


def test_what_cannot_be_sent_is_refused_and_changes_nothing(app: object, practice: Carrier) -> None:
    desk = open_desk(practice, mode=BalanceMode.HARD)
    draft, empty = desk.draft(1), desk.empty_draft()
    broken = desk.empty_draft()
    desk.add(broken, b"MZ this is no document", name="invoice.pdf")
    work()
    with desk.reading():
        [refused] = fax.draft(desk.client_id, broken).files

    for this, numbers, field in (
        (draft, ["911"], "recipients"), (draft, [], "recipients"), (empty, [CLINIC], "files"),
        (broken, [CLINIC], "files"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as wrong, desk.writing():
            fax.send(desk.client_id, this, [Recipient(one) for one in numbers], reference="r")
        assert wrong.value.field == field
    with pytest.raises(NotFound), desk.writing():
        fax.send(desk.other_id, draft, [Recipient(CLINIC)], reference="r")
    with pytest.raises(InvalidInput), desk.writing():
        fax.new_draft(desk.client_id, own_number=OTHERS)
    with pytest.raises(InsufficientBalance):
        desk.send(draft)
    desk.pay("0.03")  # one page for a minute

    [sent] = desk.send(draft)
    work(later=True)

    assert refused.state == FileState.REFUSED
    assert refused.reason
    assert desk.one(sent).state == FaxState.SENT
    assert desk.standing() == (Money.of("0.03") - Money.of("0.021"), NOTHING)
    assert books_are_right()


def test_pages_that_the_carrier_counts_otherwise_are_corrected(desk_on_sqlite: FaxDesk) -> None:
    desk = desk_on_sqlite
    [sent] = desk.send(desk.draft(2))
    work()
    [copy] = desk.copies()
    desk.carrier.post(f"faxes/{copy['id']}/correct", pages=3, seconds=100)
    work(later=True)

    row = desk.one(sent)
    assert (row.pages, row.seconds, row.price) == (3, 100, Money.of("0.051"))
    assert desk.standing() == (-Money.of("0.051"), NOTHING), "more than was set aside"
    assert books_are_right()
