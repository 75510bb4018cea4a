"""Every mail the portal writes, and the words its template may use.

Each also knows ``wording.COMMON``: ``firstname``, ``lastname`` (the guide's variables), ``company``,
``brand`` and ``portal_url``; the foot says who wrote and how to reach them.
"""

from __future__ import annotations

from portal.mail.values import MailName
from portal.wording import COMMON, TextKind

VARIABLES: dict[MailName, frozenset[str]] = {
    MailName.RESET_PASSWORD: frozenset({"link"}),
    MailName.PASSWORD_WAS_RESET: frozenset(),
    MailName.INVITATION: frozenset({"link", "inviter", "team"}),
    MailName.SECOND_STEP_ON: frozenset(),
    MailName.SECOND_STEP_OFF: frozenset(),
    MailName.LOW_BALANCE: frozenset({"balance", "threshold"}),
    MailName.SUSPENDED: frozenset({"balance"}),
    MailName.RESUMED: frozenset({"balance"}),
    MailName.EXPOSURE_STOPPED: frozenset(),
    MailName.EXPOSURE_ALARM: frozenset({"title", "reason", "result", "amount", "link"}),
    MailName.PAYMENT_RECEIVED: frozenset({"amount", "balance"}),
    MailName.TOP_UP_STOPPED: frozenset({"amount", "reason"}),
    MailName.FAX_RESULT: frozenset({"number", "pages", "result"}),
    MailName.SIGN_UP_VERIFY: frozenset({"link"}),
    MailName.SIGN_UP_KNOWN: frozenset(),
    MailName.SIGN_UP_RECEIVED: frozenset(),
    MailName.ACCOUNT_ACTIVATED: frozenset(),
    MailName.NOTICE: frozenset({"subject", "text"}),
    MailName.TEXT_NOT_SENT: frozenset({"number", "reason"}),
    MailName.WELCOME: frozenset({"link"}),
    MailName.TEXT_COPY: frozenset({"number", "contact", "text"}),
    MailName.NEWS: frozenset({"title", "said", "link"}),
    MailName.INVOICE_ISSUED: frozenset({"paper", "amount", "period"}),
    MailName.RECEIPT_ISSUED: frozenset({"paper", "amount", "period"}),
    MailName.CREDIT_NOTE_ISSUED: frozenset({"paper", "amount", "period"}),
    MailName.REPORT: frozenset({"title", "said", "link"}),
}

# What the reseller may word, in the order of the list; the guide names the first three.
EDITABLE = (
    MailName.LOW_BALANCE,
    MailName.RESET_PASSWORD,
    MailName.PASSWORD_WAS_RESET,
    MailName.SIGN_UP_VERIFY,
    MailName.SIGN_UP_RECEIVED,
    MailName.ACCOUNT_ACTIVATED,
    MailName.PAYMENT_RECEIVED,
    MailName.SUSPENDED,
    MailName.RESUMED,
    MailName.EXPOSURE_STOPPED,
    MailName.FAX_RESULT,
    MailName.INVOICE_ISSUED,
    MailName.RECEIPT_ISSUED,
    MailName.CREDIT_NOTE_ISSUED,
)
# What the reseller may leave out; the others are needed to go on, or to notice a theft.
SWITCHABLE = frozenset(
    {
        MailName.LOW_BALANCE,
        MailName.PAYMENT_RECEIVED,
        MailName.RESUMED,
        MailName.ACCOUNT_ACTIVATED,
        MailName.INVOICE_ISSUED,
        MailName.RECEIPT_ISSUED,
        MailName.CREDIT_NOTE_ISSUED,
    }
)


def kind_of(name: MailName) -> TextKind:
    """What may and what must stand in the reseller's own words for this mail."""
    variables = VARIABLES[name]
    return TextKind(name, COMMON | variables, variables & {"link"})
