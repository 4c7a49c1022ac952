"""The route by which an operator or a tenant's admin has objects analysed once more."""

from collections.abc import Callable

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from application.analytics.replay import ReplayCommand, ReplayObjects
from domain.authorisation import Principal
from domain.tenant import Slug
from entrypoints.http.analytics.operator import Caller
from entrypoints.http.asked import Asked
from entrypoints.http.fields import SlugText
from entrypoints.http.moments import Moment

_LONGEST_KEY = 1024
_LONGEST_REFERENCE = 64


class ReplayBody(Asked):
    """Which objects: of a tenant, below a prefix, of a time, of a policy version, behind a key."""

    tenant: SlugText = Field(description="The tenant's slug.")
    prefix: str = Field("", max_length=_LONGEST_KEY, description="What their keys begin with.")
    since: Moment | None = Field(None, description="Of this time or later; it names its offset.")
    until: Moment | None = Field(None, description="Before this time; it names its offset.")
    policy: str | None = Field(
        None,
        max_length=_LONGEST_REFERENCE,
        description="With records that this version judged, `pol_…@3`.",
    )
    after: str = Field("", max_length=_LONGEST_KEY, description="`continue_after` of an answer.")


class ReplayAnswer(BaseModel):
    """How many objects were queued, and where to go on when the queue was full."""

    queued: int
    continue_after: str | None


def replay_router(*, replay: Callable[[], ReplayObjects], caller: Caller) -> APIRouter:
    """Return the route, for the operator and for tenants' admins."""
    router = APIRouter(tags=["jobs"])
    by = Depends(caller)

    @router.post("/replay", summary="Analyse stored objects once more", status_code=202)
    async def replay_objects(body: ReplayBody, by: Principal | None = by) -> ReplayAnswer:
        """Queue the objects; violations that stand are not doubled."""
        replayed = await replay()(
            ReplayCommand(
                slug=Slug.parse(body.tenant),
                by=by,
                prefix=body.prefix,
                since=body.since,
                until=body.until,
                policy=body.policy,
                after=body.after,
            )
        )
        return ReplayAnswer(queued=replayed.queued, continue_after=replayed.continue_after)

    return router
