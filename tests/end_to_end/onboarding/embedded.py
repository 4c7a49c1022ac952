"""The embedded default: one process, a folder, and nothing else."""

import email
import email.policy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.end_to_end.onboarding.deployment import Reachable, payments
from tests.end_to_end.server import Server
from tests.fakes.stripe_server import stripe_server


@contextmanager
def embedded(home: Path, _: Callable[[str], str]) -> Iterator[Reachable]:
    """Run `trueport serve` with settings for payments alone."""

    def mails() -> Sequence[EmailMessage]:
        return [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in (home / "outbox").glob("*.eml")
        ]

    with stripe_server() as stripe:
        server = Server(home, environment=payments(stripe))
        try:
            server.start()
            yield Reachable(
                platform=f"{server.url}/platform/api",
                services=f"{server.url}/trueportai-services",
                mails=mails,
                has_bucket=lambda name: (home / "storage" / name).is_dir(),
                stripe=stripe,
            )
            assert server.stop() == 0
        finally:
            server.kill()
