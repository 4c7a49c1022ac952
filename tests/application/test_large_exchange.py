"""An exchange whose record would be longer than readers take."""

from pathlib import Path

from tests.fakes.deployment import deployed


async def test_exchange_too_large_for_a_record_is_kept_without_its_texts(tmp_path: Path) -> None:
    async with deployed(tmp_path) as deployment:
        customer = await deployment.customer("acme")

        await customer.chat("\u00e9" * 3_000_000)

        (record,) = await deployment.records()
    assert record["content"] == "none"
    assert "[3000000 characters]" in str(record["request"])
