"""What a bucket is made and kept to, whichever cloud it is in."""

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRules:
    """Rules beside privacy, which is no choice; None leaves a bucket as it is in that point.

    `kms_key` names the key that new objects are encrypted under. `retention` covers the objects
    under `prefix`, and ends with their deletion.
    """

    kms_key: str | None = None
    versioning: bool | None = None
    retention: timedelta | None = None
    prefix: str = ""

    @property
    def retention_days(self) -> int | None:
        """The retention in whole days as clouds count it: never too short, at least one."""
        if self.retention is None:
            return None
        return max(1, math.ceil(self.retention / timedelta(days=1)))
