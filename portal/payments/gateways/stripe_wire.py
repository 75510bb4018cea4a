"""How the stripe library reaches Stripe: through the portal's one way out, within one deadline.

The library brings its own HTTP client, retries and telemetry; none of them is used. It is imported
here and in `stripe_gateway` only, which are imported when a payment by card needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import stripe

from portal.core import registry
from portal.core.http import Outgoing, OutgoingError

DEADLINE_SECONDS: Final = 12.0
_MOST_BYTES = 4_000_000
_KEPT_BY_US = frozenset({"user-agent", "x-stripe-client-user-agent", "x-stripe-client-telemetry"})

stripe.enable_telemetry = False


class NoAnswer(stripe.APIConnectionError):
    """The way out gave no answer. ``maybe_sent``: what was asked may have happened all the same."""

    def __init__(self, problem: OutgoingError) -> None:
        super().__init__(problem.message, should_retry=False)  # type: ignore[no-untyped-call]
        self.maybe_sent = problem.maybe_sent


class OneWayOut(stripe.HTTPClient):
    """The library's requests as calls of ``Outgoing``: checked addresses, a total deadline, a cap."""

    name = "portal"

    def __init__(self, outgoing: Outgoing) -> None:
        super().__init__()
        self._outgoing = outgoing

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """One exchange. The library is told of every failure in its own words."""
        kept = {
            name: value
            for name, value in (headers or {}).items()
            if name.lower() not in _KEPT_BY_US
        }
        try:
            answer = self._outgoing.call(
                method.upper(),
                url,
                purpose="stripe",
                content=post_data,
                headers=kept,
                deadline_seconds=DEADLINE_SECONDS,
                max_bytes=_MOST_BYTES,
            )
        except OutgoingError as error:
            problem = error
        else:
            return answer.text(), answer.status, answer.headers
        raise NoAnswer(problem)  # outside the handler: no traceback carries the key along

    def close(self) -> None:
        """Nothing is kept between calls."""


def client(secret_key: str) -> stripe.StripeClient:
    """A client with this key. No retries: what to do next is decided where the money is known."""
    settings = registry.settings()
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": settings.stripe_url},
        max_network_retries=0,
        http_client=OneWayOut(Outgoing(allow_private=settings.allow_private)),
    )
