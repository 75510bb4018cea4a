"""The settings of a test installation."""

from __future__ import annotations

import base64
from pathlib import Path


def settings_for_tests(instance: Path, redis_url: str) -> dict[str, str]:
    """The environment of a test installation, without a database."""
    return {
        "PORTAL_INSTANCE": str(instance),
        "PORTAL_EVALUATION": "1",
        "PORTAL_URL": "http://localhost",
        "REDIS_URL": redis_url,
        "PORTAL_LOG_LEVEL": "WARNING",
        "PORTAL_ALLOW_PRIVATE": "127.0.0.1",
        "PORTAL_LIVE_STREAMS": "8",
        "PORTAL_PRACTICE_PAYMENTS": "1",
        "PORTAL_SECRET_KEY": "a test's secret key, thirty-two bytes or more",
        "PORTAL_ENCRYPTION_KEYS": "test:" + base64.b64encode(bytes(range(32))).decode(),
    }
