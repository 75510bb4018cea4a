"""Filters, a schedule, files and a comparison with the carrier that the demo's staff asked for."""

from __future__ import annotations

from datetime import timedelta

from portal import identity, invoices, reconciling, reports
from portal.reports import Every, FileFormat, ReportKind, ScheduleDraft


def ask_for_reports(owner_id: int) -> None:
    """In the caller's transaction."""
    owner = next(one for one in identity.team() if one.id == owner_id)
    for kind, name, words, shared in (
        (ReportKind.GLOBAL_CDR, "Not connected", {"period": "7", "result": "failed"}, True),
        (ReportKind.GLOBAL_CDR, "Without a rate", {"period": "month", "state": "unrated"}, False),
        (ReportKind.NUMBERS, "Unsold", {"period": "30", "state": "free"}, True),
    ):
        reports.save_filter(kind, name, words, person_id=owner.id, shared=shared)
    reports.add_address("books@ledgerhouse.example", confirmed=True)
    [accountant] = reports.addresses()
    reports.add_schedule(
        ScheduleDraft(
            ReportKind.GLOBAL_CDR, {"period": "last-month"}, [], FileFormat.XLSX, Every.MONTH, 1, 6,
            people=[owner.public_id], addresses=[accountant.public_id],
        ),
        language=owner.language or "en",
        made_by_id=owner.id,
    )  # fmt: skip
    for kind, words, file_format in (
        (ReportKind.SUB_ACCOUNTS, {"period": "30"}, FileFormat.XLSX),
        (ReportKind.FINANCIAL, {}, FileFormat.PDF),
    ):
        reports.request_file(
            kind,
            reports.by_kind(kind).choose(words).filters,
            file_format=file_format,
            language=owner.language or "en",
            asked_by_id=owner.id,
        )
    first = invoices.last_month()
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    reconciling.ask(first, last, reconciling.PARTS, asked_by_id=owner.id)
