"""A tenant's own detector as plain data."""

from domain.detection.taxonomy import Category
from domain.errors import InvalidValue
from domain.policy.custom_detector import ContextWords, CustomDetector, Examples
from domain.policy.plain_data import Node, located

_FIELDS = (
    "id",
    "category",
    "type",
    "label",
    "description",
    "pattern",
    "values",
    "ignore_case",
    "whole_words",
    "context",
    "validator",
    "score",
    "examples",
)
_SCORE = 0.9
_WITHIN = 40


def custom_detector_from_node(node: Node) -> CustomDetector:
    """Return the detector that a mapping describes; the case of values counts only if it says so.

    Raises:
        InvalidValue: with the dotted path of the offending field and what is allowed there.
    """
    node.only(_FIELDS)
    examples = node.child("examples")
    examples.only(("match", "ignore"))
    pattern = node.text("pattern", "") or None
    values = tuple(node.texts("values"))
    if pattern is None and not values:
        raise InvalidValue("a detector has either a pattern or values", field=node.path)
    score = node.number("score")
    return located(
        node.path,
        lambda: CustomDetector(
            id=node.text("id"),
            category=node.enum("category", Category, None),
            type=node.text("type"),
            label=node.text("label", ""),
            description=node.text("description", ""),
            pattern=pattern,
            values=values,
            ignore_case=node.flag("ignore_case", default=pattern is None),
            whole_words=node.flag("whole_words", default=True),
            context=_context(node),
            validator=node.text("validator", "") or None,
            score=_SCORE if score is None else score,
            examples=located(
                examples.path,
                lambda: Examples(
                    match=tuple(examples.texts("match")), ignore=tuple(examples.texts("ignore"))
                ),
            ),
        ),
    )


def _context(node: Node) -> ContextWords | None:
    context = node.child("context")
    if not context.value:
        return None
    context.only(("words", "within"))
    return located(
        context.path,
        lambda: ContextWords(
            words=tuple(context.texts("words")), within=context.integer("within", _WITHIN)
        ),
    )


def custom_detector_to_document(detector: CustomDetector) -> dict[str, object]:
    """Return the detector as plain data that is read back unchanged."""
    context = detector.context
    optional: dict[str, object] = {
        "label": detector.label,
        "description": detector.description,
        "pattern": detector.pattern,
        "values": list(detector.values),
        "context": None
        if context is None
        else {"words": list(context.words), "within": context.within},
        "validator": detector.validator,
    }
    return {
        "id": detector.id,
        "category": detector.category.value,
        "type": detector.type,
        **{name: value for name, value in optional.items() if value not in (None, "", [])},
        "ignore_case": detector.ignore_case,
        "whole_words": detector.whole_words,
        "score": detector.score,
        "examples": {
            "match": list(detector.examples.match),
            "ignore": list(detector.examples.ignore),
        },
    }
