"""The marks that the project wants to reach, each with what was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.detection.intervals import Figure
from benchmarks.detection.measure import EncodedRecall, Outcome

_ENOUGH_COVERED = 1.5
_FEW_ALARMS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A mark, what was measured (a figure with its interval and cases), and whether it is met."""

    name: str
    wanted: str
    measured: str
    cases: int
    is_met: bool


def targets_of(
    outcomes: Sequence[Outcome], encoded: dict[str, EncodedRecall], profile: str
) -> Iterator[Target]:
    """Yield every mark for which something was measured."""
    own = {one.task.file: one for one in outcomes if one.system == profile}
    if (pii := own.get("pii.dev")) and pii.structured and pii.sensitive:
        spans = pii.structured
        yield _at_least("pii.dev, structured: strict micro F1", spans.micro.strict_f1, 95)
        yield _at_least("pii.dev, structured: strict macro F1", spans.macro_f1, 90)
        yield _at_most("pii.dev, structured: clean records flagged", spans.clean_flagged, 1)
        yield from _beside_peers(pii, outcomes)
    if (secrets := own.get("secrets.xdev")) and secrets.texts:
        yield _at_least("secrets.xdev: F1", secrets.texts.f1, 80)
        yield _at_most("secrets.xdev: false positives", secrets.texts.alarms, 5)
        yield from _secrets_peers(secrets, outcomes)
    if (exfil := own.get("exfil.dev")) and exfil.texts:
        name = "exfil.dev: recall at 1 % false positives"
        yield _at_least(name, exfil.texts.recall_at_alarms, 95)
    if (injection := own.get("injection.xdev")) and injection.texts:
        texts = injection.texts
        yield _at_least("injection.xdev: AUROC", texts.auroc, 88)
        yield _at_least("injection.xdev: AUROC inside length bins", texts.auroc_in_bins, 85)
        name = "injection.xdev: recall at 1 % false positives"
        yield _at_least(name, texts.recall_at_alarms, 30)
    if (toxicity := own.get("toxicity.xdev")) and toxicity.texts:
        yield _at_least("toxicity.xdev: AUROC", toxicity.texts.auroc, 76)
    for outcome in own.values():
        for source, (hits, asked) in sorted(outcome.harmless_flagged.items()):
            yield Target(
                name=f"{outcome.task.file}, {source}: harmless sentences about groups flagged",
                wanted="≤ 10",
                measured=f"{100 * hits / asked:.1f}",
                cases=asked,
                is_met=hits <= asked / 10,
            )
    for name, recall in encoded.items():
        share = 100 * recall.kept / recall.plain if recall.plain else 0.0
        yield Target(
            name=f"{name}: share of the recall that random encodings leave",
            wanted="≥ 90",
            measured=f"{share:.1f}",
            cases=recall.plain,
            is_met=share >= 90,
        )


def _beside_peers(own: Outcome, outcomes: Sequence[Outcome]) -> Iterator[Target]:
    careful = [
        one.sensitive
        for one in outcomes
        if one.task == own.task
        and one.system != own.system
        and not one.system.startswith("trueport")
        and one.sensitive
        and one.sensitive.clean_flagged.value <= _FEW_ALARMS
    ]
    if own.sensitive and careful:
        best = max(one.covered.value for one in careful)
        yield _at_least(
            "pii.dev: sensitive characters covered, against the best peer with at most 5 % of "
            "clean records flagged",
            own.sensitive.covered,
            _ENOUGH_COVERED * best,
        )


def _secrets_peers(own: Outcome, outcomes: Sequence[Outcome]) -> Iterator[Target]:
    peers = [
        one
        for one in outcomes
        if one.task == own.task and not one.is_control and not one.system.startswith("trueport")
    ]
    for peer in peers:
        if own.texts and peer.texts:
            is_better = (
                own.texts.f1.value > peer.texts.f1.value
                and own.texts.alarms.value <= peer.texts.alarms.value
            )
            yield Target(
                name=f"secrets.xdev: F1 and false positives better than {peer.system}",
                wanted=f"> {peer.texts.f1.value:.1f}, ≤ {peer.texts.alarms.value:.1f}",
                measured=f"{own.texts.f1.value:.1f}, {own.texts.alarms.value:.1f}",
                cases=own.texts.f1.cases + own.texts.alarms.cases,
                is_met=is_better,
            )


def _at_least(name: str, figure: Figure, mark: float) -> Target:
    return Target(
        name=name,
        wanted=f"≥ {mark:.4g}",
        measured=str(figure),
        cases=figure.cases,
        is_met=figure.value >= mark,
    )


def _at_most(name: str, figure: Figure, mark: float) -> Target:
    return Target(
        name=name,
        wanted=f"≤ {mark:.4g}",
        measured=str(figure),
        cases=figure.cases,
        is_met=figure.value <= mark,
    )
