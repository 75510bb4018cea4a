"""Two resellers to begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.identity import ResellerFacts
from tests.identity.people import add_reseller


@pytest.fixture
def northwind(app: Flask) -> ResellerFacts:
    """A reseller."""
    return add_reseller()


@pytest.fixture
def globex(app: Flask) -> ResellerFacts:
    """Another one."""
    return add_reseller("Globex Tel")
