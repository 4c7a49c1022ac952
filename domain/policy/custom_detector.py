"""What a tenant finds beside the built-in rules: a pattern or a list of values, with examples."""

import hashlib
import re
from dataclasses import dataclass, field

from domain.audit import canonical
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import custom_rule
from domain.detection.taxonomy import TYPES, Category
from domain.detection.validators import VALIDATORS
from domain.errors import InvalidValue

MAX_DETECTORS = 32
MAX_VALUES = 1000
MAX_PATTERN = 500

_MAX_VALUE = 200
_MAX_VALUES_TOGETHER = 20_000
_MAX_EXAMPLES = 20
_MAX_EXAMPLE = 1000
_MAX_WORDS = 50
_MAX_WORD = 60
_MAX_DISTANCE = 200
"""Characters: a running answer is seen in windows of 256 unless somebody sets others."""

_LONGEST_DESCRIPTION = 500
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 60
_OPERATING_POINT = 0.5
_LABEL = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_TYPES = frozenset[str]().union(*TYPES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextWords:
    """Words of which one must stand within so many characters of a match, before or behind it."""

    words: tuple[str, ...]
    within: int = 40

    def __post_init__(self) -> None:
        if not 1 <= len(self.words) <= _MAX_WORDS:
            raise InvalidValue(f"1 to {_MAX_WORDS} words of context are needed", field="words")
        for index, word in enumerate(self.words):
            _check_phrase(word, _MAX_WORD, f"words[{index}]")
        if not 1 <= self.within <= _MAX_DISTANCE:
            raise InvalidValue(f"a distance is 1 to {_MAX_DISTANCE} characters", field="within")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Texts in which something must be found, and texts in which nothing may be."""

    match: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, texts in (("match", self.match), ("ignore", self.ignore)):
            if len(texts) > _MAX_EXAMPLES:
                raise InvalidValue(f"at most {_MAX_EXAMPLES} examples of a kind", field=name)
            for index, text in enumerate(texts):
                if not 1 <= len(text) <= _MAX_EXAMPLE:
                    raise InvalidValue(
                        f"an example has 1 to {_MAX_EXAMPLE} characters", field=f"{name}[{index}]"
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomDetector:
    """One thing that a tenant wants found, reported as a type of the taxonomy.

    Either `pattern`, an RE2 expression whose only group, if it has one, is what is reported, or
    `values`, words and phrases. `label` stands in masked text in place of the type. With
    `whole_words` no letter or digit may go on on either side of a match. `validator` is one of
    `VALIDATORS`. Examples are compulsory for a pattern; whoever stores it runs them.
    """

    id: str
    category: Category
    type: str
    label: str = ""
    description: str = ""
    pattern: str | None = None
    values: tuple[str, ...] = field(default=(), repr=False)
    ignore_case: bool = False
    whole_words: bool = True
    context: ContextWords | None = None
    validator: str | None = None
    score: float = 0.9
    examples: Examples = field(default=Examples(), repr=False)

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.id) is None or len(self.id) > _LONGEST_ID:
            raise InvalidValue(
                f"an id has at most {_LONGEST_ID} small letters, digits and single hyphens, such "
                "as staff-number",
                field="id",
            )
        if self.type not in TYPES[self.category]:
            known = ", ".join(sorted(TYPES[self.category]))
            raise InvalidValue(f"a type of {self.category} is one of {known}", field="type")
        if self.label and (_LABEL.fullmatch(self.label) is None or self.label in _TYPES):
            raise InvalidValue(
                "a label has at most 40 capital letters, digits and underscores, such as "
                "STAFF_NUMBER, and is not the name of a type",
                field="label",
            )
        if len(self.description) > _LONGEST_DESCRIPTION:
            raise InvalidValue(
                f"a description has at most {_LONGEST_DESCRIPTION} characters", field="description"
            )
        if (self.pattern is None) is not bool(self.values):
            raise InvalidValue("a detector has either a pattern or values")
        if self.validator is not None and self.validator not in VALIDATORS:
            raise InvalidValue(
                f"a validator is one of {', '.join(sorted(VALIDATORS))}", field="validator"
            )
        if not 0.0 < self.score <= 1.0:
            raise InvalidValue("a score lies above 0 and is at most 1", field="score")
        self._check_pattern()
        self._check_values()

    def _check_pattern(self) -> None:
        if self.pattern is None:
            return
        if not 1 <= len(self.pattern) <= MAX_PATTERN:
            raise InvalidValue(
                f"a pattern has 1 to {MAX_PATTERN} characters, not {len(self.pattern)}",
                field="pattern",
            )
        for name, texts in (("match", self.examples.match), ("ignore", self.examples.ignore)):
            if not texts:
                raise InvalidValue(
                    "a pattern needs an example that it matches and one that it does not",
                    field=f"examples.{name}",
                )

    def _check_values(self) -> None:
        if len(self.values) > MAX_VALUES:
            raise InvalidValue(
                f"a list has at most {MAX_VALUES} values, not {len(self.values)}", field="values"
            )
        if sum(map(len, self.values)) > _MAX_VALUES_TOGETHER:
            raise InvalidValue(
                f"the values have at most {_MAX_VALUES_TOGETHER} characters together",
                field="values",
            )
        seen: dict[str, int] = {}
        for index, value in enumerate(self.values):
            _check_phrase(value, _MAX_VALUE, f"values[{index}]")
            key = " ".join((value.casefold() if self.ignore_case else value).split())
            if key in seen:
                raise InvalidValue(
                    f"the same value as values[{seen[key]}]", field=f"values[{index}]"
                )
            seen[key] = index

    @property
    def rule(self) -> str:
        """Return the rule that findings name, such as `custom/staff-number`."""
        return custom_rule(self.id)

    @property
    def operating_point(self) -> float:
        """Return from which score on it is reported: whatever it finds is."""
        return min(_OPERATING_POINT, self.score)

    @property
    def info(self) -> RuleInfo:
        """Return what the rule says about itself."""
        subject = "a pattern" if self.pattern is not None else f"{len(self.values)} values"
        return RuleInfo(
            id=self.rule,
            category=self.category,
            type=self.type,
            title=self.description or f"{subject} of the policy",
            matches=f"What the policy describes by {subject} under detectors, id {self.id}",
            validator=self.validator,
            examples=self.examples.match,
            near_misses=self.examples.ignore,
            operating_point=self.operating_point,
        )

    @property
    def digest(self) -> str:
        """Return what changes whenever this may find something else, 12 hexadecimal characters."""
        context = self.context
        deciding = [
            self.id, self.category.value, self.type, self.label, self.pattern, list(self.values),
            self.ignore_case, self.whole_words,
            None if context is None else [list(context.words), context.within],
            self.validator, repr(self.score),
        ]  # fmt: skip
        return hashlib.sha256(canonical(deciding)).hexdigest()[:12]


def _check_phrase(text: str, longest: int, path: str) -> None:
    """Accept words that can be found as they are written."""
    if not 2 <= len(text.strip()) <= len(text) <= longest or not any(map(str.isalnum, text)):  # noqa: PLR2004 - one letter is no word
        raise InvalidValue(
            f"words have 2 to {longest} characters, with a letter or digit among them", field=path
        )
    if text != text.strip() or any(ord(char) < ord(" ") for char in text):
        raise InvalidValue("words hold no tabs or line breaks, nor blanks around them", field=path)
