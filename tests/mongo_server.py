"""A counterpart of MongoDB: mongoeco in its own environment, on a port of this machine.

Run by the python of that environment: `python tests/mongo_server.py PORT`.
"""

import asyncio
import sys
from typing import Any

from mongoeco.engines.memory import MemoryEngine
from mongoeco.errors import OperationFailure
from mongoeco.wire import AsyncMongoEcoProxyServer, proxy
from mongoeco.wire.sessions import WireSessionStore

WRITE_CONFLICT = 112


class Sessions(WireSessionStore):  # type: ignore[misc] # untyped here
    """End a transaction whose commit failed, with MongoDB's number: mongoeco would go on with it.

    A driver uses sessions again, and the next transaction would see what the failed one saw.
    """

    def commit_transaction(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = super().commit_transaction(body)
        except OperationFailure as error:
            self.abort_transaction(body)
            raise OperationFailure(
                str(error), code=WRITE_CONFLICT, error_labels=("TransientTransactionError",)
            ) from None
        return answer


async def serve(port: int) -> None:
    proxy.WireSessionStore = Sessions
    server = AsyncMongoEcoProxyServer(engine=MemoryEngine(), host="127.0.0.1", port=port)
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
