"""Answer what is found in texts, for callers with a key."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.detection import DetectionPipeline
from application.gateway.authenticate import Authenticate
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import DetectorText
from application.ports.limits import RateLimiter, Reservation, Windows
from application.ports.system import Clock
from domain.api_key import Scope
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from domain.errors import Unavailable
from domain.subscription import DetectorTier
from domain.usage import estimate_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectCommand:
    """Texts to read under a key."""

    authorization: str | None
    texts: Sequence[str]
    scope: Scope = Scope.DETECT
    categories: frozenset[Category] = field(default=frozenset(Category))


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectResult:
    """One detection a text, in order."""

    detections: Sequence[Detection]
    windows: Windows


class DetectTexts:
    """Run the detectors over a caller's texts; nothing of them is kept.

    Those of the tenant's active policy are among them; its rules and exceptions judge nothing here.
    """

    def __init__(
        self,
        *,
        authenticate: Authenticate,
        limiter: RateLimiter,
        pipeline: DetectionPipeline,
        custom: CustomDetectors,
        basic: DetectionPipeline | None = None,
        clock: Clock,
    ) -> None:
        self._authenticate = authenticate
        self._limiter = limiter
        self._pipelines = {
            DetectorTier.ALL: pipeline,
            DetectorTier.BASIC: pipeline if basic is None else basic,
        }
        self._custom = custom
        self._clock = clock

    async def __call__(self, command: DetectCommand) -> DetectResult:
        """Return what is found.

        Raises:
            Unauthenticated, Refused: the key.
            AdmissionRefused: a limit.
            Unavailable: a detector is away: a partial answer would look like a clean one.
        """
        principal = await self._authenticate(command.authorization, scope=command.scope)
        tokens = estimate_tokens(sum(len(text) for text in command.texts))
        admission = await self._limiter.acquire(
            principal.tenant.id,
            Reservation(
                key_id=principal.key.id,
                limits=principal.key.limits,
                tokens=tokens,
                cost_nano=0,
                at=self._clock.now(),
                fail_modes=principal.tenant.fail_modes,
                entitlements=principal.tenant.entitlements,
            ),
        )
        own = principal.policy.policy.detectors
        try:
            outcome = await self._pipelines[principal.tenant.entitlements.detectors](
                [DetectorText(text=text) for text in command.texts],
                categories=command.categories,
                custom=[self._custom.detector(own)] * len(command.texts) if own else (),
            )
        finally:
            await self._limiter.settle(admission, tokens=tokens, cost_nano=0)
        if outcome.missing:
            raise Unavailable(
                "detector",
                f"detectors did not answer: {', '.join(outcome.missing)}",
                retry_after=5.0,
            )
        return DetectResult(detections=outcome.detections, windows=admission.windows)
