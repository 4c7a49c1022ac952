"""Principals by the digest of their key, remembered for every process together."""

from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from adapters.redis.client import RedisUnavailable
from adapters.redis.presence import RedisPresence
from application.ports.credentials import Signature, Signer
from application.ports.key_cache import CachedPrincipal, KeyCache
from application.ports.readers import Principal
from application.ports.system import Clock
from domain.identifiers import TenantId

PREFIX = "trueport:{keys}:"
"""Before every key; the braces keep them on one node of a cluster."""

FRESH_SECONDS = 5.0
KEPT_SECONDS = 600.0
"""How long a principal may serve while the store is away."""

_SKEW_SECONDS = 5.0
"""How far the clocks of two processes may be apart before an entry of the future is not fresh."""

_MAX_READ = 1000
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What is kept of a digest, and since when, in seconds since 1970."""

    principal: Principal | None
    since: float


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Entry)


class RedisKeyCache(KeyCache):
    """Remember principals where every process sees when one is forgotten.

    Entries are signed: who can write to Redis must not be able to make up keys. To forget raises
    the generation of a tenant and of the unknown digests, and entries of older ones no longer
    count. `release` keeps those apart that another version wrote. While Redis is away `fallback`
    serves what this process has seen itself.
    """

    def __init__(
        self,
        *,
        redis: RedisPresence,
        fallback: KeyCache,
        signer: Signer,
        clock: Clock,
        release: str,
        fresh_seconds: float = FRESH_SECONDS,
        kept_seconds: float = KEPT_SECONDS,
        prefix: str = PREFIX,
    ) -> None:
        self._redis = redis
        self._fallback = fallback
        self._signer = signer
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._kept_seconds = kept_seconds
        self._entries = f"{prefix}{release}:entry:"
        self._generations = f"{prefix}generation:"
        self._get = redis.script("principal_get")
        self._put = redis.script("principal_put")
        self._forget = redis.script("principal_forget")
        self._read_before: OrderedDict[str, tuple[str, _Entry]] = OrderedDict()

    async def get(self, digest: str) -> CachedPrincipal | None:
        """Return what is known of a digest, None when nothing is."""
        try:
            text = await self._redis.ask(self._get, [self._entries + digest], self._generations)
        except RedisUnavailable:
            return await self._fallback.get(digest)
        entry = self._read(digest, text) if isinstance(text, str) else None
        if entry is None:
            return None
        age = self._clock.now().timestamp() - entry.since
        is_fresh = -_SKEW_SECONDS <= age < self._fresh_seconds
        if age >= self._kept_seconds or (entry.principal is None and not is_fresh):
            return None
        return CachedPrincipal(principal=entry.principal, is_fresh=is_fresh)

    async def put(self, digest: str, principal: Principal | None) -> None:
        """Remember a principal, or that nobody has this digest."""
        await self._fallback.put(digest, principal)
        entry = _Entry(principal=principal, since=self._clock.now().timestamp())
        text = self._written(digest, entry)
        of = _NOBODY if principal is None else principal.tenant.id
        seconds = self._fresh_seconds if principal is None else self._kept_seconds
        try:
            await self._redis.ask(
                self._put,
                [self._entries + digest, self._generations + of],
                of,
                text,
                _milliseconds(seconds),
            )
        except RedisUnavailable:
            return

    async def forget(self, tenant_id: TenantId) -> None:
        """Forget every principal of a tenant: a key, its policy or its upstreams changed.

        Where Redis is away, other processes notice when their entries are no longer fresh.
        """
        await self._fallback.forget(tenant_id)
        generations = [self._generations + one for one in (tenant_id, _NOBODY)]
        try:
            await self._redis.ask(self._forget, generations, 2 * _milliseconds(self._kept_seconds))
        except RedisUnavailable:
            return

    def _written(self, digest: str, entry: _Entry) -> str:
        body = _encoder.encode(entry).decode()
        signature = self._signer.sign(_signed(digest, body))
        return f"{signature.value}:{signature.key_id}:{body}"

    def _read(self, digest: str, text: str) -> _Entry | None:
        """Return the entry of a text; one that is not ours is none."""
        before = self._read_before.get(digest)
        if before is not None and before[0] == text:
            self._read_before.move_to_end(digest)
            return before[1]
        value, _, signed = text.partition(":")
        key_id, _, body = signed.partition(":")
        if not self._signer.verify(_signed(digest, body), Signature(key_id=key_id, value=value)):
            return None
        try:
            entry = _decoder.decode(body)
        except msgspec.DecodeError:
            return None
        self._read_before[digest] = (text, entry)
        while len(self._read_before) > _MAX_READ:
            self._read_before.popitem(last=False)
        return entry


def _signed(digest: str, body: str) -> bytes:
    """Return the bytes that are signed: an entry is worth nothing under another digest."""
    return f"key-cache:{digest}:{body}".encode()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
