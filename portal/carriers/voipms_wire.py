"""One question to VoIP.ms and its answer: transport, retries, breaker, status words."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import structlog

from portal.carriers.breaker import Breaker
from portal.carriers.errors import CarrierDown, CarrierError, OutcomeUnknown
from portal.carriers.statuses import refusal
from portal.carriers.voipms_methods import METHODS, Effect, Method
from portal.core import clock
from portal.core.http import Answer, BadAnswer, Forbidden, Outgoing, OutgoingError, TooLarge

ATTEMPTS: Final = 3
HOLD_SECONDS: Final = 20
LONGEST_HOLD_SECONDS: Final = 120
LONGEST_QUERY_BYTES: Final = 6_000  # the carrier answers 414 from about 8190 on
MEDIA_BYTES: Final = 8_000_000
_LIMITED: Final = 429
_GONE: Final = 410
_FAULT: Final = 500
_OK: Final = 200
_WORD = re.compile(r"[A-Za-z0-9_]{1,80}")


def _log() -> Any:
    """Asked for anew each time, so that a later configuration counts."""
    return structlog.get_logger("carriers")


Params = Mapping[str, str]


class Wire:
    """Asks methods of the allow-list as one carrier account.

    The deadline covers a whole call with all its attempts. Reads are tried up to three times with
    a jittered pause; nothing else is ever sent twice. Credentials travel in the query or the form,
    which no log line and no exception quotes.
    """

    def __init__(
        self,
        base_url: str,
        username: str,
        password: str,
        *,
        outgoing: Outgoing,
        breaker: Breaker,
        deadline_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._credentials = {"api_username": username, "api_password": password}
        self._outgoing = outgoing
        self._breaker = breaker
        self._deadline_seconds = deadline_seconds
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Wire({self._base_url!r})"

    def deadline(self, *, times: int = 1) -> float:
        """When something that begins now has to be over; for several questions, or a file."""
        return clock.ticking() + self._deadline_seconds * times

    def ask(
        self, name: str, params: Params | None = None, *, ends: float | None = None
    ) -> dict[str, Any]:
        """The answer of a method; an empty list comes back as an empty dict.

        Raises KeyError for a method that is not on the list, otherwise only CarrierError.
        """
        method = METHODS[name]
        ends = self.deadline() if ends is None else ends
        attempts = ATTEMPTS if method.effect is Effect.READ else 1
        for attempt in range(1, attempts + 1):
            wait = self._breaker.wait_seconds()
            if wait:
                code = "api_limit_exceeded" if self._breaker.holding else "carrier_resting"
                raise refusal(code, kind=CarrierDown, retry_after_seconds=int(wait) + 1)
            failure = _Failure()
            answer = self._attempt(method, params or {}, ends=ends, failure=failure)
            if answer is not None:
                return answer
            pause = random.uniform(0.05, 0.15) * 2**attempt
            left = ends - clock.ticking()
            last = attempt == attempts or left < 2 * pause or self._breaker.state != "closed"
            if last or not failure.passing:
                break
            self._sleep(pause)
        raise self._final(method, failure)

    def fetch(self, address: str) -> bytes:
        """A file that a list or a webhook named, from wherever it lies; tried once, no credentials.

        The address is somebody else's word, so what goes wrong there says nothing about the carrier.
        """
        try:
            answer = self._outgoing.call(
                "GET",
                address,
                purpose="voipms.media",
                deadline_seconds=self._deadline_seconds,
                max_bytes=MEDIA_BYTES,
            )
        except Forbidden:
            raise refusal("media_forbidden") from None
        except TooLarge:
            raise refusal("media_too_large") from None
        except OutgoingError as error:
            raise refusal(error.code) from None
        if answer.status == _GONE:
            raise refusal("media_gone")
        if answer.status != _OK or not answer.body:
            raise refusal("media_not_there")
        return answer.body

    def _attempt(
        self, method: Method, params: Params, *, ends: float, failure: _Failure
    ) -> dict[str, Any] | None:
        """One request. None when it failed without the carrier having decided anything."""
        started = clock.ticking()
        try:
            answer = self._send(method, params, seconds=ends - started)
            read = self._read(method, answer)
        except Forbidden:
            raise refusal("forbidden_address") from None  # ours to repair, no sign of an outage
        except TooLarge:
            self._breaker.succeeded()  # it is alive, and asking again brings the same
            failure.set("too_large", maybe_sent=True, passing=False)
        except OutgoingError as error:
            self._breaker.failed()
            failure.set(error.code, maybe_sent=error.maybe_sent, passing=True)
        except _Outage as outage:
            self._breaker.failed()
            failure.set(outage.code, maybe_sent=True, passing=outage.passing)
        else:
            self._breaker.succeeded()
            self._note(method, "success", started)
            return read
        self._note(method, failure.code, started)
        return None

    def _send(self, method: Method, params: Params, *, seconds: float) -> Answer:
        fields = {**self._credentials, "method": method.name, **params}
        long = method.multipart or len(urlencode(fields)) > LONGEST_QUERY_BYTES
        # Never urlencoded: the carrier hands that to its SOAP side.
        return self._outgoing.call(
            "POST" if long else "GET",
            self._base_url,
            purpose=f"voipms.{method.name}",
            params=None if long else fields,
            multipart={key: (None, value) for key, value in fields.items()} if long else None,
            deadline_seconds=max(seconds, 0.001),
            max_bytes=method.max_bytes,
        )

    def _read(self, method: Method, answer: Answer) -> dict[str, Any]:
        """The carrier's decision: its data, or CarrierError with its status word."""
        if answer.status == _LIMITED:
            raise self._limited(method, answer.headers.get("retry-after", ""))
        if answer.status >= _FAULT:
            raise _Outage("carrier_outage", passing=True)
        if answer.status != _OK:
            raise _Outage("bad_answer", passing=False)
        body = answer.body.strip()
        if not body and method.empty_body_is_success:
            return {}
        if body.startswith(b"<"):
            raise _Outage("carrier_outage", passing=True)  # a page of the network in front of it
        data = answer.json()
        status = data.get("status") if isinstance(data, dict) else None
        if not isinstance(status, str) or not _WORD.fullmatch(status):
            raise BadAnswer("The answer has no status.", maybe_sent=True)
        if status == "success":
            return dict(data)
        if status in method.empty:
            return {}
        if status == "api_limit_exceeded":
            raise self._limited(method, "")
        self._breaker.succeeded()
        _log().info("carrier_call", method=method.name, status=status)
        raise refusal(status, retry_after_seconds=60 if status == "sms_wait_message" else None)

    def _limited(self, method: Method, retry_after: str) -> CarrierError:
        """Too many requests: leave the carrier alone instead of adding to them."""
        asked = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
        seconds = min(max(asked or HOLD_SECONDS, 1), LONGEST_HOLD_SECONDS)
        self._breaker.succeeded()
        self._breaker.hold(seconds)
        _log().warning(
            "carrier_call", method=method.name, status="api_limit_exceeded", hold=seconds
        )
        return refusal("api_limit_exceeded", retry_after_seconds=seconds)

    def _final(self, method: Method, failure: _Failure) -> CarrierError:
        unknown = method.effect is Effect.ONCE and failure.maybe_sent
        error = refusal(
            failure.code,
            kind=OutcomeUnknown if unknown else CarrierError,
            maybe_sent=failure.maybe_sent and method.effect is not Effect.READ,
        )
        if unknown:
            error.permanent = False
        return error

    def _note(self, method: Method, status: str, started: float) -> None:
        _log().info(
            "carrier_call",
            method=method.name,
            status=status,
            duration_ms=int((clock.ticking() - started) * 1000),
        )


class _Failure:
    """How the last attempt failed."""

    code = "unreachable"
    maybe_sent = False
    passing = True

    def set(self, code: str, *, maybe_sent: bool, passing: bool) -> None:
        self.code, self.maybe_sent, self.passing = code, maybe_sent, passing


class _Outage(Exception):
    """HTTP worked and VoIP.ms did not."""

    def __init__(self, code: str, *, passing: bool) -> None:
        super().__init__(code)
        self.code = code
        self.passing = passing
