"""A missing counterpart skips its tests, or fails them where it is required."""

import pytest

from tests.counterparts import COUNTERPARTS, Counterpart, at_address, on_path

MISSING = Counterpart(
    name="oracle", find=at_address("TRUEPORT_TEST_ORACLE"), how_to_get="ask in Delphi"
)


def test_missing_counterpart_skips_and_says_how_to_get_it() -> None:
    with pytest.raises(pytest.skip.Exception, match="oracle is missing: ask in Delphi"):
        MISSING.locate({})


@pytest.mark.parametrize("required", ["all", "oracle", "make, oracle"])
def test_missing_counterpart_fails_where_it_is_required(required: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="oracle is missing: ask in Delphi"):
        MISSING.locate({"TRUEPORT_TEST_REQUIRE": required})


def test_requiring_another_counterpart_still_skips() -> None:
    with pytest.raises(pytest.skip.Exception):
        MISSING.locate({"TRUEPORT_TEST_REQUIRE": "make"})


def test_present_counterpart_is_located() -> None:
    located = MISSING.locate({"TRUEPORT_TEST_ORACLE": "oracle:443"})

    assert located == "oracle:443"


def test_program_is_looked_up_on_the_path_that_is_given() -> None:
    assert on_path("sh")({"PATH": "/nowhere"}) is None


def test_counterparts_are_registered_under_their_names() -> None:
    assert all(name == counterpart.name for name, counterpart in COUNTERPARTS.items())
