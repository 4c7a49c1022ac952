"""Plans decide which detectors read a tenant's texts."""

from collections.abc import Sequence

import pytest

from adapters.detectors.context.detector import ContextDetector
from adapters.detectors.custom.detector import Re2CustomDetectors
from adapters.detectors.exfil_regex_entropy import ExfilRegexEntropyDetector
from adapters.pattern_matching import Re2PatternMatcher
from application.detection import DetectionPipeline
from application.inspection import Inspector
from application.ports.detector import Detector, DetectorText
from domain.chat import TextPart
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from domain.policy.presets import starter_policy
from domain.policy.rule import Direction
from domain.subscription import FREE, TEAM, UNLIMITED, DetectorTier, Entitlements
from entrypoints.wiring.detectors import make_basic_pipeline, models_folder
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import KeywordDetector


def pipeline_of(deployment: Deployment, *detectors: Detector) -> DetectionPipeline:
    return DetectionPipeline(
        detectors=detectors, clock=deployment.clock, telemetry=deployment.telemetry
    )


@pytest.mark.parametrize(
    ("entitlements", "name"), [(FREE, "linear"), (TEAM, "neural"), (UNLIMITED, "neural")]
)
async def test_texts_are_read_by_the_detectors_of_the_plan(
    deployment: Deployment, acme: Customer, entitlements: Entitlements, name: str
) -> None:
    detectors = {one: KeywordDetector(name=one) for one in ("neural", "linear")}
    inspector = Inspector(
        pipeline=pipeline_of(deployment, detectors["neural"]),
        basic=pipeline_of(deployment, detectors["linear"]),
        digests=deployment.digests,
        patterns=Re2PatternMatcher(),
        custom=Re2CustomDetectors(),
    )
    parts = [TextPart(path="text", text="a text", direction=Direction.REQUEST)]

    await inspector(acme.tenant.id, starter_policy(), parts, tier=entitlements.detectors)

    assert [one for one, detector in detectors.items() if detector.texts] == [name]


class Learned(Detector):
    """Stands for a model that somebody built for a slot."""

    @property
    def name(self) -> str:
        return "pii-ner-roberta"

    @property
    def version(self) -> str:
        return "1"

    @property
    def categories(self) -> frozenset[Category]:
        return frozenset({Category.PII})

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        raise AssertionError("no plan of this test has it")


def test_basic_detectors_are_the_same_ones_where_nobody_built_a_model(
    deployment: Deployment,
) -> None:
    detectors = (ContextDetector(models_folder()), ExfilRegexEntropyDetector(), Learned())
    whole = pipeline_of(deployment, *detectors)

    basic = make_basic_pipeline(
        whole, detectors, clock=deployment.clock, telemetry=deployment.telemetry, deadline=1.0
    )

    assert basic is whole


def test_built_model_is_not_among_the_basic_detectors(deployment: Deployment) -> None:
    neural = pytest.importorskip("adapters.detectors.neural.detector")

    class Built(neural.NeuralDetector):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            pass

        name = "pii-ner-roberta"
        version = "9"

    detectors = (Built(), ExfilRegexEntropyDetector())
    whole = pipeline_of(deployment, *detectors)

    basic = make_basic_pipeline(
        whole, detectors, clock=deployment.clock, telemetry=deployment.telemetry, deadline=1.0
    )

    assert whole.versions["pii-ner-roberta"] == "9"
    assert basic.versions["pii-ner-roberta"] == ContextDetector(models_folder()).version
    assert basic.versions["exfil-regex-entropy"] == whole.versions["exfil-regex-entropy"]


def test_tiers_are_what_the_plans_promise() -> None:
    assert FREE.detectors is DetectorTier.BASIC
    assert TEAM.detectors is DetectorTier.ALL
