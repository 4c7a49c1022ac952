"""Amounts of money, and what tokens cost."""

import re
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import InvalidValue

_DIGITS = 9
_MILLION = 1_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")


def _check_currency(currency: str) -> None:
    if not _CURRENCY.fullmatch(currency):
        raise InvalidValue(
            f"a currency is three capital letters (ISO 4217), not {currency!r}", field="currency"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        _check_currency(self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What tokens cost: integer nano-units (1e-9 of a currency's unit), so that sums are exact."""

    nano: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        _check_currency(self.currency)
        if self.nano < 0:
            raise InvalidValue("a cost is not negative", field="cost")

    def __add__(self, other: "Cost") -> "Cost":
        if other.currency != self.currency:
            raise InvalidValue("costs of two currencies cannot be added", field="currency")
        return Cost(nano=self.nano + other.nano, currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """The price of one token in nano-units: 2.50 USD per million tokens is 2,500."""

    input_nano: int
    output_nano: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        _check_currency(self.currency)
        if self.input_nano < 0 or self.output_nano < 0:
            raise InvalidValue("a price is not negative", field="price")

    def cost(self, *, input_tokens: int, output_tokens: int) -> Cost:
        """Return what this many tokens cost."""
        return Cost(
            nano=input_tokens * self.input_nano + output_tokens * self.output_nano,
            currency=self.currency,
        )

    @classmethod
    def of_million(
        cls, *, given: Decimal, made: Decimal, currency: str = "USD", field: str = "price"
    ) -> "TokenPrice":
        """Return the price of a token where a million of them cost so much, in and out.

        Raises:
            InvalidValue: a token would cost a part of a nano-unit.
        """
        nano = [nano_of(given, field=field), nano_of(made, field=field)]
        if any(one % _MILLION for one in nano):
            raise InvalidValue(
                "a price of a million tokens has at most 3 decimal places", field=field
            )
        return cls(
            input_nano=nano[0] // _MILLION, output_nano=nano[1] // _MILLION, currency=currency
        )

    @property
    def of_a_million(self) -> tuple[int, int]:
        """Return what a million tokens cost in and out, in nano-units."""
        return self.input_nano * _MILLION, self.output_nano * _MILLION


def nano_of(amount: Decimal, *, field: str = "amount") -> int:
    """Return an amount of a currency's units in nano-units, exactly.

    Raises:
        InvalidValue: it is finer than a nano-unit, negative, or no number.
    """
    if not amount.is_finite() or amount < 0:
        raise InvalidValue("an amount is a number that is not negative", field=field)
    nano = amount.scaleb(_DIGITS)
    if nano != nano.to_integral_value():
        raise InvalidValue("an amount has at most nine decimal places", field=field)
    return int(nano)


def amount_text(nano: int) -> str:
    """Return nano-units as an amount of a currency's units: exact, without zeros at its end."""
    text = format(Decimal(nano).scaleb(-_DIGITS), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
