"""Look at a policy before it judges: what the domain alone cannot tell of it."""

import asyncio
import difflib
import re
from collections.abc import Callable, Collection

from application.ports.credentials import Digests
from application.ports.custom_detectors import CustomDetectors
from application.ports.pattern_matcher import PatternMatcher
from domain.errors import InvalidValue
from domain.identifiers import TenantId
from domain.policy.rule import Policy

_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9-]{2,63}")


class PolicyDrafts:
    """Try what a policy holds, and hide the values that it accepts."""

    def __init__(
        self,
        *,
        patterns: PatternMatcher,
        custom: CustomDetectors,
        rules: Callable[[], Collection[str]],
        digests: Digests,
    ) -> None:
        self._patterns = patterns
        self._custom = custom
        self._rules = rules
        self._digests = digests

    async def accepted(
        self, tenant_id: TenantId, policy: Policy, *, within: str = "policy"
    ) -> Policy:
        """Return a policy as it is stored: tried, and with fingerprints for values in the clear.

        What is tried takes its time, and so a thread. `within` is the path to the policy in what
        the caller was given.

        Raises:
            InvalidValue: as `check_policy` says it, with the path below `within`.
        """
        try:
            await asyncio.to_thread(check_policy, policy, self._patterns, self._custom, self._rules)
        except InvalidValue as error:
            raise InvalidValue(error.message, field=f"{within}.{error.field}") from None
        return policy.sealed(lambda kind, value: self._digests.fingerprint(tenant_id, kind, value))


def check_policy(
    policy: Policy,
    patterns: PatternMatcher,
    custom: CustomDetectors,
    rules: Callable[[], Collection[str]],
) -> None:
    """Accept a policy whose patterns are RE2 and whose detectors do what their examples say.

    Domains are host names, since anything else would never match. `rules` tells the rules of the
    built-in detectors, of which and of its own a policy may speak.

    Raises:
        InvalidValue: the field says which, such as `exceptions[0].pattern`.
    """
    for index, exception in enumerate(policy.exceptions):
        if exception.pattern is not None:
            try:
                patterns.check(exception.pattern)
            except InvalidValue as error:
                field = f"exceptions[{index}].pattern"
                raise InvalidValue(error.message, field=field) from None
        for domain in sorted(exception.domains):
            if _DOMAIN.fullmatch(domain) is None:
                raise InvalidValue(
                    f"{domain!r} is no host name such as example.com: leave out what stands "
                    "around it, and write other scripts as xn--…",
                    field=f"exceptions[{index}].domains",
                )
    try:
        custom.check(policy.detectors)
    except InvalidValue as error:
        raise InvalidValue(error.message, field=f"detectors{error.field}") from None
    _check_detector_rules(policy, rules)


def _check_detector_rules(policy: Policy, rules: Callable[[], Collection[str]]) -> None:
    named = [
        *(
            (f"rules[{index}].when.detector_rules", rule.when.detector_rules)
            for index, rule in enumerate(policy.rules)
        ),
        *(
            (f"exceptions[{index}].detector_rules", exception.detector_rules)
            for index, exception in enumerate(policy.exceptions)
        ),
    ]
    known = {detector.rule for detector in policy.detectors}
    if all(names <= known for _, names in named):
        return
    known |= set(rules())
    for field, names in named:
        for name in sorted(names - known):
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InvalidValue(f"no detector has the rule {name!r}{hint}", field=field)
