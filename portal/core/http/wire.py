"""One connection for one exchange: to a checked address, with every wait cut at the deadline."""

from __future__ import annotations

import ssl
import typing
from collections.abc import Iterable

import httpcore

from portal.core import clock
from portal.core.http.addresses import Resolver, checked_addresses


class Deadline:
    """The moment at which an exchange has to be over, and whether anything has left yet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = clock.ticking() + seconds
        self.sent = False

    def remaining(self) -> float:
        """Seconds left, at most zero when it is over."""
        return self.ends - clock.ticking()

    def left(self) -> float:
        """Seconds left; raises httpcore's timeout when there are none.

        Per-read timeouts alone never fire against a server that drips one byte a second.
        """
        remaining = self.remaining()
        if remaining <= 0:
            raise httpcore.ReadTimeout("deadline")
        return remaining


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore, to addresses that were checked after resolution."""

    def __init__(self, deadline: Deadline, *, resolver: Resolver, private: bool) -> None:
        self._deadline = deadline
        self._resolver = resolver
        self._private = private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, and connect to the first address that answers.

        httpcore still sends the name as Host and checks the certificate for it.
        """
        addresses = checked_addresses(
            host,
            port,
            resolver=self._resolver,
            remaining_seconds=self._deadline.left(),
            private=self._private,
        )
        for number, address in enumerate(addresses, start=1):
            # Leave time for the other addresses when the first one swallows packets.
            share = self._deadline.left() / (2 if number < len(addresses) else 1)
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=share,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return TimedStream(stream, self._deadline)
        raise httpcore.ConnectError("no address")


class TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline of the whole exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, at most until the deadline."""
        return self._stream.read(max_bytes, timeout=self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, at most until the deadline, and remember that something left."""
        left = self._deadline.left()
        self._deadline.sent = True
        self._stream.write(buffer, timeout=left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Begin TLS for the name that was asked for, not for the address."""
        stream = self._stream.start_tls(
            ssl_context, server_hostname=server_hostname, timeout=self._deadline.left()
        )
        return TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        """What httpcore asks about the socket."""
        return self._stream.get_extra_info(info)
