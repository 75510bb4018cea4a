"""The reseller's numbers: list and settings."""

from __future__ import annotations

from typing import Any

from sandbox.records import DID, save_did, shown_did
from sandbox.wire.kinds import plain_number
from sandbox.wire.refusal import Refusal
from sandbox.wire.registry import Answer, Request, listed, method
from sandbox.world import fields_of

# What setDIDInfo writes; a field left out falls back to empty or unchecked.
WRITTEN = [
    "routing",
    "failover_busy",
    "failover_unreachable",
    "failover_noanswer",
    "voicemail",
    "pop",
    "dialtime",
    "cnam",
    "callerid_prefix",
    "note",
    "port_out_pin",
    "billing_type",
    "record_calls",
    "transcribe",
    "transcription_locale",
    "transcription_email",
    "transcription_start_delay",
    "voicemail_threshold",
    "inbound_dialing_mode",
    "transcription_redaction",
    "transcription_summary",
    "transcription_sentiment",
    "sms_sipaccount_enabled",
    "sms_sipaccount",
]


def own(request: Request) -> dict[str, Any]:
    """The record of the reseller's number that the request names."""
    record = request.world.did(plain_number(request.get("did")))
    if record is None or record["reseller_id"] != request.reseller_id:
        raise Refusal("invalid_did")
    return record


def save(request: Request, record: dict[str, Any]) -> Answer:
    save_did(request.world, plain_number(request.get("did")), record)
    return {}


@method("getDIDsInfo")
def dids_info(request: Request) -> Answer:
    rows = request.store.rows(
        "SELECT * FROM dids WHERE reseller_id = ? ORDER BY did", request.reseller_id
    )
    if request.get("did"):
        did = plain_number(request.get("did"))
        rows = [row for row in rows if row["did"] == did]
        if not rows:
            raise Refusal("invalid_did")
    wanted = request.get("client")
    if wanted:
        rows = [row for row in rows if wanted in _owners(fields_of(row))]
    return listed("dids", [shown_did(row) for row in rows], "no_did")


def _owners(record: dict[str, Any]) -> tuple[str, str]:
    return str(record.get("client") or ""), str(record.get("reseller_account") or "")


@method("setDIDInfo")
def set_info(request: Request) -> Answer:
    record = own(request)
    if len(request.get("callerid_prefix")) >= 20:
        raise Refusal("invalid_calleridprefix")
    if len(request.get("note")) >= 50:
        raise Refusal("invalid_note")
    _server(request)
    for name in WRITTEN:
        unset = "none:" if name.startswith("failover") else "0" if DID[name] in ("0", "1") else ""
        record[name] = request.get(name, unset)
    return save(request, record)


def _server(request: Request) -> None:
    from sandbox.methods.catalogues import SERVERS

    if request.get("pop") not in {server["server_pop"] for server in SERVERS}:
        raise Refusal("invalid_serverpop")


@method("setDIDRouting")
def set_routing(request: Request) -> Answer:
    return save(request, own(request) | {"routing": request.get("routing")})


@method("setDIDPOP")
def set_pop(request: Request) -> Answer:
    record = own(request)
    _server(request)
    return save(request, record | {"pop": request.get("pop")})


@method("setDIDBillingType")
def set_billing_type(request: Request) -> Answer:
    record = own(request)
    if record["billing_type"] == request.get("billing_type"):
        raise Refusal("same_did_billingtype")
    return save(request, record | {"billing_type": request.get("billing_type")})


@method("setDIDVoicemail")
def set_voicemail(request: Request) -> Answer:
    return save(request, own(request) | {"voicemail": request.get("voicemail", "0")})


@method("getPortability")
def portability(request: Request) -> Answer:
    return {
        "portable": "yes" if plain_number(request.get("did"))[3:6] == "555" else "no",
        "sms": "yes",
        "plans": [
            {"title": "Per Minute Plan", "pricePerMonth": "0.99", "pricePerMin": "0.01"},
            {"title": "Flat Rate Plan", "pricePerMonth": "4.95", "pricePerMin": "0.00"},
        ],
    }
