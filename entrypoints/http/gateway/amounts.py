"""Money as callers write it: decimal amounts, which are whole nano-units inside."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from domain.errors import InvalidValue
from domain.money import TokenPrice

_MILLION = 1_000_000
_LARGEST = Decimal(1_000_000_000)


def _plain(amount: Decimal) -> str:
    """Return an amount without an exponent, and without zeros at its end."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_AS_TEXT = PlainSerializer(_plain, return_type=str)

Amount = Annotated[Decimal, Field(ge=0, le=_LARGEST, decimal_places=9, examples=["2.50"]), _AS_TEXT]
"""Units of a currency, to nine decimal places; answered as text, since JSON has no decimals."""


def nano_of(amount: Decimal) -> int:
    """Return an amount in nano-units."""
    return int(amount.scaleb(9))


def amount_of(nano: int) -> Decimal:
    """Return nano-units as an amount, exactly."""
    # Scaled, not divided: a quotient would be rounded to the digits of the context.
    return Decimal(nano).scaleb(-9)


class CostBody(BaseModel):
    """What something costs, exactly."""

    amount: Annotated[Decimal, _AS_TEXT]
    currency: str

    @classmethod
    def of(cls, nano: int, currency: str) -> "CostBody":
        """Return the body of a cost in nano-units."""
        return cls(amount=amount_of(nano), currency=currency)


class PriceBody(BaseModel):
    """What a million tokens cost."""

    model_config = ConfigDict(extra="forbid")

    input_per_million: Amount
    output_per_million: Amount
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="ISO 4217.")

    def to_domain(self, field: str) -> TokenPrice:
        """Return the price of a token.

        Raises:
            InvalidValue: a token would cost a part of a nano-unit.
        """
        return TokenPrice(
            input_nano=_per_token(self.input_per_million, f"{field}.input_per_million"),
            output_nano=_per_token(self.output_per_million, f"{field}.output_per_million"),
            currency=self.currency,
        )

    @classmethod
    def of(cls, price: TokenPrice) -> "PriceBody":
        """Return the body of a price."""
        return cls(
            input_per_million=amount_of(price.input_nano * _MILLION),
            output_per_million=amount_of(price.output_nano * _MILLION),
            currency=price.currency,
        )


def _per_token(per_million: Decimal, field: str) -> int:
    nano = nano_of(per_million)
    if nano % _MILLION:
        raise InvalidValue("a price of a million tokens has at most 3 decimal places", field=field)
    return nano // _MILLION
