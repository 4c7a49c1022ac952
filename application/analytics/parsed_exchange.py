"""One exchange as a log tells of it, whoever wrote the log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.gateway.judgement import RecordedFinding
from domain.chat import TextPart
from domain.identifiers import RecordId


class LogFormat(StrEnum):
    """Who wrote a line."""

    AUDIT = "audit"
    OPENAI = "openai"
    LITELLM = "litellm"
    BEDROCK = "bedrock"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedExchange:
    """What can be known of an exchange from one line, or one block of plain text.

    `record_id` is the writer's own id or made of the object's key and the line's number, `time` the
    writer's or that of the object: both are the same whenever the object is read. `parts` holds
    the texts that detectors read; none where the record keeps no full text. `recorded` and
    `policy_version` are there for records of our own gateway alone.
    """

    format: LogFormat
    record_id: RecordId
    time: datetime
    parts: tuple[TextPart, ...]
    model: str | None = None
    key_id: str | None = None
    user: str | None = None
    recorded: tuple[RecordedFinding, ...] = ()
    policy_version: str | None = None

    @property
    def size(self) -> int:
        """Return the code points of all its texts."""
        return sum(len(part.text) for part in self.parts)
