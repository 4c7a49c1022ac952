"""What comes with the package, for tests of detectors."""

from functools import cache
from importlib import resources
from pathlib import Path

from adapters.detectors.context.detector import ContextEngine

MODELS = Path(str(resources.files("model_store"))) / "embedded"
"""The folder of the linear models."""


@cache
def context_engine() -> ContextEngine:
    """Return an engine for people, places and organisations."""
    return ContextEngine(MODELS)
