"""How violations are listed where people and machines are told of many at once."""

from collections import Counter
from collections.abc import Mapping, Sequence

from domain.audit import format_time
from domain.identifiers import KeyId
from domain.violation import Violation

LISTED = 20
"""Lines of violations shown in one alert; the rest is a number."""

Facts = dict[str, object]


def grouped(violations: Sequence[Violation]) -> list[list[Violation]]:
    """Return violations in groups, the most severe first.

    The same value found again by the same key is one group: a bad document is one matter, however
    many requests it was sent in.
    """
    groups: dict[tuple[object, ...], list[Violation]] = {}
    for one in sorted(violations, key=lambda one: (-one.severity.rank, one.id)):
        same = one.fingerprint or one.id
        groups.setdefault(
            (one.severity, one.category, one.type, one.direction, one.enforced, one.key_id, same),
            [],
        ).append(one)
    return list(groups.values())


def listing(violations: Sequence[Violation], key_names: Mapping[KeyId, str]) -> Facts:
    """Return the facts of a list of violations as mails show it, a line for each group."""
    groups = grouped(violations)
    return {
        "count": len(violations),
        "highest": groups[0][0].severity.value,
        "violations": [_line(group, key_names) for group in groups[:LISTED]],
        "more": sum(len(group) for group in groups[LISTED:]),
    }


def kinds(violations: Sequence[Violation]) -> list[Facts]:
    """Return how many violations there are of each kind, the most severe and frequent first."""
    counts = Counter((one.severity, one.category.value, one.type) for one in violations)
    ordered = sorted(counts.items(), key=lambda one: (-one[0][0].rank, -one[1], one[0]))
    return [
        {"severity": severity.value, "category": category, "type": name, "count": count}
        for (severity, category, name), count in ordered
    ]


def _line(group: Sequence[Violation], key_names: Mapping[KeyId, str]) -> Facts:
    violation = group[0]
    key_id = KeyId(violation.key_id or "")
    return {
        "id": violation.id,
        "severity": violation.severity.value,
        "category": violation.category.value,
        "type": violation.type,
        "part": violation.part,
        "direction": violation.direction.value,
        "effect": violation.effect.value,
        "enforced": violation.enforced.value,
        "evidence": violation.evidence,
        "occurred_at": format_time(violation.occurred_at),
        "key_name_or_id": key_names.get(key_id, key_id),
        "model": violation.model or "",
        "policy_rules": list(violation.policy_rules),
        "times": len(group),
    }
