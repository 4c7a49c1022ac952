"""What the commands that detect have in common: how categories, profiles and sizes are written."""

import difflib
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.detection.taxonomy import Category
from domain.errors import DomainError
from entrypoints.cli.exits import failure_of
from entrypoints.home import MODELS, default_home
from entrypoints.wiring.local_detection import LocalDetection, Profile

_R = TypeVar("_R")
_SIZE = re.compile(r"(\d+)\s*(?:([kmg])i?)?b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChoice:
    """The categories that somebody asked for, none for all, and those to leave out."""

    named: frozenset[Category]
    left_out: frozenset[Category]


class CategoriesType(click.ParamType[CategoryChoice]):
    """Categories with commas between: `pii,secrets`, or `-bias` for all but some."""

    name = "categories"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> CategoryChoice:
        """Return the categories that a text names."""
        if isinstance(value, CategoryChoice):
            return value
        names = [name.strip() for name in str(value).split(",") if name.strip()]
        return CategoryChoice(
            named=frozenset(
                self._category(name.lstrip("+"), param, ctx) for name in names if name[0] != "-"
            ),
            left_out=frozenset(
                self._category(name[1:], param, ctx) for name in names if name[0] == "-"
            ),
        )

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


def detection_options(command: Callable[..., _R]) -> Callable[..., _R]:
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
                help="Which detectors run: all in process, those without a model, or those on the "
                "servers of TRITON_URL.",
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
    return model_store_option(command)


def model_store_option(command: Callable[..., _R]) -> Callable[..., _R]:
    """Give a command `--model-store` and, as `model_store`, the folder that it or the state has."""

    @click.option(
        "--model-store",
        "named_store",
        envvar="TRUEPORT_MODEL_STORE",
        type=click.Path(path_type=Path, file_okay=False),
        show_default="models under TRUEPORT_HOME",
        help="The folder of models that were built.",
    )
    @click.option("--env-home", "state_folder", envvar="TRUEPORT_HOME", type=Path, hidden=True)
    @functools.wraps(command)
    def wrapped(
        *args: Any, named_store: Path | None, state_folder: Path | None, **kwargs: Any
    ) -> _R:
        store = named_store or (state_folder or default_home()) / MODELS
        return command(*args, **kwargs, model_store=store)

    return wrapped


def chosen_categories(
    choice: CategoryChoice | None, available: frozenset[Category], profile: Profile
) -> frozenset[Category]:
    """Return the categories to look for: those asked for, else all that the profile has."""
    if choice is None:
        return available
    missing = sorted(category.value for category in choice.named - available)
    if missing:
        raise click.UsageError(
            f"the profile {profile.value} has no detector for {', '.join(missing)}"
        )
    chosen = (choice.named or available) - choice.left_out
    if not chosen:
        raise click.UsageError("--detectors leaves no category to look for")
    return chosen


def local_detection(profile: Profile, model_store: Path) -> LocalDetection:
    """Return the detectors; a model that is away ends the command with its line and status 4."""
    try:
        return LocalDetection(profile, model_store)
    except DomainError as error:
        raise failure_of(error) from None
