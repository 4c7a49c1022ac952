"""Posts reach the receiver that was named, and nothing else, whatever it answers."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import httpcore2
import pytest

from adapters.guarded_network import GuardedNetwork, Resolver
from adapters.webhooks.http_sender import HttpWebhookSender
from application.ports.webhooks import WebhookAnswer
from domain.errors import Unavailable
from domain.network_address import AddressRefused
from tests.adapters.model_providers.certificates import Certificates, make_certificates
from tests.adapters.model_providers.local_server import Exchange, LocalServer, local_server
from tests.fakes.clock import FakeClock

NAME = "hooks.example.com"
BODY = b'{"type":"test"}'
HEADERS = {"webhook-id": "msg_1"}


async def local(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def fine(exchange: Exchange) -> None:
    await exchange.respond({}, status=200)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"), name=NAME)


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[LocalServer]:
    async with local_server(fine, ssl_context=certificates.server()) as running:
        yield running


def sender(
    certificates: Certificates | None = None,
    *,
    resolver: Resolver = local,
    seconds: float = 5.0,
    allow_private: bool = True,
) -> HttpWebhookSender:
    """Return a sender that takes only public https addresses, in a network that may be local."""
    return HttpWebhookSender(
        network=GuardedNetwork(allow_private=allow_private, resolver=resolver),
        clock=FakeClock(),
        seconds=seconds,
        ssl_context=ssl.create_default_context() if certificates is None else certificates.client(),
    )


async def post(
    made: HttpWebhookSender, server: LocalServer, path: str = "/in?sig=1"
) -> WebhookAnswer:
    return await made.post(f"https://{NAME}:{server.port}{path}", headers=HEADERS, body=BODY)


async def test_body_and_headers_arrive_at_the_address_as_it_stands(
    certificates: Certificates, server: LocalServer
) -> None:
    answer = await post(sender(certificates), server, "/in/?sig=a%2Bb&x=/?")

    (exchange,) = server.exchanges
    assert answer == WebhookAnswer(status=200)
    assert exchange.line == "POST /in/?sig=a%2Bb&x=/? HTTP/1.1"
    assert exchange.content == BODY
    assert exchange.headers["host"] == f"{NAME}:{server.port}"
    assert exchange.headers["content-type"] == "application/json"
    assert exchange.headers["webhook-id"] == "msg_1"


async def test_address_without_a_path_is_the_root(
    certificates: Certificates, server: LocalServer
) -> None:
    await post(sender(certificates), server, "")

    assert server.exchanges[0].line == "POST / HTTP/1.1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_an_answer_and_not_followed(
    certificates: Certificates, server: LocalServer, status: int
) -> None:
    async def elsewhere(exchange: Exchange) -> None:
        there = f"https://{NAME}:{server.port}/there"
        await exchange.respond({}, status=status, headers={"location": there})

    server.script = elsewhere

    answer = await post(sender(certificates), server)

    assert answer.status == status
    assert len(server.exchanges) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["93.184.215.14", "127.0.0.1"],
        ["::ffff:10.0.0.7"],
        ["64:ff9b::a00:7"],
        ["fd00:ec2::254"],
    ],
)
async def test_name_that_leads_inside_is_not_called(
    certificates: Certificates, server: LocalServer, addresses: list[str]
) -> None:
    async def inside(host: str, port: int) -> Sequence[str]:
        return addresses

    with pytest.raises(AddressRefused):
        await post(sender(certificates, resolver=inside, allow_private=False), server)

    assert server.connections == 0


class RecordingNetwork(httpcore2.AnyIOBackend):
    """A network in which nobody answers, and which remembers who was called."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def connect_tcp(
        self, host: str, *arguments: object, **options: object
    ) -> httpcore2.AsyncNetworkStream:
        self.called.append(host)
        raise httpcore2.ConnectError("nobody answers")


async def test_name_that_changes_its_meaning_is_called_where_it_was_checked_or_not_at_all() -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    network, reached = (
        GuardedNetwork(allow_private=False, resolver=rebinding),
        RecordingNetwork(),
    )
    network._network = reached
    made = HttpWebhookSender(network=network, clock=FakeClock())

    with pytest.raises(Unavailable) as first:
        await made.post(f"https://{NAME}/in", headers={}, body=BODY)
    looked_up = 2 - len(answers)
    with pytest.raises(AddressRefused):
        await made.post(f"https://{NAME}/in", headers={}, body=BODY)

    assert first.value.code == "webhook.unreachable"
    assert looked_up == 1
    assert reached.called == ["93.184.215.14"]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/in",
        "https://localhost/in",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://169.254.169.254/latest",
        "https://metadata.google.internal/",
        "https://user:secret@hooks.example.com/in",
        "https://hooks.example.com/in#fragment",
        "https://hooks.example.com/in?a b",
        "ftp://hooks.example.com/in",
    ],
)
def test_address_is_judged_before_it_is_stored(url: str) -> None:
    with pytest.raises(AddressRefused):
        sender().check(url)


