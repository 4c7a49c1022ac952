"""Two servers that share MongoDB, Redis, S3 and a mail server, as production has them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.onboarding.deployment import Reachable
from tests.end_to_end.onboarding.outside_stores import outside_stores
from tests.end_to_end.server import Server


@contextmanager
def production(folder: Path, address: Callable[[str], str]) -> Iterator[Reachable]:
    """Run a server for the control plane and another one for the gateway."""
    with outside_stores(folder, address) as stores:
        servers = []
        for name in ("first", "second"):
            home = folder / name
            home.mkdir()
            servers.append(Server(home, environment=stores.environment))
        first, second = servers
        try:
            for server in servers:
                server.start()
            yield Reachable(
                platform=f"{first.url}/platform/api",
                services=f"{second.url}/trueportai-services",
                mails=stores.boxes.messages,
                has_bucket=stores.has_bucket,
                stripe=stores.stripe,
            )
            assert [server.stop() for server in servers] == [0, 0]
        finally:
            for server in servers:
                server.kill()
