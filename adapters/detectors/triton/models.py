"""What a model on a server takes and gives, as it is expected and as it is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

VERSION_PARAMETER = "trueport_version"
"""The parameter of `config.pbtxt` that holds the version of the weights."""

_ANY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpec:
    """One tensor; `dims` are those of one row, without the batch, and -1 stands for any."""

    name: str
    datatype: str
    dims: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.datatype} {list(self.dims)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model as it is expected; `max_batch` is the number of rows that it must take at once.

    `version` None takes the weights as they are.
    """

    name: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    max_batch: int
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A model as a server describes it; a `max_batch` of 0 takes no batches."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    max_batch: int
    parameters: Mapping[str, str] = field(default_factory=dict)


def difference(expected: ModelSpec, served: ServedModel) -> str | None:
    """Return what makes the served model another one than the expected, in words, or None."""
    if served.max_batch < expected.max_batch:
        return f"takes batches of {served.max_batch}, not of {expected.max_batch}"
    version = served.parameters.get(VERSION_PARAMETER)
    if expected.version is not None and version not in {None, expected.version}:
        return f"has the version {version}, not {expected.version}"
    return _of_tensors("input", expected.inputs, served.inputs) or _of_tensors(
        "output", expected.outputs, served.outputs
    )


def _of_tensors(
    kind: str, expected: Sequence[TensorSpec], served: Sequence[TensorSpec]
) -> str | None:
    by_name = {tensor.name: tensor for tensor in served}
    for tensor in expected:
        found = by_name.pop(tensor.name, None)
        if found is None:
            return f"has no {kind} {tensor.name}"
        if found.datatype != tensor.datatype or not _fit(tensor.dims, found.dims):
            return f"has the {kind} {found}, not {tensor}"
    if by_name and kind == "input":
        return f"wants the {kind} {next(iter(by_name))} as well"
    return None


def _fit(expected: Sequence[int], served: Sequence[int]) -> bool:
    return len(expected) == len(served) and all(
        one == other or _ANY in {one, other} for one, other in zip(expected, served, strict=True)
    )
