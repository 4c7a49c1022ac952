"""What the labels of a model mean: each one a type of the taxonomy, or nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from adapters.detectors.neural.slots import NeuralSlot
from domain.errors import InvalidValue

OPERATING_POINT = 0.5
"""The score from which a finding is reported where the label file names none for its type."""

_OUTSIDE = "O"
_PLACED = re.compile(r"([BIESLU])[-_](.+)")
_BEGINNINGS = frozenset("BSU")
_KEYS = frozenset({"labels", "activation", "operating_points"})
_SHOWN = 12


class Kind(StrEnum):
    """What a model labels: a text, or each of its tokens."""

    SEQUENCE = "sequence"
    TOKEN = "token"  # noqa: S105 - no password


class Activation(StrEnum):
    """How logits become probabilities: labels exclude each other, or stand for themselves."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMap:
    """The labels of a model in the order of its logits, and the type that each one means.

    A label without a type is no finding. `points` has operating points by type, in (0, 1].
    """

    kind: Kind
    activation: Activation
    labels: tuple[str, ...]
    types: tuple[str | None, ...]
    points: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(
        cls,
        document: object,
        *,
        slot: NeuralSlot,
        kind: Kind,
        labels: Sequence[str],
        activation: Activation,
    ) -> Self:
        """Return the map that a label file holds for a model with these labels.

        The file is an object: `labels` maps names of labels, with or without their `B-` or `I-`,
        to types or to null, `activation` is `softmax` or `sigmoid`, `operating_points` maps types
        to scores. A label that it leaves out means the type of its own name, `O` nothing.

        Raises:
            InvalidValue: a label is unknown or means nothing that the slot reports, or the file
                is no such object.
        """
        parts = _parts(document)
        meanings = _table(parts, "labels")
        known = {*labels, *(placed_label(label, kind)[1] for label in labels)}
        if unknown := sorted(set(meanings) - known):
            raise InvalidValue(
                f"the model has no label {unknown[0]!r}; it has {_listed(labels)}", field="labels"
            )
        types = tuple(_type_of(label, kind, meanings, slot) for label in labels)
        reported = {one for one in types if one is not None}
        if not reported:
            raise InvalidValue("no label means a finding", field="labels")
        chosen = _activation(parts, activation)
        if chosen is Activation.SOFTMAX and None not in types:
            raise InvalidValue(
                "one label must mean no finding: map it to null, or say activation: sigmoid",
                field="labels",
            )
        return cls(
            kind=kind,
            activation=chosen,
            labels=tuple(labels),
            types=types,
            points=_points(parts, reported),
        )

    @property
    def reported(self) -> tuple[str, ...]:
        """Return the types that can be found, each once."""
        return tuple(dict.fromkeys(one for one in self.types if one is not None))

    @property
    def beginnings(self) -> tuple[bool, ...]:
        """Tell for each label whether it stands where an entity begins."""
        return tuple(placed_label(label, self.kind)[0] in _BEGINNINGS for label in self.labels)

    def point(self, kind: str) -> float:
        """Return the score from which a type is reported."""
        return self.points.get(kind, OPERATING_POINT)


def placed_label(label: str, kind: Kind) -> tuple[str, str]:
    """Return the place in an entity and the name of a label: `B-PER` is `B` and `PER`."""
    found = _PLACED.fullmatch(label) if kind is Kind.TOKEN else None
    return ("", label) if found is None else (found[1], found[2])


def _parts(document: object) -> Mapping[str, Any]:
    if document is None:
        return {}
    if not isinstance(document, dict) or not set(document) <= _KEYS:
        raise InvalidValue(f"must be an object with {_listed(sorted(_KEYS))}", field="label file")
    return document


def _table(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = parts.get(name) or {}
    if not isinstance(table, dict) or not all(isinstance(key, str) for key in table):
        raise InvalidValue("must map names", field=name)
    return table


def _type_of(label: str, kind: Kind, meanings: Mapping[str, Any], slot: NeuralSlot) -> str | None:
    name = placed_label(label, kind)[1]
    if label in meanings or name in meanings:
        meaning = meanings.get(label, meanings.get(name))
    else:
        meaning = None if label == _OUTSIDE else name
    if meaning is None:
        return None
    if isinstance(meaning, str) and meaning in slot.types:
        return meaning
    raise InvalidValue(
        f"the label {label!r} means {meaning!r}, which {slot.name} cannot report: map it in the "
        f"label file to null or to one of {', '.join(slot.types)}",
        field="labels",
    )


def _activation(parts: Mapping[str, Any], default: Activation) -> Activation:
    stated = parts.get("activation", default.value)
    if stated not in list(Activation):
        raise InvalidValue(f"is softmax or sigmoid, not {stated!r}", field="activation")
    return Activation(stated)


def _points(parts: Mapping[str, Any], reported: set[str]) -> Mapping[str, float]:
    points = _table(parts, "operating_points")
    for kind, point in points.items():
        if kind not in reported:
            raise InvalidValue(f"no label means {kind!r}", field="operating_points")
        if isinstance(point, bool) or not isinstance(point, int | float) or not 0 < point <= 1:
            raise InvalidValue(f"{kind} must be above 0 and at most 1", field="operating_points")
    return {kind: float(point) for kind, point in points.items()}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown}, … ({len(names)} in all)"
