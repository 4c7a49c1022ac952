"""CredSweeper with its machine-learned filter at the default threshold."""

import logging

from credsweeper.app import CredSweeper
from credsweeper.file_handler.string_content_provider import StringContentProvider
from exchange import Answer, answer_all, finding, highest

logging.disable(logging.CRITICAL)
SWEEPER = CredSweeper()


def detect(text: str) -> Answer:
    """Return the credentials of one text."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found = SWEEPER.file_scan(StringContentProvider([line.rstrip("\r\n") for line in lines]))
    SWEEPER.credential_manager.set_credentials(found)
    SWEEPER.post_processing(None)
    findings = []
    for candidate in SWEEPER.credential_manager.get_credentials():
        for data in candidate.line_data_list:
            start = starts[min(data.line_num, len(starts)) - 1]
            score = candidate.ml_probability
            score = 1.0 if score is None else float(score)
            ends = start + data.value_start, start + data.value_end
            findings.append(finding("secrets", "ANY", *ends, score))
    return findings, highest("secrets", findings)


answer_all(detect)
