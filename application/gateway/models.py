"""List the models that a key may use."""

from dataclasses import dataclass
from datetime import datetime

from application.gateway.authenticate import Authenticate
from domain.api_key import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableModel:
    """A model with the upstream that serves it first."""

    name: str
    upstream: str
    since: datetime


class ListModels:
    """Return what a caller may put into `model`."""

    def __init__(self, *, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def __call__(self, authorization: str | None) -> tuple[AvailableModel, ...]:
        """Return the models by name.

        Raises:
            Unauthenticated, Refused: the key.
        """
        principal = await self._authenticate(authorization, scope=Scope.CHAT)
        allowed = principal.key.models
        found: dict[str, AvailableModel] = {}
        for upstream in sorted(principal.upstreams, key=lambda one: (one.tier, one.name)):
            for model in upstream.models:
                if upstream.enabled and (not allowed or model.name in allowed):
                    found.setdefault(
                        model.name,
                        AvailableModel(
                            name=model.name, upstream=upstream.name, since=upstream.created_at
                        ),
                    )
        return tuple(found[name] for name in sorted(found))
