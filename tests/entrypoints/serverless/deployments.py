"""State for functions: a tenant with a key, an upstream and alerts, in a folder and a bucket."""

import base64
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from application.gateway.upstreams import ConnectUpstreamCommand
from domain.authorisation import OPERATOR
from domain.routing import ServedModel, UpstreamKind
from entrypoints.demo import SLUG, Demo
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.lifespan import opened

SECRETS = {
    "SECRET_KEY": base64.b64encode(bytes(range(64, 112))).decode(),
    "TRUEPORT_MASTER_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
}
MODELS = ("echo-slow-60000", "echo-slow-60000-break-1")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What a function needs to know, and a key that it serves."""

    environment: Mapping[str, str]
    key: str
    home: Path

    def count(self, table: str, where: str = "1") -> int:
        with closing(sqlite3.connect(self.home / "trueport.sqlite3")) as raw:
            (count,) = raw.execute(f"select count(*) from {table} where {where}").fetchone()  # noqa: S608
        return int(count)

    def objects(self) -> list[Path]:
        """Return the audit objects of local storage, without anchors."""
        return [
            path
            for path in (self.home / "storage").rglob("*.jsonl.gz")
            if "anchors" not in path.parts
        ]


async def deployed(home: Path, variables: Mapping[str, str] | None = None) -> Deployment:
    environment = {"TRUEPORT_HOME": str(home), **SECRETS, **(variables or {})}
    container = make_container(load_settings(environment))
    async with opened(container):
        state = await Demo(container, address="").seed(limits=None)
        await container.connect_upstream()(
            OPERATOR,
            ConnectUpstreamCommand(
                slug=SLUG,
                name="slow",
                kind=UpstreamKind.ECHO,
                models=tuple(ServedModel(name=name, upstream_name=name) for name in MODELS),
            ),
        )
    return Deployment(environment=environment, key=state.api_key, home=home)
