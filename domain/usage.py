"""What one exchange used: tokens and cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import InvalidValue
from domain.identifiers import KeyId, RecordId, TenantId
from domain.money import Cost

CHARACTERS_PER_TOKEN = 4
"""Rule of thumb for English text, used only where the upstream reports no usage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens in and out; `estimated` when the upstream did not count them."""

    input: int = 0
    output: int = 0
    estimated: bool = False

    def __post_init__(self) -> None:
        if self.input < 0 or self.output < 0:
            raise InvalidValue("a number of tokens is not negative", field="tokens")

    @classmethod
    def reported(cls, usage: object) -> "Tokens | None":
        """Return what an upstream's `usage` object counts, None when it says nothing sensible."""
        if not isinstance(usage, Mapping):
            return None
        given = _count(usage.get("prompt_tokens"))
        made = _count(usage.get("completion_tokens", 0))
        return None if given is None or made is None else cls(input=given, output=made)

    @property
    def total(self) -> int:
        """Return tokens in and out together."""
        return self.input + self.output


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count and isinstance(value, int) else None


def estimate_tokens(characters: int) -> int:
    """Return the estimated number of tokens of a text of this length, at least 1 for any text."""
    return -(-characters // CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEntry:
    """The usage of one exchange as it is stored; `cost` is None where no price is known."""

    tenant_id: TenantId
    record_id: RecordId
    key_id: KeyId
    at: datetime
    model: str
    upstream: str
    status: int
    tokens: Tokens
    cost: Cost | None
    latency_ms: int
