"""One line for every management route of the gateway: which action it is, and a body it takes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from application.audit_objects import pack
from application.gateway.keys import IssueKeyCommand
from application.gateway.policies import AddPolicyCommand
from application.gateway.upstreams import ConnectUpstreamCommand
from application.gateway.webhooks import AddWebhookCommand
from domain.audit import AuditRecord, ChainHead, chain, object_key
from domain.authorisation import OPERATOR, Action
from domain.identifiers import RecordId
from domain.policy.presets import starter_policy
from domain.routing import ServedModel, UpstreamKind
from domain.tenant import Tenant
from entrypoints.wiring.applications import GATEWAY_PREFIX
from tests.contract.samples import a_violation
from tests.entrypoints.conftest import Site

Route = tuple[str, str]
"""A method and a path as the OpenAPI document shows it, with the service's prefix."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a route is. `body` is sent as JSON; `query` goes behind the path."""

    action: Action
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)


POLICY = {
    "schema_version": 1,
    "name": "strict",
    "rules": [{"id": "secrets", "when": {"categories": ["secrets"]}, "effect": "block"}],
}
_TENANT = f"{GATEWAY_PREFIX}/api/tenants/{{slug}}"
_KEY = f"{_TENANT}/keys/{{key_id}}"
_UPSTREAM = f"{_TENANT}/upstreams/{{upstream_id}}"
_POLICY = f"{_TENANT}/policies/{{policy_id}}"
_VERSION = f"{_POLICY}/versions/{{number}}"
_VIOLATION = f"{_TENANT}/violations/{{violation_id}}"
_WEBHOOK = f"{_TENANT}/alerts/webhooks/{{webhook_id}}"
MANAGEMENT_LINES: Mapping[Route, Line] = {
    ("GET", f"{_TENANT}/keys"): Line(action=Action.LIST_KEYS),
    ("POST", f"{_TENANT}/keys"): Line(action=Action.ISSUE_KEY, body={"name": "new"}),
    ("GET", _KEY): Line(action=Action.LIST_KEYS),
    ("PATCH", _KEY): Line(action=Action.CHANGE_KEY, body={"version": 0, "name": "renamed"}),
    ("POST", f"{_KEY}/rotate"): Line(action=Action.ROTATE_KEY),
    ("POST", f"{_KEY}/revoke"): Line(action=Action.REVOKE_KEY),
    ("GET", f"{_TENANT}/upstreams"): Line(action=Action.LIST_UPSTREAMS),
    ("POST", f"{_TENANT}/upstreams"): Line(
        action=Action.CONNECT_UPSTREAM,
        body={"name": "new", "kind": "echo", "models": [{"name": "echo"}]},
    ),
    ("GET", _UPSTREAM): Line(action=Action.LIST_UPSTREAMS),
    ("PATCH", _UPSTREAM): Line(
        action=Action.CHANGE_UPSTREAM, body={"version": 0, "enabled": False}
    ),
    ("DELETE", _UPSTREAM): Line(action=Action.REMOVE_UPSTREAM),
    ("POST", f"{_UPSTREAM}/test"): Line(action=Action.TEST_UPSTREAM),
    ("GET", f"{_TENANT}/policies"): Line(action=Action.READ_POLICIES),
    ("POST", f"{_TENANT}/policies"): Line(action=Action.ADD_POLICY, body={"policy": POLICY}),
    ("GET", f"{_TENANT}/policies/active"): Line(action=Action.READ_POLICIES),
    ("POST", f"{_TENANT}/policies/rollback"): Line(action=Action.ACTIVATE_POLICY),
    ("POST", f"{_TENANT}/policies/test"): Line(
        action=Action.TEST_POLICY, body={"policy": POLICY, "texts": ["hello"]}
    ),
    ("POST", f"{_TENANT}/policies/backtest"): Line(
        action=Action.BACKTEST_POLICY,
        body={
            "policy": POLICY,
            "since": "2026-11-24T00:00:00Z",
            "until": "2026-11-25T00:00:00Z",
        },
    ),
    ("GET", _POLICY): Line(action=Action.READ_POLICIES),
    ("POST", f"{_POLICY}/versions"): Line(action=Action.ADD_POLICY, body={"policy": POLICY}),
    ("GET", _VERSION): Line(action=Action.READ_POLICIES),
    ("POST", f"{_VERSION}/activate"): Line(action=Action.ACTIVATE_POLICY),
    ("GET", f"{_TENANT}/violations"): Line(action=Action.READ_VIOLATIONS),
    ("GET", f"{_TENANT}/violations/export"): Line(
        action=Action.EXPORT_VIOLATIONS, query={"format": "csv"}
    ),
    ("GET", _VIOLATION): Line(action=Action.READ_VIOLATIONS),
    ("PATCH", _VIOLATION): Line(
        action=Action.TRIAGE_VIOLATION, body={"version": 0, "state": "resolved"}
    ),
    ("GET", f"{_TENANT}/usage"): Line(action=Action.READ_USAGE),
    ("GET", f"{_TENANT}/audit"): Line(action=Action.LIST_AUDIT_RECORDS),
    ("GET", f"{_TENANT}/audit/{{record_id}}"): Line(action=Action.READ_AUDIT_RECORD),
    ("POST", f"{_TENANT}/audit/verify"): Line(action=Action.VERIFY_AUDIT),
    ("GET", f"{_TENANT}/alerts"): Line(action=Action.READ_ALERTS),
    ("PUT", f"{_TENANT}/alerts"): Line(
        action=Action.CHANGE_ALERTS,
        body={
            "version": 1,
            "recipients": ["ada@example.org"],
            "immediate_from": "low",
            "digest_every_seconds": None,
        },
    ),
    ("POST", f"{_TENANT}/alerts/test"): Line(action=Action.TEST_ALERTS),
    ("POST", f"{_TENANT}/alerts/webhooks"): Line(
        action=Action.CHANGE_ALERTS, body={"name": "new", "url": "https://hooks.example.org/new"}
    ),
    ("POST", f"{_WEBHOOK}/rotate"): Line(action=Action.CHANGE_ALERTS),
    ("DELETE", _WEBHOOK): Line(action=Action.CHANGE_ALERTS),
    ("GET", f"{_WEBHOOK}/deliveries"): Line(action=Action.READ_ALERTS),
}


