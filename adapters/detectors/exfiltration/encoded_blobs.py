"""Find long encoded blocks whose decoded content is sensitive text."""

import re
from base64 import b64encode
from collections.abc import Iterator

from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.exfiltration.payload import decode, sensitive_kinds
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.finding import Finding

_RULE = channel_rule(
    "encoded-sensitive-text",
    "ENCODED_BLOB",
    "Encoded block with sensitive text inside",
    "60 or more characters of base 64, base 32 or hexadecimal that decode to text with "
    "personal data or telling words",
    source="https://attack.mitre.org/techniques/T1132/001/",
    examples=("Result: " + b64encode(b"name=Ada Lovelace;ssn=078-05-1120\n" * 3).decode(),),
    near_misses=(
        "data:image/png;base64," + "iVBORw0KGgo" * 12,
        '"integrity": "sha512-' + "Ab1/" * 21 + 'Aw=="',
        "Result: " + b64encode(bytes(range(120, 240))).decode(),
    ),
)
_BEFORE = 48
_USUAL = re.compile(
    r"(?i)data:[\w.+-]+/[\w.+-]+(?:;[\w=-]+)*;base64,$|sha(?:1|256|384|512)[-:=]$|"
    r"integrity\W{1,4}$|-----BEGIN [A-Z ]+-----\s*$|ssh-\w+\s$|"
    r"sourceMappingURL=\S*$|(?:bearer|basic)\s$|\.$"
)
_LINE_BREAK = re.compile(r"\\r\\n|\\n|[\r\n]+[ \t>]*")


class EncodedBlobs(ChannelRecogniser):
    """Find encoded text, also over several lines and compressed."""

    gates = (r"[0-9A-Za-z+/_-]{60}",)
    rules = (_RULE,)

    def __init__(self) -> None:
        self._block = Pattern(
            r"(?:^|[^0-9A-Za-z+/_=-])([0-9A-Za-z+/_-]{60}[0-9A-Za-z+/_-]*(?:(?:\r?\n[ \t>]*|"
            r"\\n)[0-9A-Za-z+/_-]{40,200})*(?:(?:\r?\n[ \t>]*|\\n)[0-9A-Za-z+/_-]{1,200})?"
            r"={0,6})"
        )

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield blocks that decode to text; those without anything sensitive score low."""
        for match in self._block.finditer(subject, resume_after=1):
            start, end = match.span(1)
            if _USUAL.search(subject.text[max(0, start - _BEFORE) : start]):
                continue
            written = match.text(1)
            decoded = decode(_LINE_BREAK.sub("", written))
            if decoded is None and _LINE_BREAK.search(written):
                first = _LINE_BREAK.split(written)[0]
                decoded, end = decode(first), start + len(first)
            if decoded is None:
                continue
            text, decoding = decoded
            kinds = sensitive_kinds(text)
            identifying = any(kind != "telling words" for kind in kinds)
            score = 0.92 if identifying else 0.8 if kinds else 0.4
            yield channel_finding(
                _RULE,
                start,
                end,
                score,
                "an encoded block that decodes to " + ("sensitive text" if kinds else "text"),
                decoding=decoding,
                attributes={"carries": ", ".join(kinds)} if kinds else None,
            )
