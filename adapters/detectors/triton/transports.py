"""Choose what speaks a server's protocol."""

from adapters.detectors.triton.addresses import ServerAddress
from adapters.detectors.triton.grpc_transport import GrpcTransport
from adapters.detectors.triton.http_transport import HttpTransport
from adapters.detectors.triton.transport import Transport


def make_transport(address: ServerAddress) -> Transport:
    """Return the transport to a server, for the running event loop."""
    return GrpcTransport(address) if address.is_grpc else HttpTransport(address)