async def _a_key(site: Site, tenant: Tenant) -> str:
    issued = await site.container.issue_key()(
        OPERATOR, IssueKeyCommand(slug=tenant.slug, name="known")
    )
    return issued.key.id


async def _an_upstream(site: Site, tenant: Tenant) -> str:
    made = await site.container.connect_upstream()(
        OPERATOR,
        ConnectUpstreamCommand(
            slug=tenant.slug,
            name="known",
            kind=UpstreamKind.ECHO,
            models=(ServedModel(name="echo", upstream_name="echo"),),
        ),
    )
    return made.item.id


async def _a_policy(site: Site, tenant: Tenant) -> str:
    """Make a policy of two versions, so that the second can be rolled back."""
    add, activate = site.container.add_policy(), site.container.activate_policy()
    command = AddPolicyCommand(slug=tenant.slug, policy=starter_policy())
    policy_id = (await add(OPERATOR, command)).item.policy_id
    await add(
        OPERATOR,
        AddPolicyCommand(slug=tenant.slug, policy=starter_policy(), policy_id=policy_id),
    )
    for number in (1, 2):
        await activate(OPERATOR, tenant.slug, policy_id, number)
    return policy_id


async def _a_version(_: Site, __: Tenant) -> str:
    return "1"


async def _a_violation(site: Site, tenant: Tenant) -> str:
    violation = a_violation(tenant_id=tenant.id)
    async with site.container.transactions()() as uow:
        await uow.violations.add_new(tenant.id, [violation])
        await uow.commit()
    return violation.id


async def _a_webhook(site: Site, tenant: Tenant) -> str:
    connected = await site.container.add_webhook()(
        OPERATOR,
        AddWebhookCommand(slug=tenant.slug, name="known", url="https://hooks.example.org/known"),
    )
    return connected.webhook.id


async def _a_record(site: Site, tenant: Tenant) -> str:
    ids, at = site.container.ids(), site.container.clock().now()
    record = AuditRecord(
        record_id=RecordId(ids.new("req")),
        tenant=tenant.slug.value,
        time=at,
        key_id="key_known",
        user=None,
        route="/v1/chat/completions",
        model="echo",
        upstream="echo",
        content="full",
        request={"messages": [{"role": "user", "content": "hello"}]},
        response=None,
        status=200,
        tokens={"input": 1, "output": 1, "estimated": False},
        cost=None,
        latency_ms=1,
        decision={},
        policy_version="pol_starter@0",
        findings=(),
    )
    key = object_key(prefix=tenant.storage.prefix, instance="testinstance", ulid=ids.ulid(), at=at)
    storage = site.container.storages().of(tenant.storage)
    line = chain(record, ChainHead()).line
    await storage.create(key, pack([line]), content_type="application/x-ndjson+gzip")
    return record.record_id


MANAGEMENT_IDS: Mapping[str, Callable[[Site, Tenant], Awaitable[str]]] = {
    "key_id": _a_key,
    "upstream_id": _an_upstream,
    "policy_id": _a_policy,
    "number": _a_version,
    "violation_id": _a_violation,
    "webhook_id": _a_webhook,
    "record_id": _a_record,
}
"""What makes the thing that a path's parameter names, and returns its id."""
