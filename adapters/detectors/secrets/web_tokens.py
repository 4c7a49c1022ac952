"""Recognise JSON web tokens by decoding them; algorithm and expiry go into the explanation."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from adapters.detectors.linear_time import Pattern, Subject
from adapters.detectors.secrets.recogniser import (
    LEFT_EDGE,
    OPERATING_POINT,
    Candidate,
    Recogniser,
    Specificity,
)
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category, Severity

_LATEST_YEAR_SECONDS = 32_503_680_000
_COMPACT_JWE_PARTS = 5
_CLAIM_NAME_LENGTH = 20


class JsonWebTokens(Recogniser):
    """Find JWS and JWE in compact form."""

    gates = ("eyJ[0-9A-Za-z_-]{8}",)
    rules = (
        RuleInfo(
            id="jwt",
            category=Category.SECRETS,
            type="JWT",
            title="JSON web token",
            matches=(
                "three parts of base 64 (five when encrypted) of which the first is a JSON header"
            ),
            validator="decoded header",
            sources=(
                "https://www.rfc-editor.org/rfc/rfc7519",
                "https://www.rfc-editor.org/rfc/rfc7516",
            ),
            near_misses=('{"alg": "HS256", "typ": "JWT"}', "eyJub3QiOiJhIHRva2VuIn0="),
            severity=Severity.HIGH,
            operating_point=OPERATING_POINT,
        ),
    )

    def __init__(self) -> None:
        part = "[0-9A-Za-z_-]"
        self._pattern = Pattern(
            LEFT_EDGE
            + rf"(eyJ{part}{{8,900}}\.{part}{{4,1000}}{part}*\.{part}*(?:\.{part}+\.{part}+)?)"
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the tokens; one whose header cannot be read keeps a score below the threshold."""
        for match in self._pattern.finditer(subject, resume_after=1):
            token = match.text(1)
            start, end = match.span(1)
            header = _json(token.split(".")[0])
            attributes: dict[str, str] = {}
            if header is None or not ("alg" in header or "enc" in header):
                score, outcome = 0.3, "header: not readable"
            else:
                score, outcome = 0.97, "header: valid"
                attributes = _facts(token, header)
                if attributes["alg"].lower() == "none":
                    score = 0.7
            yield Candidate(
                rule="jwt",
                type="JWT",
                start=start,
                end=end,
                score=score,
                reason="a JSON web token, decoded",
                specificity=Specificity.CONTAINER,
                validator=outcome,
                steps=((outcome, score),),
                attributes=attributes,
            )


def _json(part: str) -> dict[str, object] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _facts(token: str, header: dict[str, object]) -> dict[str, str]:
    parts = token.split(".")
    kind = "JWE" if len(parts) == _COMPACT_JWE_PARTS or "enc" in header else "JWS"
    facts = {"alg": str(header.get("alg", header.get("enc")))[:16], "kind": kind}
    claims = _json(parts[1]) if kind == "JWS" else None
    if claims is not None:
        facts["claims"] = ", ".join(
            sorted(name for name in claims if len(name) <= _CLAIM_NAME_LENGTH)
        )[:80]
        expiry = claims.get("exp")
        if isinstance(expiry, (int, float)) and 0 < expiry < _LATEST_YEAR_SECONDS:
            facts["expires"] = datetime.fromtimestamp(expiry, UTC).isoformat()
        elif expiry is None:
            facts["expires"] = "never"
    return facts
