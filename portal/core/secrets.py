"""Secrets at rest: AES-256-GCM, a key id in front, bound to the row they belong to."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The key is unknown, the text was altered, or it belongs to another row."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """256-bit keys by id; ``current`` seals, all of them unseal."""

    current: str
    keys: Mapping[str, bytes]

    def seal(self, plaintext: str, *, context: str) -> str:
        """Encrypt for one place; ``context`` names tenant, table, column and row."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(
            nonce, plaintext.encode(), context.encode()
        )
        return f"{self.current}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, *, context: str) -> str:
        """Decrypt what was sealed for the same context; raises CannotUnseal."""
        key_id, _, body = sealed.partition(":")
        try:
            raw = base64.urlsafe_b64decode(body)
            key = self.keys[key_id]
            plain = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        except (KeyError, ValueError, InvalidTag) as error:
            raise CannotUnseal(f"A secret sealed with key {key_id!r} cannot be read.") from error
        return plain.decode()
