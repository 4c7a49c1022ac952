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

_BACKTEST_SECONDS = 20.0
"""How long a replay of a policy goes on within one request: a server may have 30 seconds."""


class Management(Alerts):
    """Keys, upstreams, policies, violations, usage and the audit log, made on first use."""

    new_secrets: providers.Provider[NewSecrets] = providers.Singleton(
        NewSecrets, digests=Analytics.digests, randomness=Analytics.randomness
    )
    issue_key: providers.Provider[IssueKey] = providers.Factory(
        IssueKey, deeds=Analytics.deeds, secrets=new_secrets, ids=Analytics.ids
    )
    change_key: providers.Provider[ChangeKey] = providers.Factory(ChangeKey, deeds=Analytics.deeds)
    rotate_key: providers.Provider[RotateKey] = providers.Factory(
        RotateKey, deeds=Analytics.deeds, secrets=new_secrets, ids=Analytics.ids
    )
    revoke_key: providers.Provider[RevokeKey] = providers.Factory(RevokeKey, deeds=Analytics.deeds)
    list_keys: providers.Provider[ListKeys] = providers.Factory(ListKeys, deeds=Analytics.deeds)
    read_key: providers.Provider[ReadKey] = providers.Factory(ReadKey, deeds=Analytics.deeds)

    upstream_addresses: providers.Provider[UpstreamAddresses] = providers.Singleton(
        factories.make_upstream_addresses, Analytics.settings
    )
    connect_upstream: providers.Provider[ConnectUpstream] = providers.Factory(
        ConnectUpstream,
        deeds=Analytics.deeds,
        cipher=Analytics.cipher,
        addresses=upstream_addresses,
        ids=Analytics.ids,
    )
    change_upstream: providers.Provider[ChangeUpstream] = providers.Factory(
        ChangeUpstream,
        deeds=Analytics.deeds,
        cipher=Analytics.cipher,
        addresses=upstream_addresses,
    )
    remove_upstream: providers.Provider[RemoveUpstream] = providers.Factory(
        RemoveUpstream, deeds=Analytics.deeds
    )
    list_upstreams: providers.Provider[ListUpstreams] = providers.Factory(
        ListUpstreams, deeds=Analytics.deeds
    )
    read_upstream: providers.Provider[ReadUpstream] = providers.Factory(
        ReadUpstream, deeds=Analytics.deeds
    )
    try_upstream: providers.Provider[TryUpstream] = providers.Factory(
        TryUpstream,
        deeds=Analytics.deeds,
        providers=Analytics.model_providers,
        cipher=Analytics.cipher,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )
    reencrypt_credentials: providers.Provider[ReencryptCredentials] = providers.Factory(
        ReencryptCredentials, deeds=Analytics.deeds, cipher=Analytics.cipher
    )

    add_policy: providers.Provider[AddPolicy] = providers.Factory(
        AddPolicy, deeds=Analytics.deeds, drafts=Analytics.policy_drafts, ids=Analytics.ids
    )
    activate_policy: providers.Provider[ActivatePolicy] = providers.Factory(
        ActivatePolicy, deeds=Analytics.deeds
    )
    roll_back_policy: providers.Provider[RollBackPolicy] = providers.Factory(
        RollBackPolicy, deeds=Analytics.deeds
    )
    list_policies: providers.Provider[ListPolicies] = providers.Factory(
        ListPolicies, deeds=Analytics.deeds
    )
    try_policy: providers.Provider[TryPolicy] = providers.Factory(
        TryPolicy,
        deeds=Analytics.deeds,
        trial=providers.Factory(
            PolicyTrial,
            inspector=Analytics.inspector,
            digests=Analytics.digests,
            drafts=Analytics.policy_drafts,
            clock=Analytics.clock,
        ),
    )

    list_violations: providers.Provider[ListViolations] = providers.Factory(
        ListViolations, deeds=Analytics.deeds, reader=Analytics.violation_reader
    )
    read_violation: providers.Provider[ReadViolation] = providers.Factory(
        ReadViolation, deeds=Analytics.deeds
    )
    triage_violation: providers.Provider[TriageViolation] = providers.Factory(
        TriageViolation, deeds=Analytics.deeds
    )
    export_violations: providers.Provider[ExportViolations] = providers.Factory(
        ExportViolations, deeds=Analytics.deeds, reader=Analytics.violation_reader
    )
    report_usage: providers.Provider[ReportUsage] = providers.Factory(
        ReportUsage, deeds=Analytics.deeds, reader=Analytics.usage_reader
    )

    audit_log: providers.Provider[AuditLog] = providers.Singleton(
        AuditLog, storages=Analytics.storages, limits=Analytics.unpack_limits
    )
    list_audit_records: providers.Provider[ListAuditRecords] = providers.Factory(
        ListAuditRecords, deeds=Analytics.deeds, log=audit_log
    )
    read_audit_record: providers.Provider[ReadAuditRecord] = providers.Factory(
        ReadAuditRecord, deeds=Analytics.deeds, log=audit_log
    )
    verify_audit: providers.Provider[VerifyAudit] = providers.Factory(
        VerifyAudit,
        deeds=Analytics.deeds,
        transactions=Analytics.transactions,
        storages=Analytics.storages,
        signer=Analytics.signer,
        clock=Analytics.clock,
    )
    backtest_policy: providers.Provider[BacktestPolicy] = providers.Factory(
        BacktestPolicy,
        deeds=Analytics.deeds,
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
