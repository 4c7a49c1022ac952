"""The routes of a tenant's storage: where its audit objects lie, and whether that works."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from application.platform.storage import (
    ChangeStorage,
    ChangeStorageCommand,
    ShowStorage,
    StorageCheck,
    TenantStorage,
    VerifyStorage,
)
from application.platform.storage_probe import ProbeStep, StepOutcome
from domain.authorisation import Principal
from domain.tenant import StorageProvider, StorageSettings
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.fields import BucketName, KeyPrefix
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 16 * 1024


class StorageSettingsBody(Asked):
    """Where audit objects go from now on; what is stored stays where it is."""

    provider: StorageProvider
    bucket: BucketName
    prefix: KeyPrefix = ""
    credentials: str | None = Field(
        default=None,
        max_length=100,
        description="The name of credentials that the operator entered; null for the "
        "deployment's own.",
    )


class StorageBody(BaseModel):
    """Where a tenant's audit objects lie, and for how long."""

    provider: StorageProvider
    bucket: str
    prefix: str
    credentials: str | None
    retention_days: int

    @classmethod
    def of(cls, storage: TenantStorage) -> "StorageBody":
        """Return the body of a tenant's storage."""
        settings = storage.settings
        return cls(
            provider=settings.provider,
            bucket=settings.bucket,
            prefix=settings.prefix,
            credentials=settings.credentials,
            retention_days=storage.retention.days,
        )


class StepBody(BaseModel):
    """One step of the probe: where it failed, `reason` says what is wrong."""

    step: ProbeStep
    outcome: StepOutcome
    seconds: float
    code: str | None
    reason: str | None


class CheckBody(BaseModel):
    """What became of a probe, step by step."""

    is_sound: bool
    storage: StorageBody
    key: str
    steps: list[StepBody]

    @classmethod
    def of(cls, check: StorageCheck) -> "CheckBody":
        """Return the body of a check."""
        return cls(
            is_sound=check.is_sound,
            storage=StorageBody.of(check.storage),
            key=check.key,
            steps=[
                StepBody(
                    step=step.step,
                    outcome=step.outcome,
                    seconds=round(step.seconds, 6),
                    code=step.code,
                    reason=step.reason,
                )
                for step in check.steps
            ],
        )


def storage_router(
    *,
    signed_in: SignedIn,
    show_storage: Callable[[], ShowStorage],
    change_storage: Callable[[], ChangeStorage],
    verify_storage: Callable[[], VerifyStorage],
) -> APIRouter:
    """Return the routes of a tenant's storage."""
    router = APIRouter(
        prefix="/v1/tenants/{slug}/storage",
        tags=["storage"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )
    caller = Annotated[Principal, Depends(signed_in)]

    @router.get("", summary="Where a tenant's audit objects lie")
    async def show(principal: caller, slug: TenantSlug) -> StorageBody:
        """Return the storage settings; for admins."""
        return StorageBody.of(await show_storage()(principal, slug))

    @router.put("", summary="Send audit objects elsewhere from now on")
    async def change(principal: caller, slug: TenantSlug, body: StorageSettingsBody) -> StorageBody:
        """Change the storage settings; for admins. The new bucket exists afterwards."""
        settings = StorageSettings(
            provider=body.provider,
            bucket=body.bucket,
            prefix=body.prefix,
            credentials=body.credentials,
        )
        changed = await change_storage()(
            principal, ChangeStorageCommand(slug=slug, settings=settings)
        )
        return StorageBody.of(changed)

    @router.post("/verify", summary="Write, read, list and delete a probe")
    async def verify(principal: caller, slug: TenantSlug) -> CheckBody:
        """Report each step; for admins. A storage that fails is a report and no error."""
        return CheckBody.of(await verify_storage()(principal, slug))

    return router
