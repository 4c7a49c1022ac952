"""Connect model providers to a tenant."""

from dataclasses import dataclass, field

from application.ports.credentials import CredentialCipher
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from domain.identifiers import TenantId, UpstreamId
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectUpstreamCommand:
    """A provider to connect; `credential` is plain and leaves this object encrypted only."""

    tenant_id: TenantId
    name: str
    kind: UpstreamKind
    models: tuple[ServedModel, ...]
    base_url: str = ""
    credential: str | None = field(default=None, repr=False)
    weight: int = 1
    tier: int = 0
    timeouts: Timeouts = field(default=Timeouts())


class ConnectUpstream:
    """Store an upstream with its credential encrypted."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        cipher: CredentialCipher,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._cipher = cipher
        self._clock = clock
        self._ids = ids

    async def __call__(self, command: ConnectUpstreamCommand) -> Upstream:
        """Return the stored upstream.

        Raises:
            InvalidValue: the address, the models or the weight.
            Conflict: the tenant has one of this name.
            NotFound: no such tenant.
        """
        upstream_id = UpstreamId(self._ids.new("ups"))
        upstream = Upstream(
            id=upstream_id,
            tenant_id=command.tenant_id,
            name=command.name,
            kind=command.kind,
            base_url=command.base_url,
            models=command.models,
            created_at=self._clock.now(),
            weight=command.weight,
            tier=command.tier,
            timeouts=command.timeouts,
            credential=None
            if command.credential is None
            else self._cipher.encrypt(
                command.credential,
                context=credential_context(command.tenant_id, upstream_id),
            ),
        )
        async with self._transactions() as uow:
            await uow.tenants.get(command.tenant_id)
            await uow.upstreams.add(command.tenant_id, upstream)
            await uow.commit()
        return upstream


def credential_context(tenant_id: TenantId, upstream_id: UpstreamId) -> str:
    """Return what a credential is bound to: it decrypts for this upstream of this tenant alone."""
    return f"{tenant_id}|{upstream_id}"
