"""Patterns that tenants write, matched by RE2.

RE2 (https://github.com/google/re2/wiki/Syntax) has neither look-around nor back-references and
takes linear time, so that no pattern and no text can hold up the gateway.
"""

from functools import lru_cache

import re2  # type: ignore[import-untyped]

from application.ports.pattern_matcher import PatternMatcher
from domain.errors import InvalidValue

MAX_PATTERN = 500
"""Characters of one pattern."""

_MEMORY = 1 << 20
_COMPILED = 256


class Re2PatternMatcher(PatternMatcher):
    """Compile each pattern once and keep the most recently used ones."""

    def check(self, pattern: str) -> None:
        """Accept a pattern.

        Raises:
            InvalidValue: not RE2, or too large; the message says what and where.
        """
        _compiled(pattern)

    def matches(self, pattern: str, text: str) -> bool:
        """Tell whether the pattern matches the whole text; raises as `check` does."""
        # JSON can carry lone surrogates, UTF-8 cannot.
        return _compiled(pattern).fullmatch(text.encode("utf-8", "replace")) is not None


@lru_cache(maxsize=_COMPILED)
def _compiled(pattern: str) -> "re2._Regexp":
    if not 1 <= len(pattern) <= MAX_PATTERN:
        raise InvalidValue(
            f"a pattern has 1 to {MAX_PATTERN} characters, not {len(pattern)}", field="pattern"
        )
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options=options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) and error.args else "no UTF-8 text"
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise InvalidValue(f"this is no RE2 pattern: {said}", field="pattern") from error
