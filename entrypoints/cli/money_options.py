"""Amounts of money as people type them, in units of a currency."""

from decimal import Decimal, InvalidOperation

from domain.errors import InvalidValue
from domain.money import TokenPrice, nano_of
from entrypoints.cli.listing import ParsedType

_LARGEST = Decimal(1_000_000_000)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise InvalidValue(f"'{text}' is no amount such as 2.50") from None
    if not amount.is_finite() or amount > _LARGEST:
        raise InvalidValue(f"'{text}' is no amount such as 2.50")
    return amount


def _price(text: str) -> TokenPrice:
    """Return the price in `2.50/10` or `2.50/10 EUR`: a million tokens in, and out."""
    amounts, _, currency = text.strip().partition(" ")
    given, slash, made = amounts.partition("/")
    if not slash:
        raise InvalidValue("a price is that of a million tokens in and out, such as 2.50/10")
    return TokenPrice.of_million(
        given=_amount(given), made=_amount(made), currency=currency.strip() or "USD"
    )


AMOUNT = ParsedType("amount", lambda text: nano_of(_amount(text)))
PRICE = ParsedType("price", _price)
