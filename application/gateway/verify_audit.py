"""Check a tenant's whole audit log against its hash chains and anchors."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.audit_objects import UnreadableObject, parse_line, unpack
from application.ports.credentials import Signature, Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.unit_of_work import Transactions
from domain.audit import GENESIS, ChainHead, canonical, instance_of, verify_chain
from domain.errors import InvalidValue
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
            before = dict(await uow.audit.heads(tenant.id))
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
            head = heads.get(instance, ChainHead())
            documents, unreadable = await _documents(storage, item.key)
            if unreadable is not None:
                damages.append(Damage(key=item.key, line=0, reason=unreadable))
            # Behind a damaged last line nobody knows what the next one should point to.
            is_known = head.count == 0 or head.hash != GENESIS
            check = verify_chain(documents, prev=head.hash if is_known else None)
            damages += [Damage(key=item.key, line=b.line, reason=b.reason) for b in check.breaks]
            known = hashes.setdefault(instance, {})
            for offset, document in enumerate(documents, start=1):
                if document is not None:
                    known[head.count + offset] = str(document.get("hash"))
            heads[instance] = ChainHead(hash=check.head.hash, count=head.count + len(documents))
            last_key[instance] = item.key
            records += check.head.count
        # The log grows while it is read: it ends somewhere between these heads and the first ones.
        async with self._transactions() as uow:
            after = dict(await uow.audit.heads(tenant.id))
        for instance in sorted({*heads, *after}):
            reason = _ending_damage(
                heads.get(instance, ChainHead()),
                hashes.get(instance, {}),
                before.get(instance, ChainHead()),
                after.get(instance, ChainHead()),
            )
            if reason is not None:
                key = last_key.get(instance, f"{prefix}audit/v1/")
                damages.append(Damage(key=key, line=0, reason=reason))
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
            reason = self._anchor_damage(tenant, parse_line(raw), hashes)
            if reason is not None:
                damages.append(Damage(key=item.key, line=0, reason=reason))
        return count, damages

    def _anchor_damage(
        self,
        tenant: Tenant,
        anchor: Mapping[str, object] | None,
        hashes: Mapping[str, Mapping[int, str]],
    ) -> str | None:
        if anchor is None:
            return "the anchor is damaged"
        if not self._is_ours(anchor):
            return "the anchor's signature is not ours"
        if anchor.get("tenant") != tenant.slug.value:
            return "the anchor is of another tenant"
        position = anchor.get("count")
        said = anchor.get("hash")
        chain = hashes.get(str(anchor.get("instance")), {})
        if not isinstance(position, int) or (position == 0 and said == GENESIS):
            return None
        if chain.get(position) != said:
            return f"record {position} of this instance is missing or another one"
        return None

    def _is_ours(self, anchor: Mapping[str, object]) -> bool:
        statement = {k: v for k, v in anchor.items() if k not in ("key", "signature")}
        signature = Signature(key_id=str(anchor.get("key")), value=str(anchor.get("signature")))
        try:
            return self._signer.verify(canonical(statement), signature)
        except InvalidValue:
            return False


async def _documents(
    storage: ObjectStorage, key: str
) -> tuple[list[Mapping[str, object] | None], str | None]:
    documents: list[Mapping[str, object] | None] = []
    try:
        async for line in unpack(storage.read(key)):
            documents.append(parse_line(line))  # noqa: PERF401 - what came before damage counts
    except UnreadableObject as error:
        return documents, error.message
    return documents, None


def _ending_damage(
    seen: ChainHead, hashes: Mapping[int, str], before: ChainHead, after: ChainHead
) -> str | None:
    """Return what is wrong with where a chain ends; the heads are those around the reading."""
    if after.count == 0:
        return "no instance of this name ever wrote here"
    if before.count > 0 and before.hash not in hashes.values():
        missing = before.count - seen.count
        if missing > 0:
            return f"the last {missing} records of this instance are missing"
        return "the end of this instance's chain is not the one that was written"
    if (before == after and seen.hash != after.hash) or seen.count > after.count:
        return "records stand behind the end of this instance's chain"
    return None
