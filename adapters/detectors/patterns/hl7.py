"""Fields of HL7 version 2 segments: their place in the segment says what they are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Severity

_SEGMENT = re.compile(r"^(PID|NK1|IN1|GT1)\|[^\r\n]*", re.MULTILINE)
_SCORE = 0.9
_FEWEST_CHARACTERS = 2


@dataclass(frozen=True, slots=True)
class _Field:
    """A field by number; `whole` takes its components together, else the first alone."""

    segment: str
    number: int
    type: str
    title: str
    example: str
    whole: bool = False

    @property
    def id(self) -> str:
        return f"hl7-{self.segment.lower()}-{self.number}"

    def message(self, value: str) -> str:
        return self.segment + "|" * self.number + value + "|"


_FIELDS = (
    _Field("PID", 3, "MEDICAL_RECORD_NUMBER", "Patient identifier", "PATID1234^5^M11"),
    _Field("PID", 5, "PERSON", "Patient name", "EVERYWOMAN^EVE^E", whole=True),
    _Field("PID", 7, "DATE_OF_BIRTH", "Patient's day of birth", "19610615"),
    _Field("PID", 11, "ADDRESS", "Patient address", "12 ELM STREET^^SPRINGFIELD^IL", whole=True),
    _Field("PID", 13, "PHONE", "Patient's phone at home", "(212)555-0123"),
    _Field("PID", 14, "PHONE", "Patient's phone at work", "(212)555-0124"),
    _Field("PID", 18, "BANK_ACCOUNT", "Patient account number", "PATID12345001^2^M10"),
    _Field("PID", 19, "SSN", "Patient's SSN", "123456789"),
    _Field("PID", 20, "DRIVER_LICENSE", "Patient's driving licence", "987654^NC"),
    _Field("NK1", 2, "PERSON", "Name of next of kin", "EVERYMAN^ADAM", whole=True),
    _Field("NK1", 4, "ADDRESS", "Address of next of kin", "12 ELM STREET^^IL", whole=True),
    _Field("NK1", 5, "PHONE", "Phone of next of kin", "(212)555-0125"),
    _Field("IN1", 16, "PERSON", "Name of the insured", "EVERYWOMAN^EVE", whole=True),
    _Field("IN1", 36, "HEALTH_PLAN_ID", "Policy number", "XYZ12345678"),
    _Field("GT1", 3, "PERSON", "Name of the guarantor", "EVERYMAN^ADAM", whole=True),
    _Field("GT1", 12, "SSN", "Guarantor's SSN", "123456789"),
)
_INFOS: dict[tuple[str, int], tuple[_Field, RuleInfo]] = {
    (field.segment, field.number): (
        field,
        pii(
            field.id,
            field.type,
            f"{field.title} in HL7 ({field.segment}-{field.number})",
            f"Field {field.number} of an HL7 version 2 segment {field.segment}.",
            sources=("HL7 v2.5.1 chapters 3 and 6",),
            examples=(field.message(field.example),),
            near_misses=(field.message('""'), f"{field.segment} 12345678"),
            severity=Severity.CRITICAL if field.type == "SSN" else Severity.HIGH,
        ),
    )
    for field in _FIELDS
}


def _find(document: Document) -> Iterator[Hit]:
    for match in _SEGMENT.finditer(document.text):
        segment = match.group(1)
        position = match.start()
        for number, value in enumerate(match.group().split("|")):
            known = _INFOS.get((segment, number))
            if known is not None:
                yield from _hit(*known, position, value)
            position += len(value) + 1


def _hit(field: _Field, info: RuleInfo, position: int, value: str) -> Iterator[Hit]:
    said = value.split("~", 1)[0]
    said = said.rstrip("^ ") if field.whole else said.split("^", 1)[0]
    if len(said) >= _FEWEST_CHARACTERS and any(char.isalnum() for char in said):
        steps = (("field of the segment", _SCORE),)
        yield Hit(position, position + len(said), info, _SCORE, None, (), steps, (), 3)


RECOGNISERS = (
    Custom(
        infos=tuple(info for _, info in _INFOS.values()),
        gates=(r"(?:PID|NK1|IN1|GT1)\|",),
        search=_find,
    ),
)
