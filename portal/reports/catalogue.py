"""Every report that is described, by its word."""

from __future__ import annotations

from portal.core.errors import NotFound
from portal.reports.account_report import SubAccounts
from portal.reports.calls_report import ClientCdr, GlobalCdr, OwnCalls
from portal.reports.description import Report
from portal.reports.fax_report import Faxes
from portal.reports.financial import Financial
from portal.reports.margin import Margin
from portal.reports.number_report import Numbers
from portal.reports.text_report import Texts
from portal.reports.values import ReportKind

GLOBAL_CDR = GlobalCdr()
OWN_CALLS = OwnCalls()

# What staff find in the index, in its order.
FOR_STAFF: tuple[Report, ...] = (
    Financial(), Margin(), GLOBAL_CDR, ClientCdr(), Faxes(), Texts(), SubAccounts(), Numbers(),
)  # fmt: skip
_BY_KIND = {report.kind: report for report in (*FOR_STAFF, OWN_CALLS)}
_BY_WORD = {report.word: report for report in FOR_STAFF}


def by_word(word: str) -> Report:
    """The report of an address; NotFound for anything else."""
    if word not in _BY_WORD:
        raise NotFound("There is no such report.")
    return _BY_WORD[word]


def is_described(kind: ReportKind) -> bool:
    """Is it a report like the others? Statements and other papers are not."""
    return kind in _BY_KIND


def by_kind(kind: ReportKind) -> Report:
    """The description of what a file shows."""
    if kind not in _BY_KIND:
        raise NotFound("There is no such report.")
    return _BY_KIND[kind]
