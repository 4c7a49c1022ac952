"""What members do to their tenant's part of the gateway."""

from dependency_injector import providers

from application.analytics.backtest import BacktestPolicy
from application.analytics.policy_replay import PolicyReplay
from application.gateway.audit_log import AuditLog
from application.gateway.browse_audit import ListAuditRecords, ReadAuditRecord
from application.gateway.keys import (
    ChangeKey,
    IssueKey,
    ListKeys,
    NewSecrets,
    ReadKey,
    RevokeKey,
    RotateKey,
)
from application.gateway.policies import ActivatePolicy, AddPolicy, ListPolicies, RollBackPolicy
from application.gateway.policy_trial import PolicyTrial
from application.gateway.report_usage import ReportUsage
from application.gateway.triage import (
    ExportViolations,
    ListViolations,
    ReadViolation,
    TriageViolation,
)
from application.gateway.try_policy import TryPolicy
from application.gateway.try_upstream import TryUpstream
from application.gateway.upstreams import (
    ChangeUpstream,
    ConnectUpstream,
    ListUpstreams,
    ReadUpstream,
    RemoveUpstream,
    UpstreamAddresses,
)
from application.gateway.verify_audit import VerifyAudit
from application.reencrypt import ReencryptCredentials
from entrypoints.wiring import factories
from entrypoints.wiring.alerts import Alerts
from entrypoints.wiring.analytics import Analytics
from entrypoints.wiring.deeds import deed

_BACKTEST_SECONDS = 20.0
"""How long a replay of a policy goes on within one request: a server may have 30 seconds."""


class Management(Alerts):
    """Keys, upstreams, policies, violations, usage and the audit log, made on first use."""

    new_secrets: providers.Provider[NewSecrets] = providers.Singleton(
        NewSecrets, digests=Analytics.digests, randomness=Analytics.randomness
    )
    issue_key = deed(IssueKey, secrets=new_secrets, ids=Analytics.ids)
    change_key = deed(ChangeKey)
    rotate_key = deed(RotateKey, secrets=new_secrets, ids=Analytics.ids)
    revoke_key = deed(RevokeKey)
    list_keys = deed(ListKeys)
    read_key = deed(ReadKey)

    upstream_addresses: providers.Provider[UpstreamAddresses] = providers.Singleton(
        factories.make_upstream_addresses, Analytics.settings
    )
    connect_upstream = deed(
        ConnectUpstream, cipher=Analytics.cipher, addresses=upstream_addresses, ids=Analytics.ids
    )
    change_upstream = deed(ChangeUpstream, cipher=Analytics.cipher, addresses=upstream_addresses)
    remove_upstream = deed(RemoveUpstream)
    list_upstreams = deed(ListUpstreams)
    read_upstream = deed(ReadUpstream)
    try_upstream = deed(
        TryUpstream,
        providers=Analytics.model_providers,
        cipher=Analytics.cipher,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )
    reencrypt_credentials = deed(ReencryptCredentials, cipher=Analytics.cipher)

    add_policy = deed(AddPolicy, drafts=Analytics.policy_drafts, ids=Analytics.ids)
    activate_policy = deed(ActivatePolicy)
    roll_back_policy = deed(RollBackPolicy)
    list_policies = deed(ListPolicies)
    try_policy = deed(
        TryPolicy,
        trial=providers.Factory(
            PolicyTrial,
            inspector=Analytics.inspector,
            digests=Analytics.digests,
            drafts=Analytics.policy_drafts,
            clock=Analytics.clock,
        ),
    )

    list_violations = deed(ListViolations, reader=Analytics.violation_reader)
    read_violation = deed(ReadViolation)
    triage_violation = deed(TriageViolation)
    export_violations = deed(ExportViolations, reader=Analytics.violation_reader)
    report_usage = deed(ReportUsage, reader=Analytics.usage_reader)

    audit_log: providers.Provider[AuditLog] = providers.Singleton(
        AuditLog, storages=Analytics.storages, limits=Analytics.unpack_limits
    )
    list_audit_records = deed(ListAuditRecords, log=audit_log)
    read_audit_record = deed(ReadAuditRecord, log=audit_log)
    verify_audit = deed(
        VerifyAudit,
        transactions=Analytics.transactions,
        storages=Analytics.storages,
        signer=Analytics.signer,
        clock=Analytics.clock,
    )
    backtest_policy = deed(
        BacktestPolicy,
        replay=providers.Factory(
            PolicyReplay,
            transactions=Analytics.transactions,
            storages=Analytics.storages,
            log=audit_log,
            inspector=Analytics.inspector,
            drafts=Analytics.policy_drafts,
            clock=Analytics.clock,
            limits=Analytics.unpack_limits,
            seconds=_BACKTEST_SECONDS,
        ),
    )
