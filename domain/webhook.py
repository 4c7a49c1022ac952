"""Servers that a tenant wants told of violations, and how they know that TruePort told them.

Signatures are those of Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over
`id.timestamp.body`, so that any of its libraries can check them.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.detection.taxonomy import Severity
from domain.errors import Conflict, InvalidValue
from domain.identifiers import DeliveryId, WebhookId
from domain.user import checked_name

MAX_WEBHOOKS = 10
"""Webhooks of one tenant."""

SECRET_BYTES = 32

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_MAX_URL = 2000


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """What TruePort and a receiver share: `whsec_` and 24 to 64 bytes in base64."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.value.startswith(_PREFIX) or not _SHORTEST <= len(self.key) <= _LONGEST:
            raise InvalidValue(
                f"a secret of a webhook is {_PREFIX} and {_SHORTEST} to {_LONGEST} bytes in base64",
                field="secret",
            )

    @classmethod
    def from_random(cls, random: bytes) -> "WebhookSecret":
        """Return the secret that `SECRET_BYTES` random bytes make."""
        return cls(_PREFIX + base64.b64encode(random).decode("ascii"))

    @property
    def key(self) -> bytes:
        """Return the key of signatures."""
        try:
            return base64.b64decode(self.value.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            return b""


def signed_headers(
    secrets: Sequence[WebhookSecret], *, delivery_id: DeliveryId, at: datetime, body: bytes
) -> Mapping[str, str]:
    """Return the headers that say who sent a body, and when; one signature for each secret."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([delivery_id.encode(), timestamp.encode(), body])
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret.key, signed, "sha256")).decode("ascii")
        for secret in secrets
    ]
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One receiver of a tenant's alerts.

    It is told at once from `immediate_from` up, None for the tenant's own choice. `secret` is
    encrypted, opaque here; until `former_until`, deliveries are signed with `former_secret` as
    well. The address may hold a token in its query. `gone_at` is when the receiver said that it
    wants no more (410); nothing is delivered after that.
    """

    id: WebhookId
    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    created_at: datetime
    immediate_from: Severity | None = None
    former_secret: str | None = field(default=None, repr=False)
    former_until: datetime | None = None
    gone_at: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.url) <= _MAX_URL:
            raise InvalidValue(f"an address has 1 to {_MAX_URL} characters", field="url")
        checked_name(self.name)

    @property
    def is_active(self) -> bool:
        """Tell whether anything is delivered to it."""
        return self.gone_at is None

    @property
    def shown_url(self) -> str:
        """Return the address without its query."""
        address, mark, _ = self.url.partition("?")
        return f"{address}?…" if mark else address

    def secrets(self, at: datetime) -> tuple[str, ...]:
        """Return the encrypted secrets to sign with, the present one first."""
        if self.former_secret is None or self.former_until is None or self.former_until <= at:
            return (self.secret,)
        return (self.secret, self.former_secret)

    def rotated(self, secret: str, *, former_until: datetime) -> "Webhook":
        """Return the webhook under a new secret, and delivered to again if it was gone."""
        return replace(
            self,
            secret=secret,
            former_secret=self.secret,
            former_until=former_until,
            gone_at=None,
        )

    def gone(self, *, at: datetime) -> "Webhook":
        """Return the webhook after its receiver said that it wants no more."""
        return replace(self, gone_at=self.gone_at or at)


def require_distinct(webhooks: Sequence[Webhook]) -> None:
    """Check the webhooks of one tenant together.

    Raises:
        InvalidValue: there are too many.
        Conflict: two have one name (`webhook.name_taken`).
    """
    if len(webhooks) > MAX_WEBHOOKS:
        raise InvalidValue(f"a tenant has at most {MAX_WEBHOOKS} webhooks", field="webhooks")
    names = {one.name.casefold() for one in webhooks}
    if len(names) < len(webhooks):
        raise Conflict("there is a webhook of this name", code="webhook.name_taken")
