"""Buckets of Google Cloud Storage as audit objects want them: private, cleaned up in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.object_storage.bucket_rules import BucketRules, whole_days


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSetUp:
    """Bring one bucket to its rules through Google's client; `options` go with every call.

    Only what differs is written, so that a bucket that is as it should be needs no right to
    change it.
    """

    client: Any
    bucket: str
    location: str | None
    rules: BucketRules
    options: Mapping[str, Any]

    def run(self) -> None:
        """Make the bucket when there is none, then apply each rule; safe to repeat."""
        bucket = self.client.lookup_bucket(self.bucket, **self.options)
        if bucket is None:
            bucket = self._made()
        if self._apply(bucket):
            bucket.patch(**self.options)

    def expire(self, prefix: str, after: timedelta) -> None:
        """Have what lies under a prefix deleted when it is older, by a rule beside all others."""
        bucket = self.client.get_bucket(self.bucket, **self.options)
        ours = _retention_rule(prefix, whole_days(after))
        rules = [dict(rule) for rule in bucket.lifecycle_rules]
        if ours not in rules:
            # A shared bucket has one rule for each tenant, and may have some of its owner's.
            others = [rule for rule in rules if not _is_same_rule(rule, ours)]
            bucket.lifecycle_rules = [*others, ours]
            bucket.patch(**self.options)

    def _made(self) -> Any:
        from google.api_core.exceptions import Conflict  # noqa: PLC0415 (an extra)

        bucket = self.client.bucket(self.bucket)
        self._apply(bucket)
        try:
            return self.client.create_bucket(bucket, location=self.location, **self.options)
        except Conflict:
            # Somebody was faster. If that was another project, reading it is refused.
            return self.client.get_bucket(self.bucket, **self.options)

    def _apply(self, bucket: Any) -> bool:
        """Set on the local copy of a bucket what differs, and tell whether anything did."""
        before = _state(bucket)
        access = bucket.iam_configuration
        access.uniform_bucket_level_access_enabled = True
        access.public_access_prevention = "enforced"
        if self.rules.versioning is not None:
            bucket.versioning_enabled = self.rules.versioning
        if self.rules.kms_key is not None:
            bucket.default_kms_key_name = self.rules.kms_key
        return before != _state(bucket)


def _state(bucket: Any) -> tuple[object, ...]:
    access = bucket.iam_configuration
    return (
        access.uniform_bucket_level_access_enabled,
        access.public_access_prevention,
        bucket.versioning_enabled,
        bucket.default_kms_key_name,
    )


def _retention_rule(prefix: str, days: int) -> dict[str, Any]:
    return {
        "action": {"type": "Delete"},
        "condition": {"age": days, "matchesPrefix": [prefix]},
    }


def _is_same_rule(rule: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Tell whether a rule is ours apart from its age; rules have no names here."""
    conditions = ({**found["condition"], "age": None} for found in (rule, ours))
    return rule["action"] == ours["action"] and next(conditions) == next(conditions)
