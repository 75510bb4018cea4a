"""Ask another server something, within limits, and leave a log line that holds no secret."""

from __future__ import annotations

import functools
import json
import re
import ssl
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import httpcore
import httpx
import structlog

from portal.core import clock
from portal.core.http.addresses import Resolver, is_allowed, system_resolver
from portal.core.http.errors import (
    BadAnswer,
    Forbidden,
    OutgoingError,
    TooLarge,
    TooSlow,
    Unreachable,
)
from portal.core.http.wire import CheckedBackend, Deadline

DEADLINE_SECONDS: Final = 10.0
MAX_BYTES: Final = 8_000_000
_HOST = re.compile(rb"[a-z0-9_][a-z0-9._\-]{0,252}|[0-9a-f:.]{2,45}")
_TIMEOUTS = (httpcore.TimeoutException, httpx.TimeoutException, TimeoutError)
_BROKEN = (httpcore.NetworkError, httpx.NetworkError, OSError)
_NONSENSE = (httpcore.ProtocolError, httpx.ProtocolError, httpcore.UnsupportedProtocol)


def _log() -> Any:
    """Asked for anew each time, so that a later configuration counts."""
    return structlog.get_logger("outgoing")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status, redirects included, since none is ever followed."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)  # may hold what no log and no traceback should show

    def text(self) -> str:
        """The body as UTF-8, or as Latin-1 when it is not: one odd name must not lose a list."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.body.decode("latin-1")

    def json(self) -> Any:
        """The body as JSON with exact Decimals for fractions; raises BadAnswer."""
        reason = "The answer is not JSON."
        try:
            return json.loads(self.text(), parse_float=Decimal, parse_constant=_no_constant)
        except RecursionError:
            reason = "The answer is nested too deeply."
        except (ValueError, ArithmeticError):
            pass  # ArithmeticError: an exponent that not even a Decimal takes
        raise BadAnswer(reason, maybe_sent=True)


class Outgoing:
    """Calls other servers. Holds no connection between calls, so it survives forks and threads.

    Only https to public addresses, unless `allow_private` names the host (`host` or `host:port`):
    then plain http and private addresses are fine too. The address is checked after resolution and
    the connection goes to the checked address. Redirects are never followed. `transport` replaces
    the network altogether (a WSGI application, in tests of adapters).
    """

    def __init__(
        self,
        *,
        allow_private: Collection[str] = (),
        resolver: Resolver = system_resolver,
        transport: httpx.BaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = frozenset(allow_private)
        self._resolver = resolver
        self._transport = transport
        self._tls = tls

    def call(
        self,
        method: str,
        url: str,
        *,
        purpose: str,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        multipart: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Make one exchange and read all of it; raises a child of OutgoingError.

        `purpose` is a word for the log; parameters, paths and bodies never get there.
        `deadline_seconds` covers everything from the name to the last byte, `max_bytes` the body
        before and after unpacking. `multipart` is in httpx's shape of `files`.
        """
        deadline = Deadline(deadline_seconds)
        started = clock.ticking()
        host = ""
        try:
            target = _target(url)
            host = target.host
            request = httpx.Request(
                method,
                target,
                params=params,
                data=dict(form) if form is not None else None,
                files=multipart,
                content=content,
                headers={"user-agent": "Ringfront", **(headers or {})}
                | {"accept-encoding": "gzip", "connection": "close"},
            )
            answer = self._exchange(request, deadline=deadline, max_bytes=max_bytes)
        except OutgoingError as error:
            _log().warning(
                "outgoing_call",
                purpose=purpose,
                method=method,
                host=host,
                outcome=error.code,
                maybe_sent=error.maybe_sent,
                duration_ms=int((clock.ticking() - started) * 1000),
            )
            raise
        _log().info(
            "outgoing_call",
            purpose=purpose,
            method=method,
            host=host,
            outcome="answered",
            status=answer.status,
            size_bytes=len(answer.body),
            duration_ms=int((clock.ticking() - started) * 1000),
        )
        return answer

    def _exchange(self, request: httpx.Request, *, deadline: Deadline, max_bytes: int) -> Answer:
        """Translate every way the libraries fail into ours.

        The libraries' exceptions hold the request with its parameters; they are dropped outside
        the `except` block, so that no traceback carries them along.
        """
        try:
            return self._read_all(request, deadline=deadline, max_bytes=max_bytes)
        except OutgoingError:
            raise
        except _TIMEOUTS:
            failed: type[OutgoingError] = TooSlow
        except _BROKEN:
            failed = TooSlow if deadline.remaining() <= 0 else Unreachable
        except _NONSENSE:
            failed = BadAnswer
        host = request.url.host
        sentence = {
            TooSlow: f"{host} did not answer within {deadline.seconds:g} seconds.",
            Unreachable: f"{host} cannot be reached.",
            BadAnswer: f"{host} did not answer properly.",
        }[failed]
        raise failed(sentence, maybe_sent=deadline.sent)

    def _read_all(self, request: httpx.Request, *, deadline: Deadline, max_bytes: int) -> Answer:
        allowed = is_allowed(request.url.host, _port(request.url), self._allowed)
        if request.url.scheme != "https" and not allowed:
            raise Forbidden(f"{request.url.host} has to be called with https.", maybe_sent=False)
        if self._transport is not None:
            deadline.sent = True
            response = self._transport.handle_request(request)
            try:
                pieces = _sync(response.stream)
                headers = dict(response.headers.items())
                return _bounded(response.status_code, headers, pieces, deadline, max_bytes)
            finally:
                response.close()
        backend = CheckedBackend(deadline, resolver=self._resolver, private=allowed)
        with (
            httpcore.ConnectionPool(
                ssl_context=self._tls or _default_tls(), network_backend=backend, retries=0
            ) as pool,
            pool.stream(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
            ) as raw,
        ):
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in raw.headers
            }
            return _bounded(raw.status, headers, raw.iter_stream(), deadline, max_bytes)


