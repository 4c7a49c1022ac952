"""detect-secrets over a file with the text, with its default plugins and filters."""

import tempfile
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
from exchange import Answer, answer_all, finding, highest

FOLDER = tempfile.TemporaryDirectory()
FILE = Path(FOLDER.name) / "text.txt"


def detect(text: str) -> Answer:
    """Return the secrets of one text; their place is where the value first stands in the line."""
    FILE.write_text(text, encoding="utf-8", newline="")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    findings = []
    for secret in scan_file(str(FILE)):
        value = secret.secret_value or ""
        at = max(0, text.find(value, starts[min(secret.line_number, len(starts)) - 1]))
        findings.append(finding("secrets", "ANY", at, at + len(value), 1.0))
    return findings, highest("secrets", findings)


with default_settings():
    answer_all(detect)
