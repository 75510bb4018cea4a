"""Ringfront: a white-label portal for telephone resellers."""

from __future__ import annotations

__version__ = "0.1.0"
