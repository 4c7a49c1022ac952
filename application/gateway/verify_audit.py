"""Check a tenant's whole audit log against its hash chains and anchors."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.audit_objects import UnreadableObject, parse_line, unpack
from application.object_chain import ObjectChain
from application.ports.credentials import Signature, Signer
from application.ports.object_storage import ObjectStorage, ObjectStorages
from application.ports.unit_of_work import Transactions
from domain.audit import GENESIS, ChainHead, canonical, instance_of
from domain.audit_chain import ChainWalk
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What an anchor says of a chain: the hash of the record at a position, counted from 1."""

    anchor: str
    position: int
    hash: str


class _InstanceLog:
    """The chain of one instance as it is read, object by object.

    What is kept does not grow with the log: only the claims about it that are still to be met.
    """

    def __init__(self, before: ChainHead, claims: list[_Claim]) -> None:
        self.walk = ChainWalk(GENESIS)
        self.last_key: str | None = None
        self.lines = 0
        self._end = before
        self._end_was_met = before.count == 0
        # From the last position to the first, so that the next one to be met is at the end.
        self._claims = sorted(claims, key=lambda claim: claim.position, reverse=True)
        self._broken: list[_Claim] = []
        while self._claims and self._claims[-1].position <= 0:
            claim = self._claims.pop()
            if claim.position < 0 or claim.hash != GENESIS:
                self._broken.append(claim)

    def line_was_read(self, document: Mapping[str, object] | None) -> None:
        """Compare the record just walked over with what is said of its position."""
        self.lines += 1
        digest = None if document is None else str(document.get("hash"))
        if digest == self._end.hash:
            self._end_was_met = True
        while self._claims and self._claims[-1].position == self.lines:
            claim = self._claims.pop()
            if claim.hash != digest:
                self._broken.append(claim)

    @property
    def unmet_claims(self) -> list[_Claim]:
        """Return the claims about records that are another one or were never reached."""
        return [*self._broken, *reversed(self._claims)]

    def ending_damage(self, after: ChainHead) -> str | None:
        """Return what is wrong with where the chain ends; `after` is its head after the reading."""
        if after.count == 0:
            return "no instance of this name ever wrote here"
        if not self._end_was_met:
            missing = self._end.count - self.lines
            if missing > 0:
                return f"the last {missing} records of this instance are missing"
            return "the end of this instance's chain is not the one that was written"
        is_still = self._end == after
        if (is_still and self.walk.head.hash != after.hash) or self.lines > after.count:
            return "records stand behind the end of this instance's chain"
        return None


class VerifyAudit:
    """Read every audit object of a tenant and check that nothing was changed, dropped or added.

    Objects stream through: memory holds a piece of one object, an entry for each anchor, and of
    the damages of an object the first few.
    """

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
        # The log grows while it is read: it ends somewhere between the heads before and after, and
        # what an anchor speaks of was stored before the anchor was.
        async with self._transactions() as uow:
            tenant = await uow.tenants.by_slug(slug)
            before = dict(await uow.audit.heads(tenant.id))
        storage = self._storages.of(tenant.storage)
        root = f"{tenant.storage.prefix}audit/v1/"
        anchors, claims, damages = await self._anchors(tenant, storage, f"{root}anchors/")
        logs = {
            instance: _InstanceLog(before.get(instance, ChainHead()), claims.get(instance, []))
            for instance in {*before, *claims}
        }
        objects = records = 0
        async for item in storage.list(f"{root}dt="):
            instance = instance_of(item.key)
            if instance is None:
                damages.append(Damage(key=item.key, line=0, reason="this is no audit object"))
                continue
            objects += 1
            log = logs.setdefault(instance, _InstanceLog(ChainHead(), []))
            damages += await _read_object(storage, item.key, log)
        async with self._transactions() as uow:
            after = dict(await uow.audit.heads(tenant.id))
        for instance, log in sorted(logs.items()):
            records += log.walk.head.count
            reason = log.ending_damage(after.get(instance, ChainHead()))
            if reason is not None and (log.lines or instance in after):
                damages.append(Damage(key=log.last_key or root, line=0, reason=reason))
            damages += [
                Damage(
                    key=claim.anchor,
                    line=0,
                    reason=f"record {claim.position} of this instance is missing or another one",
                )
                for claim in log.unmet_claims
            ]
        return AuditReport(
            tenant=tenant.slug.value,
            objects=objects,
            records=records,
            anchors=anchors,
            damages=tuple(damages),
        )

    async def _anchors(
        self, tenant: Tenant, storage: ObjectStorage, prefix: str
    ) -> tuple[int, dict[str, list[_Claim]], list[Damage]]:
        """Return how many anchors there are, what the sound ones say, and what is wrong."""
        count = 0
        claims: dict[str, list[_Claim]] = {}
        damages: list[Damage] = []
        async for item in storage.list(prefix):
            count += 1
            raw = b"".join([piece async for piece in storage.read(item.key)])
            anchor = parse_line(raw)
            reason = self._anchor_damage(tenant, anchor)
            if anchor is None or reason is not None:
                damages.append(Damage(key=item.key, line=0, reason=reason or ""))
                continue
            position = anchor.get("count")
            if isinstance(position, int):
                claim = _Claim(anchor=item.key, position=position, hash=str(anchor.get("hash")))
                claims.setdefault(str(anchor.get("instance")), []).append(claim)
        return count, claims, damages

    def _anchor_damage(self, tenant: Tenant, anchor: Mapping[str, object] | None) -> str | None:
        if anchor is None:
            return "the anchor is damaged"
        if not self._is_ours(anchor):
            return "the anchor's signature is not ours"
        if anchor.get("tenant") != tenant.slug.value:
            return "the anchor is of another tenant"
        return None

    def _is_ours(self, anchor: Mapping[str, object]) -> bool:
        statement = {k: v for k, v in anchor.items() if k not in ("key", "signature")}
        signature = Signature(key_id=str(anchor.get("key")), value=str(anchor.get("signature")))
        try:
            return self._signer.verify(canonical(statement), signature)
        except InvalidValue:
            return False


async def _read_object(storage: ObjectStorage, key: str, log: _InstanceLog) -> list[Damage]:
    """Walk on over the records of one object and return what is wrong with it."""
    chain = ObjectChain(log.walk)
    log.last_key = key
    damages: list[Damage] = []
    try:
        async for line in unpack(storage.read(key)):
            document = parse_line(line)
            chain.add(document, line)
            log.line_was_read(document)
    except UnreadableObject as error:
        log.walk.forget()
        damages.append(Damage(key=key, line=0, reason=error.message))
    damages += [Damage(key=key, line=one.line, reason=one.reason) for one in chain.breaks]
    if (others := chain.count - len(chain.breaks)) > 0:
        damages.append(Damage(key=key, line=0, reason=f"{others} more breaks in this object"))
    return damages
