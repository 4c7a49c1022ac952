"""Who is told about violations, and when."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.identifiers import TenantId
from domain.user import Email

MAX_RECIPIENTS = 50
_SHORTEST_DIGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """A tenant's alerts: at once from `immediate_from` up, the rest in a digest.

    `immediate_from` None sends nothing at once; `digest_every` None sends no digest.
    """

    tenant_id: TenantId
    recipients: tuple[Email, ...] = field(default=())
    immediate_from: Severity | None = Severity.HIGH
    digest_every: timedelta | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if len(self.recipients) > MAX_RECIPIENTS:
            raise InvalidValue(
                f"alerts go to at most {MAX_RECIPIENTS} recipients", field="recipients"
            )
        if self.digest_every is not None and self.digest_every < _SHORTEST_DIGEST:
            raise InvalidValue("a digest comes at most every 15 minutes", field="digest_every")

    def is_immediate(self, severity: Severity) -> bool:
        """Tell whether a violation of this severity is told at once."""
        return (
            bool(self.recipients)
            and self.immediate_from is not None
            and severity.rank >= self.immediate_from.rank
        )
