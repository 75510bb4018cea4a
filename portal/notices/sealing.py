"""Web push on the wire: a message sealed for one browser (RFC 8291), and who sends it (RFC 8292)."""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

OwnKey = ec.EllipticCurvePrivateKey

_CURVE = ec.SECP256R1()
_POINT_BYTES, _SECRET_BYTES, _SALT_BYTES = 65, 16, 16
_RECORD_BYTES = 4_096
# The whole body has to fit into one record: its end, the seal and the head are 103 bytes.
MOST_BYTES = 3_900
_PROOF_LASTS = timedelta(hours=12)


class BadKeys(ValueError):
    """The keys of a subscription are none."""


def seal(
    plaintext: bytes,
    *,
    browser_key: str,
    browser_secret: str,
    own_key: OwnKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push for one browser. ``own_key`` and ``salt`` are new for each, but in tests."""
    theirs, secret = checked_keys(browser_key, browser_secret)
    own = own_key or new_key()
    salt = salt or os.urandom(_SALT_BYTES)
    point, own_point = public_point(theirs), public_point(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    both = _derive(secret, shared, b"WebPush: info\0" + point + own_point, 32)
    key = _derive(salt, both, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, both, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, plaintext[:MOST_BYTES] + b"\x02", None)
    head = salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(own_point)]) + own_point
    return head + sealed


def proof(endpoint: str, key: OwnKey, *, at: datetime, contact: str) -> str:
    """The Authorization header for one push service: a signed word that soon ends."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((at + _PROOF_LASTS).timestamp()),
        "sub": contact,
    }
    said = ".".join(
        _b64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(SHA256())))
    signature = _b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={said}.{signature}, k={_b64(public_point(key.public_key()))}"


def checked_keys(browser_key: str, browser_secret: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """What a browser gave us, or BadKeys."""
    try:
        point, secret = decode(browser_key), decode(browser_secret)
        if len(point) != _POINT_BYTES or len(secret) != _SECRET_BYTES:
            raise BadKeys("A key has another length.")
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point), secret
    except ValueError as error:
        raise BadKeys("These are no keys of a browser.") from error


def new_key() -> OwnKey:
    """A key pair."""
    return ec.generate_private_key(_CURVE)


def key_of(number: int) -> OwnKey:
    """The key pair of a private number."""
    return ec.derive_private_key(number, _CURVE)


def number_of(key: OwnKey) -> int:
    """The private number of a key pair, to be sealed."""
    return key.private_numbers().private_value


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as browsers write it."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def decode(text: str) -> bytes:
    """Base64 of addresses, with or without its padding; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _derive(salt: bytes, secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(secret)
