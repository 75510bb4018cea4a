"""One practice carrier for all tests of this folder; each empties and plants it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.carrier import Carrier


@pytest.fixture(scope="session")
def process() -> Iterator[Carrier]:
    with Carrier() as practice:
        yield practice
