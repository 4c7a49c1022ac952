"""Times as callers give them: with their offset, and where arithmetic does not overflow."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

_FIRST = datetime(1970, 1, 2, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


def _usual(at: datetime) -> datetime:
    if not _FIRST <= at < _LAST:
        raise PydanticCustomError("moment", "a time lies between the years 1970 and 9000")
    return at.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_usual),
    Field(json_schema_extra={"pattern": "^(?:19[7-9]|[2-8][0-9]{2})[0-9]-"}),
]
