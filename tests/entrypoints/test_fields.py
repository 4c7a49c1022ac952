"""What the OpenAPI documents say of a field's form is what the domain takes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.errors import InvalidValue
from domain.one_time_code import OneTimeCode
from domain.tenant import Slug, StorageProvider, StorageSettings
from domain.user import Email, checked_name
from entrypoints.http.fields import (
    BucketName,
    KeyPrefix,
    MailAddress,
    Name,
    OneTimeCodeText,
    SlugText,
)
from tests.strategies import emails, names, slugs


def storage(bucket: str, prefix: str = "") -> StorageSettings:
    return StorageSettings(provider=StorageProvider.LOCAL, bucket=bucket, prefix=prefix)


PARSERS: dict[str, tuple[Any, Callable[[str], object]]] = {
    "mail address": (MailAddress, Email.parse),
    "name": (Name, checked_name),
    "bucket": (BucketName, storage),
    "prefix": (KeyPrefix, lambda prefix: storage("bucket", prefix)),
    "code": (OneTimeCodeText, OneTimeCode.parse),
}


def schema_of(field: Any) -> dict[str, Any]:
    return TypeAdapter(field).json_schema()


@pytest.mark.parametrize(("field", "parse"), PARSERS.values(), ids=PARSERS)
@given(data=st.data())
def test_text_of_the_documented_form_is_taken(
    field: Any, parse: Callable[[str], object], data: st.DataObject
) -> None:
    schema = schema_of(field)
    text = data.draw(
        st.from_regex(schema["pattern"].removesuffix("$") + r"\Z").filter(
            lambda text: schema.get("minLength", 0) <= len(text) <= schema["maxLength"]
        )
    )

    parse(text)


@given(
    st.from_regex(schema_of(SlugText)["pattern"].removesuffix("$") + r"\Z").filter(
        lambda text: len(text) <= 52
    )
)
def test_slug_of_the_documented_form_is_refused_for_reserved_names_alone(text: str) -> None:
    try:
        Slug.parse(text)
    except InvalidValue as refusal:
        reason = refusal.message
    else:
        reason = "a cloud reserves"
    assert "reserves" in reason or "google" in reason


@given(st.one_of(emails().map(str), st.just("Ada.Lovelace+tag@example.org")))
def test_every_mail_address_has_the_documented_form(address: str) -> None:
    assert re.search(schema_of(MailAddress)["pattern"], address)


@given(names())
def test_every_name_has_the_documented_form(name: str) -> None:
    assert re.search(schema_of(Name)["pattern"], name)


@given(slugs())
def test_every_slug_has_the_documented_form(slug: Slug) -> None:
    assert re.search(schema_of(SlugText)["pattern"], slug.value)
