"""Write a classifier as TorchScript and as ONNX, and check that both say what it says."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import onnxruntime
import torch

from adapters.detectors.model_build.checkpoint import Checkpoint
from adapters.detectors.model_build.triton_config import LONGEST_WINDOW
from adapters.detectors.neural.onnx_engine import IDS, LOGITS, MASK
from domain.errors import InvalidValue, Unavailable

TOLERANCE = 1e-3
"""How far logits of an export may lie from those of the checkpoint."""

_WINDOWS = (LONGEST_WINDOW, 128, 64, 32)
_OPSET = 17

Run = Callable[[Any, Any], Any]


class _Classifier(torch.nn.Module):  # type: ignore[misc]
    """Token ids and mask in, logits out, whatever else the model could take and give."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Return `float32[rows, labels]`, or `float32[rows, tokens, labels]`."""
        return self.model(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]


class Exporter:
    """Write one checkpoint.

    A trace holds its device, so TorchScript is made on the device that will run it.
    """

    def __init__(self, checkpoint: Checkpoint, device: str) -> None:
        self._device = _device(device)
        self._module = _Classifier(checkpoint.model).eval()
        self._pad_id = checkpoint.pad_id
        self._tokens = checkpoint.model.get_input_embeddings().num_embeddings
        self.window = self._longest_window(checkpoint)

    def onnx(self, path: Path) -> float:
        """Write ONNX and return how far its logits lie from those of the checkpoint.

        Raises:
            InvalidValue: the model cannot be written so, or says something else then.
        """
        rows = {0: "rows", 1: "tokens"}
        path.parent.mkdir(parents=True, exist_ok=True)
        with _exporting("ONNX"):
            torch.onnx.export(
                self._module,
                self._example(2, 8),
                path,
                dynamo=False,
                input_names=[IDS, MASK],
                output_names=[LOGITS],
                dynamic_axes={IDS: rows, MASK: rows},
                opset_version=_OPSET,
            )
            session = onnxruntime.InferenceSession(
                path.read_bytes(), providers=["CPUExecutionProvider"]
            )

        def run(ids: Any, mask: Any) -> Any:
            (logits,) = session.run([LOGITS], {IDS: ids.numpy(), MASK: mask.numpy()})
            return torch.from_numpy(logits)

        return self._checked("ONNX", run)

    def torchscript(self, path: Path) -> float:
        """Write TorchScript and return how far its logits lie from those of the checkpoint.

        Raises:
            InvalidValue: the model cannot be written so, or says something else then.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with _exporting("TorchScript"):
            # What is traced is a copy: the checkpoint itself stays on the CPU, to compare with.
            module = deepcopy(self._module).to(self._device).eval()
            example = tuple(one.to(self._device) for one in self._example(2, 8))
            torch.jit.save(
                torch.jit.trace(module, example, strict=False, check_trace=False), str(path)
            )
            traced = torch.jit.load(str(path), map_location=self._device).eval()

        def run(ids: Any, mask: Any) -> Any:
            return traced(ids.to(self._device), mask.to(self._device)).cpu()

        return self._checked("TorchScript", run)

    def _longest_window(self, checkpoint: Checkpoint) -> int:
        """Return the longest window that the model reads, one of the lengths of batches."""
        for window in _WINDOWS:
            if checkpoint.longest is not None and window > checkpoint.longest:
                continue
            try:
                self._module(*self._example(1, window))
            except (IndexError, RuntimeError):
                continue
            return window
        raise InvalidValue(f"the model does not read {_WINDOWS[-1]} tokens", field="--from")

    def _example(self, rows: int, length: int) -> tuple[Any, Any]:
        generator = torch.Generator().manual_seed(length)
        shape = (rows, length)
        ids = torch.randint(0, self._tokens, shape, generator=generator, dtype=torch.int64)
        # A pad id inside a row would move the positions of a Roberta.
        ids[ids == self._pad_id] = (self._pad_id + 1) % self._tokens
        return ids, torch.ones(shape, dtype=torch.int64)

    def _checked(self, what: str, run: Run) -> float:
        """Return the largest difference over several shapes, padded rows among them."""
        largest = 0.0
        for rows, length in ((1, 3), (3, 32), (2, self.window)):
            ids, mask = self._example(rows, length)
            if rows > 1:
                ids[0, length // 2 :] = self._pad_id
                mask[0, length // 2 :] = 0
            with _exporting(what):
                expected, found = self._module(ids, mask), run(ids, mask)
            is_alike = expected.shape == found.shape and bool(found.isfinite().all())
            # What stands at padding is nobody's answer.
            is_per_token = expected.dim() == mask.dim() + 1
            seen = mask.bool() if is_per_token else torch.ones(rows, dtype=torch.bool)
            apart = float((expected[seen] - found[seen]).abs().max()) if is_alike else float("inf")
            largest = max(largest, apart)
        if largest > TOLERANCE:
            raise InvalidValue(
                f"as {what} the model answers otherwise than as a checkpoint (logits differ by "
                f"{largest:.2g}): this architecture cannot be exported",
                field="--from",
            )
        return largest


def _device(name: str) -> Any:
    """Return a device that is there.

    Raises:
        InvalidValue: there is no such device.
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InvalidValue(
            f"this torch sees no device {name}; cpu is always there", field="--device"
        ) from error
    if device.type not in {"cpu", "cuda"}:
        raise InvalidValue("Triton runs models on cpu or cuda", field="--device")
    return device


@contextmanager
def _exporting(what: str) -> Iterator[None]:
    """Keep the deprecations of both exporters quiet, and say in one line what fails."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            yield
    except OSError as error:
        raise Unavailable("models", f"the model cannot be written as {what}") from error
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        raise InvalidValue(
            f"the model cannot be written as {what} ({type(error).__name__})", field="--from"
        ) from error
