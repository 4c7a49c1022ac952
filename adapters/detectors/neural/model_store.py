"""Where built models lie: the operator's folder first, then what this installation brought."""

from pathlib import Path

from adapters.detectors.manifest import problems
from adapters.detectors.neural.built_model import DESCRIPTION, BuiltModel
from adapters.detectors.neural.slots import NEURAL_SLOTS
from domain.errors import Unavailable


class ModelStore:
    """Find the model that fills a slot.

    `own` is a folder that may be missing, `shipped` the one of the installed package. Each has a
    folder a slot, which is filled where `model.json` lies in it.
    """

    def __init__(self, *, own: Path, shipped: Path) -> None:
        self.own = own
        self.shipped = shipped

    def folder_of(self, slot: str) -> Path | None:
        """Return the folder of the model that fills a slot, None where nobody built one."""
        for root in (self.own, self.shipped):
            if (root / slot / DESCRIPTION).is_file():
                return root / slot
        return None

    def find(self, slot: str) -> BuiltModel | None:
        """Return the model that fills a slot, None where nobody built one.

        Raises:
            Unavailable: its description is damaged, or that of a model for another slot.
        """
        folder = self.folder_of(slot)
        if folder is None:
            return None
        built = BuiltModel.load(folder)
        if built.slot.name != slot:
            raise Unavailable("models", f"the folder {slot} holds a model for {built.slot.name}")
        return built

    def check(self) -> None:
        """Check every file of every built model against its manifest.

        Raises:
            Unavailable: one is missing, damaged, or not named.
        """
        for slot in NEURAL_SLOTS:
            folder = self.folder_of(slot)
            for name, problem in () if folder is None else problems(folder, names_all=True):
                raise Unavailable(
                    "models",
                    f"{slot}/{name}: {problem}; build the model again, or take its folder away",
                )
