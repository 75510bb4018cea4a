"""A real little DNS server on loopback: it answers what a test wrote down, over UDP."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest


class DnsServer:
    """``server.says["phones.example.com", "A"] = ["192.0.2.7"]``; what it does not know does not exist."""

    def __init__(self) -> None:
        self.says: dict[tuple[str, str], list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.silent = False
        handler = type("Handler", (_Handler,), {"names": self})
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """For PORTAL_DNS_SERVERS."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, wire: bytes) -> bytes | None:
        """The answer to one question; None: nobody is there."""
        if self.silent:
            return None
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        name, kind = str(asked.name).rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(question)
        response.flags |= dns.flags.RA
        for _ in range(5):
            alias = self.says.get((name, "CNAME"))
            if not alias or kind == "CNAME":
                break
            response.answer.append(
                dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{alias[0]}.")
            )
            name = alias[0]
        texts = self.says.get((name, kind), [])
        if texts:
            said = [f'"{one}"' if kind == "TXT" else one + "." * (kind == "CNAME") for one in texts]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *said))
        elif not any(known == name for known, _ in self.says):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Handler(socketserver.BaseRequestHandler):
    names: DnsServer

    def handle(self) -> None:
        wire, socket = self.request
        answer = self.names.answer(wire)
        if answer is not None:
            socket.sendto(answer, self.client_address)


@pytest.fixture
def dns_server() -> Iterator[DnsServer]:
    """A name server of this test's own."""
    server = DnsServer()
    yield server
    server.close()
