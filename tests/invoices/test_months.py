"""Months become invoices: which days, which lines, which taxes, and what happens afterwards."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import identity, invoices, ledger
from portal.core.db import session, transaction
from portal.core.errors import InvalidInput, Refused
from portal.core.money import Money
from portal.core.period import month as month_of
from portal.core.scope import Scope, bind
from portal.invoices import ExemptionDetails, InvoiceSettings, Mode, Month, PaperFilter
from portal.invoices.lines import MOST_ALONE, MOST_FEES, fees
from portal.ledger import FeeKind, FeeSource, Reason, Single
from tests.calls.conftest import books_are_right
from tests.invoices.conftest import NOW, TORONTO, Firm, local, open_firm


def test_a_month_is_the_resellers_from_midnight_to_midnight(firm: Firm) -> None:
    firm.post("0.10", at="2026-02-28 23:30")  # E4: 1 March 04:30 UTC
    firm.post("0.20", at="2026-03-01 00:00:00")
    firm.post("0.40", at="2026-03-31 23:30")  # E5: 1 April 03:30 UTC
    firm.post("0.80", at="2026-04-01 00:00")

    assert firm.content("2026-03").basis == Money.of("0.60")
    assert firm.content("2026-04").basis == Money.of("0.80")
    hours = [month_of(2026, one, zone=TORONTO).length for one in (3, 11)]
    assert hours == [timedelta(hours=743), timedelta(hours=721)]  # E6


def test_a_client_from_before_the_clocks_changed_gets_the_same_invoice(firm: Firm) -> None:
    later = firm.add_client("owen@kestrel.example")  # E8
    for client in (firm.client_id, later):
        firm.post("1.00", at="2026-11-01 01:30", client=client)
        firm.post("1.00", at="2026-11-30 23:59", client=client)

    first, second = (firm.content("2026-11", client=one) for one in (firm.client_id, later))

    assert replace(first, number="", buyer=second.buyer) == replace(second, number="")


def test_a_late_call_is_on_the_next_invoice_under_its_own_day(firm_on_each: Firm) -> None:
    firm = firm_on_each
    firm.post("1.50", at="2026-03-10 12:00")
    issued = firm.content("2026-03")
    firm.post("0.25", at="2026-04-02 09:00", began="2026-03-31 23:50")  # H9
    firm.post("0.75", at="2026-04-05 09:00")

    lines = [(line.text, line.items, str(line.amount)) for line in firm.content("2026-04").lines]

    assert lines == [
        ("Calls", 1, "0.750000"),
        ("Calls of Mar 31, 2026", 1, "0.250000"),
    ]
    with firm.reading():
        kept = invoices.papers(PaperFilter(text=issued.number)).rows[0]
        assert invoices.content_of(kept.id) == issued
    assert books_are_right()


def test_fees_usage_and_charges_by_hand_are_lines_by_name(firm: Firm) -> None:
    for number in range(3):
        with time_machine.travel(local("2026-10-10 09:00"), tick=False), firm.writing():
            ledger.charge_fee(
                firm.client_id, Money.of("14.95"), description="Office Standard",
                fee=FeeSource(FeeKind.PACKAGE, uuid.UUID(int=number), date(2026, 10, 10)),
            )  # fmt: skip
    firm.post("1.50", at="2026-10-10 09:00", reason=Reason.DID_FEE, name="+16135550142")
    firm.post("5", at="2026-10-10 09:00", reason=Reason.SETUP_FEE, name="Office Standard")
    firm.post("0.015", at="2026-10-11 09:00", reason=Reason.SMS)
    firm.post("25", at="2026-10-12 09:00", reason=Reason.CHARGE, name="Site visit")
    firm.post("0.0138", at="2026-10-12 09:00", seconds=90)
    firm.pay("100", at="2026-10-20 10:00")

    paper = firm.content("2026-10")

    assert [(line.text, line.items, str(line.amount)) for line in paper.lines] == [
        ("Monthly fee · Office Standard", 3, "44.850000"),
        ("Setup fee · Office Standard", 1, "5.000000"),
        ("Number fee · +1 613 555 0142", 1, "1.500000"),
        ("Calls", 1, "0.013800"),
        ("Text messages", 1, "0.015000"),
        ("Site visit", 1, "25.000000"),
    ]
    assert paper.lines[0].note == "Oct 10, 2026"
    assert [str(one.amount) for one in paper.payments] == ["100.000000"]
    with firm.reading():
        assert (
            paper.basis
            == ledger.totals(firm.client_id, date(2026, 10, 1), date(2026, 10, 31)).charges
        )
    assert books_are_right()


def test_each_client_pays_the_taxes_of_its_region_on_top(firm: Firm) -> None:
    firm.tax("HST", "13", "ON")
    firm.tax("GST", "5", "QC", "AB")
    firm.tax("QST", "9.975", "Québec")
    firm.tax("VAT", "20", country="FR")
    firm.tax("OLD", "50", valid_until=date(2026, 9, 30))
    firm.tax("NEW", "50", valid_from=date(2026, 11, 1))
    clients = {
        place: firm.add_client(f"{place}@example.com", state=place, country=country)
        for place, country in (
            ("Quebec", "CA"),
            ("Alberta", "CA"),
            ("Paris", "FR"),
            ("Texas", "US"),
        )
    }
    clients["Ontario"] = firm.client_id
    for client in clients.values():
        firm.post("60", at="2026-10-10 09:00", reason=Reason.CHARGE, name="Work", client=client)

    papers = {place: firm.content("2026-10", client=client) for place, client in clients.items()}

    assert {
        place: (
            [f"{tax.name} {tax.amount.decimal.normalize()}" for tax in one.taxes],
            str(one.total),
        )
        for place, one in papers.items()
    } == {
        "Ontario": (["HST 7.8"], "67.800000"),
        "Quebec": (["GST 3", "QST 5.99"], "68.990000"),  # B8
        "Alberta": (["GST 3"], "63.000000"),
        "Paris": (["VAT 12"], "72.000000"),
        "Texas": ([], "60.000000"),
    }
    assert firm.balance() == Money.of("-67.80")  # what is on top leaves the balance
    assert papers["Ontario"].due == Money.of("67.80")
    assert books_are_right()


def test_whoever_is_exempt_reads_why(firm: Firm) -> None:
    firm.tax("GST", "5")
    firm.tax("PST", "7")
    with firm.writing():
        gst = invoices.taxes()[0].public_id
        invoices.add_exemption(firm.client_id, ExemptionDetails(gst, "First Nations", "FN-77"))
    firm.post("10", at="2026-10-10 09:00")

    paper = firm.content("2026-10")

    assert [tax.name for tax in paper.taxes] == ["PST"]
    assert [(one.name, one.reason, one.number) for one in paper.exemptions] == [
        ("GST", "First Nations", "FN-77")
    ]


def test_nothing_to_pay_takes_no_number_and_a_negative_month_is_carried(firm: Firm) -> None:
    firm.post("3", at="2026-06-05 09:00", reason=Reason.CHARGE)
    with time_machine.travel(local("2026-07-03 09:00"), tick=False), firm.writing():
        ledger.correct(
            firm.client_id, Money.of("-2"), of=Reason.CALL, source_type="old", source_id="1",
            kind="correction",
        )  # fmt: skip
    firm.post("5", at="2026-08-05 09:00", reason=Reason.CHARGE)

    done = [firm.issue(month) for month in ("2026-05", "2026-06", "2026-07", "2026-08")]

    assert [one.month for one in done if one] == [
        Month.EMPTY, Month.ISSUED, Month.CARRIED, Month.ISSUED,
    ]  # fmt: skip
    with firm.reading():
        rows = invoices.papers(PaperFilter(newest_first=False)).rows
    assert [(row.number, str(row.total), row.first_day.month) for row in rows] == [
        ("INV-2026-0001", "3.000000", 6),
        ("INV-2026-0002", "3.000000", 7),
    ]
    assert books_are_right()


def test_a_rerated_call_of_an_issued_invoice_becomes_a_credit_note(firm_on_each: Firm) -> None:
    firm = firm_on_each
    firm.tax("HST", "13", "ON")
    source = firm.post("10", at="2026-03-10 12:00")
    firm.post("1", at="2026-04-10 12:00")
    issued = firm.content("2026-03")
    before = firm.balance()
    with time_machine.travel(local("2026-04-20 12:00"), tick=False), firm.writing():
        ledger.correct(
            firm.client_id, Money.of("-4"), of=Reason.CALL, source_type="test", source_id=source,
            kind="rerate", description="+442079460018",
        )  # fmt: skip

    april = firm.content("2026-04")  # H5

    [note] = firm.notes()
    assert [(line.text, str(line.amount)) for line in april.lines] == [("Calls", "1.000000")]
    assert (note.credits, str(note.net), str(note.tax)) == (issued.number, "4.000000", "0.520000")
    assert firm.balance() == before + Money.of("4.52") - Money.of("0.13")
    assert books_are_right()


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_month_of_calls_priced_again_is_a_line_for_each_day(firm: Firm, sign: int) -> None:
    calls = [firm.post("1", at=f"2026-03-1{day} 12:00") for day in (0, 0, 1)]
    firm.content("2026-03")
    with time_machine.travel(local("2026-04-20 12:00"), tick=False), firm.writing():
        for number in range(MOST_ALONE + 1):
            ledger.correct(
                firm.client_id, Money(sign * 10_000), of=Reason.CALL, source_type="test",
                source_id=calls[number % 3], kind=f"rerate {number}",
                occurred_at=local(f"2026-03-1{number % 3 // 2} 12:00"),
            )  # fmt: skip
        ledger.charge(
            firm.client_id, Money.of("5"), reason=Reason.CHARGE, source_type="test",
            source_id="by hand", kind="charge", description="Visit",
        )  # fmt: skip

    april = firm.content("2026-04")

    told = firm.notes()[0].lines if sign < 0 else april.lines[1:]
    assert [(line.text, line.items, str(line.amount)) for line in told] == [
        ("Correction · Calls of Mar 10, 2026", 68, "0.680000"),
        ("Correction · Calls of Mar 11, 2026", 33, "0.330000"),
    ]
    assert books_are_right()


def test_fees_of_very_many_numbers_are_one_line_for_each_amount(firm: Firm) -> None:
    def fee(number: int, amount: str) -> Single:
        what, day = Reason.DID_FEE, date(2026, 3, 1)
        return Single(
            uuid.uuid4(), what, what, Money.of(amount), f"+1613555{number:04}", "fee",
            f"number:{number}:{day}", NOW, day, None, None, None,
        )  # fmt: skip

    many = [fee(number, "1.5") for number in range(MOST_FEES)]
    with force_locale("en"):
        alone = fees(many, "en")
        together = fees([*many, fee(9999, "2")], "en")

    assert len(alone) == MOST_FEES
    assert [(line.text, line.items, str(line.amount)) for line in together] == [
        ("Number fee · +1 613 555 0000 … +1 613 555 0299", 300, "450.000000"),
        ("Number fee · +1 613 555 9999", 1, "2.000000"),
    ]


@pytest.mark.parametrize("inclusive", [False, True])
def test_credit_notes_give_back_part_then_the_rest_and_never_more(
    app_on_each: Flask, inclusive: bool
) -> None:
    firm = open_firm(inclusive=inclusive)
    firm.tax("GST", "5")
    firm.tax("QST", "9.975")
    firm.post("60", at="2026-10-10 12:00", reason=Reason.CHARGE)
    paper = firm.content("2026-10")
    with firm.reading():
        name = invoices.papers(PaperFilter()).rows[0].public_id

    def credit(amount: str | None, form: str) -> None:
        with firm.writing():
            part = None if amount is None else Money.of(amount)
            invoices.credit_by_hand(name, part, reason="A favour", form=form)

    credit("20", "first")
    with pytest.raises(Refused):
        credit("20", "first")
    for wrong in ("40.000001", "0.009999"):  # more than is left, and a paper about nothing
        with pytest.raises(InvalidInput):
            credit(wrong, "second")
    credit(None, "third")
    with pytest.raises(Refused):
        credit("0.01", "fourth")

    first, rest = firm.notes()
    assert [note.number for note in (first, rest)] == ["CN-2026-0001", "CN-2026-0002"]
    for at, tax in enumerate(paper.taxes):
        assert first.taxes[at].amount + rest.taxes[at].amount == tax.amount
    assert first.total + rest.total == paper.total
    assert firm.balance() == Money(0)
    assert books_are_right()


def test_a_receipt_holds_its_taxes_and_is_credited_when_the_payment_goes_back(firm: Firm) -> None:
    firm.settle(mode=Mode.RECEIPT, since=date(2026, 12, 1))
    firm.tax("HST", "13", "ON")
    paid = firm.pay("115", at="2026-12-10 10:00")

    def look() -> list[str]:
        with time_machine.travel(NOW, tick=False), firm.writing():
            return [paper.number for paper in invoices.issue_receipts(firm.client_id)]

    assert (look(), look()) == (["RCT-2026-0001"], [])
    assert firm.balance() == Money.of("101.77")
    with time_machine.travel(NOW, tick=False), firm.writing():
        assert paid.public_id is not None
        ledger.reverse(paid.public_id)
    assert (look(), look()) == (["CN-2026-0001"], [])
    assert firm.balance() == Money(0)
    assert books_are_right()


@pytest.mark.parametrize(("currency", "tax", "digits"), [("JPY", "124", 0), ("KWD", "123.457", 3)])
def test_currencies_without_and_with_three_decimals(
    app: Flask, currency: str, tax: str, digits: int
) -> None:
    firm = open_firm(currency=currency)
    firm.tax("VAT", "10")
    firm.post("1234.567", at="2026-10-10 12:00", reason=Reason.CHARGE)

    paper = firm.content("2026-10")

    assert (paper.digits, paper.tax) == (digits, Money.of(tax) if digits else Money.of("123"))


def test_issued_papers_stay_as_they_are(firm_on_each: Firm) -> None:
    firm = firm_on_each
    firm.post("10", at="2026-10-10 12:00")
    issued = firm.content("2026-10")
    with firm.writing():
        details = identity.client_facts(firm.client_id).details
        identity.edit_client(firm.client_id, replace(details, company="Renamed", city="Elsewhere"))
        invoices.save_settings(replace(invoices.settings(), footer="Later", invoice_prefix="X-"))

    with firm.reading():
        assert invoices.content_of(invoices.papers(PaperFilter()).rows[0].id) == issued
    for change in ("UPDATE papers SET total = 1", "DELETE FROM papers"):
        with pytest.raises(DBAPIError, match="never changed"), firm.writing():
            session().execute(text(change))
    assert books_are_right()


def test_missed_months_are_caught_up_in_order_once(firm: Firm) -> None:
    with firm.writing():
        invoices.save_settings(InvoiceSettings(mode=Mode.NONE))
        invoices.save_choice(firm.client_id, Mode.MONTHLY, since=date(2026, 8, 1))
    for month in (8, 9, 11):
        firm.post("1", at=f"2026-{month:02}-10 12:00")
    with time_machine.travel(local("2026-12-01 01:59"), tick=False), firm.reading():
        assert invoices.due_months()[firm.client_id][-1] == date(2026, 10, 1)
    with time_machine.travel(NOW, tick=False), firm.reading():
        due = invoices.due_months()[firm.client_id]
    for month in due * 2:
        firm.issue(f"{month:%Y-%m}")

    with time_machine.travel(NOW, tick=False), firm.reading():
        rows = invoices.papers(PaperFilter(newest_first=False)).rows
        assert invoices.due_months() == {}
    assert [(row.number[-4:], row.first_day.month) for row in rows] == [
        ("0001", 8), ("0002", 9), ("0003", 11),
    ]  # fmt: skip


def test_a_month_that_is_not_over_is_refused(firm: Firm) -> None:
    with pytest.raises(Refused):
        firm.issue("2026-12")
    with bind(Scope(firm.reseller_id)), transaction(), pytest.raises(Refused):
        invoices.issue_month(firm.client_id, date(2199, 1, 1))
