"""Postal addresses that capitals do not mark: in lower case, in capitals, in East Asian scripts."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns import address_words as words
from adapters.detectors.patterns.address import ADDRESS
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit
from adapters.detectors.word_edges import is_whole

_STATE = "|".join(sorted(word for word in words.REGIONS if len(word) <= 3))
_STREET = (
    r"(?:street|str|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|square|"
    r"sq|terrace|ter|parkway|pkwy|highway|hwy|way|close|crescent|cres|gardens|grove|mews|walk|"
    r"circle|cir|trail|trl|hill|loop|path|row)\.?"
)
_GAP = r"[ ,\n]{1,3}"
_UNIT = rf"(?:{_GAP}(?:apt|apartment|unit|ste|suite|flat|fl|rm|#)\.? ?#?[0-9a-z-]{{1,6}})?"
_ENGLISH_CODE = (
    rf"(?i:\b(?:(?:{_STATE})\.?,? (?:\d{{5}}(?:-\d{{4}})?|[a-z]\d[a-z] ?\d[a-z]\d)"
    r"|[a-z]{1,2}\d[0-9a-z]? ?\d[a-z]{2}|(?:nsw|vic|qld|wa|sa|tas|act|nt),? \d{4}))"
)
_IN_ENGLISH = LazyPattern(
    r"(?i)\b\d{1,6}[a-z]? (?:[nsew]{1,2}\.? )?(?:[a-z'’.]{2,20} |\d{1,3}(?:st|nd|rd|th) ){1,3}?"
    rf"{_STREET}(?: [nsew]{{1,2}}\b)?{_UNIT}{_GAP}(?:[a-z.'’-]{{2,20}}{_GAP}){{0,4}}?"
    rf"{_ENGLISH_CODE}\b"
)
_IN_GERMAN = LazyPattern(
    r"(?i)[a-zäöüß-]{2,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer)"
    r" ?\d{1,4} ?[a-z]?[,\n] ?(?:[ad]-)?\d{4,5} [a-zäöüß]{3,}"
    r"(?:[ -](?:am|an der|im|bei|ob der)? ?[a-zäöüß]{3,})?"
)
_IN_FRENCH = LazyPattern(
    r"(?i)\b\d{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|av\.?|boulevard|bd\.?|place|chemin|"
    r"impasse|allée|allee|quai|cours|route) (?:[\p{L}'’-]{1,24}[ ,]{1,2}){1,6}"
    r"\d{5} \p{L}[\p{L}'’-]{2,}"
)
_EAST_ASIAN = LazyPattern(
    r"(?:〒 ?)?(?:\d{3}-\d{4}\s{0,2})?(?:東京都|北海道|(?:大阪|京都)府|\p{Han}{2,3}県)"
    r"[\p{Han}\p{Hiragana}\p{Katakana}ーヶ]{2,24}?[0-9０-９]{1,4}"
    r"(?:(?:丁目|番地|番|号|[-−－‐の])[0-9０-９]{0,4}){0,4}"
    r"|(?:\p{Han}{2,8}(?:省|自治区))?\p{Han}{2,8}(?:市|自治州)(?:\p{Han}{1,8}[区县市旗])?"
    r"\p{Han}{1,14}?(?:路|街|道|巷|大街|胡同)[0-9０-９]{1,5}(?:号|號|弄)"
    r"(?:[\p{Han}0-9０-９]{0,12}?[0-9０-９]{1,4}(?:室|号楼|栋|单元|楼|层)){0,2}"
    r"|(?:[가-힣]{2,4}(?:특별시|광역시|특별자치시|특별자치도|도|시) )?[가-힣]{1,6}[시군구] "
    r"(?:[가-힣]{1,8}[구읍면동] )?[가-힣0-9]{1,12}(?:로|길|대로)(?: ?[0-9]{1,3}번?길)?"
    r" [0-9]{1,4}(?:-[0-9]{1,4})?(?:,? [0-9]{1,4}(?:동|호|층)){0,2}"
)
_IN_SENTENCE = re.compile(r"(?i)\b(?:years?|old|we|have|has|is|are|was|with|for|per|miles|feet)\b")
"""Words that stand in sentences with a number, as in `10 year old place, me 12345`."""
_SCORE, _SAID = 0.8, 0.9


def _search(pattern: LazyPattern, form: str, document: Document) -> Iterator[Hit]:
    text = document.text
    for match in pattern.finditer(document.subject):
        start, end = match.span()
        if not is_whole(text, start, end) or _IN_SENTENCE.search(text, start, end):
            continue
        found = document.nearest("address", start, end, before=40, after=0)
        score = _SCORE if found is None else _SAID
        context = () if found is None else (found[0],)
        yield Hit(start, end, ADDRESS, score, None, context, ((form, score),), (("form", form),), 0)


def _find_english(document: Document) -> Iterator[Hit]:
    yield from _search(_IN_ENGLISH, "street and postal code in any case", document)


def _find_german(document: Document) -> Iterator[Hit]:
    yield from _search(_IN_GERMAN, "German street and code in any case", document)


def _find_french(document: Document) -> Iterator[Hit]:
    yield from _search(_IN_FRENCH, "French street and code in any case", document)


def _find_east_asian(document: Document) -> Iterator[Hit]:
    yield from _search(_EAST_ASIAN, "Chinese, Japanese or Korean", document)


RECOGNISERS = (
    Custom(
        infos=(),
        gates=(_ENGLISH_CODE,),
        search=_find_english,
    ),
    Custom(
        infos=(),
        gates=(r"(?i)(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer) ?\d", r"\d{4} "),
        search=_find_german,
    ),
    Custom(
        infos=(),
        gates=(
            r"(?i)\d,? (?:bis |ter )?(?:rue|avenue|av|boulevard|bd|place|chemin|impasse|all[eé]e|"
            r"quai|cours|route)\b",
            r"\d{5} ",
        ),
        search=_find_french,
    ),
    Custom(
        infos=(), gates=(r"[市区县街路都道府県시군구로길]", r"[0-9０-９]"), search=_find_east_asian
    ),
)
