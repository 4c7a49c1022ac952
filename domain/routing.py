"""Upstreams of a tenant and the order in which they are tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import InvalidValue, NotFound
from domain.identifiers import TenantId, UpstreamId
from domain.money import TokenPrice


class UpstreamKind(StrEnum):
    """The dialect that an upstream speaks."""

    ECHO = "echo"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A model as callers name it and as the upstream does; `price` None is "not priced"."""

    name: str
    upstream_name: str
    price: TokenPrice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds of one call in seconds: to connect, to the first byte, between bytes, in all."""

    connect: float = 5.0
    first_byte: float = 60.0
    idle: float = 30.0
    total: float = 300.0

    def __post_init__(self) -> None:
        if min(self.connect, self.first_byte, self.idle, self.total) <= 0:
            raise InvalidValue("timeouts are above zero", field="timeouts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A model provider that a tenant connected.

    `tier` 0 is tried first; inside a tier the order is drawn by `weight`. `credential` is the
    encrypted credential, opaque here; None where the upstream needs none.
    """

    id: UpstreamId
    tenant_id: TenantId
    name: str
    kind: UpstreamKind
    base_url: str
    models: tuple[ServedModel, ...]
    created_at: datetime
    weight: int = 1
    tier: int = 0
    timeouts: Timeouts = field(default=Timeouts())
    credential: str | None = field(default=None, repr=False)
    enabled: bool = True
    version: int = 0

    def __post_init__(self) -> None:
        if not self.models:
            raise InvalidValue("an upstream serves at least one model", field="models")
        if self.weight < 1 or self.tier < 0:
            raise InvalidValue("weight is at least 1 and tier at least 0", field="weight")
        if self.kind is not UpstreamKind.ECHO and not self.base_url.startswith(
            ("https://", "http://")
        ):
            raise InvalidValue("an address begins with https:// or http://", field="base_url")

    def serves(self, model: str) -> ServedModel | None:
        """Return the model of this name, None when it is not served here."""
        return next((served for served in self.models if served.name == model), None)

    def disable(self) -> "Upstream":
        """Return the upstream no longer chosen."""
        return replace(self, enabled=False)

    def with_credential(self, credential: str | None) -> "Upstream":
        """Return the upstream with another encrypted credential, or with none."""
        return replace(self, credential=credential)

    def is_same_place(self, kind: UpstreamKind, base_url: str) -> bool:
        """Tell whether calls would go to the same server: a credential belongs to one."""
        return kind is self.kind and _origin(base_url) == _origin(self.base_url)


def _origin(url: str) -> str:
    """Return scheme, host and port of an address, as written."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}".lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to serve a request."""

    upstream: Upstream
    model: ServedModel


def plan_routes(
    upstreams: Sequence[Upstream], *, model: str, draws: Mapping[UpstreamId, float]
) -> tuple[Route, ...]:
    """Return every way to serve `model`, the first to be tried first.

    `draws` gives each upstream a number in (0, 1]; inside a tier, upstreams are ordered by
    `draw ** (1 / weight)`, which is weighted sampling without replacement (Efraimidis and
    Spirakis, 2006).

    Raises:
        NotFound: no enabled upstream serves the model.
    """
    routes = [
        Route(upstream=upstream, model=served)
        for upstream in upstreams
        if upstream.enabled and (served := upstream.serves(model)) is not None
    ]
    if not routes:
        raise NotFound(f"no upstream serves the model {model!r}", code="model_not_found")

    def key(route: Route) -> tuple[int, float, str]:
        upstream = route.upstream
        draw = draws.get(upstream.id, 1.0)
        return (upstream.tier, -(draw ** (1.0 / upstream.weight)), upstream.id)

    return tuple(sorted(routes, key=key))
