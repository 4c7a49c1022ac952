"""Rules by their ids, each catalogue made when it is needed and no sooner."""

from collections.abc import Callable

import pytest

from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category
from entrypoints.wiring.rule_index import RuleIndex

Catalogue = Callable[[], tuple[RuleInfo, ...]]


def info(rule_id: str) -> RuleInfo:
    return RuleInfo(
        id=rule_id, category=Category.PII, type="EMAIL", title=rule_id, matches="something"
    )


def catalogue(made: list[str], *ids: str) -> Catalogue:
    def make() -> tuple[RuleInfo, ...]:
        made.extend(ids)
        return tuple(map(info, ids))

    return make


def test_catalogues_behind_the_one_with_the_rule_are_not_made() -> None:
    made: list[str] = []
    index = RuleIndex([catalogue(made, "a", "b"), catalogue(made, "c")])

    assert index["b"].id == "b"
    assert made == ["a", "b"]


def test_whole_index_has_every_rule_once_and_in_order() -> None:
    made: list[str] = []
    index = RuleIndex([catalogue(made, "a", "b"), catalogue(made, "c")])

    assert (list(index), len(index)) == (["a", "b", "c"], 3)
    assert list(index) == ["a", "b", "c"]
    assert made == ["a", "b", "c"]


def test_rule_that_nobody_has_is_missing() -> None:
    index = RuleIndex([catalogue([], "a")])

    assert index.get("z") is None
    with pytest.raises(KeyError):
        index["z"]
