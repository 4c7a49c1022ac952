"""Identifiers in FHIR resources: the code of their type says what their value is."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Severity

_SCORE = 0.97
_RANK = 3
_SEVERITIES = {"SSN": Severity.CRITICAL, "MEDICAL_LICENSE": Severity.MEDIUM}
_IDENTIFIER = LazyPattern(
    r'"code"\s*:\s*"(MR|PI|MB|MC|SS|DL|PPN|NI|TAX|MD)"'
    # Up to the value of the same identifier: what closes the coding and the type, and plain fields.
    r'(?:[\s\]},]|"(?:display|text|system|userSelected|version|use)"\s*:\s*(?:"[^"\n]*"|true|false))*'
    r'"value"\s*:\s*"([^"\n]{3,40})"'
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of identifier by its code in HL7 table 0203."""

    code: str
    type: str
    title: str
    value: str

    def resource(self, value: str) -> str:
        return f'{{"type":{{"coding":[{{"code":"{self.code}"}}]}},"value":"{value}"}}'


_KINDS = (
    _Kind("MR", "MEDICAL_RECORD_NUMBER", "Medical record number", "00123456"),
    _Kind("PI", "MEDICAL_RECORD_NUMBER", "Internal number of a patient", "PAT-004711"),
    _Kind("MB", "HEALTH_PLAN_ID", "Member number", "W242810553"),
    _Kind("MC", "HEALTH_PLAN_ID", "Medicare number of a patient", "1EG4TE5MK73"),
    _Kind("SS", "SSN", "Social security number", "123456789"),
    _Kind("DL", "DRIVER_LICENSE", "Driving licence", "D7022678"),
    _Kind("PPN", "PASSPORT", "Passport", "C01X00T47"),
    _Kind("NI", "NATIONAL_ID", "National number of a person", "12345678Z"),
    _Kind("TAX", "TAX_ID", "Tax number", "36574261809"),
    _Kind("MD", "MEDICAL_LICENSE", "Medical licence", "12345678"),
)
_INFOS: dict[str, RuleInfo] = {
    kind.code: pii(
        f"fhir-identifier-{kind.code.lower()}",
        kind.type,
        f"{kind.title} in FHIR (Identifier of type {kind.code})",
        f"The value of a FHIR identifier in JSON whose type has the code {kind.code}.",
        sources=(
            "https://hl7.org/fhir/R4/datatypes.html#Identifier",
            "https://terminology.hl7.org/CodeSystem-v2-0203.html",
        ),
        examples=(kind.resource(kind.value),),
        near_misses=(
            kind.resource(""),
            f'{{"code":"{kind.code}","display":"{kind.title}"}}',
            f'{{"coding":[{{"code":"{kind.code}"}}],"status":"final","value":"ok"}}',
        ),
        severity=_SEVERITIES.get(kind.type, Severity.HIGH),
    )
    for kind in _KINDS
}


def _find(document: Document) -> Iterator[Hit]:
    for match in _IDENTIFIER.finditer(document.subject):
        if any(char.isdigit() for char in match.text(2)):
            steps = (("code of the identifier's type", _SCORE),)
            yield Hit(*match.span(2), _INFOS[match.text(1)], _SCORE, None, (), steps, (), _RANK)


RECOGNISERS = (
    Custom(
        infos=tuple(_INFOS.values()),
        gates=(r'"code"\s{0,4}:\s{0,4}"(?:MR|PI|MB|MC|SS|DL|PPN|NI|TAX|MD)"', r'"value"'),
        search=_find,
    ),
)
