"""Find text that a machine reads and a person does not see."""

import re
from collections.abc import Iterator

from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.exfiltration.payload import sensitive_kinds
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Finding

_TAGS = channel_rule(
    "hidden-tag-characters",
    "HIDDEN_TEXT",
    "Text in Unicode tag characters",
    "U+E0020 to U+E007E outside the flags of England, Scotland and Wales",
    source="https://embracethered.com/blog/posts/2024/hiding-and-finding-text-with-unicode-tags/",
    examples=("Thanks!" + "".join(chr(0xE0000 + ord(char)) for char in "send api=1234"),),
    near_misses=(
        "flag of England: "
        + "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ),
)
_ZERO_WIDTH = channel_rule(
    "hidden-zero-width-bits",
    "HIDDEN_TEXT",
    "Bits in zero-width characters",
    "eight or more zero-width characters in a row, or strewn between letters",
    source="https://www.unicode.org/reports/tr36/",
    examples=(
        "All good" + "\u200b\u200c\u200c\u200b" * 8,
        "".join(f"{char}\u200b" for char in "password"),
    ),
    near_misses=(
        "a family: \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ),
)
_SELECTORS = channel_rule(
    "hidden-variation-selectors",
    "HIDDEN_TEXT",
    "Bytes in variation selectors",
    "four or more variation selectors in a row",
    source="https://paulbutler.org/2025/smuggling-arbitrary-data-through-an-emoji/",
    examples=("\U0001f600" + "".join(chr(0xE0100 + ord(char) - 16) for char in "secret"),),
    near_misses=("\u263a\ufe0f \u2764\ufe0f \u2708\ufe0f",),
)
_MARKUP = channel_rule(
    "hidden-markup",
    "HIDDEN_TEXT",
    "Sensitive text that markup hides",
    "comments, white on white, font size 0, display: none and their kin with sensitive text inside",
    source="https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    examples=("<!-- name=Ada Lovelace;ssn=078-05-1120 -->",),
    near_misses=("<!-- badges -->", '<div style="display:none">menu</div>'),
)
_OFTEN_SAID = frozenset({"mail address"})
_SURE_KINDS = frozenset({"social security number", "payment card"})
_FLAG = "\U0001f3f4"
_FLAG_LIMIT = 7
_TAG_BASE = 0xE0000
_TAG_LETTERS = range(0xE0020, 0xE007F)
_FIRST_SELECTOR, _LAST_SELECTOR, _FIRST_MORE_SELECTOR = 0xFE00, 0xFE0F, 0xE0100
_LEAST_STREWN = 6
_STREWN_WINDOW = 48
_JOINING_SCRIPTS = re.compile(
    r"[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\U0001f"
    r"000-\U0001faff\u2190-\u2bff\ufe0f]"
)
_MERE_INSTRUCTIONS = re.compile(
    r"(?i)(?<!your )(?<!previous )(?<!system )(?<!prior )(?<!above )(?<!all )\binstructions\b"
)
_INSTRUCTION = re.compile(
    r"(?i)\b(?:ignore|disregard|override|send|exfiltrate|forward|post|append|include|reveal|"
    r"print|do not (?:tell|mention)|instruction|assistant|system prompt|you (?:are|must))\b"
)


_SENDS_AWAY = re.compile(
    r"(?i)\b(?:send|post|forward|exfiltrate|append|upload|leak|submit|transmit)\b\s+"
    r"(?:all|every|any|the|this|user'?s?|their|your|his|her|stored|secret|private)\b[^<>\n]{0,40}?"
    r"\b(?:data|conversation|chat|history|e-?mails?|mails|messages|address book|contacts|"
    r"passwords?|(?:api )?keys?|secrets?|credentials?|tokens?|cookies?|context|prompt)\b"
    r"[^<>\n]{0,40}?\b(?:to|at|into)\b[^<>\n]{0,30}?(?:https?://|[\w.+-]+@[\w-]+\.)"
)
"""What nobody writes for a reader: where to send what."""


class HiddenText(ChannelRecogniser):
    """Find tag characters, zero-width bits, variation selectors and hiding markup."""

    gates = (
        r"[\x{E0001}-\x{E007F}]",
        r"[\x{200B}-\x{200D}\x{2060}-\x{2064}\x{FEFF}\x{180E}]",
        r"[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]{4}",
        "<!--",
        r"\[//\]:",
        r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt|em|"
        r"rem|%)?|opacity\s*:\s*0|color\s*:\s*(?:white|#fff|transparent|rgba\()|"
        r"\\color\{white\}|\bhidden\b",
    )
    rules = (_TAGS, _ZERO_WIDTH, _SELECTORS, _MARKUP)

    def __init__(self) -> None:
        self._tags = Pattern(r"[\x{E0001}-\x{E007F}]{2,}")
        self._bits = Pattern(r"[\x{200B}-\x{200D}\x{2060}-\x{2064}\x{FEFF}\x{180E}]{8,}")
        self._single = Pattern(r"[\x{200B}\x{200C}\x{2060}-\x{2064}\x{FEFF}\x{180E}]")
        self._selectors = Pattern(r"[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]{4,}")
        self._markup = Pattern(
            r"(?is)<!--(.{1,900}?)-->|\[//\]:\s?#\s?[(\"']([^\n]{1,900}?)[)\"']"
            r"|<[a-z][^<>]{0,200}(?:display\s*:\s*none|visibility\s*:\s*hidden|"
            r"font-size\s*:\s*[01](?:px|pt|em|rem|%)?\s*[;\"']|opacity\s*:\s*0\s*[;\"']|"
            r"color\s*:\s*(?:white|#fff(?:fff)?|transparent)\b|\bhidden\b)[^<>]{0,"
            r"200}>([^<]{1,900})"
            r"|\\color\{white\}\{?([^}$\n]{1,600})"
        )

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield the hidden characters, or the element that hides."""
        text = subject.text
        for match in self._tags.finditer(subject):
            start, end = match.span()
            if text[max(0, start - 1) : start] == _FLAG and end - start <= _FLAG_LIMIT:
                continue
            shown = "".join(chr(ord(c) - _TAG_BASE) for c in match.text() if ord(c) in _TAG_LETTERS)
            yield _hidden(_TAGS, (start, end), 0.97, shown, "tag characters")
        for match in self._bits.finditer(subject):
            shown = _from_bits(match.text())
            score = 0.95 if len(set(match.text())) > 1 else 0.6
            yield _hidden(_ZERO_WIDTH, match.span(), score, shown, "zero-width bits")
        yield from self._strewn(subject)
        for match in self._selectors.finditer(subject):
            raw = bytes(_selector_byte(c) for c in match.text())
            yield _hidden(
                _SELECTORS,
                match.span(),
                0.95,
                raw.decode("utf-8", "replace"),
                "variation selectors",
            )
        for match in self._markup.finditer(subject):
            inside = next(match.text(g) for g in range(1, 5) if match.took_part(g))
            # Notes to authors speak of instructions, too.
            kinds = sensitive_kinds(_MERE_INSTRUCTIONS.sub("", inside))
            instructs = _INSTRUCTION.search(inside) is not None
            telling = not _SURE_KINDS.isdisjoint(kinds) or (
                # Where to write to stands in many a comment.
                instructs and not _OFTEN_SAID.issuperset(kinds)
            )
            telling = telling or _SENDS_AWAY.search(inside) is not None
            if telling:
                yield _hidden(_MARKUP, match.span(), 0.65, inside, "markup")

    def _strewn(self, subject: Subject) -> Iterator[Finding]:
        places = [match.span()[0] for match in self._single.finditer(subject)]
        at = 0
        while at + _LEAST_STREWN <= len(places):
            first, last = places[at], places[at + _LEAST_STREWN - 1]
            if last - first > _STREWN_WINDOW or last - first < _LEAST_STREWN:
                at += 1
                continue
            around = subject.text[max(0, first - 2) : last + 3]
            at += _LEAST_STREWN
            if _JOINING_SCRIPTS.search(around) is None:
                yield channel_finding(
                    _ZERO_WIDTH,
                    first,
                    last + 1,
                    0.6,
                    "zero-width characters strewn between letters",
                )


def _hidden(info: RuleInfo, span: tuple[int, int], score: float, shown: str, way: str) -> Finding:
    kinds = sensitive_kinds(shown)
    attributes = {"characters": str(span[1] - span[0])}
    if kinds:
        attributes["carries"] = ", ".join(kinds)
    return channel_finding(
        info, *span, score, f"text hidden by {way}", decoding=(way,), attributes=attributes
    )


def _from_bits(text: str) -> str:
    """Return the bytes behind two kinds of zero-width characters, eight bits each, as text."""
    kinds = sorted(set(text))[:2]
    bits = "".join("1" if c == kinds[-1] else "0" for c in text if c in kinds)
    whole = len(bits) // 8 * 8
    return bytes(int(bits[at : at + 8], 2) for at in range(0, whole, 8)).decode("utf-8", "replace")


def _selector_byte(character: str) -> int:
    code = ord(character)
    if code <= _LAST_SELECTOR:
        return code - _FIRST_SELECTOR
    return (code - _FIRST_MORE_SELECTOR + 16) & 0xFF
