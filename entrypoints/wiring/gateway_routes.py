"""The routers of the tenant's management API, built from a container."""

from fastapi import APIRouter

from application.ports.access_tokens import Audience
from entrypoints.http.authentication import signed_in
from entrypoints.http.gateway.alert_routes import AlertUseCases, alert_router
from entrypoints.http.gateway.audit_routes import AuditUseCases, audit_router
from entrypoints.http.gateway.key_routes import KeyUseCases, key_router
from entrypoints.http.gateway.policy_routes import PolicyUseCases, policy_router
from entrypoints.http.gateway.policy_trial_routes import policy_trial_router
from entrypoints.http.gateway.upstream_routes import UpstreamUseCases, upstream_router
from entrypoints.http.gateway.usage_routes import usage_router
from entrypoints.http.gateway.violation_routes import ViolationUseCases, violation_router
from entrypoints.wiring.containers import Container


def management_routers(container: Container) -> list[APIRouter]:
    """Return the routers; each of their routes takes an access token of the platform."""
    person = signed_in(container.access_tokens, Audience.SERVICES)
    clock = container.clock
    return [
        key_router(
            KeyUseCases(
                issue=container.issue_key,
                change=container.change_key,
                rotate=container.rotate_key,
                revoke=container.revoke_key,
                list=container.list_keys,
                read=container.read_key,
            ),
            signed_in=person,
            clock=clock,
        ),
        upstream_router(
            UpstreamUseCases(
                connect=container.connect_upstream,
                change=container.change_upstream,
                remove=container.remove_upstream,
                list=container.list_upstreams,
                read=container.read_upstream,
                try_it=container.try_upstream,
            ),
            signed_in=person,
        ),
        policy_trial_router(
            try_policy=container.try_policy,
            backtest=container.backtest_policy,
            signed_in=person,
            clock=clock,
        ),
        policy_router(
            PolicyUseCases(
                add=container.add_policy,
                activate=container.activate_policy,
                roll_back=container.roll_back_policy,
                list=container.list_policies,
            ),
            signed_in=person,
        ),
        violation_router(
            ViolationUseCases(
                list=container.list_violations,
                read=container.read_violation,
                triage=container.triage_violation,
                export=container.export_violations,
            ),
            signed_in=person,
        ),
        usage_router(container.report_usage, signed_in=person, clock=clock),
        audit_router(
            AuditUseCases(
                list=container.list_audit_records,
                read=container.read_audit_record,
                verify=container.verify_audit,
            ),
            signed_in=person,
            clock=clock,
        ),
        alert_router(
            AlertUseCases(
                read=container.read_alert_settings,
                save=container.save_alert_settings,
                try_them=container.try_alerts,
                add_webhook=container.add_webhook,
                rotate_webhook=container.rotate_webhook,
                remove_webhook=container.remove_webhook,
                list_deliveries=container.list_deliveries,
            ),
            signed_in=person,
        ),
    ]
