"""The small world of the books, Stripe, and a PayPal that is played."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.core.db import db
from tests.ledger.conftest import books
from tests.payments.stripe_server import StripeServer, stripe_for_all, stripe_server
from tests.payments.till import open_till, played, till

__all__ = ["books", "open_till", "played", "stripe_for_all", "stripe_server", "till"]


@pytest.fixture
def stripe_app(
    environment: dict[str, str],
    stripe_server: StripeServer,
    make_app: Callable[..., Flask],
    sqlite_url: str,
) -> Iterator[Flask]:
    """The application on SQLite, which takes the server for Stripe."""
    environment["PORTAL_STRIPE_URL"] = stripe_server.url
    app = make_app(sqlite_url)
    with app.app_context():
        yield app
        db.session.remove()
