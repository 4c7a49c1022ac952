"""What a function imports before its first event: an instance that starts makes somebody wait."""

import json
import subprocess
import sys

import pytest

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
