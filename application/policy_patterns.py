"""Check the patterns of a policy, which the domain cannot: it has no RE2."""

from application.ports.pattern_matcher import PatternMatcher
from domain.errors import InvalidValue
from domain.policy.rule import Policy


def require_patterns(policy: Policy, patterns: PatternMatcher, *, within: str = "") -> None:
    """Accept a policy whose exceptions hold nothing but good patterns.

    `within` is the path to the policy in what the caller was given.

    Raises:
        InvalidValue: a pattern is not RE2; the field says which.
    """
    for index, exception in enumerate(policy.exceptions):
        if exception.pattern is not None:
            try:
                patterns.check(exception.pattern)
            except InvalidValue as error:
                path = f"exceptions[{index}].pattern"
                field = f"{within}.{path}" if within else path
                raise InvalidValue(error.message, field=field) from None
