"""Try what a policy makes of texts, without anything being stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.gateway.judgement import Redactor
from application.inspection import Inspector
from application.policy_drafts import PolicyDrafts
from application.ports.credentials import Digests
from application.ports.system import Clock
from domain.chat import TextPart
from domain.errors import InvalidValue
from domain.identifiers import TenantId
from domain.policy.evaluation import Decision, EvaluationContext, evaluate
from domain.policy.rule import Direction, Effect, Policy
from domain.subscription import DetectorTier

MOST_TEXTS = 50
_MOST_CHARACTERS = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Texts to judge, each as an exchange of its own, and who they are said to come from."""

    texts: tuple[str, ...]
    direction: Direction = Direction.REQUEST
    key_id: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.texts) <= MOST_TEXTS:
            raise InvalidValue(f"1 to {MOST_TEXTS} texts are tried at once", field="texts")
        if sum(len(text) for text in self.texts) > _MOST_CHARACTERS:
            raise InvalidValue(
                f"the texts have at most {_MOST_CHARACTERS} characters together", field="texts"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedText:
    """What the policy says about a text, and what would go on: None where that is stopped.

    `missing` are the detectors that did not answer.
    """

    decision: Decision
    passed: str | None
    missing: tuple[str, ...]


class PolicyTrial:
    """Send texts through the detectors and judge them as the gateway would."""

    def __init__(
        self, *, inspector: Inspector, digests: Digests, drafts: PolicyDrafts, clock: Clock
    ) -> None:
        self._inspector = inspector
        self._digests = digests
        self._drafts = drafts
        self._clock = clock

    async def __call__(
        self,
        tenant_id: TenantId,
        policy: Policy,
        trial: Trial,
        *,
        tier: DetectorTier = DetectorTier.ALL,
    ) -> Sequence[TriedText]:
        """Return the outcome for each text, in order.

        Raises:
            InvalidValue: a pattern, or a detector of its own, is not as it must be.
        """
        policy = await self._drafts.accepted(tenant_id, policy)
        parts = [
            TextPart(path="text", text=text, direction=trial.direction) for text in trial.texts
        ]
        inspected = await self._inspector.many(
            tenant_id, [(policy, [part]) for part in parts], tier=tier
        )
        context = EvaluationContext(at=self._clock.now(), key_id=trial.key_id, model=trial.model)
        return [
            TriedText(
                decision=decision,
                passed=self._passed(tenant_id, part.text, decision),
                missing=seen.missing,
            )
            for part, seen in zip(parts, inspected, strict=True)
            for decision in [evaluate(policy, seen.candidates, context)]
        ]

    def _passed(self, tenant_id: TenantId, text: str, decision: Decision) -> str | None:
        if decision.enforced is Effect.BLOCK:
            return None
        if decision.enforced is not Effect.MASK:
            return text
        redactor = Redactor(tenant_id=tenant_id, digests=self._digests)
        return redactor.mask(text, decision.masking())
