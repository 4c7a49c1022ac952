"""Signed notes in a tenant's storage of where an audit chain stands.

An anchor says that record `count` of an instance has this hash, and that every record before it was
stored by then.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from application.audit_objects import parse_line
from application.ports.credentials import Signature, Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.system import Clock, IdFactory
from domain.audit import (
    ChainHead,
    anchor_key,
    anchors_prefix,
    canonical,
    format_time,
    parse_time,
)
from domain.errors import InvalidValue
from domain.tenant import Tenant

_SLACK = timedelta(days=1)
"""How much younger than the retention an anchor may be that explains why records are gone.

The engine anchors every chain once a day before anything is deleted.
"""


class AnchorKind(StrEnum):
    """What an anchor says besides where the chain stands.

    `beginning`: the log goes on behind that record; what came before lies in the storage that the
    tenant had before. `expired`: up to that record the retention may have taken what there was,
    before it was made longer.
    """

    POSITION = "position"
    BEGINNING = "beginning"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What one anchor states, once its signature holds."""

    key: str
    instance: str
    head: ChainHead
    time: datetime
    kind: AnchorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsoundAnchor:
    """An anchor that states nothing: it is damaged, forged, or of somebody else's log."""

    key: str
    reason: str


class WriteAnchor:
    """Sign where one instance's chain stands and store the note."""

    def __init__(
        self, *, storages: ObjectStorages, signer: Signer, clock: Clock, ids: IdFactory
    ) -> None:
        self._storages = storages
        self._signer = signer
        self._clock = clock
        self._ids = ids

    async def __call__(
        self,
        tenant: Tenant,
        instance: str,
        head: ChainHead,
        *,
        kind: AnchorKind = AnchorKind.POSITION,
    ) -> None:
        """Store an anchor in the tenant's storage.

        Raises:
            Unavailable, AccessDenied: the storage.
        """
        at = self._clock.now()
        statement: dict[str, object] = {
            "schema": 1,
            "tenant": tenant.slug.value,
            "instance": instance,
            "count": head.count,
            "hash": head.hash,
            "time": format_time(at),
        }
        if kind is not AnchorKind.POSITION:
            statement["kind"] = kind.value
        signature = self._signer.sign(canonical(statement))
        document = {**statement, "key": signature.key_id, "signature": signature.value}
        await self._storages.of(tenant.storage).create(
            anchor_key(
                prefix=tenant.storage.prefix, instance=instance, ulid=self._ids.ulid(), at=at
            ),
            canonical(document),
            content_type="application/json",
        )


def explained_before(now: datetime, retention: timedelta) -> datetime:
    """Return before when an anchor was written that explains that records are gone."""
    return now - retention + _SLACK


async def stored_anchors(
    storage: ObjectStorage, tenant: Tenant, signer: Signer
) -> AsyncIterator[Anchor | UnsoundAnchor]:
    """Yield every anchor of a tenant's log in the order of its key, the sound and the others."""
    async for item in storage.list(anchors_prefix(tenant.storage.prefix)):
        yield await read_anchor(storage, item.key, tenant, signer)


async def read_anchor(
    storage: ObjectStorage, key: str, tenant: Tenant, signer: Signer
) -> Anchor | UnsoundAnchor:
    """Return what the stored anchor of a key states, or why that counts for nothing."""
    document = parse_line(b"".join([piece async for piece in storage.read(key)]))
    if document is None:
        return UnsoundAnchor(key=key, reason="the anchor is damaged")
    if not _is_signed(document, signer):
        return UnsoundAnchor(key=key, reason="the anchor's signature is not ours")
    if document.get("tenant") != tenant.slug.value:
        return UnsoundAnchor(key=key, reason="the anchor is of another tenant")
    # What follows is as we signed it.
    return Anchor(
        key=key,
        instance=str(document["instance"]),
        head=ChainHead(hash=str(document["hash"]), count=int(str(document["count"]))),
        time=parse_time(str(document["time"])),
        kind=AnchorKind(str(document.get("kind", AnchorKind.POSITION.value))),
    )


def _is_signed(document: Mapping[str, object], signer: Signer) -> bool:
    statement = {name: said for name, said in document.items() if name not in ("key", "signature")}
    signature = Signature(key_id=str(document.get("key")), value=str(document.get("signature")))
    try:
        return signer.verify(canonical(statement), signature)
    except InvalidValue:
        return False
