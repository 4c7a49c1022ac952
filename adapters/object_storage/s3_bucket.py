"""Buckets of S3 as audit objects want them: private, encrypted, cleaned up after the retention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.object_storage.bucket_rules import BucketRules, whole_days
from adapters.object_storage.s3_errors import error_code

_PRIVATE = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_NO_CONSTRAINT = (None, "us-east-1", "aws-global")
_LONGEST_RULE_ID = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSetUp:
    """Bring one bucket to its rules through a boto3 client; `owner` goes with every call.

    Only what differs is written, so that a bucket that is as it should be needs no right to
    change it.
    """

    client: Any
    bucket: str
    owner: Mapping[str, str]
    rules: BucketRules

    def run(self) -> None:
        """Make the bucket when there is none, then apply each rule; safe to repeat."""
        if self._read("head_bucket", missing=("404", "NoSuchBucket")) is None:
            self._make()
        self._block_public_access()
        self._encrypt()
        if self.rules.versioning is not None:
            self._set_versioning(wanted=self.rules.versioning)

    def expire(self, prefix: str, after: timedelta) -> None:
        """Have what lies under a prefix deleted when it is older, by a rule beside all others."""
        found = self._read(
            "get_bucket_lifecycle_configuration", missing=("NoSuchLifecycleConfiguration",)
        )
        before = list((found or {}).get("Rules", ()))
        ours = _retention_rule(prefix, whole_days(after))
        # A shared bucket has one rule for each tenant, and may have some of its owner's.
        others = [rule for rule in before if rule.get("ID") != ours["ID"]]
        if ours not in before:
            self._write(
                "put_bucket_lifecycle_configuration",
                LifecycleConfiguration={"Rules": [*others, ours]},
            )

    def _make(self) -> None:
        options: dict[str, Any] = {"ObjectOwnership": "BucketOwnerEnforced"}
        region = self.client.meta.region_name
        if region not in _NO_CONSTRAINT:
            options["CreateBucketConfiguration"] = {"LocationConstraint": region}
        try:
            self.client.create_bucket(Bucket=self.bucket, **options)
        except self.client.exceptions.ClientError as error:
            # Somebody else with these credentials was faster.
            if error_code(error.response) != "BucketAlreadyOwnedByYou":
                raise

    def _block_public_access(self) -> None:
        found = self._read(
            "get_public_access_block", missing=("NoSuchPublicAccessBlockConfiguration",)
        )
        if found is None or found.get("PublicAccessBlockConfiguration") != _PRIVATE:
            self._write("put_public_access_block", PublicAccessBlockConfiguration=_PRIVATE)

    def _encrypt(self) -> None:
        found = self._read(
            "get_bucket_encryption", missing=("ServerSideEncryptionConfigurationNotFoundError",)
        )
        if found is not None and self._is_encrypted(
            found["ServerSideEncryptionConfiguration"]["Rules"]
        ):
            return
        default = {"SSEAlgorithm": "AES256"}
        if self.rules.kms_key is not None:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.rules.kms_key}
        rule = {
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": self.rules.kms_key is not None,
        }
        self._write("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": [rule]})

    def _is_encrypted(self, rules: Sequence[Mapping[str, Any]]) -> bool:
        defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
        if self.rules.kms_key is None:
            return any(default.get("SSEAlgorithm") for default in defaults)
        return any(default.get("KMSMasterKeyID") == self.rules.kms_key for default in defaults)

    def _set_versioning(self, *, wanted: bool) -> None:
        found = self._read("get_bucket_versioning") or {}
        if (found.get("Status") == "Enabled") is not wanted:
            status = "Enabled" if wanted else "Suspended"
            self._write("put_bucket_versioning", VersioningConfiguration={"Status": status})

    def _read(self, operation: str, *, missing: Sequence[str] = ()) -> dict[str, Any] | None:
        """Return an answer, or None where its error says that nothing is set."""
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(
                Bucket=self.bucket, **self.owner
            )
        except self.client.exceptions.ClientError as error:
            if error_code(error.response) not in missing:
                raise
            return None
        return answer

    def _write(self, operation: str, **options: Any) -> None:
        getattr(self.client, operation)(Bucket=self.bucket, **self.owner, **options)


def _retention_rule(prefix: str, days: int) -> dict[str, Any]:
    return {
        "ID": f"trueport-retention {prefix}".strip()[:_LONGEST_RULE_ID],
        "Filter": {"Prefix": prefix},
        "Status": "Enabled",
        "Expiration": {"Days": days},
        # Where versions are kept, what is deleted goes for good a day later.
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
