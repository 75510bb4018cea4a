"""What can go wrong on the way out, never quoting an address's query or a parameter."""

from __future__ import annotations

from portal.core.errors import DomainError


class OutgoingError(DomainError):
    """A call to another server gave no usable answer.

    `maybe_sent` says whether the request may have been acted on: false only when it is certain
    that not one byte of it left.
    """

    code = "outgoing"

    def __init__(self, message: str, *, maybe_sent: bool) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class Unreachable(OutgoingError):
    """No connection, or it broke: name unknown, refused, wrong certificate, reset."""

    code = "unreachable"


class TooSlow(OutgoingError):
    """The whole exchange did not end before its deadline."""

    code = "too_slow"


class TooLarge(OutgoingError):
    """The answer is larger than the caller can use, packed or unpacked."""

    code = "too_large"


class Forbidden(OutgoingError):
    """The address is not one we may call: not public, not https, or carries credentials."""

    code = "forbidden_address"


class BadAnswer(OutgoingError):
    """An answer came and makes no sense: not HTTP, broken packing, not the promised format."""

    code = "bad_answer"
