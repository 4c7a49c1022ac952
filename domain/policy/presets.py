"""Policies to start from."""

from datetime import datetime

from domain.detection.taxonomy import SENSITIVE_PII, Category, Severity
from domain.identifiers import PolicyId, TenantId
from domain.policy.rule import Condition, Direction, Effect, Policy, PolicyRevision, Rule

INBOUND = frozenset({Direction.REQUEST, Direction.TOOL_RESULT})

_HEALTH_AND_IDENTITY = frozenset(
    {
        "SSN",
        "CREDIT_CARD",
        "IBAN",
        "BANK_ACCOUNT",
        "PASSPORT",
        "DRIVER_LICENSE",
        "NATIONAL_ID",
        "TAX_ID",
        "MEDICAL_RECORD_NUMBER",
        "HEALTH_PLAN_ID",
        "PASSWORD",
    }
)


STARTER = PolicyId("pol_starter")


def starter_revision(tenant_id: TenantId, *, at: datetime) -> PolicyRevision:
    """Return what holds, as `pol_starter@0`, for a tenant that has no active policy version."""
    return PolicyRevision(
        tenant_id=tenant_id, policy_id=STARTER, number=0, policy=starter_policy(), created_at=at
    )


def starter_policy() -> Policy:
    """Return the policy of a new tenant: block injection and secrets, mask personal data.

    What else is found is flagged.
    The high score that blocks an injection is 0.9; between the detector's operating point and that,
    it is flagged.
    """
    return Policy(
        name="starter",
        rules=(
            Rule(
                id="block-secrets",
                when=Condition(categories=frozenset({Category.SECRETS})),
                effect=Effect.BLOCK,
                severity=Severity.CRITICAL,
                description="Keys, tokens and passwords do not leave the company.",
            ),
            Rule(
                id="block-injection",
                when=Condition(
                    categories=frozenset({Category.INJECTION}),
                    min_score=0.9,
                    directions=INBOUND,
                ),
                effect=Effect.BLOCK,
                severity=Severity.HIGH,
                description="A text that tries to take over the model is not passed on.",
            ),
            Rule(
                id="flag-injection",
                when=Condition(categories=frozenset({Category.INJECTION}), directions=INBOUND),
                effect=Effect.FLAG,
                severity=Severity.MEDIUM,
                description="A text that may try to take over the model.",
            ),
            Rule(
                id="mask-identity",
                when=Condition(categories=frozenset({Category.PII}), types=_HEALTH_AND_IDENTITY),
                effect=Effect.MASK,
                severity=Severity.HIGH,
                description="Numbers that identify a person or open an account are masked.",
            ),
            Rule(
                id="mask-personal-data",
                when=Condition(
                    categories=frozenset({Category.PII}),
                    types=SENSITIVE_PII - _HEALTH_AND_IDENTITY,
                ),
                effect=Effect.MASK,
                severity=Severity.MEDIUM,
                description="Other personal data is masked.",
            ),
            Rule(
                id="flag-exfiltration",
                when=Condition(categories=frozenset({Category.EXFIL})),
                effect=Effect.FLAG,
                severity=Severity.HIGH,
                description="A link, command or blob that may carry data out.",
            ),
            Rule(
                id="flag-toxicity",
                when=Condition(categories=frozenset({Category.TOXICITY})),
                effect=Effect.FLAG,
                severity=Severity.MEDIUM,
                description="Toxic text.",
            ),
            Rule(
                id="flag-bias",
                when=Condition(categories=frozenset({Category.BIAS})),
                effect=Effect.FLAG,
                severity=Severity.LOW,
                description="A conclusion from a group that the context does not support.",
            ),
        ),
    )
