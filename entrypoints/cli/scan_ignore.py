"""What a scan leaves out: globs of paths, and fingerprints of findings that are accepted.

A `.trueportignore` has one entry a line. `docs/*.md`, `fixtures/` or `*.lock` leave files out; a
pattern without a slash matches a name at any depth, one with a slash the path from the folder of
the file; `!` takes back. `tp1:…` accepts the finding with this fingerprint and must say why:

    tp1:email:0f3c…:docs/contact.md  # until 2027-01-31 the public address of our press office
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from domain.errors import InvalidValue

IGNORE_FILE = ".trueportignore"
FINGERPRINT = "tp1:"
_UNTIL = re.compile(r"until (\S+)(?:\s+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    """A pattern of paths; `is_negated` takes back what an earlier one left out."""

    expression: re.Pattern[str]
    is_negated: bool = False
    is_folder_only: bool = False

    @classmethod
    def parse(cls, text: str) -> "Glob":
        """Return the pattern in `text`."""
        is_negated = text.startswith("!")
        body = text[1:] if is_negated else text
        is_folder_only = body.endswith("/")
        body = body.rstrip("/")
        is_anchored = "/" in body
        body = body.lstrip("/")
        if not body:
            raise InvalidValue(f"{text!r} is no pattern of paths")
        prefix = "" if is_anchored else "(?:.*/)?"
        return cls(
            expression=re.compile(prefix + _translate(body) + r"\Z", re.DOTALL),
            is_negated=is_negated,
            is_folder_only=is_folder_only,
        )

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether the pattern matches a path, `/` between its parts."""
        if self.is_folder_only and not is_folder:
            return False
        return self.expression.match(path) is not None


def _translate(body: str) -> str:
    """Return the expression of a glob: `**` crosses folders, `*` and `?` do not."""
    pieces = []
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            pieces.append("(?:.*/)?")
            at += 3
        elif body.startswith("**", at):
            pieces.append(".*")
            at += 2
        elif body[at] == "*":
            pieces.append("[^/]*")
            at += 1
        elif body[at] == "?":
            pieces.append("[^/]")
            at += 1
        else:
            pieces.append(re.escape(body[at]))
            at += 1
    return "".join(pieces)


def is_left_out(globs: Iterable[Glob], path: str, *, is_folder: bool) -> bool:
    """Tell whether the patterns leave a path out; the last one that matches decides."""
    left_out = False
    for glob in globs:
        if glob.matches(path, is_folder=is_folder):
            left_out = not glob.is_negated
    return left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that somebody accepted, for a reason and perhaps until a day."""

    fingerprint: str
    reason: str
    until: date | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRules:
    """The entries of one file."""

    globs: tuple[Glob, ...] = ()
    accepted: tuple[Accepted, ...] = field(default=())


def parse_ignore(text: str, origin: str) -> IgnoreRules:
    """Return the entries of a `.trueportignore`.

    Raises:
        InvalidValue: with the number of the line that is wrong.
    """
    globs: list[Glob] = []
    accepted: list[Accepted] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        place = f"{origin}, line {number}"
        try:
            if line.startswith(FINGERPRINT):
                accepted.append(_accepted(line, place))
            else:
                globs.append(Glob.parse(line))
        except InvalidValue as error:
            raise InvalidValue(f"{place}: {error.message}") from None
    return IgnoreRules(globs=tuple(globs), accepted=tuple(accepted))


def _accepted(line: str, place: str) -> Accepted:
    fingerprint, mark, comment = line.partition(" #")
    comment = comment.strip()
    until = None
    found = _UNTIL.match(comment)
    if found is not None:
        try:
            until = date.fromisoformat(found.group(1))
        except ValueError:
            raise InvalidValue("`until` is followed by a day such as 2027-01-31") from None
        comment = comment[found.end() :].strip()
    if not mark or not comment:
        raise InvalidValue("an accepted finding needs its reason: `tp1:…  # the reason`")
    return Accepted(fingerprint=fingerprint.strip(), reason=comment, until=until, origin=place)


def read_ignore(folder: Path) -> IgnoreRules:
    """Return the entries of the folder's own `.trueportignore`, none where there is no such file.

    Raises:
        InvalidValue: an entry is wrong, or the file cannot be read.
    """
    path = folder / IGNORE_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return IgnoreRules()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidValue(f"{path} cannot be read: {reason}") from None
    return parse_ignore(text, path.as_posix())
