"""The small world of the books."""

from tests.ledger.conftest import books

__all__ = ["books"]
