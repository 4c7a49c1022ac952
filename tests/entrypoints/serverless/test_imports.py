"""What a function imports before its first event: an instance that starts makes somebody wait."""

import json
import subprocess
import sys

import pytest

from benchmarks.cold_start import TARGETS, cpu_seconds
from tests.entrypoints.serverless.deployments import SECRETS

FORBIDDEN = {
    "azure",
    "boto3",
    "botocore",
    "click",
    "google.cloud",
    "motor",
    "numpy",
    "onnxruntime",
    "pymongo",
    "redis",
    "rich",
    "stripe",
    "tokenizers",
    "torch",
    "transformers",
    "tritonclient",
    "uvicorn",
}


@pytest.mark.parametrize("service", ["gateway", "platform"])
def test_handler_imports_nothing_heavy(service: str) -> None:
    program = (
        f"import json, sys, entrypoints.lambda_{service}; print(json.dumps(list(sys.modules)))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], env=SECRETS, check=True, capture_output=True, text=True
    )

    imported = set(json.loads(ended.stdout))
    assert "fastapi" in imported
    assert imported & FORBIDDEN == set()


def test_handlers_import_little_more_than_the_framework() -> None:
    figures = cpu_seconds(3)

    # The targets are those of the package; beside them stands what tests install, and other work.
    for name, target in TARGETS.items():
        assert figures[name][0] / figures["baseline"][0] < target * 1.3
