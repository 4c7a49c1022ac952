"""Scripts of shell commands that make a tenant's storage tell the engine of new objects."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.tenant import Slug, StorageSettings


class Way(StrEnum):
    """How events of S3 reach the engine."""

    QUEUE = "queue"
    HTTPS = "https"
    EVENTBRIDGE = "eventbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a script is about: a tenant's storage, and the engine as the deployment's settings are.

    `address` is where the engine's routes begin; None where nobody said so. `shares_bucket` tells
    that other tenants' objects lie in the bucket as well.
    """

    slug: Slug
    storage: StorageSettings
    address: str | None = None
    shares_bucket: bool = False
    region: str = "us-east-1"
    queue_url: str | None = None
    topic_arns: Sequence[str] = ()
    azure_account: str | None = None
    pubsub_email: str | None = None
    pubsub_audience: str | None = None

    @property
    def name(self) -> str:
        """Return what is called after the tenant."""
        return f"trueport-{self.slug}"

    @property
    def partition(self) -> str:
        """Return the part of AWS that the region belongs to, by the name that ARNs have for it."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def topic(self) -> str:
        """Return the name of the bucket's topic: one for each bucket, whoever shares it."""
        return "trueport-" + self.storage.bucket.replace(".", "-")

    def route(self, name: str) -> str:
        """Return the address of a route of the engine."""
        base = "" if self.address is None else self.address.rstrip("/")
        return f"{base}/analytics/events/{name}"


def script(title: str, lines: Iterable[str]) -> str:
    """Return a script that stops at the first command that fails."""
    return "\n".join(["#!/bin/sh", f"# {title}", "set -eu", "", *lines]) + "\n"


def run(*words: str) -> str:
    """Return a command, one option a line; words are quoted unless they are `Raw`."""
    parts, line = list[str](), list[str]()
    for word in words:
        text = str(word) if isinstance(word, Raw) else shlex.quote(word)
        if text.startswith("--") and line:
            parts.append(" ".join(line))
            line = []
        line.append(text)
    parts.append(" ".join(line))
    return " \\\n  ".join(parts)


def keep(variable: str, command: str) -> str:
    """Return a command whose output is kept in a variable."""
    return f"{variable}=$({command})"


def let(variable: str, value: str) -> str:
    """Return the line that gives a variable a value as it stands."""
    return f"{variable}={shlex.quote(value)}"


def document(variable: str, text: str) -> Sequence[str]:
    """Return the lines that put a document into a variable; `$NAME` in it is expanded."""
    return (f"{variable}=$(cat <<END", text, "END", ")")


def settings(values: Mapping[str, str]) -> Sequence[str]:
    """Return the lines that print what to set for the engine; `$NAME` in values is expanded."""
    return (
        "cat <<END",
        "Set for the engine:",
        *(f"  {name}={value}" for name, value in values.items()),
        "END",
    )


PAUSE = 'if [ -t 0 ]; then printf "Set it, restart the engine, then press Enter: "; read -r _; fi'
"""Wait for a person, where there is one."""


class Raw(str):
    """A word that is in shell already, such as a variable in quotes."""

    __slots__ = ()
