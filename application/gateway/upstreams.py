"""Connect model providers to a tenant, change them and let them go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.deeds import Deeds, differences
from application.ports.credentials import CredentialCipher
from application.ports.system import IdFactory
from application.repeated_calls import Created
from domain.authorisation import Action, Caller
from domain.errors import ConcurrentUpdate, InvalidValue
from domain.events import UpstreamChanged
from domain.identifiers import TenantId, UpstreamId
from domain.network_address import AddressRefused
from domain.repeated_call import Once
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind
from domain.tenant import Slug
from domain.user import checked_name
from domain.web_address import parse_target


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectUpstreamCommand:
    """A provider to connect; `credential` is plain and leaves this object encrypted only."""

    slug: Slug
    name: str
    kind: UpstreamKind
    models: tuple[ServedModel, ...]
    base_url: str = ""
    credential: str | None = field(default=None, repr=False)
    weight: int = 1
    tier: int = 0
    timeouts: Timeouts = field(default=Timeouts())
    once: Once | None = None


class UpstreamAddresses:
    """Say which addresses of upstreams are acceptable, before anybody connects to one."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def require(self, kind: UpstreamKind, base_url: str) -> None:
        """Accept an address by its form; what its name leads to is checked at every connection.

        Raises:
            InvalidValue: no upstream may stand there.
        """
        if kind is UpstreamKind.ECHO:
            return
        try:
            parse_target(base_url, allow_private=self._allow_private)
        except AddressRefused as error:
            raise InvalidValue(
                f"this is no address for an upstream: {error.message}", field="base_url"
            ) from None


class ConnectUpstream:
    """Store an upstream with its credential encrypted."""

    def __init__(
        self,
        *,
        deeds: Deeds,
        cipher: CredentialCipher,
        addresses: UpstreamAddresses,
        ids: IdFactory,
    ) -> None:
        self._deeds = deeds
        self._cipher = cipher
        self._addresses = addresses
        self._ids = ids

    async def __call__(self, caller: Caller, command: ConnectUpstreamCommand) -> Created[Upstream]:
        """Return the stored upstream.

        Raises:
            InvalidValue: the name, the address, the models or the weight.
            Conflict: the tenant has one of this name.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.CONNECT_UPSTREAM) as deed:
            made = await deed.made_before(command.once)
            if made is not None:
                known = await deed.uow.upstreams.get(deed.tenant_id, UpstreamId(made))
                return Created(item=known, is_replay=True)
            self._addresses.require(command.kind, command.base_url)
            upstream_id = UpstreamId(self._ids.new("ups"))
            upstream = Upstream(
                id=upstream_id,
                tenant_id=deed.tenant_id,
                name=checked_name(command.name),
                kind=command.kind,
                base_url=command.base_url,
                models=command.models,
                created_at=deed.at,
                weight=command.weight,
                tier=command.tier,
                timeouts=command.timeouts,
                credential=encrypted(self._cipher, deed.tenant_id, upstream_id, command.credential),
            )
            await deed.uow.upstreams.add(deed.tenant_id, upstream)
            deed.uow.record(UpstreamChanged(tenant_id=deed.tenant_id, upstream_id=upstream_id))
            await deed.commit(
                target=upstream_id,
                changes=differences({}, described(upstream)),
                once=command.once,
            )
        return Created(item=upstream)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUpstreamCommand:
    """What an upstream is from now on; `version` is that of the upstream as the caller read it.

    The credential stays where `keeps_credential` says so; otherwise it is replaced by `credential`,
    which is plain, None for none.
    """

    slug: Slug
    upstream_id: UpstreamId
    version: int
    name: str
    kind: UpstreamKind
    base_url: str
    models: tuple[ServedModel, ...]
    weight: int
    tier: int
    timeouts: Timeouts
    enabled: bool
    keeps_credential: bool = True
    credential: str | None = field(default=None, repr=False)


class ChangeUpstream:
    """Change an upstream; a credential never follows it to another server."""

    def __init__(
        self, *, deeds: Deeds, cipher: CredentialCipher, addresses: UpstreamAddresses
    ) -> None:
        self._deeds = deeds
        self._cipher = cipher
        self._addresses = addresses

    async def __call__(self, caller: Caller, command: ChangeUpstreamCommand) -> Upstream:
        """Return the upstream as it is now.

        Raises:
            InvalidValue: the name, the address, the models or the weight; or the server is another
                one and the credential was not given again.
            Conflict: the tenant has another one of this name.
            ConcurrentUpdate: it was changed since the caller read it.
            Unauthenticated, NotFound, Refused: no such upstream, or the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_UPSTREAM) as deed:
            upstream = await deed.uow.upstreams.get(deed.tenant_id, command.upstream_id)
            if upstream.version != command.version:
                raise ConcurrentUpdate("this upstream was changed meanwhile; read it again")
            self._addresses.require(command.kind, command.base_url)
            is_same = upstream.is_same_place(command.kind, command.base_url)
            if command.keeps_credential and upstream.credential is not None and not is_same:
                raise InvalidValue(
                    "a credential is sent to the server that it was given for alone: give it "
                    "again with the new address, or null for none",
                    field="credential",
                )
            changed = replace(
                upstream,
                name=checked_name(command.name),
                kind=command.kind,
                base_url=command.base_url,
                models=command.models,
                weight=command.weight,
                tier=command.tier,
                timeouts=command.timeouts,
                enabled=command.enabled,
            )
            if not command.keeps_credential:
                changed = changed.with_credential(
                    encrypted(self._cipher, deed.tenant_id, upstream.id, command.credential)
                )
            await deed.uow.upstreams.save(deed.tenant_id, changed)
            saved = await deed.uow.upstreams.get(deed.tenant_id, upstream.id)
            deed.uow.record(UpstreamChanged(tenant_id=deed.tenant_id, upstream_id=upstream.id))
            before, after = described(upstream), described(saved)
            if not command.keeps_credential:
                after = {**after, "credential": "replaced" if saved.credential else "removed"}
            await deed.commit(target=upstream.id, changes=differences(before, after))
        return saved


