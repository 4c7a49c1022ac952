"""Retention periods as clouds count them."""

import math
from datetime import timedelta


def whole_days(retention: timedelta) -> int:
    """Return a retention in whole days, never shorter than it is, and at least one."""
    return max(1, math.ceil(retention / timedelta(days=1)))
