"""A slot of the product, filled by a neural model: the same code whatever engine runs it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from adapters.detectors.neural.built_model import BuiltModel
from adapters.detectors.neural.engine import Engine
from adapters.detectors.neural.entities import EntityReader
from adapters.detectors.neural.labels import Kind
from adapters.detectors.neural.reading import Reader
from adapters.detectors.neural.scores import FindingMaker
from adapters.detectors.neural.sequences import SequenceReader
from adapters.detectors.neural.tokens import TextTokenizer
from adapters.detectors.off_the_loop import off_the_loop
from application.ports.detector import Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category

_LONG = 5_000
"""Code points from which on texts are cut into tokens, and answers read, on a thread."""

_T = TypeVar("_T")


class NeuralDetector(Detector):
    """Answer as the slot that a model was built for; findings say `neural`.

    The engine only turns windows of tokens into logits. Everything before and after is done here,
    so that a model finds the same in process and on Triton, up to the rounding of floats.
    """

    def __init__(self, model: BuiltModel, tokenizer: bytes, engine: Engine) -> None:
        self._model = model
        self._engine = engine
        self._maker = FindingMaker(model=model)
        made = TextTokenizer(tokenizer, window=model.window)
        is_per_token = model.labels.kind is Kind.TOKEN
        reader = EntityReader if is_per_token else SequenceReader
        self._reader: Reader = reader(self._maker, made)

    @property
    def name(self) -> str:
        """Return the name of the slot."""
        return self._model.slot.name

    @property
    def version(self) -> str:
        """Return the version of weights, tokenizer and labels."""
        return self._model.version

    @property
    def categories(self) -> frozenset[Category]:
        """Return the categories that the model's labels mean."""
        return frozenset(self._model.slot.types[kind] for kind in self._model.labels.reported)

    def catalogue(self) -> tuple[RuleInfo, ...]:
        """Return one entry a type that the model reports."""
        return self._maker.catalogue()

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text."""
        is_long = sum(len(text.text) for text in texts) > _LONG
        readings = await _done(lambda: [self._reader.open(text) for text in texts], is_long=is_long)
        windows = [window for reading in readings for window in reading.windows]
        logits = list(await self._engine.infer(windows)) if windows else []

        def read() -> list[Detection]:
            found = []
            first = 0
            for reading in readings:
                last = first + len(reading.windows)
                found.append(reading.detection(logits[first:last]))
                first = last
            return found

        return await _done(read, is_long=is_long)


async def _done(work: Callable[[], _T], *, is_long: bool) -> _T:
    return await off_the_loop(work) if is_long else work()
