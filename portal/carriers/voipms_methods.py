"""The methods of VoIP.ms that we call, and how each may be called; nothing else goes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    """What calling a method twice does."""

    READ = "read"  # nothing: retried
    SET = "set"  # the same again: not retried, but no harm
    ONCE = "once"  # a second one: never retried, an unclear end is an unknown outcome


@dataclass(frozen=True, slots=True)
class Method:
    """One upstream method: its effect, the words that mean an empty list, and a size cap."""

    name: str
    effect: Effect
    empty: frozenset[str] = frozenset()
    multipart: bool = False
    empty_body_is_success: bool = False
    max_bytes: int = 4_000_000


def _read(name: str, *empty: str, max_bytes: int = 4_000_000) -> Method:
    return Method(name, Effect.READ, empty=frozenset(empty), max_bytes=max_bytes)


METHODS: Final[dict[str, Method]] = {
    method.name: method
    for method in (
        _read("getBalance"),
        _read("getIP"),
        _read("getTransactionHistory", "no_transactions", max_bytes=16_000_000),
        _read("getServersInfo"),
        _read("getCDR", "no_cdr", max_bytes=32_000_000),
        _read("getCallRecordings", "no_recording"),
        _read("getTerminationRates", "no_rate", max_bytes=16_000_000),
        _read("getSMS", "no_sms", max_bytes=16_000_000),
        _read("getMMS", "no_sms", "no_mms", max_bytes=16_000_000),
        _read("getSubAccounts", "no_account", "no_subaccount"),
        _read("getRegistrationStatus"),
        _read("getDIDsInfo", "no_did"),
        _read("searchDIDsUSA", "no_did"),
        _read("searchDIDsCAN", "no_did"),
        _read("getForwardings", "no_forwarding"),
        _read("getVoicemails", "no_mailbox"),
        _read("getFaxNumbersInfo", "no_numbers", "no_did"),
        _read("getFaxProvinces"),
        _read("getFaxStates"),
        _read("getFaxRateCentersCAN", "no_ratecenter"),
        _read("getFaxRateCentersUSA", "no_ratecenter"),
        _read("getFaxNumbersPortability"),
        _read("getLNPStatus"),
        _read("getLNPNotes", "no_note", "no_notes"),
        _read("getLNPList", "no_port", "no_ports"),
        Method("setFaxNumberInfo", Effect.SET, empty_body_is_success=True),
        Method("cancelFaxNumber", Effect.SET),
        Method("orderFaxNumber", Effect.ONCE),
        Method("addLNPPort", Effect.ONCE),
        Method("addLNPFile", Effect.SET, multipart=True),
        _read("getFaxMessages", "no_message", "no_messages", max_bytes=16_000_000),
        _read("getFaxMessagePDF", max_bytes=32_000_000),
        Method("setSMS", Effect.SET, empty_body_is_success=True),
        Method("setSubAccount", Effect.SET, empty_body_is_success=True),
        Method("setDIDRouting", Effect.SET, empty_body_is_success=True),
        Method("setDIDVoicemail", Effect.SET, empty_body_is_success=True),
        Method("delForwarding", Effect.SET, empty_body_is_success=True),
        Method("delVoicemail", Effect.SET, empty_body_is_success=True),
        Method("setForwarding", Effect.ONCE),
        Method("createVoicemail", Effect.ONCE),
        Method("createSubAccount", Effect.ONCE),
        Method("orderDID", Effect.ONCE),
        Method("sendSMS", Effect.ONCE),
        Method("sendMMS", Effect.ONCE, multipart=True),
        Method("sendFaxMessage", Effect.ONCE, multipart=True),
    )
}
