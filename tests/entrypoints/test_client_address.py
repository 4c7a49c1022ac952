"""Where a caller is: the peer of the connection, or what a proxy that is trusted says."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from entrypoints.http.client_address import ClientFromHeader, client_address
from tests.entrypoints.conftest import a_site
from tests.entrypoints.mailbox import bearer_of


async def address_behind(header: str, *values: str, peer: str = "10.0.0.1") -> str:
    """Return the address of a request that came from a peer with these header lines."""
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(client_address(Request(scope)))

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None: ...

    scope: Scope = {
        "type": "http",
        "client": (peer, 1234),
        "headers": [(header.encode(), value.encode()) for value in values],
    }
    await ClientFromHeader(app, header="X-Forwarded-For")(scope, receive, send)
    return seen[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
async def test_nearest_proxys_word_is_taken(value: str, expected: str) -> None:
    assert await address_behind("x-forwarded-for", value) == expected


async def test_last_of_several_lines_counts() -> None:
    assert await address_behind("x-forwarded-for", "203.0.113.9", "192.0.2.1") == "192.0.2.1"


async def test_other_headers_are_nobodys_word() -> None:
    assert await address_behind("x-real-ip", "192.0.2.1") == "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::/64"), ("testclient", "testclient"), ("", "unknown")],
)
async def test_peer_is_the_client_without_a_proxy(peer: str, expected: str) -> None:
    assert await address_behind("x-real-ip", peer=peer) == expected


async def test_header_is_believed_only_where_a_setting_names_it(tmp_path: Path) -> None:
    spoofed = {"x-forwarded-for": "192.0.2.77"}
    clients = []

    for name, environment in (
        ("without", {}),
        ("with", {"TRUEPORT_CLIENT_ADDRESS_HEADER": "x-forwarded-for"}),
    ):
        async with a_site(tmp_path / name, environment) as site:
            headers = {**await bearer_of(site, "ada@example.org"), **spoofed}
            path = "/platform/api/v1/tenants"
            await site.client.post(path, json={"slug": "mine", "name": "Mine"}, headers=headers)
            events = await site.client.get(f"{path}/mine/events", headers=headers)
            clients.append(events.json()["items"][0]["client"])

    assert clients == ["127.0.0.1", "192.0.2.77"]
