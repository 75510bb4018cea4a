"""The demo's taxes and papers: months that are over have their invoices, one of them a credit note."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal import invoices
from portal.core.db import transaction
from portal.core.money import Money, percent_e4
from portal.invoices import ExemptionDetails, InvoiceSettings, Mode, PaperFilter, TaxDetails

# Name, rate, registration number, regions.
_TAXES = {
    "northwind": (
        ("HST", "13", "00000 0000 RT0001", ("ON",)),
        ("GST", "5", "00000 0000 RT0001", ("QC", "AB", "BC", "MB", "SK")),
        ("QST", "9.975", "0000000000 TQ0002", ("QC",)),
    ),
    "globex": (
        ("TPS", "5", "00000 0000 RT0002", ()),
        ("TVQ", "9.975", "0000000000 TQ0001", ("QC",)),
    ),
}
_BY_HAND = 2  # of the clients
_FEET = {
    "northwind": "Thank you for calling with Northwind Voice.",
    "globex": "Merci de votre confiance. Une question ? help@globex.example",
}


def write_papers(theme: str, client_ids: list[int], began: datetime, zone: ZoneInfo) -> None:
    """Set the taxes up as prices hold them, and issue each month on the first of the next.

    One client is invoiced by hand only, and the last month waits for the hand.
    """
    first = (began.astimezone(zone).date() + timedelta(days=31)).replace(day=1)
    with transaction():
        for name, percent, number, regions in _TAXES[theme]:
            invoices.save_tax(TaxDetails(name, percent_e4(percent), number, "CA", regions))
        invoices.save_settings(
            InvoiceSettings(mode=Mode.MONTHLY, since=first, inclusive=True, footer=_FEET[theme])
        )
        invoices.add_exemption(
            client_ids[-1], ExemptionDetails(None, "Diplomatic mission", "D-112")
        )
    months = sorted({month for due in invoices.due_months().values() for month in due})
    by_hand, latest = client_ids[_BY_HAND], invoices.last_month()
    for month in months:
        on = datetime.combine(month + timedelta(days=32), time(7), zone).replace(day=1)
        with transaction():
            for client_id in client_ids:
                if client_id == by_hand and month == latest:
                    continue
                done = invoices.issue_month(client_id, month, issued_at=on)
                newest = client_id == client_ids[0] and month == latest
                if newest and done is not None and done.invoice is not None:
                    invoices.ask_file(done.invoice.id)
    with transaction():
        invoices.save_choice(by_hand, Mode.NONE)
        _credit_some(client_ids[0])


def _credit_some(client_id: int) -> None:
    """A favour to the first client, on the oldest invoice."""
    rows = invoices.papers(PaperFilter(client_id=client_id, newest_first=False)).rows
    if rows and invoices.left_of(rows[0].id) > Money.of("5"):
        invoices.credit_by_hand(
            rows[0].public_id,
            Money.of("5"),
            reason="A telephone that was delivered late",
            form="00000000-0000-4000-8000-00000000c4ed",
        )
