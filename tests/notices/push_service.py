"""A push service of a browser's maker, and the browser behind it, which opens what is sent to it."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.notices.sealing import decode, public_point

_SECRET = b"sixteen letters!"
_CURVE = ec.SECP256R1()


class PushService:
    """``answers`` is the status of what comes next, unless it ``hangs_up``; ``shown`` what the browser would show."""

    def __init__(self) -> None:
        self.answers = 201
        self.hangs_up = False
        self.got: list[tuple[dict[str, str], bytes]] = []
        self._key = ec.generate_private_key(_CURVE)
        service = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                if service.hangs_up:
                    return
                self.send_response(service.answers)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def subscription(self) -> dict[str, str]:
        """What the browser tells the portal."""
        return {
            "endpoint": f"{self.origin}/browser/1",
            "key": _word(public_point(self._key.public_key())),
            "secret": _word(_SECRET),
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def shown(self) -> list[dict[str, str]]:
        """Every push, opened as the browser does: written from RFC 8188 and 8291, not from our code."""
        return [json.loads(self._open(body)) for _, body in self.got]

    def signer(self) -> dict[str, Any]:
        """The claims of the newest push, whose signature is good under the key it names."""
        header = self.got[-1][0]["authorization"]
        assert header.startswith("vapid t=")
        token, _, key = header.removeprefix("vapid t=").partition(", k=")
        head, claims, signature = token.split(".")
        raw = decode(signature)
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(key)).verify(
            encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
            f"{head}.{claims}".encode(),
            ec.ECDSA(SHA256()),
        )
        return {"k": key, **json.loads(decode(claims))}

    def _open(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        point, sealed = body[21 : 21 + length], body[21 + length :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        shared = self._key.exchange(ec.ECDH(), theirs)
        mine = public_point(self._key.public_key())
        both = _derive(_SECRET, shared, b"WebPush: info\0" + mine + point, 32)
        key = _derive(salt, both, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(salt, both, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02"), "the only record is the last one"
        return plain[:-1]


def _derive(salt: bytes, secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(secret)


def _word(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
