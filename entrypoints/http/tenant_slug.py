"""The tenant that a path names."""

from typing import Annotated

from fastapi import Depends, Path

from domain.errors import InvalidValue, NotFound
from domain.tenant import Slug


async def _tenant_slug(
    slug: Annotated[str, Path(description="The tenant's slug.", examples=["acme"])],
) -> Slug:
    try:
        return Slug.parse(slug)
    except InvalidValue:
        # What can be nobody's slug leads to nobody, like one that is nobody's.
        raise NotFound("there is no such tenant", code="tenant.not_found") from None


TenantSlug = Annotated[Slug, Depends(_tenant_slug)]
"""A parameter of a route whose path holds `{slug}`."""
