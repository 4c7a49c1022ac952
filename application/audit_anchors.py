"""Signed notes in a tenant's storage of where an audit chain stands.

An anchor says that record `count` of an instance has this hash, and that every record before it was
stored by then. A beginning says besides that this log goes on behind that record: what came before
lies in the storage that the tenant had before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from application.audit_objects import parse_line
from application.ports.credentials import Signature, Signer
from application.ports.object_storage import ObjectStorages
from application.ports.system import Clock, IdFactory
from domain.audit import ChainHead, anchor_key, canonical, format_time, parse_time
from domain.errors import DomainError, InvalidValue
from domain.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What one anchor states, once its signature holds."""

    key: str
    instance: str
    head: ChainHead
    time: datetime
    is_beginning: bool


class UnsoundAnchor(DomainError):
    """An anchor is damaged, forged, or of somebody else's log."""

    code = "audit.unsound_anchor"


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
        self, tenant: Tenant, instance: str, head: ChainHead, *, is_beginning: bool = False
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
        if is_beginning:
            statement["begins"] = True
        signature = self._signer.sign(canonical(statement))
        document = {**statement, "key": signature.key_id, "signature": signature.value}
        await self._storages.of(tenant.storage).create(
            anchor_key(
                prefix=tenant.storage.prefix, instance=instance, ulid=self._ids.ulid(), at=at
            ),
            canonical(document),
            content_type="application/json",
        )


def read_anchor(raw: bytes, *, key: str, tenant: Tenant, signer: Signer) -> Anchor:
    """Return what the stored bytes of an anchor state.

    Raises:
        UnsoundAnchor: they state nothing that counts here; the message says why.
    """
    document = parse_line(raw)
    if document is None:
        raise UnsoundAnchor("the anchor is damaged")
    if not _is_signed(document, signer):
        raise UnsoundAnchor("the anchor's signature is not ours")
    if document.get("tenant") != tenant.slug.value:
        raise UnsoundAnchor("the anchor is of another tenant")
    count = document.get("count")
    if not isinstance(count, int) or count < 0:
        raise UnsoundAnchor("the anchor speaks of no record")
    try:
        time = parse_time(str(document.get("time")))
    except InvalidValue:
        raise UnsoundAnchor("the anchor has no time") from None
    return Anchor(
        key=key,
        instance=str(document.get("instance")),
        head=ChainHead(hash=str(document.get("hash")), count=count),
        time=time,
        is_beginning=document.get("begins") is True,
    )


def _is_signed(document: Mapping[str, object], signer: Signer) -> bool:
    statement = {name: said for name, said in document.items() if name not in ("key", "signature")}
    signature = Signature(key_id=str(document.get("key")), value=str(document.get("signature")))
    try:
        return signer.verify(canonical(statement), signature)
    except InvalidValue:
        return False
