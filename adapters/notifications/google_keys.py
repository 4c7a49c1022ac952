"""The public keys with which Google signs its identity tokens."""

import asyncio
import json

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from adapters.notifications.fetching import RETRY_AFTER, Fetch
from application.ports.notifications import Distrust, ForgedEvent
from application.ports.system import Clock
from domain.errors import Unavailable

KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"
"""`jwks_uri` of https://accounts.google.com/.well-known/openid-configuration."""

MAX_AGE = 3600.0
"""Seconds for which fetched keys serve; Google changes them about once a week."""

PAUSE = 30.0
"""Seconds between two fetches, whatever keys are asked for."""

MIN_KEY_BITS = 2048
_SERVICE = "Google's signing keys"


class GoogleKeys:
    """Keep Google's keys, and fetch them anew when they are old or one is asked for that is new."""

    def __init__(self, *, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()

    async def public_key(self, key_id: str) -> RSAPublicKey:
        """Return the key of this id.

        Raises:
            ForgedEvent: Google has no such key.
            Unavailable: the keys cannot be fetched, or could not a moment ago.
        """
        async with self._lock:
            if not self._is_fresh() or (key_id not in self._keys and self._may_fetch()):
                await self._refresh()
            key = self._keys.get(key_id)
        if key is None:
            raise ForgedEvent(
                "the token is signed with a key that is not Google's", reason=Distrust.CERTIFICATE
            )
        return key

    def _is_fresh(self) -> bool:
        return self._fetched_at is not None and self._clock.monotonic() - self._fetched_at < MAX_AGE

    def _may_fetch(self) -> bool:
        return self._tried_at is None or self._clock.monotonic() - self._tried_at >= PAUSE

    async def _refresh(self) -> None:
        if not self._may_fetch():
            raise Unavailable(_SERVICE, retry_after=RETRY_AFTER)
        self._tried_at = self._clock.monotonic()
        keys = _parse(await self._fetch(KEYS_URL))
        if not keys:
            raise Unavailable(_SERVICE, retry_after=RETRY_AFTER)
        self._keys, self._fetched_at = keys, self._clock.monotonic()


def _parse(data: bytes) -> dict[str, RSAPublicKey]:
    """Return the RSA keys of a JSON Web Key Set (RFC 7517); other entries are left out."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    entries = document.get("keys") if isinstance(document, dict) else None
    keys = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA":
            continue
        try:
            key = RSAAlgorithm.from_jwk(entry)
        except (InvalidKeyError, ValueError, TypeError):
            continue
        key_id = entry.get("kid")
        if (
            isinstance(key, RSAPublicKey)
            and key.key_size >= MIN_KEY_BITS
            and isinstance(key_id, str)
        ):
            keys[key_id] = key
    return keys
