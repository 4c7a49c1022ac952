"""A TCP proxy that makes a network bad: slow, narrow, silent, cut, or answering for the server."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

_PIECE = 65_536
_TICK = 0.05
"""Seconds that one portion takes on a narrow line."""

_RESET = struct.pack("ii", 1, 0)
"""A linger of zero seconds: closing resets the connection instead of ending it in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How connections fare; the default is a good line.

    `latency` is seconds before each piece goes on, `rate` bytes a second in each direction.
    `is_deaf` swallows what clients send, `is_mute` what the server answers: with one of them a
    connection is half open, with both it is a black hole. `refuses` resets new connections, and
    `answer` is sent to them in place of anything that the server says, before they are closed.
    """

    latency: float = 0.0
    rate: float | None = None
    is_deaf: bool = False
    is_mute: bool = False
    refuses: bool = False
    answer: bytes | None = None


GOOD = Line()
BLACK_HOLE = Line(is_deaf=True, is_mute=True)


@dataclass(slots=True)
class _Connection:
    """The two ends of one connection, and whether something that was sent on it is gone."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    is_lossy: bool = False

    def reset(self) -> None:
        for writer in (self.client, self.server):
            if writer is not None:
                _reset(writer)


class FaultProxy:
    """Listen on a free port and pass connections on to one server, as the line lets it.

    `line` may be set at any moment and holds for connections that are open, too.
    """

    def __init__(self, host: str, port: int) -> None:
        self.line = GOOD
        self.accepted = 0
        self._upstream = (host, port)
        self._connections: list[_Connection] = []
        self._server: asyncio.Server | None = None
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.line = replace(GOOD, refuses=True)
        self.cut()
        await self._is_idle.wait()

    @property
    def port(self) -> int:
        assert self._server is not None
        sockets: Sequence[socket.socket] = self._server.sockets
        return int(sockets[0].getsockname()[1])

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def cut(self) -> None:
        """Reset every open connection."""
        for connection in list(self._connections):
            connection.reset()

    def heal(self) -> None:
        """Make the line good; a connection on which something was lost is reset."""
        self.line = GOOD
        for connection in list(self._connections):
            if connection.is_lossy:
                connection.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        connection = _Connection(writer)
        self._connections.append(connection)
        self._is_idle.clear()
        try:
            with suppress(OSError):
                await self._pass_on(connection, reader)
        finally:
            connection.reset()
            self._connections.remove(connection)
            if not self._connections:
                self._is_idle.set()

    async def _pass_on(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        line = self.line
        if line.refuses:
            return
        if line.answer is not None:
            # Read first: an answer before the question is no answer to most clients.
            await reader.read(_PIECE)
            connection.client.write(line.answer)
            await connection.client.drain()
            connection.client.write_eof()
            await _read_out(reader)
            return
        answers, connection.server = await asyncio.open_connection(*self._upstream)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(connection, reader, connection.server, is_request=True))
            group.create_task(self._pump(connection, answers, connection.client, is_request=False))

    async def _pump(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        is_request: bool,
    ) -> None:
        """Pass one direction on until it ends; an error ends both directions."""
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._send(connection, piece, writer, is_request=is_request)
            if not connection.is_lossy and not writer.is_closing():
                writer.write_eof()
            return
        connection.reset()

    async def _send(
        self,
        connection: _Connection,
        piece: bytes,
        writer: asyncio.StreamWriter,
        *,
        is_request: bool,
    ) -> None:
        if self.line.latency:
            await asyncio.sleep(self.line.latency)
        while piece:
            line = self.line
            if connection.is_lossy or (line.is_deaf if is_request else line.is_mute):
                # Behind a hole nothing makes sense any more, whatever the line is like by then.
                connection.is_lossy = True
                return
            if writer.is_closing():
                return
            portion = _PIECE if line.rate is None else max(1, int(line.rate * _TICK))
            writer.write(piece[:portion])
            await writer.drain()
            piece = piece[portion:]
            if line.rate is not None:
                await asyncio.sleep(_TICK)


async def _read_out(reader: asyncio.StreamReader) -> None:
    """Read until the other end closes, so that closing does not reset what it has not read."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await reader.read(_PIECE):
                pass


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.transport.is_closing():
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
