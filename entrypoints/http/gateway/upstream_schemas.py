"""The bodies of the routes of upstreams."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from application.gateway.try_upstream import UpstreamTrial
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind
from entrypoints.http.asked import Asked
from entrypoints.http.fields import name_form
from entrypoints.http.gateway.amounts import NewPriceBody, PriceBody

_MOST_MODELS = 500
_LONGEST_URL = 2_000
_LONGEST_CREDENTIAL = 16_384
_LONGEST_MODEL = 200

Seconds = Annotated[float, Field(gt=0, le=3600)]
Credential = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=_LONGEST_CREDENTIAL,
        description="Kept encrypted; no route returns it.",
    ),
]


class NewModelBody(Asked):
    """A model that an upstream serves."""

    name: str = Field(min_length=1, max_length=_LONGEST_MODEL, description="As callers name it.")
    upstream_name: str | None = Field(
        default=None,
        min_length=1,
        max_length=_LONGEST_MODEL,
        description="As the upstream names it; the same where left out.",
    )
    price: NewPriceBody | None = Field(default=None, description="Null for not priced.")

    def to_domain(self, field: str) -> ServedModel:
        """Return the model.

        Raises:
            InvalidValue: the price.
        """
        return ServedModel(
            name=self.name,
            upstream_name=self.upstream_name or self.name,
            price=None if self.price is None else self.price.to_domain(f"{field}.price"),
        )


class ServedModelBody(BaseModel):
    """A model that an upstream serves."""

    name: str
    upstream_name: str
    price: PriceBody | None = Field(description="Null for not priced.")

    @classmethod
    def of(cls, model: ServedModel) -> "ServedModelBody":
        """Return the body of a model."""
        return cls(
            name=model.name,
            upstream_name=model.upstream_name,
            price=None if model.price is None else PriceBody.of(model.price),
        )


Models = Annotated[list[NewModelBody], Field(min_length=1, max_length=_MOST_MODELS)]


def models_of(bodies: list[NewModelBody]) -> tuple[ServedModel, ...]:
    """Return the models of a body.

    Raises:
        InvalidValue: a price.
    """
    return tuple(model.to_domain(f"models.{index}") for index, model in enumerate(bodies))


class TimeoutsBody(Asked):
    """Bounds of one call in seconds."""

    connect: Seconds = 5.0
    first_byte: Seconds = 60.0
    idle: Seconds = Field(default=30.0, description="Between two pieces of an answer.")
    total: Seconds = 300.0

    def to_domain(self) -> Timeouts:
        """Return the time-outs."""
        return Timeouts(
            connect=self.connect, first_byte=self.first_byte, idle=self.idle, total=self.total
        )

    @classmethod
    def of(cls, timeouts: Timeouts) -> "TimeoutsBody":
        """Return the body of time-outs."""
        return cls(
            connect=timeouts.connect,
            first_byte=timeouts.first_byte,
            idle=timeouts.idle,
            total=timeouts.total,
        )


_WEIGHT = Field(default=1, ge=1, le=1000, description="Its share among upstreams of one tier.")
_TIER = Field(
    default=0, ge=0, le=100, description="0 is tried first; higher ones are its fallbacks."
)


class NewUpstreamBody(Asked):
    """A provider to connect."""

    name: Annotated[str, name_form("OpenAI")]
    kind: UpstreamKind
    base_url: str = Field(
        default="", max_length=_LONGEST_URL, examples=["https://api.openai.com/v1"]
    )
    credential: Credential | None = None
    models: Models
    weight: int = _WEIGHT
    tier: int = _TIER
    timeouts: TimeoutsBody = TimeoutsBody()


class UpstreamChangeBody(Asked):
    """What an upstream is from now on; what is left out stays. `version` is what was read.

    With another server the credential has to be given again, or null for none.
    """

    version: int = Field(ge=0)
    name: Annotated[str, name_form("OpenAI")] | None = None
    kind: UpstreamKind | None = None
    base_url: str | None = Field(default=None, max_length=_LONGEST_URL)
    credential: Credential | None = None
    models: Models | None = None
    weight: int | None = Field(default=None, ge=1, le=1000)
    tier: int | None = Field(default=None, ge=0, le=100)
    timeouts: TimeoutsBody | None = None
    enabled: bool | None = Field(default=None, description="False: not chosen any more.")


class UpstreamBody(BaseModel):
    """An upstream, without its credential."""

    id: str
    name: str
    kind: UpstreamKind
    base_url: str
    has_credential: bool
    models: list[ServedModelBody]
    weight: int
    tier: int
    timeouts: TimeoutsBody
    enabled: bool
    created_at: datetime
    version: int

    @classmethod
    def of(cls, upstream: Upstream) -> "UpstreamBody":
        """Return the body of an upstream."""
        return cls(
            id=upstream.id,
            name=upstream.name,
            kind=upstream.kind,
            base_url=upstream.base_url,
            has_credential=upstream.credential is not None,
            models=[ServedModelBody.of(model) for model in upstream.models],
            weight=upstream.weight,
            tier=upstream.tier,
            timeouts=TimeoutsBody.of(upstream.timeouts),
            enabled=upstream.enabled,
            created_at=upstream.created_at,
            version=upstream.version,
        )


class UpstreamPage(BaseModel):
    """Some upstreams, by id."""

    items: list[UpstreamBody]
    next_cursor: str | None


class TrialBody(Asked):
    """Which model is asked; the first one where none is named."""

    model: str | None = Field(default=None, max_length=_LONGEST_MODEL)


class TrialResultBody(BaseModel):
    """How one real call to the upstream fared."""

    ok: bool
    model: str
    status: int | None = Field(description="What the provider answered; null for no answer.")
    latency_ms: int
    error: str | None

    @classmethod
    def of(cls, trial: UpstreamTrial) -> "TrialResultBody":
        """Return the body of a trial."""
        return cls(
            ok=trial.error is None,
            model=trial.model,
            status=trial.status,
            latency_ms=trial.latency_ms,
            error=trial.error,
        )
