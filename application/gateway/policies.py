"""Write versions of a tenant's policy and choose the active one."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.deeds import Deeds, differences
from application.policy_drafts import PolicyDrafts
from application.ports.system import IdFactory
from application.repeated_calls import Created
from domain.authorisation import Action, Caller
from domain.errors import Conflict, NotFound
from domain.events import PolicyActivated
from domain.identifiers import PolicyId
from domain.policy.rule import Policy, PolicyRevision
from domain.repeated_call import Once
from domain.tenant import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPolicyCommand:
    """A version to store: the first one of a new policy, or the next one of `policy_id`."""

    slug: Slug
    policy: Policy
    policy_id: PolicyId | None = None
    note: str = ""
    once: Once | None = None


class AddPolicy:
    """Store a version of a policy."""

    def __init__(self, *, deeds: Deeds, drafts: PolicyDrafts, ids: IdFactory) -> None:
        self._deeds = deeds
        self._drafts = drafts
        self._ids = ids

    async def __call__(self, caller: Caller, command: AddPolicyCommand) -> Created[PolicyRevision]:
        """Return the stored version; it is not active yet.

        Raises:
            InvalidValue: a pattern, or a detector of its own, is not as it must be, or the note is
                too long.
            Conflict: somebody else stored this version at the same time.
            Unauthenticated, NotFound, Refused: no such policy, or the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.ADD_POLICY) as deed:
            made = await deed.made_before(command.once)
            if made is not None:
                policy_id, number = parse_reference(made)
                known = await deed.uow.policies.get(deed.tenant_id, policy_id, number)
                return Created(item=known, is_replay=True)
            policy = await self._drafts.accepted(deed.tenant_id, command.policy)
            former = [
                one.number
                for one in await deed.uow.policies.all(deed.tenant_id)
                if one.policy_id == command.policy_id
            ]
            if command.policy_id is not None and not former:
                raise no_such_policy()
            revision = PolicyRevision(
                tenant_id=deed.tenant_id,
                policy_id=command.policy_id or PolicyId(self._ids.new("pol")),
                number=max(former, default=0) + 1,
                policy=policy,
                created_at=deed.at,
                note=command.note,
            )
            await deed.uow.policies.add(deed.tenant_id, revision)
            await deed.commit(
                target=revision.reference,
                changes=differences({}, {"name": revision.policy.name, "note": revision.note}),
                once=command.once,
            )
        return Created(item=revision)


class ActivatePolicy:
    """Make a version the one that judges from now on."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(
        self, caller: Caller, slug: Slug, policy_id: PolicyId, number: int
    ) -> PolicyRevision:
        """Return the active version; activating it again changes nothing.

        Raises:
            Unauthenticated, NotFound, Refused: no such version, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.ACTIVATE_POLICY) as deed:
            revision = await deed.uow.policies.get(deed.tenant_id, policy_id, number)
            former = await deed.uow.policies.active(deed.tenant_id, at=deed.at)
            if former is not None and former.reference == revision.reference:
                return revision
            await deed.uow.policies.activate(deed.tenant_id, policy_id, number, at=deed.at)
            deed.uow.record(
                PolicyActivated(tenant_id=deed.tenant_id, policy_id=policy_id, number=number)
            )
            await deed.commit(
                target=revision.reference,
                changes=differences(
                    {"active": None if former is None else former.reference},
                    {"active": revision.reference},
                ),
            )
        return revision


class RollBackPolicy:
    """Let the version judge again that did so before the active one."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> PolicyRevision:
        """Return the version that is active now; rolling back twice is back where it began.

        Raises:
            Conflict: no other version was active before (`policy.no_former`).
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.ACTIVATE_POLICY) as deed:
            current = await deed.uow.policies.active(deed.tenant_id, at=deed.at)
            former = await deed.uow.policies.former(deed.tenant_id, at=deed.at)
            if current is None or former is None:
                raise Conflict(
                    "no other version was active before, so there is none to go back to",
                    code="policy.no_former",
                )
            await deed.uow.policies.activate(
                deed.tenant_id, former.policy_id, former.number, at=deed.at
            )
            deed.uow.record(
                PolicyActivated(
                    tenant_id=deed.tenant_id, policy_id=former.policy_id, number=former.number
                )
            )
            await deed.commit(
                target=former.reference,
                changes=differences({"active": current.reference}, {"active": former.reference}),
            )
        return former


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicies:
    """Every version, by policy and number, and the active one: None before the first."""

    revisions: Sequence[PolicyRevision]
    active: PolicyRevision | None

    def is_active(self, revision: PolicyRevision) -> bool:
        """Tell whether a version is the one that judges."""
        return self.active is not None and revision.reference == self.active.reference

    def of(self, policy_id: PolicyId) -> Sequence[PolicyRevision]:
        """Return the versions of one policy.

        Raises:
            NotFound: there is none.
        """
        found = [one for one in self.revisions if one.policy_id == policy_id]
        if not found:
            raise no_such_policy()
        return found

    def one(self, policy_id: PolicyId, number: int | None = None) -> PolicyRevision:
        """Return one version, the newest where no number is named.

        Raises:
            NotFound: there is none.
        """
        versions = self.of(policy_id)
        for revision in reversed(versions):
            if number in (None, revision.number):
                return revision
        raise no_such_policy()


class ListPolicies:
    """Show a tenant's policies."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> StoredPolicies:
        """Return every version, and which one judges.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.READ_POLICIES) as deed:
            return StoredPolicies(
                revisions=await deed.uow.policies.all(deed.tenant_id),
                active=await deed.uow.policies.active(deed.tenant_id, at=deed.at),
            )


def parse_reference(reference: str) -> tuple[PolicyId, int]:
    """Return the policy and the number that `pol_…@2` names."""
    policy_id, _, number = reference.rpartition("@")
    return PolicyId(policy_id), int(number)


def no_such_policy() -> NotFound:
    """Return the error for a policy that the tenant does not have."""
    return NotFound("there is no such policy", code="policy.not_found")