def _bounded(
    status: int,
    headers: Mapping[str, str],
    pieces: Iterable[bytes],
    deadline: Deadline,
    max_bytes: int,
) -> Answer:
    """Collect a body without ever holding more than the cap, packed or unpacked."""
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "", "gzip", "x-gzip"):
        raise BadAnswer("The answer is packed in an unknown way.", maybe_sent=True)
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if packing.endswith("gzip") else None
    body = bytearray()
    packed_bytes = 0
    broken = False
    for piece in pieces:
        if deadline.remaining() <= 0:
            raise TooSlow(
                f"There was no answer within {deadline.seconds:g} seconds.", maybe_sent=True
            )
        packed_bytes += len(piece)
        try:
            body += unpack.decompress(piece, max_bytes + 1 - len(body)) if unpack else piece
        except zlib.error:
            broken = True
            break
        if len(body) > max_bytes or packed_bytes > max_bytes:
            raise TooLarge("The answer is too large.", maybe_sent=True)
    if broken or (unpack is not None and packed_bytes and not unpack.eof):
        raise BadAnswer("The answer is packed wrongly.", maybe_sent=True)
    return Answer(status=status, headers=headers, body=bytes(body))


def _target(url: str) -> httpx.URL:
    """The address, or Forbidden: only http and https, with a host, without credentials."""
    try:
        target = httpx.URL(url)
        target.host.encode()  # raises for what looks like an international name and is none
    except (httpx.InvalidURL, TypeError, UnicodeError):
        target = None
    if (
        target is None
        or target.scheme not in ("http", "https")
        or not _HOST.fullmatch(target.raw_host)
    ):
        raise Forbidden("This is not a web address.", maybe_sent=False)
    if target.userinfo:
        raise Forbidden("A web address must not contain a name or password.", maybe_sent=False)
    return target


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _sync(stream: object) -> Iterable[bytes]:
    """A transport's stream, narrowed: only synchronous ones are used here."""
    assert isinstance(stream, httpx.SyncByteStream)
    return stream


def _no_constant(word: str) -> None:
    raise ValueError(word)


@functools.cache
def _default_tls() -> ssl.SSLContext:
    """Built once: reading the certificates takes tens of milliseconds."""
    return httpx.create_ssl_context()
