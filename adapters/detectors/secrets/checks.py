"""Checks that a token's own issuer built into its form."""

import base64
import binascii
import json
import zlib

from adapters.detectors.secrets.recogniser import Verdict

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6
_VALID = 0.99
_INVALID = 0.7
_TRUEPORT_INVALID = 0.3
_AWS_ACCOUNT_MASK = 0x7FFFFFFFFF80
_AWS_ACCOUNT_SHIFT = 7
_AWS_ACCOUNT_DIGITS = 12


def base62_crc32(text: str) -> str:
    """Return the CRC-32 of a text in base 62 (`0-9A-Za-z`), six digits, padded with zeros."""
    number = zlib.crc32(text.encode("ascii"))
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def prefixed_checksum(token: str) -> Verdict:
    """Check the last six characters of GitHub and npm tokens against the random part.

    The checksum covers what stands between the prefix's underscore and the checksum itself:
    https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    body = token.partition("_")[2]
    if base62_crc32(body[:-_CHECKSUM_LENGTH]) == body[-_CHECKSUM_LENGTH:]:
        return Verdict(outcome="crc32: valid", score=_VALID)
    return Verdict(outcome="crc32: not valid", score=_INVALID)


def with_prefixed_checksum(token: str) -> str:
    """Return the token with its last six characters made a valid checksum."""
    head, _, body = token.partition("_")
    random = body[:-_CHECKSUM_LENGTH]
    return f"{head}_{random}{base62_crc32(random)}"


def trueport_checksum(token: str) -> Verdict:
    """Check a TruePort key: the last six characters are the checksum of all before them."""
    if base62_crc32(token[:-_CHECKSUM_LENGTH]) == token[-_CHECKSUM_LENGTH:]:
        return Verdict(outcome="crc32: valid", score=_VALID)
    return Verdict(outcome="crc32: not valid", score=_TRUEPORT_INVALID)


def with_trueport_checksum(token: str) -> str:
    """Return the key with its last six characters made a valid checksum."""
    return token[:-_CHECKSUM_LENGTH] + base62_crc32(token[:-_CHECKSUM_LENGTH])


def aws_key_id(token: str) -> Verdict:
    """Check that the sixteen characters after the prefix are base 32, and read the account id.

    Keys issued since 2019 carry the account id in the first bits behind the prefix; only its
    last four digits are told. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    kind = "temporary" if token.startswith("ASIA") else "long-term"
    try:
        decoded = base64.b32decode(token[4:])
    except binascii.Error:
        return Verdict(outcome="base32: not valid", score=_INVALID, attributes={"kind": kind})
    account = (int.from_bytes(decoded[:6]) & _AWS_ACCOUNT_MASK) >> _AWS_ACCOUNT_SHIFT
    ending = f"{account:0{_AWS_ACCOUNT_DIGITS}d}"[-4:]
    return Verdict(
        outcome="base32: valid",
        score=_VALID,
        attributes={"kind": kind, "account_ending": ending},
    )


def discord_token(token: str) -> Verdict:
    """Check that the first part of a Discord bot token is the base 64 of the bot's decimal id.

    https://discord.com/developers/docs/reference#authentication
    """
    first = token.partition(".")[0]
    try:
        decoded = base64.b64decode(first + "=" * (-len(first) % 4))
    except binascii.Error:
        decoded = b""
    if decoded.isdigit():
        return Verdict(outcome="user id: valid", score=_VALID)
    return Verdict(outcome="user id: not readable", score=0.75)


def embedded_json(token: str) -> Verdict:
    """Check that a token contains the base 64 of a JSON object, as Grafana's and Sentry's do."""
    at = token.find("eyJ")
    encoded = token[at:].partition("_")[0].partition(".")[0]
    try:
        value = json.loads(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError):
        return Verdict(outcome="json: not readable", score=_INVALID)
    fields = ", ".join(sorted(value)) if isinstance(value, dict) else "none"
    return Verdict(outcome="json: valid", score=_VALID, attributes={"fields": fields[:80]})
