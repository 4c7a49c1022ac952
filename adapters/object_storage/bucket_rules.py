"""What a bucket is made and kept to, whichever cloud it is in."""

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRules:
    """Rules beside privacy, which is no choice; None leaves a bucket as it is in that point.

    `kms_key` names the key that new objects are encrypted under.
    """

    kms_key: str | None = None
    versioning: bool | None = None


def whole_days(retention: timedelta) -> int:
    """Return a retention in days as clouds count it: never too short, at least one."""
    return max(1, math.ceil(retention / timedelta(days=1)))
