"""What the carrier answers, one file per family; importing this makes all of them known."""

from __future__ import annotations

import importlib

FAMILIES = (
    "general", "catalogues", "sub_accounts", "cdr", "dids", "send", "messages", "sms_settings",
)  # fmt: skip


def load() -> None:
    """Import every family once."""
    for family in FAMILIES:
        importlib.import_module(f"sandbox.methods.{family}")
