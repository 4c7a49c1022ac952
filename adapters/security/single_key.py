"""Digests under one key, for programs without a key ring."""

import hmac
import re
import unicodedata

from application.ports.credentials import Digests
from domain.api_key import ApiKeySecret
from domain.identifiers import TenantId

_CHARACTERS = 32
_NUMBER = re.compile(r"[\d\s()+./-]+")
_SEPARATOR = re.compile(r"[\s()./-]")
_SPACE = re.compile(r"\s+")


class SingleKeyDigests(Digests):
    """Make digests with HMAC-SHA256 (RFC 2104) under the key that is given.

    Fingerprints are those of the normalised value, so that the spelling of a number or the
    indentation of a block does not matter. With a key that others know they can be tried out.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def api_key(self, secret: ApiKeySecret) -> str:
        """Return the digest under which a key is stored, 64 hexadecimal characters."""
        return hmac.digest(self._key, b"api-key\0" + secret.value.encode(), "sha256").hex()

    def fingerprint(self, tenant_id: TenantId, entity_type: str, value: str) -> str:
        """Return the fingerprint of a match, `tp1:` and 32 hexadecimal characters."""
        text = f"match\0{tenant_id}\0{entity_type}\0{_normalised(value)}"
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hex()
        return f"tp1:{digest[:_CHARACTERS]}"


def _normalised(value: str) -> str:
    """Return a value without what its writer was free to choose."""
    folded = unicodedata.normalize("NFKC", value).strip()
    if _NUMBER.fullmatch(folded):
        return _SEPARATOR.sub("", folded)
    return _SPACE.sub(" ", folded)
