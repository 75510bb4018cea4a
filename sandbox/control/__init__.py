"""The control API under `/control/`: everything a test or a demo wants from the carrier."""

from __future__ import annotations

from sandbox.control import (  # noqa: F401  (routes)
    calls,
    faxes,
    messages,
    page,
    settings,
    setup,
    truth,
)
from sandbox.control.blueprint import control

__all__ = ["control"]
