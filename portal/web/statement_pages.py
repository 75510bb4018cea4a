"""What the two portals' pages of statements share."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import get_locale

from portal import reports
from portal.core.db import transaction
from portal.reports import ReportKind, statement
from portal.web import filters, report_files
from portal.web.session import person

MONTHS = 12


def ask(client_id: int) -> None:
    """Ask for a statement of the period that the form names."""
    period = statement.choose(request.form)
    with transaction():
        reports.request_file(
            ReportKind.STATEMENT,
            period.as_filters(),
            language=str(get_locale() or "en"),
            asked_by_id=person().person_id,
            client_id=client_id,
        )


def words(client_id: int, portal: str, *, ask_url: str) -> dict[str, Any]:
    """For ``_panel.html``: the months to choose from, and the files there are."""
    return {
        "ask_url": ask_url,
        "months": [
            (filters.month(first), period.as_filters())
            for first, period in statement.months(MONTHS)
        ],
        "jobs": [
            report_files.shown(row, portal)
            for row in reports.latest(
                ReportKind.STATEMENT, ReportKind.OWN_CALLS, client_id=client_id
            )
        ],
    }
