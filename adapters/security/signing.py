"""Signatures of anchors."""

import hmac

from adapters.security.keyring import KeyRing
from application.ports.credentials import Signature, Signer


class HmacSigner(Signer):
    """Sign with HMAC-SHA256 (RFC 2104) under keys of their own; values are hexadecimal."""

    def __init__(self, master_keys: KeyRing) -> None:
        self._keys = master_keys.derive("anchor-signing")

    def sign(self, data: bytes) -> Signature:
        """Return a signature with the first key of the ring."""
        key = self._keys.first
        return Signature(key_id=key.id, value=hmac.digest(key.secret, data, "sha256").hex())

    def verify(self, data: bytes, signature: Signature) -> bool:
        """Tell whether a key of the ring made this signature of these bytes."""
        key = self._keys.get(signature.key_id)
        if key is None:
            return False
        expected = hmac.digest(key.secret, data, "sha256").hex()
        return hmac.compare_digest(
            expected.encode(), signature.value.encode("utf-8", "surrogatepass")
        )
