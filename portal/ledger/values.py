"""Words of the books."""

from __future__ import annotations

from enum import StrEnum


class AccountKind(StrEnum):
    """A client's wallet, and the reseller's accounts on the other side of every transfer."""

    WALLET = "wallet"
    PAYMENTS = "payments"
    CALLS = "calls"
    MESSAGES = "messages"
    FAXES = "faxes"
    FEES = "fees"
    MANUAL = "manual"


class Reason(StrEnum):
    """What a transfer is, as the history shows it. Usage is folded into a line per posting day."""

    CALL = "call"
    SMS = "sms"
    MMS = "mms"
    FAX = "fax"
    PACKAGE_FEE = "package_fee"
    SETUP_FEE = "setup_fee"
    DID_FEE = "did_fee"
    PAYMENT = "payment"
    CHARGE = "charge"
    REVERSAL = "reversal"


USAGE = (Reason.CALL, Reason.SMS, Reason.MMS, Reason.FAX)


class HoldState(StrEnum):
    """Money a client has set aside: still held, paid, or given back."""

    HELD = "held"
    POSTED = "posted"
    VOIDED = "voided"
