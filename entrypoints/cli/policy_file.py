"""Read a policy from a file that people write: YAML, and so JSON too."""

import os
from pathlib import Path

import yaml

from domain.errors import InvalidValue
from domain.policy.document import policy_from_document
from domain.policy.rule import Policy
from entrypoints.cli.exits import EXIT_USAGE, Failure
from entrypoints.wiring.local_detection import check_locally

_LARGEST = 1024 * 1024


def read_policy(path: Path, model_store: Path | None = None) -> Policy:
    """Return the policy in a file, its patterns and detectors tried.

    `model_store` is where the built models lie whose rules it may name.

    Raises:
        Failure: one line that says where it is wrong, with status 2.
    """
    try:
        return parse_policy(_content(path), model_store)
    except InvalidValue as error:
        place = f"{error.field}: " if error.field else ""
        raise Failure(f"{path}: {place}{error.message}", EXIT_USAGE) from None


def parse_policy(text: str, model_store: Path | None = None) -> Policy:
    """Return the policy that a text holds.

    Raises:
        InvalidValue: with the field, or the line and column, that is wrong.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        raise InvalidValue(f"this is no YAML: {error.problem}", field=place) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        # A character that YAML forbids, a day that no calendar has, or nesting without end.
        raise InvalidValue("this is no YAML") from None
    policy = policy_from_document(document)
    check_locally(policy, model_store)
    return policy


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise InvalidValue("a policy has at most 1 MiB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InvalidValue(f"cannot be read: {os.strerror(error.errno or 0)}") from None
    except UnicodeDecodeError:
        raise InvalidValue("this is no UTF-8 text") from None
