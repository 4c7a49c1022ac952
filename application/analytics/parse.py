"""Read the lines of a stored log, whoever wrote it, as exchanges.

Formats are told apart by content: records of our own audit log, the logs of `foreign_logs.py`, and
plain text. A log in JSON is one document a line, one array, or one document over many lines. An
object of our own audit log, which its key shows, holds audit records and nothing else.

In plain text neighbouring lines make one block, up to an empty line and up to `_BLOCK` characters.
In files named `.log` or `.txt` a JSON line of no known shape is text as well.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from application.analytics.foreign_logs import read_foreign
from application.analytics.parsed_exchange import LogFormat, ParsedExchange
from application.audit_objects import UnreadableObject, parse_line
from application.gateway.exchange import REQUEST_PREFIX, RESPONSE_PREFIX
from application.gateway.judgement import RecordedFinding
from application.object_chain import ObjectChain
from domain.audit import MAX_RECORD, AuditRecord, canonical, instance_of
from domain.chat import TextPart, request_parts, response_parts
from domain.errors import InvalidValue
from domain.identifiers import RecordId
from domain.policy.rule import AuditContent, Direction
from domain.tenant import Slug

_BLOCK = 8_192
_NAMED = 10
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_BEGINNINGS = (b"{", b"[")


class WrongTenant(UnreadableObject):
    """An object holds records of another tenant than the place it lies in."""

    code = "object.wrong_tenant"


@dataclass(slots=True)
class Skipped:
    """Lines that could not be read: how many, and the numbers of the first."""

    count: int = 0
    first: tuple[int, ...] = ()

    def add(self, number: int) -> None:
        """Note one more line."""
        self.count += 1
        if len(self.first) < _NAMED:
            self.first = (*self.first, number)

    def __str__(self) -> str:
        if not self.count:
            return ""
        more = ", …" if self.count > len(self.first) else ""
        lines = ", ".join(str(number) for number in self.first)
        return f"{self.count} lines could not be read: {lines}{more}"


class _Mode(Enum):
    UNKNOWN = auto()
    AUDIT = auto()
    LINES = auto()
    DOCUMENT = auto()
    TEXT = auto()


class LogParser:
    """Read one object, line by line from the first, then `finish`.

    `written_at` is the time of the object, for lines that tell none. `chain` checks an object of
    our own audit log on the way, and is None for any other.
    """

    def __init__(self, *, key: str, tenant: Slug, written_at: datetime) -> None:
        self._key = key
        self._tenant = tenant.value
        self._written_at = written_at
        self.chain = None if instance_of(key) is None else ObjectChain()
        self._mode = _Mode.UNKNOWN if self.chain is None else _Mode.AUDIT
        plain = key.lower().removesuffix(".gz")
        self._is_document = plain.endswith(".json")
        self._is_text = plain.endswith((".log", ".txt"))
        self._number = 0
        self._held: list[bytes] = []
        self._held_from = 1
        self._held_size = 0
        self.skipped = Skipped()
        self.exchanges = 0

    def feed(self, line: bytes) -> list[ParsedExchange]:
        """Return the exchanges that are complete with this line.

        Raises:
            WrongTenant: an audit record of another tenant.
        """
        self._number += 1
        if self._number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        return self._counted(self._fed(line))

    def finish(self) -> list[ParsedExchange]:
        """Return what is left.

        Raises:
            UnreadableObject: there were lines, and not one of them could be read.
            WrongTenant: an audit record of another tenant.
        """
        left: Iterator[ParsedExchange] = iter(())
        if self._mode is _Mode.DOCUMENT:
            left = self._document()
        elif self._mode is _Mode.TEXT:
            left = self._block()
        found = self._counted(left)
        if self.skipped.count and not self.exchanges:
            raise UnreadableObject(f"nothing in the object can be read: {self.skipped}")
        return found

    def _counted(self, exchanges: Iterator[ParsedExchange]) -> list[ParsedExchange]:
        found = list(exchanges)
        self.exchanges += len(found)
        return found

    def _fed(self, line: bytes) -> Iterator[ParsedExchange]:
        if self._mode is _Mode.AUDIT:
            return self._audit_line(line)
        if self._mode is _Mode.UNKNOWN and line.strip():
            self._mode = self._recognised(line)
        match self._mode:
            case _Mode.LINES:
                return self._json_line(line, self._number)
            case _Mode.DOCUMENT:
                return self._hold(line)
            case _Mode.TEXT:
                return self._text_line(line)
            case _:
                return iter(())

    def _recognised(self, line: bytes) -> _Mode:
        if not line.lstrip().startswith(_JSON_BEGINNINGS):
            return _Mode.TEXT
        if self._is_text and _json(line) is None:
            return _Mode.TEXT  # `[2026-11-24] started` begins like JSON and is none
        return _Mode.DOCUMENT if self._is_document and _json(line) is None else _Mode.LINES

    def _hold(self, line: bytes) -> Iterator[ParsedExchange]:
        """Keep a line of a document that goes on, unless it is too long for one."""
        if not self._held:
            self._held_from = self._number
        self._held.append(line)
        self._held_size += len(line) + 1
        return self._by_line() if self._held_size > MAX_RECORD else iter(())

    def _document(self) -> Iterator[ParsedExchange]:
        value = _json(b"\n".join(self._held))
        if value is None:
            return self._by_line()
        return self._json_value(value, self._held_from)

    def _by_line(self) -> Iterator[ParsedExchange]:
        """Read what was held as lines: it is no document."""
        self._mode = _Mode.LINES
        held, self._held = self._held, []
        for number, line in enumerate(held, start=self._held_from):
            yield from self._json_line(line, number)

    def _json_line(self, line: bytes, number: int) -> Iterator[ParsedExchange]:
        if not line.strip():
            return
        value = _json(line)
        if self._is_text and (value is None or self._is_unknown(value)):
            yield from self._text([line], number)
        elif value is None:
            self.skipped.add(number)
        else:
            yield from self._json_value(value, number)

    def _is_unknown(self, value: object) -> bool:
        return not isinstance(value, Mapping) or (
            not _is_record(value) and read_foreign(value) is None
        )

    def _json_value(self, value: object, number: int) -> Iterator[ParsedExchange]:
        documents = value if isinstance(value, list) else [value]
        for index, document in enumerate(documents):
            exchange = None
            if isinstance(document, Mapping):
                exchange = (
                    self._record(document)
                    if _is_record(document)
                    else self._foreign(document, number, index)
                )
            yield from self._if_read(exchange, number)

    def _audit_line(self, line: bytes) -> Iterator[ParsedExchange]:
        document = parse_line(line)
        if self.chain is not None:
            self.chain.add(document, line)
        return self._if_read(None if document is None else self._record(document), self._number)

    def _if_read(self, exchange: ParsedExchange | None, number: int) -> Iterator[ParsedExchange]:
        if exchange is None:
            self.skipped.add(number)
        else:
            yield exchange

    def _record(self, document: Mapping[str, object]) -> ParsedExchange | None:
        try:
            record = AuditRecord.from_document(document)
            recorded = tuple(RecordedFinding.from_document(one) for one in record.findings)
        except InvalidValue:
            return None
        if record.tenant != self._tenant:
            raise WrongTenant("the object holds records of another tenant")
        parts: tuple[TextPart, ...] = ()
        if record.content == AuditContent.FULL:
            parts = (
                *_located(record.request, REQUEST_PREFIX),
                *_located(record.response, RESPONSE_PREFIX),
            )
        return ParsedExchange(
            format=LogFormat.AUDIT,
            record_id=record.record_id,
            time=record.time,
            parts=parts,
            model=record.model,
            key_id=record.key_id,
            user=record.user,
            recorded=recorded,
            policy_version=record.policy_version,
        )

    def _foreign(
        self, document: Mapping[str, object], number: int, index: int
    ) -> ParsedExchange | None:
        found = read_foreign(document)
        if found is None:
            return None
        made = self._made_id(number, index)
        return ParsedExchange(
            format=found.format,
            record_id=made if found.id is None else RecordId(found.id),
            time=found.time or self._written_at,
            parts=found.parts,
            model=found.model,
            key_id=found.key_id,
            user=found.user,
        )

    def _text_line(self, line: bytes) -> Iterator[ParsedExchange]:
        if b"\x00" in line:
            self.skipped.add(self._number)
            return
        if not line.strip() or self._held_size + len(line) > _BLOCK:
            yield from self._block()
        if line.strip():
            if not self._held:
                self._held_from = self._number
            self._held.append(line)
            self._held_size += len(line) + 1

    def _block(self) -> Iterator[ParsedExchange]:
        if self._held:
            yield from self._text(self._held, self._held_from)
        self._held, self._held_size = [], 0

    def _text(self, lines: Sequence[bytes], number: int) -> Iterator[ParsedExchange]:
        text = "\n".join(line.decode("utf-8", "replace").rstrip("\r") for line in lines)
        yield ParsedExchange(
            format=LogFormat.TEXT,
            record_id=self._made_id(number, 0),
            time=self._written_at,
            parts=(TextPart(path=f"lines/{number}", text=text, direction=Direction.REQUEST),),
        )

    def _made_id(self, number: int, index: int) -> RecordId:
        name = canonical([self._key, number, index])
        return RecordId("log_" + hashlib.sha256(name).hexdigest()[:32])


def _is_record(document: Mapping[str, object]) -> bool:
    return "record_id" in document and "schema" in document


def _json(data: bytes) -> object:
    """Return the JSON value in some bytes, None when there is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _located(body: object, prefix: str) -> list[TextPart]:
    if not isinstance(body, Mapping):
        return []
    parts = request_parts(body) if prefix == REQUEST_PREFIX else response_parts(body)
    return [replace(part, path=prefix + part.path) for part in parts]
