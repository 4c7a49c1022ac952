"""Personal and tax numbers of states: one table row a number, with its check."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import pii
from domain.detection.taxonomy import Severity

_WORTH_SAYING = 0.25


@dataclass(frozen=True, slots=True)
class Number:
    """Describe one country's number.

    `plain` is the mask without separators, `printed` the masks with them. `alone` is the score of
    the printed form whose check passes and that no word accompanies, `alone_plain` of the plain
    one; a word of context raises both.
    """

    id: str
    type: str
    title: str
    words: str
    plain: str
    printed: str
    check: Callable[[str], bool]
    check_name: str
    source: str
    example: str
    near_miss: str
    alone: float = 0.3
    alone_plain: float = 0.2
    severity: Severity = Severity.HIGH
    generic: str = "national-id"
    separators: str = " -./()"


def rules(numbers: tuple[Number, ...]) -> tuple[MaskRule, ...]:
    """Return one or two rules a row under one id: the printed form and the plain one."""
    return tuple(rule for number in numbers for rule in _rules(number))


def _rules(number: Number) -> tuple[MaskRule, ...]:
    info = pii(
        number.id,
        number.type,
        number.title,
        f"{number.title}, plain or as printed; context words raise the score.",
        validator=number.check_name,
        sources=(number.source,),
        examples=(number.example,),
        near_misses=(number.near_miss,),
        severity=number.severity,
    )
    group = add_group(number.id, number.words.split("|"))
    return tuple(
        MaskRule(
            info=info,
            masks=masks,
            check=number.check,
            check_name=number.check_name,
            context=(group, number.generic),
            separators=number.separators,
            alone=alone if alone >= _WORTH_SAYING else 0.0,
        )
        for masks, alone in ((number.printed, number.alone), (number.plain, number.alone_plain))
        if masks
    )
