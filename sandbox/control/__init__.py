"""The control API under `/control/`: everything a test or a demo wants from the carrier."""

from __future__ import annotations

from sandbox.control.blueprint import control
from sandbox.control import calls, messages, page, settings, setup, truth  # noqa: F401, I001  (routes)

__all__ = ["control"]
