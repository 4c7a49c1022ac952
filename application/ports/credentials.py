"""The conversation with whoever holds the master keys."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.api_key import ApiKeySecret
from domain.identifiers import TenantId


class Digests(Protocol):
    """Make keyed digests: nobody without the master key can try out values."""

    @abstractmethod
    def api_key(self, secret: ApiKeySecret) -> str:
        """Return the digest under which a key is stored, 64 hexadecimal characters."""

    @abstractmethod
    def fingerprint(self, tenant_id: TenantId, entity_type: str, value: str) -> str:
        """Return the fingerprint of a match, `tp1:` and 32 hexadecimal characters.

        Equal values of a type in one tenant have equal fingerprints; across tenants they differ.
        """


class CredentialCipher(Protocol):
    """Encrypt what has to be kept and read again, bound to where it is kept."""

    @abstractmethod
    def encrypt(self, plain: str, *, context: str) -> str:
        """Return the text encrypted with authentication; `context` must be the same to decrypt."""

    @abstractmethod
    def decrypt(self, cipher: str, *, context: str) -> str:
        """Return the plain text.

        Raises:
            InvalidValue: changed, of another context, or of a key that is not in the ring.
        """

    @abstractmethod
    def key_id(self, cipher: str) -> str:
        """Return the id of the master key under which a text was encrypted."""

    @property
    @abstractmethod
    def current_key_id(self) -> str:
        """Return the id of the key that encrypts: the first one of the ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature with the id of the key that made it."""

    key_id: str
    value: str


class Signer(Protocol):
    """Sign what must not be changed unnoticed."""

    @abstractmethod
    def sign(self, data: bytes) -> Signature:
        """Return a signature with the first key of the ring."""

    @abstractmethod
    def verify(self, data: bytes, signature: Signature) -> bool:
        """Tell whether a key of the ring made this signature of these bytes."""
