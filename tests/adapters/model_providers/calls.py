"""Calls of an upstream, as short to write as tests need them."""

from typing import Any

from application.ports.model_provider import ModelCall
from domain.identifiers import TenantId, UpstreamId
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind
from tests.fakes.clock import START

PATIENT = Timeouts(connect=5.0, first_byte=5.0, idle=5.0, total=10.0)


def upstream(
    address: str = "",
    *,
    kind: UpstreamKind = UpstreamKind.OPENAI,
    timeouts: Timeouts = PATIENT,
    number: int = 1,
) -> Upstream:
    return Upstream(
        id=UpstreamId(f"ups_{number}"),
        tenant_id=TenantId("ten_1"),
        name="primary",
        kind=kind,
        base_url=address,
        models=(ServedModel(name="any", upstream_name="any"),),
        created_at=START,
        timeouts=timeouts,
    )


def call(
    to: Upstream,
    text: str = "Good morning, what is the weather like?",
    *,
    model: str = "echo",
    credential: str | None = None,
    **more: Any,
) -> ModelCall:
    body: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": text}]}
    return ModelCall(upstream=to, body={**body, **more}, request_id="req_1", credential=credential)
