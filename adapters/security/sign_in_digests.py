"""Keyed digests of codes, tokens and addresses."""

import hmac

from adapters.security.keyring import KeyRing
from application.ports.sign_in import SignInDigests
from domain.identifiers import CodeId
from domain.one_time_code import OneTimeCode


class HmacSignInDigests(SignInDigests):
    """Make digests with HMAC-SHA256 (RFC 2104) under keys of their own.

    Six digits are a million: without the key, the digest of a code would be one try of all of them
    away from the code. Like the pepper of API keys, the keys come from the last key of the ring,
    so that a new one in front of it ends no session.
    """

    def __init__(self, master_keys: KeyRing) -> None:
        self._codes = master_keys.derive("one-time-code").last.secret
        self._tokens = master_keys.derive("session-token").last.secret
        self._addresses = master_keys.derive("attempt-address").last.secret

    def code(self, code_id: CodeId, code: OneTimeCode) -> str:
        """Return the digest of a code, 64 hexadecimal characters."""
        return _digest(self._codes, f"{code_id}\0{code.value}")

    def token(self, token: str) -> str:
        """Return the digest of a token, 64 hexadecimal characters."""
        return _digest(self._tokens, token)

    def address(self, text: str) -> str:
        """Return the digest of an address, 64 hexadecimal characters."""
        return _digest(self._addresses, text)


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()
