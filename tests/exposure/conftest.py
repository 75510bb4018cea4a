"""The shop of the calls' tests."""

from __future__ import annotations
