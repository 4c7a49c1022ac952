"""Requests made up from the OpenAPI documents: no 5xx, and no answer that is not described.

`TRUEPORT_FUZZ_EXAMPLES=200` (`make fuzz`) sends more of them.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from domain.user import Role
from entrypoints.wiring.applications import ANALYTICS_PREFIX, GATEWAY_PREFIX, PLATFORM_PREFIX
from tests.entrypoints.bridge import bridged_site
from tests.entrypoints.conftest import ADMIN_TOKEN
from tests.entrypoints.tenant_lines import populated

EXAMPLES = int(os.environ.get("TRUEPORT_FUZZ_EXAMPLES", "4"))  # noqa: TID251
TAKEN = ["2xx", "401", "402", "403", "404", "409", "413", "429"]
# Why a request that fits its schema may be 400 all the same: rules that no schema can say.
CURSOR = "a cursor is one that this list gave out"
ORDER = "one time lies before the other, and not too far"
COMPILES = "a policy's rules name what there is, and its patterns compile"
DECIMALS = "an amount given as a number has as few decimal places as the pattern of texts says"
PLACE = "an address leads to a server of the public network"
KEYED = "an object's key is one that this tenant's audit log has"
SIGNED = "a signature covers the bytes as they came"
UNSAYABLE: dict[str, dict[str, str]] = {
    PLATFORM_PREFIX: {
        "GET /v1/tenants": CURSOR,
        "GET /v1/tenants/{slug}/members": CURSOR,
        "GET /v1/tenants/{slug}/invitations": CURSOR,
        "GET /v1/tenants/{slug}/events": CURSOR,
        "POST /v1/billing/stripe-webhook": SIGNED,
    },
    GATEWAY_PREFIX: {
        "GET /api/tenants/{slug}/keys": CURSOR,
        "POST /api/tenants/{slug}/keys": DECIMALS,
        "PATCH /api/tenants/{slug}/keys/{key_id}": DECIMALS,
        "GET /api/tenants/{slug}/upstreams": CURSOR,
        "POST /api/tenants/{slug}/upstreams": DECIMALS,
        "PATCH /api/tenants/{slug}/upstreams/{upstream_id}": DECIMALS,
        "GET /api/tenants/{slug}/policies": CURSOR,
        "GET /api/tenants/{slug}/policies/{policy_id}": CURSOR,
        "POST /api/tenants/{slug}/policies": COMPILES,
        "POST /api/tenants/{slug}/policies/test": COMPILES,
        "POST /api/tenants/{slug}/policies/backtest": COMPILES,
        "POST /api/tenants/{slug}/policies/{policy_id}/versions": COMPILES,
        "GET /api/tenants/{slug}/violations": CURSOR,
        "GET /api/tenants/{slug}/violations/export": ORDER,
        "GET /api/tenants/{slug}/usage": ORDER,
        "GET /api/tenants/{slug}/audit": CURSOR,
        "GET /api/tenants/{slug}/audit/{record_id}": KEYED,
        "POST /api/tenants/{slug}/alerts/webhooks": PLACE,
    },
    ANALYTICS_PREFIX: {},
}


def config_of(prefix: str) -> SchemathesisConfig:
    """Return which answers to requests that fit are right."""

    def expecting(statuses: list[str]) -> dict[str, Any]:
        return {"checks": {"positive_data_acceptance": {"expected-statuses": statuses}}}

    exceptions = [
        {"include-name": name, **expecting([*TAKEN, "400"])} for name in UNSAYABLE[prefix]
    ]
    return SchemathesisConfig.from_dict({**expecting(TAKEN), "operations": exceptions})


@pytest.mark.parametrize("prefix", [PLATFORM_PREFIX, GATEWAY_PREFIX, ANALYTICS_PREFIX])
def test_made_up_requests_get_described_answers(tmp_path: Path, prefix: str) -> None:
    seen: Counter[str] = Counter()
    with bridged_site(tmp_path) as bridge:
        making = asyncio.run_coroutine_threadsafe(populated(bridge.site, "mine"), bridge.loop)
        tenant = making.result(timeout=30)
        tokens = {
            PLATFORM_PREFIX: tenant.bearer(Role.OWNER),
            GATEWAY_PREFIX: tenant.bearer(Role.OWNER),
            ANALYTICS_PREFIX: {"authorization": f"Bearer {ADMIN_TOKEN}"},
        }
        names = {**tenant.ids, "slug": "mine"}
        document = schemathesis.openapi.from_asgi(
            f"{prefix}/openapi.json", bridge, config=config_of(prefix)
        )
        for result in document.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            takes_key = prefix == GATEWAY_PREFIX and operation.path.startswith("/v1/")
            key = {"authorization": f"Bearer {bridge.site.key}"}
            ask(operation, key if takes_key else tokens[prefix], names, seen)

    assert seen["2xx"] > 0
    assert seen["5xx"] == 0


def ask(
    operation: Any, headers: Mapping[str, str], names: Mapping[str, str], seen: Counter[str]
) -> None:
    """Send made-up requests to one route, half of them about things that are there."""
    # The one request after which there is nothing left to ask for.
    is_the_end = operation.method == "delete" and operation.path.endswith("{slug}")

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def send(case: Any, is_known: bool) -> None:
        if is_known and not is_the_end:
            for name in set(case.path_parameters or {}) & set(names):
                case.path_parameters[name] = names[name]
        answer = case.call(headers=dict(headers))
        case.validate_response(answer, headers=dict(headers))
        seen[f"{answer.status_code // 100}xx"] += 1

    send()
