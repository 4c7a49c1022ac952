"""Rings of keys, and the files under `TRUEPORT_HOME` that hold them by default."""

import base64
import binascii
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.ports.system import Randomness
from domain.errors import InvalidValue, Unavailable

KEY_BYTES = 32
SINGLE_KEY_ID = "secret-key"
"""Id of the one key of a ring that `SECRET_KEY` alone makes; a later ring names it so."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_FORM = "expected kid:base64 with commas between, such as 2026-11:bXkga2V5…"
_ID_BYTES = 4
_TOKEN_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class RingKey:
    """One key with the id under which others refer to it."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Keys in order, newest first: the first signs and encrypts, all verify and decrypt."""

    keys: tuple[RingKey, ...]

    def __post_init__(self) -> None:
        if not self.keys:
            raise InvalidValue("a key ring holds at least one key")
        seen: set[str] = set()
        for key in self.keys:
            if not _KEY_ID.fullmatch(key.id):
                raise InvalidValue("a key id has 1 to 32 letters, digits, hyphens or underscores")
            if key.id in seen:
                raise InvalidValue(f"the key id {key.id} stands twice in the ring")
            if len(key.secret) < KEY_BYTES:
                raise InvalidValue(
                    f"key {key.id} has {len(key.secret)} bytes, at least {KEY_BYTES} are needed"
                )
            seen.add(key.id)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Return the ring that `kid:base64,kid:base64` writes; either base64 alphabet will do.

        Raises:
            InvalidValue: not of that form, or a key is shorter than 32 bytes; no key is shown.
        """
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        return cls(keys=tuple(_parse_entry(entry, at) for at, entry in enumerate(entries, 1)))

    @classmethod
    def single(cls, secret: str) -> "KeyRing":
        """Return the ring of one that a bare secret of at least 32 bytes makes."""
        return cls(keys=(RingKey(id=SINGLE_KEY_ID, secret=secret.encode()),))

    @classmethod
    def generate(cls, randomness: Randomness) -> "KeyRing":
        """Return a ring of one new key of 32 bytes under a random id."""
        key_id = f"k{randomness.token(_ID_BYTES).hex()}"
        return cls(keys=(RingKey(id=key_id, secret=randomness.token(KEY_BYTES)),))

    @property
    def first(self) -> RingKey:
        """Return the newest key."""
        return self.keys[0]

    @property
    def last(self) -> RingKey:
        """Return the oldest key."""
        return self.keys[-1]

    def get(self, key_id: str) -> RingKey | None:
        """Return the key of this id, None when it is not in the ring."""
        return next((key for key in self.keys if key.id == key_id), None)

    def derive(self, label: str) -> "KeyRing":
        """Return the ring of keys for one purpose: HKDF-SHA256 (RFC 5869) with `label` as info."""
        info = f"trueport/v1/{label}".encode()
        return KeyRing(
            keys=tuple(
                RingKey(
                    id=key.id,
                    secret=HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(
                        key.secret
                    ),
                )
                for key in self.keys
            )
        )

    def export(self) -> str:
        """Return the ring as `parse` reads it. This is the secret itself."""
        return ",".join(f"{key.id}:{base64.b64encode(key.secret).decode()}" for key in self.keys)


def _parse_entry(entry: str, at: int) -> RingKey:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not key_id:
        raise InvalidValue(f"entry {at} of the key ring has no key id: {_FORM}")
    padded = encoded.strip().rstrip("=").replace("-", "+").replace("_", "/")
    padded += "=" * (-len(padded) % 4)
    try:
        secret = base64.b64decode(padded, validate=True)
    except binascii.Error:
        # Without the cause: its traceback would carry the key.
        raise InvalidValue(f"entry {at} of the key ring is no base64: {_FORM}") from None
    return RingKey(id=key_id.strip(), secret=secret)


class HomeSecrets:
    """Secrets that the embedded default makes for itself, once, in `TRUEPORT_HOME/secrets`.

    Files have mode 0600 and appear complete or not at all; of several processes that start
    together, one makes a file and the others read it.
    """

    def __init__(self, home: Path, randomness: Randomness) -> None:
        self._folder = home / "secrets"
        self._randomness = randomness

    def secret_keys(self) -> KeyRing:
        """Return the ring that signs access tokens.

        Raises:
            InvalidValue: the file is damaged, or others may read it.
            Unavailable: it can be neither read nor made.
        """
        return self._ring("secret-keys")

    def master_keys(self) -> KeyRing:
        """Return the master key ring; raises as `secret_keys` does."""
        return self._ring("master-keys")

    def admin_token(self) -> str:
        """Return the operator's bearer token; raises as `secret_keys` does."""
        return self._load_or_create(
            "admin-token",
            lambda: (
                base64.urlsafe_b64encode(self._randomness.token(_TOKEN_BYTES)).decode().rstrip("=")
            ),
        )

    def _ring(self, name: str) -> KeyRing:
        text = self._load_or_create(name, lambda: KeyRing.generate(self._randomness).export())
        try:
            return KeyRing.parse(text)
        except InvalidValue as error:
            raise InvalidValue(f"{self._folder / name}: {error.message}") from error

    def _load_or_create(self, name: str, make: Callable[[], str]) -> str:
        path = self._folder / name
        try:
            if not path.exists():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _create_once(path, make(), suffix=self._randomness.token(_ID_BYTES).hex())
            if path.stat().st_mode & _OTHERS:
                raise InvalidValue(f"{path} can be read by others: chmod 600 it, or replace it")
            text = path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise Unavailable(
                "secrets", f"cannot read or make {path}: {os.strerror(error.errno or 0)}"
            ) from error
        except UnicodeDecodeError:
            raise InvalidValue(f"{path} is damaged: it is no ASCII text") from None
        if not text:
            raise InvalidValue(f"{path} is empty: remove it to have a new one made")
        return text


def _create_once(path: Path, content: str, *, suffix: str) -> None:
    """Write a file that nobody sees half written; a file that is there by then stays."""
    temporary = path.with_name(f".{path.name}.{suffix}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
