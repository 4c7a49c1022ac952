import pytest

from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue


def _rule(**changes: object) -> RuleInfo:
    facts: dict[str, object] = {
        "id": "email",
        "category": Category.PII,
        "type": "EMAIL",
        "title": "E-mail address",
        "matches": "a mailbox",
    }
    return RuleInfo(**(facts | changes))  # type: ignore[arg-type]


def test_rule_says_how_to_silence_it() -> None:
    rule = _rule(operating_point=0.6)

    assert "EMAIL" in rule.how_to_silence
    assert "0.60" in rule.how_to_silence


@pytest.mark.parametrize("changes", [{"type": "JWT"}, {"operating_point": 0.0}])
def test_rule_outside_the_taxonomy_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        _rule(**changes)
