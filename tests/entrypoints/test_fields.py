"""What the OpenAPI documents say of a field's form is what the domain takes."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.errors import InvalidValue
from domain.money import TokenPrice, nano_of
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
from entrypoints.http.gateway.amounts import Amount, Price
from tests.strategies import emails, names, slugs


def storage(bucket: str, prefix: str = "") -> StorageSettings:
    return StorageSettings(provider=StorageProvider.LOCAL, bucket=bucket, prefix=prefix)


def price_of(text: str) -> TokenPrice:
    return TokenPrice.of_million(given=Decimal(text), made=Decimal(0))


PARSERS: dict[str, tuple[Any, Callable[[str], object]]] = {
    "mail address": (MailAddress, Email.parse),
    "name": (Name, checked_name),
    "bucket": (BucketName, storage),
    "prefix": (KeyPrefix, lambda prefix: storage("bucket", prefix)),
    "code": (OneTimeCodeText, OneTimeCode.parse),
    "amount": (Amount, lambda text: nano_of(Decimal(text))),
    "price": (Price, price_of),
}


def schema_of(field: Any) -> dict[str, Any]:
    return TypeAdapter(field).json_schema()


@pytest.mark.parametrize(("field", "parse"), PARSERS.values(), ids=PARSERS)
@given(data=st.data())
def test_text_of_the_documented_form_is_taken(
    field: Any, parse: Callable[[str], object], data: st.DataObject
) -> None:
    schema = schema_of(field)
    sizes = range(schema.get("minLength", 0), schema.get("maxLength", 1000) + 1)
    form = schema["pattern"].removesuffix("$") + r"\Z"
    text = data.draw(st.from_regex(form).filter(lambda text: len(text) in sizes))

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


@given(st.decimals(0, 999_999_999, places=3))
def test_every_price_has_the_documented_form(price: Decimal) -> None:
    assert re.search(schema_of(Price)["pattern"], str(price))
    assert price_of(str(price)).of_a_million[0] == price * 1_000_000_000


@pytest.mark.parametrize("price", ["0.0001", "-1", "1e3", "1.", ".5", "1,5", ""])
def test_no_other_text_has_the_form_of_a_price(price: str) -> None:
    assert not re.search(schema_of(Price)["pattern"], price)


@given(slugs())
def test_every_slug_has_the_documented_form(slug: Slug) -> None:
    assert re.search(schema_of(SlugText)["pattern"], slug.value)
