"""The application with a real mail server, and a client to write to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.core.db import db
from portal.identity import ClientFacts, ResellerFacts
from tests.identity.people import add_client, add_reseller
from tests.services import MailServer


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str, smtp: MailServer) -> Iterator[Flask]:
    """The application, its mail server configured."""
    made = make_app(
        database_url, PORTAL_SMTP_URL=smtp.url, PORTAL_MAIL_FROM="Portal <portal@mail.example>"
    )
    with made.app_context():
        yield made
        db.session.remove()


@pytest.fixture
def northwind(app: Flask) -> ResellerFacts:
    """A reseller whose name needs care in a header."""
    return add_reseller("Northwind & Söhne, Voice")


@pytest.fixture
def ada(northwind: ResellerFacts) -> ClientFacts:
    """A client whose name needs care in HTML."""
    return add_client(northwind, first_name="Ada <b>", last_name="O'Moreau")
