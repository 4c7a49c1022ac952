"""Money and the cost of tokens: exact sums, one currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.money import Cost, Money, TokenPrice, amount_text, nano_of
from tests.strategies import costs, token_prices

COUNTS = st.integers(0, 10**9)


@given(costs("USD"), costs("USD"), costs("USD"))
def test_adding_costs_is_associative_and_commutative(a: Cost, b: Cost, c: Cost) -> None:
    assert (a + b) + c == a + (b + c) == c + (b + a)


@given(costs())
def test_adding_nothing_changes_nothing(cost: Cost) -> None:
    assert cost + Cost(nano=0, currency=cost.currency) == cost


@given(token_prices(), COUNTS, COUNTS, COUNTS, COUNTS)
def test_two_exchanges_cost_what_their_tokens_cost_together(
    price: TokenPrice, a: int, b: int, c: int, d: int
) -> None:
    apart = price.cost(input_tokens=a, output_tokens=b) + price.cost(
        input_tokens=c, output_tokens=d
    )

    assert apart == price.cost(input_tokens=a + c, output_tokens=b + d)


def test_a_price_per_million_tokens_comes_out_exactly() -> None:
    price = TokenPrice(input_nano=2_500, output_nano=10_000)

    cost = price.cost(input_tokens=1_000_000, output_tokens=100_000)

    assert cost == Cost(nano=3_500_000_000)
    assert cost.nano == 3_500_000_000


def test_costs_of_two_currencies_are_not_added() -> None:
    with pytest.raises(InvalidValue, match="two currencies"):
        Cost(nano=1) + Cost(nano=1, currency="EUR")


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "", "U1D", "ÄÖÜ", "USD\n", "US "])
def test_what_is_no_currency_is_refused(currency: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Money(minor=1, currency=currency)

    assert refusal.value.field == "currency"


def test_negative_costs_and_prices_are_refused() -> None:
    with pytest.raises(InvalidValue):
        Cost(nano=-1)
    with pytest.raises(InvalidValue):
        TokenPrice(input_nano=-1, output_nano=0)
    with pytest.raises(InvalidValue):
        TokenPrice(input_nano=0, output_nano=-1)


def test_an_amount_may_be_negative() -> None:
    assert Money(minor=-100, currency="EUR").minor == -100


@given(st.integers(0, 10**20))
def test_an_amount_is_written_and_read_exactly(nano: int) -> None:
    text = amount_text(nano)

    assert nano_of(Decimal(text)) == nano
    assert "E" not in text
    assert text == "0" or not text.endswith((".", "0")) or "." not in text


@pytest.mark.parametrize("text", ["-1", "NaN", "Infinity", "0.0000000001"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        nano_of(Decimal(text))


def test_a_price_is_told_by_the_million_and_kept_by_the_token() -> None:
    price = TokenPrice.of_million(given=Decimal("2.5"), made=Decimal(10), currency="EUR")

    assert price == TokenPrice(input_nano=2500, output_nano=10_000, currency="EUR")
    assert [amount_text(nano) for nano in price.of_a_million] == ["2.5", "10"]
    with pytest.raises(InvalidValue) as caught:
        TokenPrice.of_million(given=Decimal("0.0001"), made=Decimal(0), field="models.0.price")
    assert caught.value.field == "models.0.price"
