"""The ids in the paths of management routes: of what a tenant has.

What is no id leads nowhere: it is answered like one that nobody has.
"""

import re
from typing import Annotated

from fastapi import Depends, Path

from domain.errors import InvalidValue, NotFound
from domain.identifiers import (
    KeyId,
    PolicyId,
    RecordId,
    UpstreamId,
    ViolationId,
    WebhookId,
    parse_id,
)

_NAME = re.compile(r"[\x21-\x7e]{1,200}")


async def _key_id(key_id: Annotated[str, Path(description="`key_…`")]) -> KeyId:
    return KeyId(_parsed("key", key_id, "key"))


async def _upstream_id(upstream_id: Annotated[str, Path(description="`ups_…`")]) -> UpstreamId:
    return UpstreamId(_parsed("ups", upstream_id, "upstream"))


async def _policy_id(policy_id: Annotated[str, Path(description="`pol_…`")]) -> PolicyId:
    return PolicyId(_parsed("pol", policy_id, "policy"))


async def _webhook_id(webhook_id: Annotated[str, Path(description="`whk_…`")]) -> WebhookId:
    return WebhookId(_parsed("whk", webhook_id, "webhook"))


async def _violation_id(violation_id: Annotated[str, Path(description="`vio_…`")]) -> ViolationId:
    return ViolationId(_named(violation_id, "violation"))


async def _record_id(
    record_id: Annotated[str, Path(description="The id of the request.")],
) -> RecordId:
    return RecordId(_named(record_id, "record"))


def _parsed(prefix: str, text: str, what: str) -> str:
    try:
        return parse_id(prefix, text)
    except InvalidValue:
        raise _not_found(what) from None


def _named(text: str, what: str) -> str:
    """Return an id that is computed, or that somebody else gave."""
    if not _NAME.fullmatch(text):
        raise _not_found(what)
    return text


def _not_found(what: str) -> NotFound:
    return NotFound(f"there is no such {what}", code=f"{what}.not_found")


KeyIdPath = Annotated[KeyId, Depends(_key_id)]
UpstreamIdPath = Annotated[UpstreamId, Depends(_upstream_id)]
PolicyIdPath = Annotated[PolicyId, Depends(_policy_id)]
WebhookIdPath = Annotated[WebhookId, Depends(_webhook_id)]
ViolationIdPath = Annotated[ViolationId, Depends(_violation_id)]
RecordIdPath = Annotated[RecordId, Depends(_record_id)]
