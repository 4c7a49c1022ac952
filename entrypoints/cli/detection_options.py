"""What the commands that detect have in common: how categories, profiles and sizes are written."""

import difflib
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from domain.detection.taxonomy import Category
from domain.errors import DomainError
from entrypoints.cli.exits import failure_of
from entrypoints.wiring.local_detection import LocalDetection, Profile

_F = TypeVar("_F", bound=Callable[..., Any])
_SIZE = re.compile(r"(\d+)\s*(?:([kmg])i?)?b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


class CategoriesType(click.ParamType[frozenset[Category]]):
    """Categories with commas between: `pii,secrets`, or `-bias` for all but some."""

    name = "categories"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[Category]:
        """Return the categories that a text names."""
        if isinstance(value, frozenset):
            return value
        names = [name.strip() for name in str(value).split(",") if name.strip()]
        taken = {self._category(n.lstrip("+"), param, ctx) for n in names if n[0] != "-"}
        left_out = {self._category(n[1:], param, ctx) for n in names if n[0] == "-"}
        chosen = frozenset((taken or set(Category)) - left_out)
        if not chosen:
            self.fail("no category is left", param, ctx)
        return chosen

    def _category(
        self, name: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Category:
        known = [category.value for category in Category]
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"choose from {', '.join(known)}"
            self.fail(f"there is no category '{name}': {hint}", param, ctx)
        return Category(name)


class SizeType(click.ParamType[int]):
    """A size such as `5MB`; units of 1024."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the bytes that a text names."""
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"'{value}' is no size such as 500KB or 5MB", param, ctx)
        return int(found.group(1)) * _UNITS[(found.group(2) or "").lower()]


def detection_options(command: _F) -> _F:
    """Give a command `--detectors`, `--profile`, `--min-score` and `--explain`."""
    for option in reversed(
        (
            click.option(
                "--detectors",
                "--rules",
                "categories",
                type=CategoriesType(),
                default=None,
                metavar="LIST",
                help="Categories with commas between: pii, toxicity, bias, injection, secrets, "
                "exfil; -NAME leaves one out. All by default.",
            ),
            click.option(
                "--profile",
                type=click.Choice(Profile, case_sensitive=False),
                default=Profile.EMBEDDED,
                show_default="embedded",
                help="Which detectors run: all in process, or those without a model.",
            ),
            click.option(
                "--min-score",
                type=click.FloatRange(0, 1),
                default=None,
                help="Report from this score on; by default from each rule's own operating point.",
            ),
            click.option("--explain", "is_explained", is_flag=True, help="Say why, in JSON."),
        )
    ):
        command = option(command)
    return command


def checked_categories(
    categories: frozenset[Category] | None, available: frozenset[Category], profile: Profile
) -> frozenset[Category]:
    """Return the categories to look for: those asked for, else all that the profile has."""
    if categories is None:
        return available
    missing = sorted(category.value for category in categories - available)
    if missing:
        raise click.UsageError(
            f"the profile {profile.value} has no detector for {', '.join(missing)}"
        )
    return categories


def local_detection(profile: Profile) -> LocalDetection:
    """Return the detectors; a model that is away ends the command with its line and status 4."""
    try:
        return LocalDetection(profile)
    except DomainError as error:
        raise failure_of(error) from None
