"""Write what is derived in `model_store/`: configurations from their template, and manifests.

`python -m scripts.model_store`, after a change to the template, a label file or `1/model.py`.
"""

from pathlib import Path

from adapters.detectors.manifest import write_manifest
from adapters.detectors.model_build.triton_config import CONFIG, TEMPLATE, UNBUILT, render
from adapters.detectors.neural.built_model import LABELS
from adapters.detectors.neural.labels import Kind, placed_label
from adapters.detectors.neural.slots import NEURAL_SLOTS

STORE = Path(__file__).resolve().parent.parent / "model_store"
RULES = "exfil-regex-entropy"
VARIANTS = {CONFIG: "cpu", "configs/gpu.pbtxt": "cuda"}
"""Where the configuration for each kind of machine lies; Triton takes `--model-config-name=gpu`."""


def configurations(store: Path) -> dict[Path, str]:
    """Return the configurations of the slots that wait for weights, by their paths."""
    template = (store / TEMPLATE).read_text(encoding="utf-8")
    found = {}
    for slot in NEURAL_SLOTS.values():
        labels = (store / slot.name / LABELS).read_text(encoding="utf-8").split()
        is_per_token = any(placed_label(label, Kind.TOKEN)[0] for label in labels)
        for name, device in VARIANTS.items():
            found[store / slot.name / name] = render(
                template,
                slot,
                labels=len(labels),
                is_per_token=is_per_token,
                version=UNBUILT,
                device=device,
            )
    return found


def main() -> None:
    """Write everything."""
    for path, content in configurations(STORE).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for name in (*NEURAL_SLOTS, RULES):
        write_manifest(STORE / name)


if __name__ == "__main__":
    main()
