"""Recognise private keys: PEM, OpenSSH, PuTTY, PGP, age, WireGuard, JWK and wallet keys."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator

from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.secrets.recogniser import (
    LEFT_EDGE,
    OPERATING_POINT,
    Candidate,
    Recogniser,
    Specificity,
)
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category, Severity

_TYPE = "PRIVATE_KEY"
_BODY_LIMIT = 24_000
_LEAST_BODY = 40
_PEM_NOISE = re.compile(r"\\[nrt]|[\s\"'+,\\]|^[A-Za-z-]+: .*$", re.MULTILINE)
_BASE64_RUN = re.compile(r"[0-9A-Za-z+/=]+")
_TRUNCATED_BODY = re.compile(r"(?:[0-9A-Za-z+/=]{16,}|\\[nr]|[\s\"'+,\\])+")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DER_SEQUENCE = 0x30
_DER_LENGTH_IN_TWO_BYTES = 0x82
_CUT_SHORT = 16
_OPENSSH_MAGIC = b"openssh-key-v1\x00"


def _info(rule: str, title: str, matches: str, source: str, **more: str) -> RuleInfo:
    return RuleInfo(
        id=rule,
        category=Category.SECRETS,
        type=_TYPE,
        title=title,
        matches=matches,
        validator=more.get("validator"),
        sources=(source,),
        near_misses=(more["near_miss"],) if "near_miss" in more else (),
        severity=Severity.CRITICAL,
        operating_point=OPERATING_POINT,
    )


class PemPrivateKeys(Recogniser):
    """Find PEM, OpenSSH and PGP blocks with a private key inside, whole or cut off.

    The body is read through escaped line breaks, quotes and indentation, as in JSON and YAML.
    """

    gates = ("PRIVATE KEY",)
    rules = (
        _info(
            "private-key-pem",
            "Private key in PEM, OpenSSH or PGP armour",
            "-----BEGIN … PRIVATE KEY----- with a body of base 64",
            "https://www.rfc-editor.org/rfc/rfc7468",
            validator="DER or OpenSSH structure",
            near_miss="-----BEGIN PUBLIC KEY-----",
        ),
    )

    def __init__(self) -> None:
        self._opening = Pattern(r"-----BEGIN ((?:[A-Z0-9]{2,10} ){0,3})PRIVATE KEY(?: BLOCK)?-----")
        self._closing = Pattern(r"-----END (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----")

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield each block from its first dash to its last."""
        text = subject.text
        for match in self._opening.finditer(subject):
            start, body_start = match.span()
            closing = self._closing.search(
                subject, body_start, min(len(text), body_start + _BODY_LIMIT)
            )
            if closing is not None:
                body_end, end = closing.span()
            else:
                run = _TRUNCATED_BODY.match(text, body_start)
                body_end = end = run.end() if run else body_start
            body = text[body_start:body_end]
            candidate = self._candidate(
                match.text(1).strip(), body, start, end, is_closed=closing is not None
            )
            if candidate is not None:
                yield candidate

    def _candidate(
        self, kind: str, body: str, start: int, end: int, *, is_closed: bool
    ) -> Candidate | None:
        if "..." in body or "…" in body or "<" in body or "{" in body or "xxxx" in body.lower():
            return None
        encoded = "".join(_BASE64_RUN.findall(_PEM_NOISE.sub("", body)))
        if len(encoded) < _LEAST_BODY or len(set(encoded)) < _LEAST_BODY // 4:
            return None
        encrypted = "ENCRYPTED" in kind or "Proc-Type: 4,ENCRYPTED" in body
        valid = _has_key_structure(encoded, kind)
        if is_closed and valid and _is_cut_short(encoded, kind):
            return None
        score = 0.99 if valid else 0.85
        steps = [
            ("armour with a body", 0.85),
            ("structure " + ("valid" if valid else "not valid"), score),
        ]
        if encrypted:
            score = 0.75
            steps.append(("encrypted with a passphrase", score))
        return Candidate(
            rule="private-key-pem",
            type=_TYPE,
            start=start,
            end=end,
            score=score,
            reason="a block of armour that holds a private key",
            specificity=Specificity.CONTAINER,
            validator="structure: " + ("valid" if valid else "not valid"),
            steps=tuple(steps),
            attributes={"armour": kind or "PKCS8", "encrypted": str(encrypted).lower()},
        )