def test_operator_may_admit_the_own_network_but_no_metadata_service() -> None:
    made = HttpWebhookSender(
        network=GuardedNetwork(allow_private=True), clock=FakeClock(), allow_private=True
    )

    made.check("http://127.0.0.1:9000/in")
    made.check("https://hooks.example.com/in?sig=1")
    with pytest.raises(AddressRefused):
        made.check("http://169.254.169.254/latest")


async def test_plain_http_is_posted_where_the_operator_admits_it() -> None:
    made = HttpWebhookSender(
        network=GuardedNetwork(allow_private=True), clock=FakeClock(), allow_private=True
    )
    async with local_server(fine) as server:
        answer = await made.post(f"http://127.0.0.1:{server.port}/", headers={}, body=BODY)

    assert answer.status == 200


@pytest.mark.parametrize("is_dripping", [False, True])
async def test_slow_receiver_is_given_up(
    certificates: Certificates, server: LocalServer, *, is_dripping: bool
) -> None:
    async def slow(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while is_dripping:
            await exchange.send(b"y")
            await asyncio.sleep(0.02)
        await exchange.until_closed()

    server.script = slow

    with pytest.raises(Unavailable) as late:
        await post(sender(certificates, seconds=0.3), server)

    assert late.value.code == "webhook.timeout"


async def test_answer_of_any_size_is_not_waited_for(
    certificates: Certificates, server: LocalServer
) -> None:
    sent = 0

    async def huge(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.begin(media_type="text/plain")
        for _ in range(4000):
            await exchange.piece(b"x" * 65536)
            sent += 65536

    server.script = huge

    answer = await post(sender(certificates), server)

    assert answer.status == 200
    # What was sent lies in the buffers of two sockets and of TLS, and was not read.
    assert sent < 32 * 1024 * 1024


async def test_answer_whose_body_never_ends_is_an_answer(
    certificates: Certificates, server: LocalServer
) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.begin(media_type="text/plain")
        await exchange.until_closed()

    server.script = endless
    began = time.monotonic()

    answer = await post(sender(certificates), server)

    assert answer.status == 200
    assert time.monotonic() - began < 4.0


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Tue, 24 Nov 2026 02:45:30 GMT", timedelta(seconds=90)),
        ("Tue, 24 Nov 2026 02:00:00 GMT", timedelta(0)),
        ("9" * 400, timedelta(seconds=999_999_999)),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Tue, 24 Nov 2026 02:45:30", None),
    ],
)
async def test_wish_to_be_left_alone_is_read(
    certificates: Certificates, server: LocalServer, text: str, asked: timedelta | None
) -> None:
    async def busy(exchange: Exchange) -> None:
        await exchange.respond({}, status=503, headers={"Retry-After": text})

    server.script = busy

    assert await post(sender(certificates), server) == WebhookAnswer(status=503, retry_after=asked)


async def test_certificate_that_nobody_vouches_for_is_refused(server: LocalServer) -> None:
    with pytest.raises(Unavailable) as refused:
        await post(sender(), server)

    assert refused.value.code == "webhook.tls"
    assert server.exchanges == []


async def test_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = make_certificates(tmp_path, name="other.example.com")
    async with local_server(fine, ssl_context=other.server()) as server:
        with pytest.raises(Unavailable) as refused:
            await post(sender(other), server)

    assert refused.value.code == "webhook.tls"


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000]
)
async def test_receiver_that_speaks_no_http_is_unreachable(
    certificates: Certificates, server: LocalServer, said: bytes
) -> None:
    async def odd(exchange: Exchange) -> None:
        await exchange.send(said)
        exchange.cut()

    server.script = odd

    with pytest.raises(Unavailable) as failed:
        await post(sender(certificates), server)

    assert failed.value.code == "webhook.unreachable"


async def test_nobody_at_the_address_is_unreachable(certificates: Certificates) -> None:
    made = sender(certificates)

    with pytest.raises(Unavailable) as failed:
        await made.post(f"https://{NAME}:1/in", headers={}, body=BODY)

    assert failed.value.code == "webhook.unreachable"
    assert NAME not in failed.value.message


async def test_proxies_of_the_environment_are_not_used(
    certificates: Certificates, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert (await post(sender(certificates), server)).status == 200
