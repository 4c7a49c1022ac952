"""Try a tenant's detector before it is stored."""

import math
from collections.abc import Sequence

from adapters.detectors.custom.compiled import CompiledDetector
from adapters.detectors.custom.ordinary_text import ORDINARY
from adapters.detectors.linear_time import Subject
from domain.errors import InvalidValue
from domain.policy.custom_detector import CustomDetector

_MOST_OF_ORDINARY = 1.0
"""Per cent of the characters."""
_MOST_INSTRUCTIONS_TOGETHER = 5000
_MOST_VALUES_TOGETHER = 5000
_ORDINARY = Subject(ORDINARY)


def check_detectors(detectors: Sequence[CustomDetector]) -> None:
    """Accept detectors that do what their examples say.

    Raises:
        InvalidValue: with the path of what is wrong, such as `[1].examples.match[0]`.
    """
    size = 0
    for index, detector in enumerate(detectors):
        try:
            size += _check(detector)
        except InvalidValue as error:
            field = f"[{index}].{error.field}" if error.field else f"[{index}]"
            raise InvalidValue(error.message, field=field) from None
    if size > _MOST_INSTRUCTIONS_TOGETHER:
        raise InvalidValue(
            f"these patterns compile to {size} instructions together, at most "
            f"{_MOST_INSTRUCTIONS_TOGETHER} are taken: write fewer or simpler ones"
        )
    count = sum(len(detector.values) for detector in detectors)
    if count > _MOST_VALUES_TOGETHER:
        raise InvalidValue(
            f"these lists have {count} values together, at most {_MOST_VALUES_TOGETHER} are taken"
        )


def _check(detector: CustomDetector) -> int:
    compiled = CompiledDetector(detector)
    if compiled.can_be_empty:
        raise InvalidValue(
            "this pattern matches the empty text, and so everywhere", field="pattern"
        )
    _check_examples(compiled)
    _check_on_ordinary_text(compiled)
    return compiled.size


def _check_examples(compiled: CompiledDetector) -> None:
    examples = compiled.detector.examples
    for index, text in enumerate(examples.match):
        subject = Subject(text)
        if not compiled.find(subject):
            misses = compiled.misses(subject)
            reason = misses[0].value if misses else "nothing in it matches"
            raise InvalidValue(
                f"this detector finds nothing in its own example: {reason}",
                field=f"examples.match[{index}]",
            )
    for index, text in enumerate(examples.ignore):
        if compiled.find(Subject(text)):
            raise InvalidValue(
                "this detector finds something in an example that it is to leave alone",
                field=f"examples.ignore[{index}]",
            )


def _check_on_ordinary_text(compiled: CompiledDetector) -> None:
    found = compiled.find(_ORDINARY)
    share = 100 * sum(len(finding.span) for finding in found) / len(ORDINARY)
    if share > _MOST_OF_ORDINARY:
        raise InvalidValue(
            f"this finds something {len(found)} times on a page of ordinary text, "
            f"{math.ceil(share)} % of it, and at most {_MOST_OF_ORDINARY:.0f} % is taken: make "
            "it narrower, or name words of context or a validator",
            field="values" if compiled.detector.pattern is None else "pattern",
        )
