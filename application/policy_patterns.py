"""Check the patterns of a policy, which the domain cannot: it has no RE2."""

from application.ports.pattern_matcher import PatternMatcher
from domain.errors import InvalidValue
from domain.policy.rule import Policy


def require_patterns(policy: Policy, patterns: PatternMatcher) -> None:
    """Accept a policy whose exceptions hold nothing but good patterns.

    Raises:
        InvalidValue: a pattern is not RE2; the field says which.
    """
    for index, exception in enumerate(policy.exceptions):
        if exception.pattern is not None:
            try:
                patterns.check(exception.pattern)
            except InvalidValue as error:
                field = f"exceptions[{index}].pattern"
                raise InvalidValue(error.message, field=field) from None
