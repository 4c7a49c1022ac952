"""A real HTTP/1.1 server on 127.0.0.1 whose answers, and faults, a test writes byte by byte."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Exchange:
    """One request that arrived, and the means to answer it."""

    line: str
    headers: Mapping[str, str]
    content: bytes
    connection: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def body(self) -> dict[str, object]:
        value = json.loads(self.content)
        assert isinstance(value, dict)
        return value

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def respond(
        self,
        body: bytes | Mapping[str, object],
        *,
        status: int = 200,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"content-type": media_type, "content-length": str(len(content))}
        await self.send(_head(status, {**lines, **(headers or {})}) + content)

    async def begin(self, *, media_type: str = "text/event-stream") -> None:
        await self.send(_head(200, {"content-type": media_type, "transfer-encoding": "chunked"}))

    async def piece(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def event(self, value: Mapping[str, object] | bytes) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        await self.piece(b"data: " + data + b"\n\n")

    async def end(self) -> None:
        await self.send(b"0\r\n\r\n")

    def cut(self) -> None:
        """Close the connection hard, in the middle of whatever it was saying."""
        self.writer.transport.abort()

    async def until_closed(self) -> None:
        """Wait until the client has closed its side."""
        try:
            while await self.reader.read(1024):
                pass
        except ConnectionError:
            return


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


Script = Callable[[Exchange], Awaitable[None]]


@dataclass(kw_only=True)
class LocalServer:
    """What a test sees of the running server; `script` may be exchanged at any time."""

    script: Script
    port: int = 0
    scheme: str = "http"
    connections: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        try:
            while (exchange := await _read(reader, writer, connection)) is not None:
                self.exchanges.append(exchange)
                await self.script(exchange)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
) -> Exchange | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = head.split("\r\n")
    headers = {
        name.lower(): text.strip() for name, _, text in (row.partition(":") for row in rest if row)
    }
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return Exchange(
        line=line,
        headers=headers,
        content=content,
        connection=connection,
        reader=reader,
        writer=writer,
    )


@asynccontextmanager
async def local_server(
    script: Script, *, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[LocalServer]:
    """Serve until the context is left; connections still open are closed then."""
    local = LocalServer(script=script, scheme="https" if ssl_context else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await local.serve(reader, writer)
        except asyncio.CancelledError:
            return
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=ssl_context)
    local.port = server.sockets[0].getsockname()[1]
    try:
        yield local
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tuple(tasks))
        await server.wait_closed()
