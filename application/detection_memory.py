"""What was found in texts before: a conversation says again what was said, at every turn of it."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

from application.ports.detector import Detector, DetectorText
from domain.detection.finding import Detection
from domain.errors import Unavailable

_DIGEST_BYTES = 32

Engines = tuple[tuple[str, str], ...]
"""Names and versions of the detectors that were asked together."""

Key = tuple[bytes, Engines]


class DetectionMemory:
    """Remember detections by digests of their texts, the latest used; no text is kept.

    `room` is how many detections and findings are kept, both counted alike: a thousand of them take
    about a megabyte. Since a detector says the same of the same text for as long as its version
    stays, remembering changes nothing but the time it takes.
    """

    def __init__(self, *, room: int = 20_000) -> None:
        self._room = room
        self._used = 0
        self._kept: OrderedDict[Key, Detection] = OrderedDict()

    def find(self, key: Key) -> Detection | None:
        """Return what was found, None where nobody knows."""
        detection = self._kept.get(key)
        if detection is not None:
            self._kept.move_to_end(key)
        return detection

    def keep(self, key: Key, detection: Detection) -> None:
        """Remember what was found; what was not used for longest is forgotten for it."""
        if key in self._kept or _weight(detection) > self._room:
            return
        self._kept[key] = detection
        self._used += _weight(detection)
        while self._used > self._room:
            _, forgotten = self._kept.popitem(last=False)
            self._used -= _weight(forgotten)


def engines_of(detectors: Sequence[Detector]) -> Engines | None:
    """Return who is asked, None while one of them cannot tell its version."""
    try:
        return tuple((detector.name, detector.version) for detector in detectors)
    except Unavailable:
        return None


def key_of(text: DetectorText, engines: Engines) -> Key:
    """Return what a text is remembered by, which is of no use to find the text itself."""
    digest = blake2b(text.text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
    digest.update(b"\x00" + text.channel.value.encode())
    return digest.digest(), engines


def _weight(detection: Detection) -> int:
    return 1 + len(detection.findings)
