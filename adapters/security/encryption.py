"""Encryption of stored credentials."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.security.keyring import KeyRing
from application.ports.credentials import CredentialCipher
from application.ports.system import Randomness
from domain.errors import InvalidValue

_NONCE_BYTES = 12


class AesGcmCipher(CredentialCipher):
    """Encrypt with AES-256-GCM (NIST SP 800-38D): `kid.` and base64url of nonce and ciphertext.

    The nonce is 96 random bits: one key serves 2**32 encryptions before a repeat is to be feared,
    which credentials never come near. The context is authenticated and not stored.
    """

    def __init__(self, master_keys: KeyRing, randomness: Randomness) -> None:
        self._keys = master_keys.derive("credential-encryption")
        self._randomness = randomness

    def encrypt(self, plain: str, *, context: str) -> str:
        """Return the text encrypted with authentication; `context` must be the same to decrypt."""
        key = self._keys.first
        nonce = self._randomness.token(_NONCE_BYTES)
        sealed = nonce + AESGCM(key.secret).encrypt(nonce, plain.encode(), context.encode())
        return f"{key.id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def decrypt(self, cipher: str, *, context: str) -> str:
        """Return the plain text.

        Raises:
            InvalidValue: changed, of another context, or of a key that is not in the ring.
        """
        key_id, _, encoded = cipher.partition(".")
        key = self._keys.get(key_id)
        if key is None:
            raise InvalidValue(
                "this credential was encrypted with a key that is not in the ring",
                code="credential.unknown_key",
            )
        try:
            sealed = base64.b64decode(
                encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True
            )
            plain = AESGCM(key.secret).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
            )
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise InvalidValue(
                "this credential was changed, or belongs somewhere else",
                code="credential.damaged",
            ) from error
        return plain.decode()

    def key_id(self, cipher: str) -> str:
        """Return the id of the master key under which a text was encrypted."""
        return cipher.partition(".")[0]

    @property
    def current_key_id(self) -> str:
        """Return the id of the key that encrypts: the first one of the ring."""
        return self._keys.first.id
