"""Where state lies by default; light, since commands that start quickly ask, too."""

from pathlib import Path

MODELS = "models"
"""The folder of built models, under the state folder."""


def default_home() -> Path:
    """Return the state folder where `TRUEPORT_HOME` names none."""
    return Path.home() / ".local" / "share" / "trueport"
