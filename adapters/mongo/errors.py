"""What the driver raises, in words of the domain."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import BSONError
from pymongo.errors import (
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

from domain.errors import ConcurrentUpdate, Conflict, DomainError, InvalidValue, Unavailable

SERVICE = "store"
RETRY_AFTER = 1.0
NO_REPLICA_SET = "store.no_replica_set"

_log = logging.getLogger(__name__)

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
_NO_TRANSACTIONS = frozenset({20, 263})
_CONFLICTS = frozenset({112, 225, 239, 244, 246, 251, 267})
_AWAY = frozenset({50, 91, 189, 262, 10107, 11600, 11602, 13435, 13436})
_REFUSED = frozenset({13, 18, 8000})
_CONFLICT_WORDS = "Write conflict"


class Taken(Conflict):
    """A unique index holds this value already; repositories say which value it is."""

    code = "store.taken"


class Away(Unavailable):
    """MongoDB is away, without a primary, or too slow."""

    def __init__(self) -> None:
        super().__init__(SERVICE, "MongoDB cannot be reached", retry_after=RETRY_AFTER)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the driver raises as an error of the domain; its own text goes no further.

    Raises:
        Taken: a unique index holds the value already.
        ConcurrentUpdate: another transaction got in between.
        Away: MongoDB is away, without a primary, or too slow.
        Unavailable: MongoDB refuses, or cannot do transactions.
        InvalidValue: a value cannot be stored (a number above 64 bits, too large a document).
    """
    try:
        yield
    except ConnectionFailure as error:
        raise Away from error
    except (PyMongoError, BSONError, OverflowError, UnicodeEncodeError) as error:
        # The texts of these quote what was to be stored.
        raise _meaning(error) from None


def _meaning(error: Exception) -> DomainError:  # noqa: PLR0911 - one for each kind
    match error:
        case DuplicateKeyError():
            return Taken("this exists already")
        case OperationFailure(code=code) if code in _NO_TRANSACTIONS:
            return no_replica_set()
        case OperationFailure() if _is_conflict(error):
            return ConcurrentUpdate("this was changed in the meantime: read it again")
        case OperationFailure(code=code) if code in _AWAY:
            return Away()
        case OperationFailure(code=code) if code in _REFUSED:
            return Unavailable(SERVICE, "MongoDB refuses the user of MONGO_URI, or this to it")
        case DocumentTooLarge() | BSONError() | OverflowError() | UnicodeEncodeError():
            return InvalidValue("a value is too large, or is no Unicode text")
        case InvalidOperation():
            return Unavailable(SERVICE, "the store is not open")
        case OperationFailure(code=code):
            # The server's text may hold values; its number says enough to look it up.
            _log.warning("MongoDB refused a command", extra={"code": code})
    return Unavailable(SERVICE, retry_after=RETRY_AFTER)


def no_replica_set() -> Unavailable:
    """Return the refusal of a server without transactions."""
    return Unavailable(
        SERVICE,
        "this MongoDB is no replica set, which transactions need: start mongod with --replSet and "
        "run rs.initiate() once, one member is enough",
        code=NO_REPLICA_SET,
    )


def _is_conflict(error: OperationFailure) -> bool:
    # Servers that speak MongoDB's protocol without being MongoDB may leave the number out.
    return error.code in _CONFLICTS or (
        error.code is None and _CONFLICT_WORDS in str((error.details or {}).get("errmsg", ""))
    )