class RemoveUpstream:
    """Let an upstream go, with its credential."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, upstream_id: UpstreamId) -> Upstream:
        """Return the upstream that was.

        Raises:
            Unauthenticated, NotFound, Refused: no such upstream, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.REMOVE_UPSTREAM) as deed:
            upstream = await deed.uow.upstreams.get(deed.tenant_id, upstream_id)
            await deed.uow.upstreams.remove(deed.tenant_id, upstream)
            deed.uow.record(UpstreamChanged(tenant_id=deed.tenant_id, upstream_id=upstream_id))
            await deed.commit(target=upstream_id, changes=differences(described(upstream), {}))
        return upstream


class ListUpstreams:
    """Show a tenant's upstreams."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> Sequence[Upstream]:
        """Return every upstream, by name.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_UPSTREAMS) as deed:
            return await deed.uow.upstreams.all(deed.tenant_id)


class ReadUpstream:
    """Show one upstream."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, upstream_id: UpstreamId) -> Upstream:
        """Return an upstream.

        Raises:
            Unauthenticated, NotFound, Refused: no such upstream, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_UPSTREAMS) as deed:
            return await deed.uow.upstreams.get(deed.tenant_id, upstream_id)


def credential_context(tenant_id: TenantId, upstream_id: UpstreamId) -> str:
    """Return what a credential is bound to: it decrypts for this upstream of this tenant alone."""
    return f"{tenant_id}|{upstream_id}"


def encrypted(
    cipher: CredentialCipher, tenant_id: TenantId, upstream_id: UpstreamId, plain: str | None
) -> str | None:
    """Return a credential as it is stored, None for none.

    Raises:
        InvalidValue: it is empty, or cannot stand in a header.
    """
    if plain is None:
        return None
    if not plain or not plain.isprintable() or not plain.isascii() or plain != plain.strip():
        raise InvalidValue(
            "a credential is printable ASCII without blanks around it", field="credential"
        )
    return cipher.encrypt(plain, context=credential_context(tenant_id, upstream_id))


def described(upstream: Upstream) -> Mapping[str, object]:
    """Return what the administration log says of an upstream: not its credential."""
    return {
        "name": upstream.name,
        "kind": upstream.kind.value,
        "base_url": upstream.base_url,
        "models": [model.name for model in upstream.models],
        "weight": upstream.weight,
        "tier": upstream.tier,
        "enabled": upstream.enabled,
        "credential": None if upstream.credential is None else "set",
    }
