"""What speaking with a Triton server promises, over gRPC and over HTTP, with a real server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.detectors.triton.addresses import parse_addresses
from adapters.detectors.triton.errors import (
    ModelMissing,
    RequestFailed,
    RequestRefused,
    ServerAway,
)
from adapters.detectors.triton.models import TensorSpec
from adapters.detectors.triton.transport import Tensors, Transport
from adapters.detectors.triton.transports import make_transport
from tests.counterpart_servers import free_port
from tests.triton_server import TritonServer

IDS = np.array([[7, 8, 0], [1, 0, 0]], dtype=np.int64)
MASK = np.array([[1, 1, 0], [1, 0, 0]], dtype=np.int64)


@pytest.fixture(params=["grpc", "http"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def transport(triton: TritonServer, scheme: str) -> AsyncIterator[Transport]:
    (address,) = parse_addresses(triton.url(scheme))
    made = make_transport(address)
    yield made
    await made.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return what a server needs that has a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def texts(*values: str) -> Tensors:
    return {"TEXT": np.array([[value.encode()] for value in values], dtype=np.object_)}


async def test_running_server_is_ready(transport: Transport) -> None:
    assert await transport.is_ready()


async def test_model_is_described(transport: Transport) -> None:
    toy = await transport.describe("toy")
    numbers = await transport.describe("injection-distilbert")

    assert toy.inputs == (TensorSpec(name="TEXT", datatype="BYTES", dims=(1,)),)
    assert toy.outputs == (TensorSpec(name="ANSWER", datatype="BYTES", dims=(1,)),)
    assert toy.max_batch == 8
    assert toy.parameters["trueport_version"] == "toy-1"
    assert numbers.inputs[0] == TensorSpec(name="INPUT__0", datatype="INT64", dims=(-1,))
    assert numbers.outputs == (TensorSpec(name="OUTPUT__0", datatype="FP32", dims=(2,)),)


async def test_texts_of_any_alphabet_and_none_come_back(transport: Transport) -> None:
    answer = await transport.infer("toy", texts("grüße", "", "a\0b", "\N{SNOWMAN}"), ["ANSWER"])

    assert [one.decode() for (one,) in answer["ANSWER"]] == ["GRÜSSE", "", "A\0B", "\N{SNOWMAN}"]


async def test_numbers_come_back(transport: Transport) -> None:
    answer = await transport.infer(
        "injection-distilbert", {"INPUT__0": IDS, "INPUT__1": MASK}, ["OUTPUT__0"]
    )

    assert answer["OUTPUT__0"].dtype == np.float32
    np.testing.assert_allclose(answer["OUTPUT__0"], [[0.015, 0.2], [0.001, 0.1]])


async def test_unknown_model_is_missing(transport: Transport) -> None:
    with pytest.raises(ModelMissing):
        await transport.describe("nobody")
    with pytest.raises(ModelMissing):
        await transport.infer("nobody", texts("a"), ["ANSWER"])


async def test_wrong_tensors_are_refused(transport: Transport) -> None:
    with pytest.raises(RequestRefused):
        await transport.infer("toy", {"TEXT": IDS}, ["ANSWER"])
    with pytest.raises(RequestRefused):
        await transport.infer("toy", texts(*"123456789"), ["ANSWER"])


async def test_failure_of_a_model_is_told_without_its_words(transport: Transport) -> None:
    with pytest.raises(RequestFailed) as told:
        await transport.infer("toy", texts("fail"), ["ANSWER"])

    assert "told to fail" not in str(told.value)


async def test_nobody_at_the_address_is_a_server_that_is_away(scheme: str) -> None:
    (address,) = parse_addresses(f"{scheme}://127.0.0.1:{free_port()}")
    transport = make_transport(address)

    try:
        with pytest.raises(ServerAway):
            await transport.is_ready()
        with pytest.raises(ServerAway):
            await transport.infer("toy", texts("a"), ["ANSWER"])
    finally:
        await transport.close()


async def test_server_that_is_killed_over_a_request_is_away(
    triton: TritonServer, transport: Transport
) -> None:
    await transport.describe("toy")
    triton.kill()

    with pytest.raises(ServerAway):
        await transport.infer("toy", texts("a"), ["ANSWER"])


@pytest.mark.parametrize("encrypted", ["grpcs", "https"])
async def test_server_whose_certificate_nobody_vouches_for_is_away(
    encrypted: str, tmp_path: Path
) -> None:
    greeted: list[bytes] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeted.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    port = server.sockets[0].getsockname()[1]
    (address,) = parse_addresses(f"{encrypted}://localhost:{port}")
    transport = make_transport(address)

    try:
        with pytest.raises(ServerAway):
            await transport.infer("toy", texts("a"), ["ANSWER"])
    finally:
        await transport.close()
        server.close()
        await server.wait_closed()

    assert not any(greeted)
