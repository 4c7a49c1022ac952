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
# A rule that no schema can say (a cursor that was given out, a policy that compiles) is 400.
CONFIG: dict[str, Any] = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "400", "401", "402", "403", "404", "409", "413", "429"]
        }
    }
}


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
            f"{prefix}/openapi.json", bridge, config=SchemathesisConfig.from_dict(CONFIG)
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
