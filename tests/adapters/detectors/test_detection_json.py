"""A detection that goes through JSON comes back as it was."""

import pytest
from hypothesis import given

from adapters.detectors.detection_json import detection_from_json, detection_to_json
from domain.detection.finding import Detection
from tests.strategies import detections


@given(detection=detections())
def test_round_trip_is_exact(detection: Detection) -> None:
    document = detection_to_json(detection)

    assert document.isascii()
    assert detection_from_json(document) == detection


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"findings":[{}],"scores":{}}'])
def test_anything_else_is_no_detection(document: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        detection_from_json(document)
