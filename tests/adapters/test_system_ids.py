"""Identifiers as UUIDv7."""

from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from adapters.system import UuidIds
from tests.fakes.clock import FakeClock


def test_bytes_are_a_uuid_of_version_7_with_the_time_in_milliseconds() -> None:
    clock = FakeClock()

    made = UUID(bytes=UuidIds(clock).uuid())

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(clock.now().timestamp() * 1000)


def test_order_holds_while_the_clock_stands_still_or_is_set_back() -> None:
    clock = FakeClock()
    ids = UuidIds(clock)

    made = [ids.uuid() for _ in range(1000)]
    clock.set_back(3600)
    made += [ids.uuid() for _ in range(1000)]
    clock.advance(7200)
    made += [ids.uuid() for _ in range(1000)]

    assert made == sorted(set(made))
    assert {UUID(bytes=one).version for one in made} == {7}


def test_threads_never_get_the_same_id() -> None:
    ids = UuidIds(FakeClock())

    with ThreadPoolExecutor(8) as threads:
        lots = list(threads.map(lambda _: [ids.ulid() for _ in range(500)], range(8)))

    assert all(lot == sorted(lot) for lot in lots)
    assert len({made for lot in lots for made in lot}) == 4000
