"""Keyed digests of API keys and of matches.

Both are derived from the *last*, oldest key of the master ring: a digest is what a record is found
by, and records stay where they are when a new key is put in front of the ring. The price is that
the oldest key can leave the ring only together with every API key that it peppers: retiring it
means issuing keys anew and starting fingerprints afresh.
"""

import hmac

from adapters.security.keyring import KeyRing
from application.ports.credentials import Digests
from domain.api_key import ApiKeySecret
from domain.identifiers import TenantId

FINGERPRINT_VERSION = "tp1"
_FINGERPRINT_CHARACTERS = 32


class HmacDigests(Digests):
    """Make digests with HMAC-SHA256 (RFC 2104) under keys of their own."""

    def __init__(self, master_keys: KeyRing) -> None:
        self._pepper = master_keys.derive("api-key-pepper").last.secret
        self._fingerprint_key = master_keys.derive("evidence-fingerprint").last.secret

    def api_key(self, secret: ApiKeySecret) -> str:
        """Return the digest under which a key is stored, 64 hexadecimal characters."""
        return hmac.digest(self._pepper, secret.value.encode(), "sha256").hex()

    def fingerprint(self, tenant_id: TenantId, entity_type: str, value: str) -> str:
        """Return the fingerprint of a match, `tp1:` and 32 hexadecimal characters."""
        # Neither an id nor a type holds NUL, so that the three parts cannot run into each other.
        text = f"{tenant_id}\0{entity_type}\0{value}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._fingerprint_key, text, "sha256").hex()
        return f"{FINGERPRINT_VERSION}:{digest[:_FINGERPRINT_CHARACTERS]}"
