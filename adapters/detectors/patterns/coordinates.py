"""Geographic positions precise enough to name a house."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.taxonomy import Severity

_PAIR = LazyPattern(r"[-+]?(\d{1,2})\.(\d{2,10})\s?(?:,|;|\s)\s?[-+]?(\d{1,3})\.(\d{2,10})")
_HEMISPHERES = LazyPattern(
    r"\d{1,2}(?:\.\d+)?\s?°?\s?(?:\d{1,2}(?:\.\d+)?\s?['′’]\s?)?(?:\d{1,2}(?:\.\d+)?\s?[\"″”]\s?)?"
    r"[NS],?\s{0,2}\d{1,3}(?:\.\d+)?\s?°?\s?(?:\d{1,2}(?:\.\d+)?\s?['′’]\s?)?"
    r"(?:\d{1,2}(?:\.\d+)?\s?[\"″”]\s?)?[EWO]"
)
_KEYED = LazyPattern(
    r"(?i)lat(?:itude)?[\"']?\s?[:=]\s?[\"']?([-+]?\d{1,2}\.\d{2,12})[\"']?\s?[,;&\s]\s{0,6}[\"']?"
    r"(?:lng|lon|long|longitude)[\"']?\s?[:=]\s?[\"']?([-+]?\d{1,3}\.\d{2,12})"
)
_CALL = re.compile(r"([A-Za-z_]\w*)\(\s?\Z")
_PLACES = ("latlng", "point", "marker", "location", "coordinate", "coordinates", "coords", "geo")
_MOST_LATITUDE, _MOST_LONGITUDE = 90, 180
_PRECISE = 4
_NO_PLACES = (
    "version", "versions", "between", "values", "range", "prices", "mean", "std", "loss", "latency",
    "latest", "scale", "ratio", "score", "time", "times", "<", ">",
)  # fmt: skip

COORDINATES = pii(
    "coordinates",
    "COORDINATES",
    "Geographic coordinates",
    "A latitude and longitude with four decimals or more, in degrees with hemispheres, or in keys.",
    validator="ranges of latitude and longitude",
    sources=("ISO 6709",),
    examples=("48.858370, 2.294481", "40.6892° N, 74.0445° W"),
    near_misses=("12.50, 14.75", "version 1.2345, 2.3456", "95.1234, 200.1234"),
    severity=Severity.MEDIUM,
)


def _find(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _PAIR.finditer(document.subject):
        start, end = match.span()
        on_map = _is_on_map(text, start, end)
        if not on_map and (_touched(text, start, end) or _is_of_call(text, start)):
            continue
        latitude, longitude = int(match.text(1)), int(match.text(3))
        if latitude > _MOST_LATITUDE or longitude > _MOST_LONGITUDE:
            continue
        if text[:start].rstrip(" :").casefold().endswith(_NO_PLACES):
            continue
        decimals = min(len(match.text(2)), len(match.text(4)))
        found = document.nearest("coordinates", start, end, before=40, after=12)
        comma = "," in text[start:end]
        alone = decimals >= _PRECISE and comma and not _is_in_list(text, start, end)
        score = 0.6 if alone and max(latitude, longitude) > 1 else 0.2
        if found is not None and decimals >= 3:
            score = 0.92 if found[1] else 0.85
        if on_map and decimals >= 3:
            score = max(score, 0.88)
        context = () if found is None else (found[0],)
        steps = (("pattern", 0.2), (f"{decimals} decimals", score))
        yield Hit(start, end, COORDINATES, score, "range: valid", context, steps, (), 1)


def _find_hemispheres(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _HEMISPHERES.finditer(document.subject):
        start, end = match.span()
        value = text[start:end]
        if _touched(text, start, end) or not ("°" in value or "." in value):
            continue
        yield Hit(start, end, COORDINATES, 0.9, None, (), (("pattern", 0.9),), (), 1)


def _find_keyed(document: Document) -> Iterator[Hit]:
    if "lat" not in document.text.lower():
        return
    for match in _KEYED.finditer(document.subject):
        start, end = match.span(1)[0], match.span(2)[1]
        latitude, longitude = float(match.text(1)), float(match.text(2))
        if abs(latitude) <= _MOST_LATITUDE and abs(longitude) <= _MOST_LONGITUDE:
            steps = (("pattern", 0.5), ("keys name latitude and longitude", 0.93))
            yield Hit(start, end, COORDINATES, 0.93, "range: valid", (), steps, (), 2)


def _is_on_map(text: str, start: int, end: int) -> bool:
    """Tell the position of a `geo:` address (RFC 5870), of GEO in a vCard, or of a map's page."""
    lead = text[max(0, start - 5) : start].casefold()
    return lead.endswith("geo:") or (lead.endswith("@") and text[end : end + 1] == ",")


def _is_of_call(text: str, start: int) -> bool:
    """Tell the arguments of a function, as in `translate(12.3456, 45.6789)`, a map's aside."""
    called = _CALL.search(text, max(0, start - 24), start)
    return called is not None and not called[1].casefold().endswith(_PLACES)


def _is_in_list(text: str, start: int, end: int) -> bool:
    """Tell a pair inside brackets or among further numbers from a position in a sentence."""
    before, after = text[max(0, start - 4) : start].rstrip(), text[end : end + 4].lstrip(" ")
    return (
        before[-1:] in {"[", ",", "{"}
        or after[:1] in {"]", "}"}
        or (after[:1] == "," and after[1:].lstrip()[:1] in set("0123456789-["))
    )


def _touched(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (
        before[-1:].isalnum()
        or (before[-1:] in "._/:$€£" and before[-1:] != "" and before[:1].isalnum())
        or before[-1:] in {"$", "€", "£"}
        or after[:1].isalnum()
        or (after[:1] in {".", "%", ","} and after[1:].isdigit())
        or after[:1] == "%"
    )


RECOGNISERS = (
    Custom(infos=(COORDINATES,), gates=(r"\d\.\d{2}",), search=_find),
    Custom(
        infos=(),
        gates=(r"[°.\d'\"] ?[NS],? ?\d",),
        search=_find_hemispheres,
    ),
    Custom(infos=(), gates=(r"\d\.\d{2}",), search=_find_keyed),
)
