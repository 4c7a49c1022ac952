"""Do what creates something once, however often it is asked for under one key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from application.ports.unit_of_work import UnitOfWork
from domain.identifiers import UserId
from domain.repeated_call import DoneCall, Once

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(Generic[T]):
    """What a call made; `is_replay` when an earlier call with the same key made it."""

    item: T
    is_replay: bool = False


async def made_before(
    uow: UnitOfWork, user_id: UserId, once: Once | None, *, at: datetime
) -> str | None:
    """Return the id of what an earlier call with this key made, None when there was none.

    Raises:
        Conflict: the key was used for something else.
    """
    if once is None:
        return None
    done = await uow.done_calls.find(user_id, once.key)
    return None if done is None else done.replayed(once, at=at)


async def remember(
    uow: UnitOfWork, user_id: UserId, once: Once | None, *, resource: str, at: datetime
) -> None:
    """Remember what this call makes, in the unit of work that makes it.

    Raises:
        Conflict: the same call is being done at the same time; repeat it to get its answer.
    """
    if once is not None:
        await uow.done_calls.add(DoneCall.of(user_id, once, resource=resource, at=at), at=at)
