"""Open a Hugging Face checkpoint, from a folder or the hub, and check that it fits."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors import SafetensorError

from adapters.detectors.neural.labels import Activation, Kind
from domain.errors import InvalidValue, Unavailable

_CLASSES: Mapping[str, tuple[Kind, Any]] = {
    "ForSequenceClassification": (
        Kind.SEQUENCE,
        transformers.AutoModelForSequenceClassification,
    ),
    "ForTokenClassification": (Kind.TOKEN, transformers.AutoModelForTokenClassification),
}
_HUB_ID = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?")
_LABEL_FILES = ("trueport-labels.yaml", "trueport-labels.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A classifier in memory, on the CPU, in single precision.

    `labels` stand in the order of its logits. `activation` is what its configuration suggests.
    `longest` is how many tokens its tokenizer says it takes, None where it does not say.
    """

    name: str
    architecture: str
    kind: Kind
    activation: Activation
    labels: tuple[str, ...]
    model: Any
    tokenizer: str
    pad_id: int
    longest: int | None

    def digest(self) -> str:
        """Return a digest of weights and tokenizer; it is the same on any device."""
        found = sha256(self.tokenizer.encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            values = np.ascontiguousarray(tensor.detach().cpu().numpy())
            found.update(f"\0{name}\0{values.dtype}\0{values.shape}\0".encode())
            found.update(values.data)
        return found.hexdigest()


def is_folder(source: str) -> bool:
    """Tell whether a source names a folder rather than a model of the hub.

    Raises:
        InvalidValue: it can be neither.
    """
    if Path(source).is_dir():
        return True
    if _HUB_ID.fullmatch(source) and not Path(source).exists():
        return False
    raise InvalidValue(f"{source} is no folder, nor the id of a model on the hub", field="--from")


def label_file_in(source: str) -> Path | None:
    """Return the label file that lies in a checkpoint's folder."""
    files = (Path(source) / name for name in _LABEL_FILES)
    return next((file for file in files if file.is_file()), None)


def open_checkpoint(source: str, revision: str | None = None) -> Checkpoint:
    """Return the classifier in a folder, or of that id on the hub.

    Code that comes with a checkpoint is not run, and weights are taken as safetensors only.

    Raises:
        InvalidValue: it is no classifier, is damaged, or lacks weights or a fast tokenizer.
        Unavailable: the hub cannot be reached or has no such model.
    """
    is_local = is_folder(source)
    if is_local:
        _check_files(Path(source))
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    options: dict[str, Any] = {"revision": revision} if revision else {}
    with _translated(source, is_local=is_local):
        config = transformers.AutoConfig.from_pretrained(source, **options)
        architecture, kind, loader = _purpose(source, config)
        model, info = loader.from_pretrained(
            source,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
            attn_implementation="eager",
            **options,
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, **options)
    if info["missing_keys"]:
        lacking = sorted(info["missing_keys"])
        raise InvalidValue(
            f"{source} lacks {len(lacking)} weights of a {architecture}, such as {lacking[0]}: it "
            "was not trained for this",
            field="--from",
        )
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise InvalidValue(f"{source} has no fast tokenizer (tokenizer.json)", field="--from")
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        raise InvalidValue(
            f"{source} has the tokenizer of another model: it has more tokens than the model knows",
            field="--from",
        )
    model.eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return Checkpoint(
        name=Path(source).resolve().name if is_local else source,
        architecture=architecture,
        kind=kind,
        activation=_activation(config, kind),
        labels=tuple(str(config.id2label[at]) for at in range(config.num_labels)),
        model=model,
        tokenizer=fast.to_str(),
        pad_id=tokenizer.pad_token_id or 0,
        longest=_longest(tokenizer),
    )


def _check_files(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise InvalidValue(f"{folder} holds no checkpoint: it has no config.json", field="--from")
    if not any(folder.glob("*.safetensors")):
        raise InvalidValue(
            f"{folder} holds no weights in *.safetensors; other formats can run code and are not "
            "read: save them with save_pretrained()",
            field="--from",
        )


def _purpose(source: str, config: Any) -> tuple[str, Kind, Any]:
    """Return the architecture of a checkpoint, its kind and what loads it."""
    architecture = next(iter(config.architectures or ()), "")
    for ending, (kind, loader) in _CLASSES.items():
        if architecture.endswith(ending):
            return architecture, kind, loader
    told = f"is a {architecture}" if architecture else "does not say what it was trained for"
    raise InvalidValue(
        f"{source} {told}; a slot takes a model that was trained for sequence or token "
        "classification (…ForSequenceClassification, …ForTokenClassification)",
        field="--from",
    )


def _activation(config: Any, kind: Kind) -> Activation:
    is_multiple = config.problem_type == "multi_label_classification" or config.num_labels == 1
    return Activation.SIGMOID if kind is Kind.SEQUENCE and is_multiple else Activation.SOFTMAX


def _longest(tokenizer: Any) -> int | None:
    longest = int(tokenizer.model_max_length)
    # Tokenizers without a limit say something enormous.
    return longest if longest < 1 << 20 else None


@contextmanager
def _translated(source: str, *, is_local: bool) -> Iterator[None]:
    """Say what is wrong with a checkpoint in one line; the library's own words stay the cause."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        if is_local:
            raise InvalidValue(
                f"{source} cannot be read as a checkpoint ({type(error).__name__}): config.json, "
                "*.safetensors or tokenizer.json is missing, damaged or of an unknown kind",
                field="--from",
            ) from error
        raise Unavailable(
            "models",
            f"{source} cannot be had from the model hub ({type(error).__name__}): there is no "
            "network, no such model, or it has no safetensors. Without a network, download it "
            "elsewhere and name its folder",
        ) from error
