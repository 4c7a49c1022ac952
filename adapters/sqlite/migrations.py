"""Bring a database to the schema that this code knows."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from adapters.sqlite.connection import SERVICE
from domain.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema: `number` from 1 up, `script` in SQL."""

    number: int
    script: str


def shipped_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this package: `schema/0001_….sql` and so on, in order."""
    scripts = (files("adapters.sqlite") / "schema").iterdir()
    return tuple(
        Migration(number=int(script.name.partition("_")[0]), script=script.read_text("utf-8"))
        for script in sorted(scripts, key=lambda script: script.name)
        if script.name.endswith(".sql")
    )


def migrate(raw: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Apply the migrations that the database lacks: all of them, or none.

    Raises:
        Unavailable: a newer version of TruePort wrote the database.
    """
    latest = migrations[-1].number
    if _version(raw) == latest:
        return
    raw.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: another process may have been here while this one waited for the lock.
        version = _version(raw)
        if version > latest:
            raise Unavailable(
                SERVICE,
                f"a newer TruePort wrote this database (schema {version}, this one knows "
                f"{latest}): start that version, or restore an older copy",
                code="store.too_new",
            )
        raw.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        for migration in migrations:
            if migration.number > version:
                for statement in statements(migration.script):
                    raw.execute(statement)
                raw.execute("INSERT INTO schema_version (version) VALUES (?)", (migration.number,))
        raw.execute("COMMIT")
    finally:
        if raw.in_transaction:
            raw.execute("ROLLBACK")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; each ends on a line of its own.

    `executescript` is no help here: it commits the transaction that is open.
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _version(raw: sqlite3.Connection) -> int:
    is_new = not raw.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    ).fetchone()
    if is_new:
        return 0
    version: int = raw.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()[0]
    return version
