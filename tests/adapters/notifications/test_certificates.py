"""Where the keys that check signatures come from, and whom they are believed to belong to."""

import asyncio
import ssl
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from adapters.notifications.certificates import (
    FAILURE_LASTS,
    MAX_KEPT,
    SigningCertificates,
    system_roots,
)
from application.ports.notifications import ForgedEvent
from domain.errors import Unavailable
from tests.adapters.notifications.authority import (
    ISSUER_URL,
    Authority,
    intermediate,
    private_key,
    root,
    stranger,
    trusted_roots,
)
from tests.adapters.notifications.web import FakeWeb
from tests.fakes.clock import START, FakeClock

URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem"
NAMES = ("sns.amazonaws.com", "sns.eu-central-1.amazonaws.com")
KEY = private_key("sns").public_key()


def certificates(web: FakeWeb, clock: FakeClock | None = None) -> SigningCertificates:
    return SigningCertificates(fetch=web, roots=trusted_roots, clock=clock or FakeClock())


def served(leaf: bytes, *, issuer: bytes | None = None) -> FakeWeb:
    return FakeWeb({URL: leaf, ISSUER_URL: issuer if issuer is not None else intermediate().der})


async def test_issuer_is_fetched_where_the_certificate_says() -> None:
    web = served(intermediate().issue("sns.amazonaws.com", key=KEY))

    key = await certificates(web).public_key(URL, names=NAMES)

    assert key == KEY
    assert web.asked == [URL, ISSUER_URL]


async def test_issuer_that_comes_along_is_not_fetched() -> None:
    chain = intermediate().issue(NAMES[1], key=KEY) + intermediate().certificate.public_bytes(
        serialization.Encoding.PEM
    )
    web = served(chain)

    assert await certificates(web).public_key(URL, names=NAMES) == KEY
    assert web.asked == [URL]


async def test_certificate_of_a_root_needs_no_issuer() -> None:
    web = served(root().issue(NAMES[0], key=KEY, issuer_url=None))

    assert await certificates(web).public_key(URL, names=NAMES) == KEY


@pytest.mark.parametrize(
    ("issuer", "names", "key"),
    [
        (intermediate(), ("example.com",), KEY),
        (intermediate(), ("sns.us-east-1.amazonaws.com",), KEY),
        (intermediate(), ("*.amazonaws.com",), KEY),
        (intermediate(), ("sns.amazonaws.com.example.com",), KEY),
        (stranger(), NAMES, KEY),
        (intermediate(), NAMES, private_key("short", 1024).public_key()),
    ],
    ids=["other name", "other region", "wildcard", "longer name", "other authority", "short key"],
)
async def test_certificate_that_does_not_speak_for_sns_is_refused(
    issuer: Authority, names: tuple[str, ...], key: RSAPublicKey
) -> None:
    web = served(issuer.issue(*names, key=key))

    with pytest.raises(ForgedEvent):
        await certificates(web).public_key(URL, names=NAMES)


@pytest.mark.parametrize("issuer", [stranger().der, root().der, b"", b"\x30\x03\x02\x01\x01"])
async def test_issuer_that_did_not_issue_it_does_not_help(issuer: bytes) -> None:
    web = served(intermediate().issue(*NAMES, key=KEY), issuer=issuer)

    with pytest.raises(ForgedEvent):
        await certificates(web).public_key(URL, names=NAMES)


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/r2m01.cer",
        "http://crt.r2m01.amazontrust.com.example.com/r2m01.cer",
        "http://crt.r2m01.amazontrust.com@example.com/r2m01.cer",
        "http://crt.r2m01.amazontrust.com:8080/r2m01.cer",
        "http://crt.r2m01.amazontrust.com/../r2m01.cer",
        "file:///etc/passwd",
    ],
)
async def test_issuer_is_fetched_from_nowhere_else(address: str) -> None:
    web = served(intermediate().issue(*NAMES, key=KEY, issuer_url=address))

    with pytest.raises(ForgedEvent):
        await certificates(web).public_key(URL, names=NAMES)

    assert web.asked == [URL]


async def test_certificate_out_of_its_time_is_refused() -> None:
    web = served(intermediate().issue(*NAMES, key=KEY, until=START + timedelta(hours=1)))
    clock = FakeClock()
    keeper = certificates(web, clock)

    await keeper.public_key(URL, names=NAMES)
    clock.advance(3601)

    with pytest.raises(ForgedEvent):
        await keeper.public_key(URL, names=NAMES)


@pytest.mark.parametrize("document", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nx\n", b"\x30"])
async def test_what_is_no_certificate_is_refused(document: bytes) -> None:
    with pytest.raises(ForgedEvent):
        await certificates(served(document)).public_key(URL, names=NAMES)


async def test_certificate_is_kept_for_a_day() -> None:
    web, clock = served(intermediate().issue(*NAMES, key=KEY)), FakeClock()
    keeper = certificates(web, clock)

    await keeper.public_key(URL, names=NAMES)
    clock.advance(86_399)
    await keeper.public_key(URL, names=NAMES)
    assert web.asked.count(URL) == 1
    clock.advance(1)
    await keeper.public_key(URL, names=NAMES)

    assert web.asked.count(URL) == 2


async def test_however_many_ask_it_is_fetched_once() -> None:
    web = served(intermediate().issue(*NAMES, key=KEY))
    keeper = certificates(web)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(keeper.public_key(URL, names=NAMES))

    assert web.asked == [URL, ISSUER_URL]


async def test_failure_is_told_to_all_who_wait_and_soon_forgotten() -> None:
    web, clock = FakeWeb(), FakeClock()
    keeper = certificates(web, clock)

    told = await asyncio.gather(
        *(keeper.public_key(URL, names=NAMES) for _ in range(5)), return_exceptions=True
    )
    web.documents = served(intermediate().issue(*NAMES, key=KEY)).documents
    with pytest.raises(Unavailable):
        await keeper.public_key(URL, names=NAMES)
    clock.advance(FAILURE_LASTS)
    key = await keeper.public_key(URL, names=NAMES)

    assert all(isinstance(one, Unavailable) for one in told)
    assert web.asked.count(URL) == 2
    assert key == KEY


async def test_invented_addresses_do_not_drive_out_the_good_one() -> None:
    web = served(intermediate().issue(*NAMES, key=KEY))
    keeper = certificates(web)
    await keeper.public_key(URL, names=NAMES)

    for number in range(3 * MAX_KEPT):
        with pytest.raises(Unavailable):
            await keeper.public_key(f"{URL}{number}", names=NAMES)
    await keeper.public_key(URL, names=NAMES)

    assert web.asked.count(URL) == 1
    assert len(keeper._failures) == MAX_KEPT
    assert keeper._locks == {}


async def test_machine_without_trusted_certificates_is_our_trouble() -> None:
    web = served(intermediate().issue(*NAMES, key=KEY))
    keeper = SigningCertificates(fetch=web, roots=lambda: (), clock=FakeClock())

    with pytest.raises(Unavailable, match="SSL_CERT_FILE"):
        await keeper.public_key(URL, names=NAMES)


def test_roots_of_this_machine_are_those_of_its_file() -> None:
    if ssl.get_default_verify_paths().cafile is None:
        pytest.skip("this machine has no file of trusted certificates")

    roots = system_roots()

    assert len(roots) > 20
    assert len(set(roots)) == len(roots)
