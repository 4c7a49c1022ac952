"""A secret that a sender shows with each message, where its cloud signs none."""

import hmac
import logging
from collections.abc import Iterable

from application.ports.notifications import Distrust, EventMessage, ForgedEvent

SECRET_HEADER = "x-trueport-events-secret"  # noqa: S105 - the name of a header

_log = logging.getLogger(__name__)


class SharedSecret:
    """Compare in constant time; without a secret everything is refused, and the log says so once.

    `setting` is the name of the environment variable that holds the secret.
    """

    def __init__(self, secret: str | None, *, setting: str) -> None:
        self._secret = None if secret is None else secret.encode()
        self._setting = setting
        self._has_complained = False

    def require(self, shown: Iterable[str]) -> None:
        """Return if one of the shown texts is the secret.

        Raises:
            ForgedEvent: none is, or no secret is set.
        """
        secret = self.require_setting()
        if not any(_is_same(one, secret) for one in shown):
            raise ForgedEvent("the event does not show the secret", reason=Distrust.SECRET)

    def require_setting(self) -> bytes:
        """Return the secret.

        Raises:
            ForgedEvent: none is set.
        """
        if self._secret is None:
            if not self._has_complained:
                self._has_complained = True
                _log.warning(
                    "events are refused: a setting is missing", extra={"setting": self._setting}
                )
            raise ForgedEvent(
                f"these events need {self._setting} to be set", reason=Distrust.SETTING
            )
        return self._secret


def shown_in_headers(message: EventMessage) -> tuple[str, ...]:
    """Return what a sender may have put the secret into: our own header, or `authorization`.

    In the latter it stands alone, as EventBridge's API keys do, or after `Bearer`, as MinIO's do.
    """
    own = message.headers.get(SECRET_HEADER, "")
    authorization = message.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    return (own, authorization, token.strip() if scheme.lower() == "bearer" else "")


def _is_same(shown: str, secret: bytes) -> bool:
    return bool(shown) and hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), secret)