def _has_key_structure(encoded: str, kind: str) -> bool:
    try:
        head = base64.b64decode(encoded[: len(encoded) // 4 * 4][:64])
    except binascii.Error:
        return False
    if kind == "OPENSSH":
        return head.startswith(_OPENSSH_MAGIC)
    if kind == "PGP":
        return bool(head) and head[0] & 0x80 == 0x80  # noqa: PLR2004  RFC 9580, 4.2: bit 7 is one
    return bool(head) and head[0] == _DER_SEQUENCE


def _is_cut_short(encoded: str, kind: str) -> bool:
    """Tell whether next to nothing is there of what the length in the head of the key promises."""
    head = base64.b64decode(encoded[:8])
    if kind in ("OPENSSH", "PGP") or head[1] != _DER_LENGTH_IN_TWO_BYTES:
        return False
    return int.from_bytes(head[2:4]) > _CUT_SHORT * len(encoded) * 3 // 4


class EncodedPemPrivateKeys(Recogniser):
    """Find private keys whose whole PEM file was written in base 64, as in a kubeconfig."""

    gates = ("LS0tLS1CRUdJTi",)
    rules = (
        _info(
            "private-key-pem-base64",
            "Private key file in base 64",
            "the base 64 of a PEM file with a private key",
            "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
            validator="decoded armour",
        ),
    )

    def __init__(self) -> None:
        self._pattern = Pattern(
            r"LS0tLS1CRUdJTi(?:[0-9A-Za-z+/=]|\\n|\n[ \t]*){80}(?:[0-9A-Za-z+/=]|\\n|\n[ \t]*)*"
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the encoded files whose decoded head says private key."""
        for match in self._pattern.finditer(subject):
            start, end = match.span()
            written = subject.text[start:end].rstrip()
            encoded = "".join(_BASE64_RUN.findall(written.replace("\\n", "")))
            head = base64.b64decode(encoded[:64] + "=" * (-len(encoded[:64]) % 4))
            if b"PRIVATE KEY" in head:
                yield Candidate(
                    rule="private-key-pem-base64",
                    type=_TYPE,
                    start=start,
                    end=start + len(written),
                    score=0.98,
                    reason="the base 64 of a file with a private key",
                    specificity=Specificity.CONTAINER,
                    validator="decoded armour: valid",
                    decoding=("base64",),
                )


class PuttyPrivateKeys(Recogniser):
    """Find PuTTY key files from their first line to their checksum."""

    gates = ("PuTTY-User-Key-File-",)
    rules = (
        _info(
            "putty-private-key",
            "PuTTY private key file",
            "PuTTY-User-Key-File with Private-Lines",
            "https://the.earth.li/~sgtatham/putty/0.81/htmldoc/AppendixC.html",
        ),
    )

    def __init__(self) -> None:
        self._opening = Pattern(r"PuTTY-User-Key-File-[23]: [a-z0-9-]{3,30}")
        self._lines = Pattern(r"Private-Lines: [0-9]{1,3}")
        self._closing = Pattern(r"Private-(?:MAC|Hash): [0-9a-f]{40,64}")

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield whole files; one without its private lines is no private key."""
        for match in self._opening.finditer(subject):
            start, head_end = match.span()
            limit = min(len(subject.text), head_end + _BODY_LIMIT)
            closing = self._closing.search(subject, head_end, limit)
            if closing is None or self._lines.search(subject, head_end, closing.span()[0]) is None:
                continue
            yield Candidate(
                rule="putty-private-key",
                type=_TYPE,
                start=start,
                end=closing.span()[1],
                score=0.98,
                reason="a PuTTY key file with its private lines",
                specificity=Specificity.CONTAINER,
                steps=(("file with private lines", 0.98),),
            )


class LinePrivateKeys(Recogniser):
    """Find private keys that are one line or one field: age, WireGuard, JWK, wallets."""

    gates = (
        "AGE-SECRET-KEY-1",
        "(?i)(?:private|preshared)_?key",
        '"kty"',
        "[xyzt]prv[1-9A-HJ-NP-Za-km-z]{20}",
        r"(?:^|[^0-9A-Za-z])[5KL][1-9A-HJ-NP-Za-km-z]{50}",
        "(?i)(?:seed|recovery|mnemonic)[ _-]?(?:phrase|words|key)|mnemonic",
    )
    rules = (
        _info(
            "age-secret-key",
            "age secret key",
            "AGE-SECRET-KEY-1 and 58 characters of Bech32",
            "https://age-encryption.org/v1",
        ),
        _info(
            "wireguard-key",
            "WireGuard private or preshared key",
            "PrivateKey or PresharedKey = 32 bytes of base 64",
            "https://www.wireguard.com/quickstart/",
        ),
        _info(
            "jwk-private-key",
            "Private key as JWK",
            'a JSON object with "kty" and a private part "d"',
            "https://www.rfc-editor.org/rfc/rfc7517",
        ),
        _info(
            "bitcoin-private-key",
            "Bitcoin private key (WIF)",
            "51 or 52 characters of Base58Check",
            "https://en.bitcoin.it/wiki/Wallet_import_format",
            validator="Base58Check",
        ),
        _info(
            "extended-private-key",
            "Extended private key (BIP 32)",
            "xprv and 107 characters of Base58Check",
            "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
            validator="Base58Check",
        ),
        _info(
            "ethereum-private-key",
            "Ethereum private key",
            "64 hexadecimal digits named private key",
            "https://ethereum.org/en/developers/docs/accounts/",
        ),
        _info(
            "wallet-seed-phrase",
            "Wallet seed phrase",
            "12 to 24 words after the words seed or recovery phrase",
            "https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki",
        ),
    )

    def __init__(self) -> None:
        self._shapes = tuple(
            (rule, Pattern(expression), score)
            for rule, expression, score in (
                (
                    "age-secret-key",
                    r"(AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58})",
                    0.99,
                ),
                (
                    "wireguard-key",
                    r"(?i:(?:private|preshared)_?key)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?"
                    r"([0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=)(?:[^0-9A-Za-z+/=]|$)",
                    0.95,
                ),
                (
                    "jwk-private-key",
                    r"(?s)\"kty\"[ \t]{0,4}:.{0,900}?\"d\"[ \t]{0,4}:[ \t]{0,"
                    r"4}\"([0-9A-Za-z_-]{40,700})\"",
                    0.95,
                ),
                (
                    "jwk-private-key",
                    r"(?s)\"d\"[ \t]{0,4}:[ \t]{0,4}\"([0-9A-Za-z_-]{40,700})\".{0,900}?"
                    r"\"kty\"[ \t]{0,4}:",
                    0.95,
                ),
                (
                    "bitcoin-private-key",
                    LEFT_EDGE + r"([5KL][1-9A-HJ-NP-Za-km-z]{50,51})(?:[^0-9A-Za-z]|$)",
                    0.97,
                ),
                (
                    "extended-private-key",
                    LEFT_EDGE + r"([xyzt]prv[1-9A-HJ-NP-Za-km-z]{107,108})(?:[^0-9A-Za-z]|$)",
                    0.97,
                ),
                (
                    "ethereum-private-key",
                    r"(?i:private_?key)[0-9A-Za-z_]{0,20}[\"'\])]{0,2}[ \t]{0,4}(?::|=|=>|"
                    r"is)[ \t]{0,4}[\"'\[(]{0,2}((?:0x)?[0-9A-Fa-f]{64})(?:[^0-9A-Za-z]|$)",
                    0.9,
                ),
                (
                    "wallet-seed-phrase",
                    r"(?i:(?:seed|recovery|mnemonic)[ _-]?(?:phrase|words|key)?|mnemonic)"
                    r"[\"']?[ \t]{0,3}(?:is|are|[:=])?:?[ \t\n]{0,4}[\"']?((?:[a-z]{3,8}[ ,"
                    r"]{1,2}){11,23}[a-z]{3,8})",
                    0.8,
                ),
            )
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the keys of each shape; those with a checksum only when it is right."""
        for rule, pattern, score in self._shapes:
            for match in pattern.finditer(subject, resume_after=1):
                if self._passes(rule, match):
                    start, end = match.span(1)
                    checked = rule in ("bitcoin-private-key", "extended-private-key")
                    yield Candidate(
                        rule=rule,
                        type=_TYPE,
                        start=start,
                        end=end,
                        score=score,
                        reason="a private key by its shape or by the field it stands in",
                        specificity=Specificity.FORMAT,
                        validator="base58check: valid" if checked else None,
                        steps=(("shape", score),),
                    )

    def _passes(self, rule: str, match: Match) -> bool:
        token = match.text(1)
        if rule in ("bitcoin-private-key", "extended-private-key"):
            return _base58check(token)
        if rule == "wallet-seed-phrase":
            words = token.replace(",", " ").split()
            return len(words) in (12, 15, 18, 21, 24) and len(set(words)) > len(words) // 2
        return len(set(token)) > 8  # noqa: PLR2004  not all zeros or one repeated byte


def _base58check(text: str) -> bool:
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    raw = b"\x00" * (len(text) - len(text.lstrip("1"))) + raw
    digest = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()
    return digest[:4] == raw[-4:]
