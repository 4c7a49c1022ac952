"""Forget jobs that were finished long ago."""

from datetime import timedelta

from application.ports.job_records import JobRecords
from application.ports.system import Clock

_AT_ONCE = 500
"""Jobs that are forgotten in one transaction: others want to write as well."""


class PruneJobs:
    """Forget a portion of the jobs that were done or discarded more than `keep` ago.

    Dead ones stay until somebody decides.
    """

    def __init__(self, *, records: JobRecords, clock: Clock, keep: timedelta) -> None:
        self._records = records
        self._clock = clock
        self._keep = keep

    async def __call__(self) -> bool:
        """Return whether there may be more to forget."""
        before = self._clock.now() - self._keep
        return await self._records.prune(before=before, limit=_AT_ONCE) == _AT_ONCE
