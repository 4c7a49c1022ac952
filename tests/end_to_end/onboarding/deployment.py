"""What a person can reach of a deployment: two addresses, mails, storage and payments."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TypeVar

from tests.fakes.stripe_server import API_KEY, PRICE, WEBHOOK_SECRET, StripeOfTests

_WAIT_SECONDS = 60.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """A running deployment, as those see it who use it."""

    platform: str
    """Address of the control plane, with its prefix."""

    services: str
    """Address of the gateway and its management routes, with their prefix."""

    mails: Callable[[], Sequence[EmailMessage]]
    has_bucket: Callable[[str], bool]
    stripe: StripeOfTests

    def in_mail_to(self, address: str, pattern: str) -> str:
        """Wait for a mail to an address in which a pattern is found, and return what matches."""

        def found() -> str | None:
            for mail in self.mails():
                body = mail.get_body(("plain",))
                if mail["To"] == address and body is not None:
                    match = re.search(pattern, str(body.get_content()), re.MULTILINE)
                    if match is not None:
                        return match.group(1)
            return None

        return eventually(found, what=f"a mail to {address} with {pattern}")


def eventually(look: Callable[[], _T | None], *, what: str) -> _T:
    """Look until there is something, which is returned."""
    end = time.monotonic() + _WAIT_SECONDS
    while (found := look()) is None:
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.1)
    return found


def payments(stripe: StripeOfTests) -> dict[str, str]:
    """Return the settings with which plans are sold by a stand-in for Stripe."""
    return {
        "STRIPE_API_KEY": API_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TRUEPORT_STRIPE_PRICE_TEAM": PRICE,
        "TRUEPORT_STRIPE_ADDRESS": stripe.address,
    }
