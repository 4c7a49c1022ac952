"""Detection for single commands, without container, web framework and settings.

Start-up time is theirs, so this imports detectors and the pipeline and nothing else.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from adapters.detectors.custom.detector import Re2CustomDetectors
from adapters.detectors.neural.model_store import ModelStore
from adapters.pattern_matching import Re2PatternMatcher
from adapters.security.single_key import SingleKeyDigests
from adapters.system import SystemClock, SystemRandomness
from adapters.telemetry.silent import SilentTelemetry
from application.detection import DetectionPipeline
from application.inspection import Inspector
from application.policy_drafts import check_policy
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Detector
from application.ports.system import Clock
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue, Unavailable
from domain.identifiers import TenantId
from domain.policy.rule import Policy
from entrypoints.home import MODELS, default_home
from entrypoints.wiring.detectors import (
    make_detectors,
    make_model_store,
    make_pattern_detectors,
    rules_of,
)

DEADLINE = 300.0
"""Seconds that a detector has for one batch: nobody waits in line behind a command."""


class Profile(StrEnum):
    """Which detectors a command runs."""

    EMBEDDED = "embedded"
    PATTERNS = "patterns"
    TRITON = "triton"


class LocalDetection:
    """The pipeline of one command with what a command must know about it.

    `model_store` is the folder of built models, by default the one under the state folder.

    Raises:
        Unavailable: a model file is missing or damaged, or the profile's server is not there.
    """

    def __init__(
        self, profile: Profile = Profile.EMBEDDED, model_store: Path | None = None
    ) -> None:
        self._detectors = _detectors(profile, model_store)
        self.clock: Clock = SystemClock()
        self._custom: CustomDetectors = Re2CustomDetectors()
        self.pipeline = DetectionPipeline(
            detectors=self._detectors,
            clock=self.clock,
            telemetry=SilentTelemetry(),
            deadline=DEADLINE,
        )
        # Versions are those of the weights: asking for them loads and checks the models.
        self.versions: Mapping[str, str] = self.pipeline.versions

    @property
    def categories(self) -> frozenset[Category]:
        """Return the categories that these detectors report."""
        return frozenset[Category]().union(*(one.categories for one in self._detectors))

    @cached_property
    def rules(self) -> Mapping[str, RuleInfo]:
        """Return every rule that these detectors can report, by its id."""
        return rules_of(self._detectors)

    def rules_under(self, policy: Policy | None) -> Mapping[str, RuleInfo]:
        """Return the rules with those of a policy's own detectors."""
        own = () if policy is None else policy.detectors
        if not own:
            return self.rules
        return {**self.rules, **{detector.rule: detector.info for detector in own}}

    def categories_under(self, policy: Policy | None) -> frozenset[Category]:
        """Return the categories with those of a policy's own detectors."""
        own = () if policy is None else policy.detectors
        return self.categories | {detector.category for detector in own}

    def detector_of(self, policy: Policy | None) -> Detector | None:
        """Return what finds what a policy describes, None where it describes nothing."""
        own = () if policy is None else policy.detectors
        return self._custom.detector(own) if own else None

    def without(self, categories: frozenset[Category]) -> frozenset[str]:
        """Return the names of the detectors that report none of the categories."""
        return frozenset(
            detector.name for detector in self._detectors if not detector.categories & categories
        )

    def sealed(self, policy: Policy, tenant_id: TenantId, fingerprint_key: bytes) -> Policy:
        """Return a policy with fingerprints for the values that it accepts."""
        digests = SingleKeyDigests(fingerprint_key)
        return policy.sealed(lambda kind, value: digests.fingerprint(tenant_id, kind, value))

    def inspector(self, fingerprint_key: bytes) -> Inspector:
        """Return what turns texts into candidates for a policy."""
        return Inspector(
            pipeline=self.pipeline,
            digests=SingleKeyDigests(fingerprint_key),
            patterns=Re2PatternMatcher(),
            custom=self._custom,
        )


def check_locally(policy: Policy, model_store: Path | None = None) -> None:
    """Accept a policy file whose patterns and detectors are as they must be.

    Raises:
        InvalidValue: the field says which is not.
    """
    check_policy(
        policy,
        Re2PatternMatcher(),
        Re2CustomDetectors(),
        lambda: LocalDetection(model_store=model_store).rules,
    )


def _detectors(profile: Profile, model_store: Path | None) -> Sequence[Detector]:
    store = make_model_store(model_store or default_home() / MODELS)
    match profile:
        case Profile.EMBEDDED:
            return make_detectors(store)
        case Profile.PATTERNS:
            return make_pattern_detectors()
        case Profile.TRITON:
            return _detectors_on_triton(store)


def _detectors_on_triton(store: ModelStore) -> Sequence[Detector]:
    """Return the detectors of the servers that `TRITON_URL` names, once they have answered."""
    from entrypoints.settings import SettingsError, load_settings  # noqa: PLC0415 - slow to import
    from entrypoints.wiring.triton import check_now, connect  # noqa: PLC0415 - the same

    try:
        urls = load_settings().triton_url
    except SettingsError as error:
        raise InvalidValue(str(error)) from None
    if urls is None:
        raise Unavailable(
            "triton",
            "the profile triton needs TRITON_URL: set it to grpc://HOST:8001 or http://HOST:8000, "
            "or leave --profile out",
        )
    client = connect(urls, DEADLINE, randomness=SystemRandomness(), telemetry=SilentTelemetry())
    check_now(client, store)
    return make_detectors(store, client)
