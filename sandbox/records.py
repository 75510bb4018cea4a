"""The full records the carrier keeps: sub-accounts and numbers with all their fields and defaults."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from typing import Any

from sandbox import clock
from sandbox.world import World, fields_of

FIRST_ACCOUNT_ID = 99_785
SUB_ACCOUNT: dict[str, str] = {
    "description": "", "protocol": "1", "auth_type": "1", "password": "", "ip": "",
    "device_type": "2", "callerid_number": "", "canada_routing": "1", "lock_international": "0",
    "international_route": "1", "music_on_hold": "default", "language": "en",
    "allowed_codecs": "ulaw;g729;gsm", "dtmf_mode": "auto", "nat": "yes", "sip_traffic": "0",
    "max_expiry": "3600", "rtp_timeout": "60", "rtp_hold_timeout": "600", "ip_restriction": "",
    "enable_ip_restriction": "0", "pop_restriction": "", "enable_pop_restriction": "0",
    "send_bye": "1", "record_calls": "0", "internal_extension": "", "internal_voicemail": "",
    "internal_dialtime": "60", "reseller_client": "0", "reseller_package": "0",
    "reseller_nextbilling": "0000-00-00", "transcribe": "0", "transcription_locale": "",
    "transcription_redaction": "no", "transcription_summary": "no", "transcription_sentiment": "no",
    "transcription_email": "", "parking_lot": "", "enable_internal_cnam": "0", "internal_cnam": "",
    "tfcarrier": "-1", "default_e911": "", "call_pickup_behavior": "1",
    "internal_extension_location": "0", "dialing_mode": "0", "allow225": "0",
    "transcription_start_delay": "0",
}  # fmt: skip
# What a field falls back to when a full-record write leaves it out: unchecked, or empty.
UNCHECKED = {
    "sip_traffic", "enable_ip_restriction", "enable_pop_restriction", "send_bye", "record_calls",
    "transcribe", "enable_internal_cnam", "reseller_client", "reseller_package",
}  # fmt: skip
DID: dict[str, str] = {
    "description": "", "routing": "none:", "failover_busy": "none:",
    "failover_unreachable": "none:", "failover_noanswer": "none:", "voicemail": "0", "pop": "1",
    "dialtime": "60", "cnam": "0", "e911": "0", "callerid_prefix": "", "note": "",
    "port_out_pin": "", "billing_type": "1", "next_billing": "0000-00-00",
    "order_date": "0000-00-00 00:00:00", "reseller_account": "",
    "reseller_next_billing": "0000-00-00", "reseller_monthly": "0.00000000",
    "reseller_minute": "0.00000000", "reseller_setup": "0.00000000", "sms_available": "1",
    "sms_enabled": "0", "sms_email": "", "sms_email_enabled": "0", "sms_forward": "",
    "sms_forward_enabled": "0", "sms_url_callback": "", "sms_url_callback_enabled": "0",
    "sms_url_callback_retry": "0", "webhook": "", "webhook_enabled": "0", "smpp_enabled": "0",
    "smpp_url": "", "smpp_user": "", "smpp_pass": "", "sms_sipaccount": "",
    "sms_sipaccount_enabled": "0", "dialmode": "1", "record_calls": "0", "transcribe": "0",
    "transcription_locale": "", "transcription_redaction": "no", "transcription_summary": "no",
    "transcription_sentiment": "no", "transcription_email": "", "client": "",
    "transcription_start_delay": "0", "voicemail_threshold": "0", "inbound_dialing_mode": "0",
}  # fmt: skip

FIRST_FAX_ID = 923
FAX: dict[str, str] = {
    "description": "", "state": "", "city": "", "country": "United States", "email_enabled": "0",
    "email": "", "url_enabled": "0", "url": "", "retry": "0", "attach_file": "1", "note": "",
    "reseller_account": "", "reseller_next_billing": "0000-00-00",
    "reseller_monthly": "0.00000000", "reseller_minute": "0.00000000",
    "reseller_setup": "0.00000000", "fax_to_sip_enabled": "0", "fax_to_sip_enabled_account": "",
}  # fmt: skip


def add_sub_account(
    world: World, reseller: sqlite3.Row, username: str, fields: dict[str, Any],
    *, profile: dict[str, Any] | None = None, number: int | None = None,
) -> sqlite3.Row:  # fmt: skip
    """A new sub-account `<login>_<username>`; its row."""
    account = f"{reseller['login']}_{username}"
    record = SUB_ACCOUNT | {
        name: str(value) for name, value in fields.items() if name in SUB_ACCOUNT
    }
    with world.store.changing():
        number = number or world.store.free_id("sub_accounts", first=FIRST_ACCOUNT_ID)
        world.store.insert(
            "sub_accounts", id=number, reseller_id=reseller["id"], account=account,
            username=username, fields=json.dumps(record), profile=json.dumps(profile or {}),
        )  # fmt: skip
    row = world.sub_account(account)
    assert row is not None
    return row


def shown_sub_account(row: sqlite3.Row) -> dict[str, str]:
    """A sub-account as getSubAccounts lists it."""
    return {
        "id": str(row["id"]), "account": row["account"], "username": row["username"],
        **fields_of(row),
    }  # fmt: skip


def add_did(
    world: World, reseller: sqlite3.Row, did: str, fields: dict[str, Any]
) -> dict[str, Any]:
    """A number that now belongs to the reseller; its record."""
    now = clock.now_seconds()
    record = DID | {
        "order_date": clock.wall_clock(now),
        "next_billing": str(clock.eastern_day(now) + timedelta(days=30)),
    }
    record |= {name: str(value) for name, value in fields.items() if name in DID}
    world.store.insert("dids", did=did, reseller_id=reseller["id"], fields=json.dumps(record))
    return record


def save_did(world: World, did: str, record: dict[str, Any]) -> None:
    kept = {name: value for name, value in record.items() if name in DID}
    world.store.run("UPDATE dids SET fields = ? WHERE did = ?", json.dumps(kept), did)


def shown_did(row: sqlite3.Row) -> dict[str, Any]:
    """A number as getDIDsInfo lists it."""
    record = fields_of(row)
    record.pop("client", None)
    # The one flag that comes as a number.
    return {"did": row["did"], **record, "sms_available": int(record["sms_available"] or 0)}


def add_fax(world: World, reseller: sqlite3.Row, did: str, fields: dict[str, Any]) -> None:
    """A fax number that now belongs to the reseller."""
    record = FAX | {name: str(value) for name, value in fields.items() if name in FAX}
    world.store.insert(
        "fax_numbers",
        did=did,
        id=world.store.next_number("fax_numbers", first=FIRST_FAX_ID),
        reseller_id=reseller["id"],
        fields=json.dumps(record),
    )


def shown_fax(row: sqlite3.Row) -> dict[str, Any]:
    """A fax number as getFaxNumbersInfo lists it: the one list whose numbers have dots."""
    did = row["did"]
    dotted = f"{did[:3]}.{did[3:6]}.{did[6:]}"
    return {"id": str(row["id"]), "did": dotted, **fields_of(row)}
