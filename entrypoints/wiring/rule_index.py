"""Rules by their ids, told by their detectors only when somebody asks for one of theirs."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from domain.detection.catalogue import RuleInfo


class RuleIndex(Mapping[str, RuleInfo]):
    """Look rules up in several catalogues, one after the other; each is made once, when needed.

    A command that found a mail address need not make up the examples of four hundred key formats.
    """

    def __init__(self, catalogues: Sequence[Callable[[], Sequence[RuleInfo]]]) -> None:
        self._waiting = list(reversed(catalogues))
        self._known: dict[str, RuleInfo] = {}

    def __getitem__(self, rule_id: str) -> RuleInfo:
        while rule_id not in self._known and self._waiting:
            self._read_next()
        return self._known[rule_id]

    def __iter__(self) -> Iterator[str]:
        while self._waiting:
            self._read_next()
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read_next(self) -> None:
        self._known.update((info.id, info) for info in self._waiting.pop()())
