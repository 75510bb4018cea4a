"""Filters, a schedule and a file that the demo's staff asked for."""

from __future__ import annotations

from portal import identity, reports
from portal.reports import Every, FileFormat, ReportKind, ScheduleDraft


def ask_for_reports(owner_email: str) -> None:
    """In the caller's transaction."""
    owner = next(one for one in identity.team() if one.email == owner_email)
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
    reports.request_file(
        ReportKind.SUB_ACCOUNTS,
        reports.by_kind(ReportKind.SUB_ACCOUNTS).choose({"period": "30"}).filters,
        file_format=FileFormat.XLSX,
        language=owner.language or "en",
        asked_by_id=owner.id,
    )
