"""How a carrier fails, in the one shape that services and jobs handle."""

from __future__ import annotations

from portal.core.errors import DomainError


class CarrierError(DomainError):
    """The carrier refused, could not be reached, or answered nonsense.

    `code` is the carrier's own status word or one of ours; `permanent` says that trying the same
    again is pointless; `maybe_sent` that the request may have been acted on although no usable
    answer came; `sentence` and `advice` are English message ids for a reseller.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool,
        maybe_sent: bool = False,
        sentence: str,
        advice: str = "",
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence, code=code)
        self.permanent = permanent
        self.maybe_sent = maybe_sent
        self.sentence = sentence
        self.advice = advice
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class OutcomeUnknown(CarrierError):
    """Something was created, ordered or sent, or it was not: look before trying again."""


class CarrierDown(CarrierError):
    """Not even tried: the carrier failed five times in a row, or asked us to slow down."""
