"""Run a model in the process, on ONNX Runtime."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from adapters.detectors.neural.engine import Engine, Logits, TokenRow
from domain.errors import Unavailable

IDS, MASK, LOGITS = "input_ids", "attention_mask", "logits"
"""The names that an exported model gives its tensors."""

_MOST_THREADS = 4
_ERRORS = 3
"""ONNX Runtime's level of what it writes to standard error: errors, no warnings."""

_FAILURES: tuple[type[Exception], ...] = (
    ValueError,
    *(
        found
        for found in vars(failures).values()
        if isinstance(found, type) and issubclass(found, Exception)
    ),
)


class OnnxEngine(Engine):
    """One model in memory.

    A window is run by itself and unpadded: on a CPU a batch gains nothing, and rows that are padded
    to the longest cost several times as much. All models of a process share a few threads.
    """

    def __init__(self, name: str, content: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS
        self._name = name
        try:
            self._session: Any = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except _FAILURES as error:
            raise Unavailable("models", f"ONNX Runtime cannot load the model {name}") from error

    async def infer(self, windows: Sequence[TokenRow]) -> Sequence[Logits]:
        """Return the logits of each window.

        Raises:
            Unavailable: the model cannot be run.
        """
        loop = asyncio.get_running_loop()
        answers: dict[int, Logits] = {}
        waiting = iter(list(enumerate(windows)))

        async def work() -> None:
            for at, row in waiting:
                answers[at] = await loop.run_in_executor(_threads(), self._run, row.input_ids)

        # A caller has no more under way than there are threads, so that short texts do not wait for
        # all of a long one, and who is cancelled leaves no work behind.
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_thread_count(), len(windows))):
                    group.create_task(work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [answers[at] for at in range(len(windows))]

    def _run(self, ids: tuple[int, ...]) -> Logits:
        row = np.array([ids], dtype=np.int64)
        try:
            (logits,) = self._session.run([LOGITS], {IDS: row, MASK: np.ones_like(row)})
        except _FAILURES as error:
            raise Unavailable("models", f"the model {self._name} cannot be run") from error
        found: Logits = logits[0]
        if not np.isfinite(found).all():
            raise Unavailable("models", f"the model {self._name} answered with no numbers")
        return found


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_thread_count(), thread_name_prefix="neural")


def _thread_count() -> int:
    return max(1, min(_MOST_THREADS, os.cpu_count() or 1))
