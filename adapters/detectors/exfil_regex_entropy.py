"""The detector of everything that rules alone can find: pattern entities, secrets, exfiltration."""

from collections.abc import Sequence

from adapters.detectors.exfiltration import engine as exfiltration
from adapters.detectors.exfiltration.evidence import VERSION as EXFILTRATION_VERSION
from adapters.detectors.linear_time import Subject
from adapters.detectors.off_the_loop import off_the_loop
from adapters.detectors.patterns import catalogue as patterns
from adapters.detectors.patterns.engine import RULES_VERSION
from adapters.detectors.secrets import engine as secrets
from application.ports.detector import Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Detection, Finding
from domain.detection.taxonomy import Category, is_auxiliary

_OFF_THE_LOOP = 20_000
CATALOGUES = (patterns.catalogue, exfiltration.catalogue, secrets.catalogue)
"""The rules of the three engines, the quickest to tell theirs first."""

_CATEGORIES = (Category.PII, Category.SECRETS, Category.EXFIL)


class ExfilRegexEntropyDetector(Detector):
    """Answer as `exfil-regex-entropy`; findings say `patterns`, `secrets` or `exfiltration`."""

    def __init__(self) -> None:
        self._patterns = patterns.default_engine()
        self._secrets = secrets.secrets_engine()
        self._exfiltration = exfiltration.ExfiltrationEngine()

    @property
    def name(self) -> str:
        """Return the model name of this detector."""
        return "exfil-regex-entropy"

    @property
    def version(self) -> str:
        """Return the versions of the three rule sets."""
        return (
            f"patterns-{RULES_VERSION} secrets-{secrets.VERSION} "
            f"exfiltration-{EXFILTRATION_VERSION}"
        )

    @property
    def categories(self) -> frozenset[Category]:
        """Return personal data, secrets and exfiltration."""
        return frozenset(_CATEGORIES)

    @property
    def waits(self) -> bool:
        """Return False: it computes."""
        return False

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text; long batches are read on a thread."""
        if sum(len(text.text) for text in texts) > _OFF_THE_LOOP:
            return await off_the_loop(lambda: self._detect(texts))
        return self._detect(texts)

    def _detect(self, texts: Sequence[DetectorText]) -> list[Detection]:
        # One engine after the other: the automata of each stay near while it reads all texts.
        subjects = [Subject(text.text) for text in texts]
        personal = [self._patterns.find(text.text) for text in texts]
        secret = [self._secrets.find(subject) for subject in subjects]
        leaking = [self._exfiltration.find(subject) for subject in subjects]
        return [
            _detection([*some, *others, *more])
            for some, others, more in zip(personal, secret, leaking, strict=True)
        ]


def catalogue() -> tuple[RuleInfo, ...]:
    """Return every rule of the three engines."""
    return tuple(info for one in CATALOGUES for info in one())


def _detection(findings: list[Finding]) -> Detection:
    """Return findings in order, with the highest score of each category.

    Entities that only tag do not count.
    """
    scores = dict.fromkeys(_CATEGORIES, 0.0)
    for finding in findings:
        category = finding.category
        if finding.score > scores[category] and not is_auxiliary(category, finding.type):
            scores[category] = finding.score
    if len(findings) > 1:
        findings.sort(key=lambda finding: finding.order)
    return Detection(findings=tuple(findings), scores=scores)
