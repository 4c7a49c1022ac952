"""How callers ask for a page of a list: `?limit=&cursor=`."""

from typing import Annotated

from fastapi import Depends, Query

from application.ports.readers import Page

LARGEST_PAGE = 200


async def _asked_page(
    limit: Annotated[
        int, Query(ge=1, le=LARGEST_PAGE, description="How many items a page holds at most.")
    ] = 50,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="`next_cursor` of the page before.")
    ] = None,
) -> Page:
    return Page(limit=limit, cursor=cursor)


PageQuery = Annotated[Page, Depends(_asked_page)]
"""A parameter of a route that lists something; it answers `items` and `next_cursor`."""
