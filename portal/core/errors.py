"""What the business may refuse, each with a sentence for a person and a code for a machine."""

from __future__ import annotations


class DomainError(Exception):
    """An action was refused and nothing was changed.

    ``message`` is a sentence for the person; ``code`` is a stable word for programs; ``field`` names
    the input that is to blame, where there is one.
    """

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class NotFound(DomainError):
    """The thing does not exist for this person: missing, or somebody else's."""

    code = "not_found"


class Refused(DomainError):
    """The thing exists, but its state or the person's rights do not allow the action."""


class InvalidInput(DomainError):
    """A value is not acceptable; ``field`` says which."""

    code = "invalid"


class InsufficientBalance(DomainError):
    """The available balance (balance − held) does not cover the amount."""

    code = "insufficient_balance"
