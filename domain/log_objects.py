"""Which stored objects are logs that the analytics engine reads."""

_NAMES = (".jsonl", ".json", ".log", ".txt")
_ENDINGS = tuple(name + packed for name in _NAMES for packed in ("", ".gz"))
_ANCHORS = "audit/v1/anchors/"


def is_log(key: str) -> bool:
    """Tell whether an object is a log, by its name: whatever a tenant keeps beside its audit log.

    Anchors of the audit log are none: they hold no text.
    """
    return key.lower().endswith(_ENDINGS) and _ANCHORS not in key
