"""Check a tenant's whole audit log against its hash chains and anchors."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.audit_objects import UnreadableObject, parse_line, unpack
from application.ports.credentials import Signature, Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.unit_of_work import Transactions
from domain.audit import GENESIS, ChainHead, canonical, instance_of, verify_chain
from domain.tenant import Slug, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What does not hold, and where: an object's key and line (0 for the object as a whole)."""

    key: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The outcome for one tenant."""

    tenant: str
    objects: int
    records: int
    anchors: int
    damages: tuple[Damage, ...]


class VerifyAudit:
    """Read every audit object of a tenant and check that nothing was changed, dropped or added."""

    def __init__(
        self, *, transactions: Transactions, storages: ObjectStorages, signer: Signer
    ) -> None:
        self._transactions = transactions
        self._storages = storages
        self._signer = signer

    async def __call__(self, slug: Slug) -> AuditReport:
        """Return what was checked and every damage.

        Raises:
            NotFound: no such tenant.
            Unavailable, AccessDenied: the storage.
        """
        async with self._transactions() as uow:
            tenant = await uow.tenants.by_slug(slug)
            stored = dict(await uow.audit.heads(tenant.id))
        storage = self._storages.of(tenant.storage)
        prefix = tenant.storage.prefix
        damages: list[Damage] = []
        heads: dict[str, ChainHead] = {}
        hashes: dict[str, dict[int, str]] = {}
        objects = records = 0
        last_key: dict[str, str] = {}
        async for item in storage.list(f"{prefix}audit/v1/dt="):
            instance = instance_of(item.key)
            if instance is None:
                damages.append(Damage(key=item.key, line=0, reason="this is no audit object"))
                continue
            objects += 1
            before = heads.get(instance, ChainHead())
            documents, unreadable = await _documents(storage, item.key)
            if unreadable is not None:
                damages.append(Damage(key=item.key, line=0, reason=unreadable))
            check = verify_chain(documents, prev=before.hash)
            damages += [Damage(key=item.key, line=b.line, reason=b.reason) for b in check.breaks]
            known = hashes.setdefault(instance, {})
            for offset, document in enumerate(documents, start=1):
                if document is not None:
                    known[before.count + offset] = str(document.get("hash"))
            heads[instance] = ChainHead(hash=check.head.hash, count=before.count + check.head.count)
            last_key[instance] = item.key
            records += check.head.count
        for instance, head in stored.items():
            seen = heads.get(instance, ChainHead())
            if seen != head:
                damages.append(
                    Damage(
                        key=last_key.get(instance, f"{prefix}audit/v1/"),
                        line=0,
                        reason=_tail(seen, head),
                    )
                )
        anchors, broken = await self._anchors(tenant, storage, hashes)
        return AuditReport(
            tenant=tenant.slug.value,
            objects=objects,
            records=records,
            anchors=anchors,
            damages=(*damages, *broken),
        )

    async def _anchors(
        self,
        tenant: Tenant,
        storage: ObjectStorage,
        hashes: Mapping[str, Mapping[int, str]],
    ) -> tuple[int, list[Damage]]:
        count, damages = 0, []
        async for item in storage.list(f"{tenant.storage.prefix}audit/v1/anchors/"):
            count += 1
            raw = b"".join([piece async for piece in storage.read(item.key)])
            reason = self._anchor_damage(parse_line(raw), hashes)
            if reason is not None:
                damages.append(Damage(key=item.key, line=0, reason=reason))
        return count, damages

    def _anchor_damage(
        self, anchor: Mapping[str, object] | None, hashes: Mapping[str, Mapping[int, str]]
    ) -> str | None:
        if anchor is None:
            return "the anchor is damaged"
        statement = {k: v for k, v in anchor.items() if k not in ("key", "signature")}
        signature = Signature(key_id=str(anchor.get("key")), value=str(anchor.get("signature")))
        if not self._signer.verify(canonical(statement), signature):
            return "the anchor's signature is not ours"
        position = statement.get("count")
        said = statement.get("hash")
        chain = hashes.get(str(statement.get("instance")), {})
        if not isinstance(position, int) or (position == 0 and said == GENESIS):
            return None
        if chain.get(position) != said:
            return f"record {position} of this instance is missing or another one"
        return None


async def _documents(
    storage: ObjectStorage, key: str
) -> tuple[list[Mapping[str, object] | None], str | None]:
    documents: list[Mapping[str, object] | None] = []
    try:
        documents.extend([parse_line(line) async for line in unpack(storage.read(key))])
    except UnreadableObject as error:
        return documents, error.message
    return documents, None


def _tail(seen: ChainHead, stored: ChainHead) -> str:
    if seen.count < stored.count:
        return f"the last {stored.count - seen.count} records of this instance are missing"
    return "the end of this instance's chain is not the one that was written"
