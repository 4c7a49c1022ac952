"""Money as callers write it: decimal amounts, which are whole nano-units inside."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from domain.money import TokenPrice, amount_text
from entrypoints.http.asked import Asked

_LARGEST = Decimal(1_000_000_000)


def _decimal(places: int) -> Any:
    # The pattern is about amounts given as text. Of numbers a schema could only say `multipleOf`,
    # and validators that divide binary fractions would refuse 1.005 as no multiple of 0.001.
    return Field(
        ge=0,
        le=_LARGEST,
        decimal_places=9,
        examples=["2.50"],
        json_schema_extra={"pattern": rf"^[0-9]{{1,9}}(?:\.[0-9]{{1,{places}}})?$"},
    )


Amount = Annotated[Decimal, _decimal(9)]
"""Units of a currency, to nine decimal places."""

Price = Annotated[Decimal, _decimal(3)]
"""What a million tokens cost, to three decimal places: so a token costs whole nano-units."""

AmountText = Annotated[str, Field(examples=["2.5"])]
"""The same in answers: text, since JSON has no decimals."""


class CostBody(BaseModel):
    """What something costs, exactly."""

    amount: AmountText
    currency: str

    @classmethod
    def of(cls, nano: int, currency: str) -> "CostBody":
        """Return the body of a cost in nano-units."""
        return cls(amount=amount_text(nano), currency=currency)


class NewPriceBody(Asked):
    """What a million tokens cost."""

    input_per_million: Price
    output_per_million: Price
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="ISO 4217.")

    def to_domain(self, field: str) -> TokenPrice:
        """Return the price of a token.

        Raises:
            InvalidValue: a token would cost a part of a nano-unit.
        """
        return TokenPrice.of_million(
            given=self.input_per_million,
            made=self.output_per_million,
            currency=self.currency,
            field=field,
        )


class PriceBody(BaseModel):
    """What a million tokens cost."""

    input_per_million: AmountText
    output_per_million: AmountText
    currency: str

    @classmethod
    def of(cls, price: TokenPrice) -> "PriceBody":
        """Return the body of a price."""
        given, made = price.of_a_million
        return cls(
            input_per_million=amount_text(given),
            output_per_million=amount_text(made),
            currency=price.currency,
        )
