"""The desk of the messages: a reseller at the practice carrier, and a client with a number that can text."""

from __future__ import annotations

from tests.messaging.conftest import desk, desk_on_sqlite, practice

__all__ = ["desk", "desk_on_sqlite", "practice"]
