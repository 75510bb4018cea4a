"""What the carrier answers, one file per family; importing this makes all of them known."""

from __future__ import annotations

import importlib

FAMILIES = (
    "general", "catalogues", "sub_accounts", "registration", "cdr", "call_recordings", "rates", "clients",
    "client_money", "client_numbers", "dids", "did_search", "did_orders", "send", "messages",
    "sms_settings", "forwardings", "voicemails", "fax_numbers", "fax_send",
    "fax_messages", "fax_search", "fax_orders", "porting",
)  # fmt: skip


def load() -> None:
    """Import every family once."""
    for family in FAMILIES:
        importlib.import_module(f"sandbox.methods.{family}")
