"""The models that TruePort brings along; `EMBEDDED` is the folder of those that run in process."""

from pathlib import Path

EMBEDDED = Path(__file__).parent / "embedded"
