"""The forms of fields that several bodies have, as the OpenAPI documents tell them.

The domain decides what is taken, and says in better words what is wrong; a pattern here admits
nothing that the domain refuses by its form, so that a generated client can check beforehand.
"""

from typing import Annotated, Any

from pydantic import Field

from domain.user import MAX_NAME

_LONGEST_ADDRESS = 254
_CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
"""Control characters without those that count as space, which names lose."""

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL_PART = r"[^@\s\x00-\x1f\x7f-\x9f<>()\[\],;:\\\x22]{1,64}"

MailAddress = Annotated[
    str,
    Field(
        max_length=_LONGEST_ADDRESS,
        examples=["ada@example.org"],
        json_schema_extra={"pattern": rf"^\s*{_LOCAL_PART}@(?:{_LABEL}\.)*{_LABEL}\s*$"},
    ),
]
"""A mail address."""


def name_form(example: str) -> Any:
    """Return the form of what people call something; runs of space count as one."""
    return Field(
        min_length=1,
        max_length=MAX_NAME,
        examples=[example],
        json_schema_extra={
            "pattern": rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$",
        },
    )


Name = Annotated[str, name_form("Ada Lovelace")]
"""What people, or the tenants that they make, are called."""

SlugText = Annotated[
    str,
    Field(
        min_length=3,
        max_length=52,
        examples=["acme"],
        description="Lower-case letters, digits and single hyphens.",
        json_schema_extra={"pattern": "^[a-z](?:-?[a-z0-9]){2,51}$"},
    ),
]
"""The slug of a tenant to be."""

BucketName = Annotated[
    str,
    Field(
        min_length=3,
        max_length=63,
        examples=["acme-audit-logs"],
        json_schema_extra={"pattern": r"^[a-z0-9](?:\.?[a-z0-9-])*\.?[a-z0-9]$"},
    ),
]
"""The name of a bucket or container."""

KeyPrefix = Annotated[
    str,
    Field(
        max_length=500,
        description="Empty, or path segments that each end with a slash.",
        json_schema_extra={"pattern": r"^(?:(?!\.{1,2}/)[A-Za-z0-9!_.*'()=-]+/)*$"},
    ),
]
"""What the keys of a tenant's audit objects begin with."""

OneTimeCodeText = Annotated[
    str,
    Field(
        min_length=6,
        max_length=12,
        examples=["048213"],
        json_schema_extra={"pattern": r"^[\s-]*(?:[0-9][\s-]*){6}$"},
    ),
]
"""Six digits, with the spaces and hyphens that people put in."""
