"""Amounts of money, and what tokens cost."""

import re
from dataclasses import dataclass

from domain.errors import InvalidValue

NANO = 1_000_000_000
"""Nano-units in one unit of a currency."""

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
