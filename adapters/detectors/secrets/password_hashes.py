"""Recognise stored passwords: hashes of crypt, of frameworks, of Windows and of Kerberos."""

from collections.abc import Iterator

from adapters.detectors.linear_time import Pattern, Subject
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    Candidate,
    Recogniser,
    Specificity,
)
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category, Severity

_CRYPT = "https://man7.org/linux/man-pages/man5/crypt.5.html"
_HASHCAT = "https://hashcat.net/wiki/doku.php?id=example_hashes"
_SHAPES = (
    ("bcrypt-hash", "bcrypt password hash", r"\$2[abxy]\$[0-9]{2}\$[./0-9A-Za-z]{53}", _CRYPT),
    (
        "sha512-crypt-hash",
        "SHA-512 crypt password hash",
        r"\$6\$(?:rounds=[0-9]{3,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}",
        _CRYPT,
    ),
    (
        "sha256-crypt-hash",
        "SHA-256 crypt password hash",
        r"\$5\$(?:rounds=[0-9]{3,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}",
        _CRYPT,
    ),
    (
        "md5-crypt-hash",
        "MD5 crypt password hash",
        r"\$(?:1|apr1)\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}",
        _CRYPT,
    ),
    (
        "yescrypt-hash",
        "yescrypt password hash",
        r"\$(?:y|gy|7)\$[./0-9A-Za-z]{1,12}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}",
        _CRYPT,
    ),
    (
        "argon2-hash",
        "Argon2 password hash",
        r"\$argon2(?:id|i|d)\$(?:v=[0-9]{1,3}\$)?m=[0-9]{1,9},t=[0-9]{1,5},p=[0-9]{1,"
        r"4}\$[0-9A-Za-z+/]{8,90}\$[0-9A-Za-z+/]{16,180}",
        "https://www.rfc-editor.org/rfc/rfc9106",
    ),
    (
        "scrypt-hash",
        "scrypt password hash",
        r"\$(?:scrypt|s0|s2)\$[0-9A-Za-z=,+/]{2,60}\$[0-9A-Za-z+/=]{8,90}(?"
        r":\$[0-9A-Za-z+/=]{16,180})?",
        "https://www.rfc-editor.org/rfc/rfc7914",
    ),
    (
        "pbkdf2-hash",
        "PBKDF2 password hash",
        r"(?:pbkdf2_sha(?:1|256|512)\$|\$pbkdf2(?:-sha(?:1|256|512))?\$|pbkdf2:sha(?:1|256|"
        r"512):)[0-9]{3,9}\$[0-9A-Za-z./+=-]{4,90}\$[0-9A-Za-z./+=]{20,180}",
        "https://docs.djangoproject.com/en/stable/topics/auth/passwords/",
    ),
    (
        "phpass-hash",
        "phpass password hash",
        r"\$[PH]\$[./0-9A-Za-z]{31}",
        "https://www.openwall.com/phpass/",
    ),
    (
        "werkzeug-scrypt-hash",
        "Werkzeug password hash",
        r"scrypt:[0-9]{3,9}:[0-9]{1,3}:[0-9]{1,3}\$[0-9A-Za-z]{8,32}\$[0-9a-f]{128}",
        "https://werkzeug.palletsprojects.com/en/stable/utils/#module-werkzeug.security",
    ),
    (
        "ldap-ssha-hash",
        "LDAP password hash",
        r"\{S(?:SHA|SHA256|SHA512|MD5|HA)\}[0-9A-Za-z+/]{26,130}={0,2}",
        "https://www.rfc-editor.org/rfc/rfc2307",
    ),
    (
        "ntlm-dump",
        "Windows account with NTLM hashes",
        r"[0-9A-Za-z._$\\-]{1,64}:[0-9]{3,6}:[0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}:::",
        _HASHCAT,
    ),
    (
        "netntlm-response",
        "NetNTLM response",
        r"[0-9A-Za-z._$-]{1,64}::[0-9A-Za-z._-]{0,"
        r"64}:[0-9A-Fa-f]{16}:[0-9A-Fa-f]{32}:[0-9A-Fa-f]{40,700}",
        _HASHCAT,
    ),
    (
        "kerberos-ticket-hash",
        "Kerberos ticket for cracking",
        r"\$krb5(?:tgs|asrep|pa)\$[0-9]{1,2}\$[^\s\"']{20,200}[^\s\"']*",
        _HASHCAT,
    ),
    (
        "mscash-hash",
        "Cached domain credential",
        r"\$DCC2\$[0-9]{1,7}#[^\s#]{1,64}#[0-9a-f]{32}",
        _HASHCAT,
    ),
)


class PasswordHashes(Recogniser):
    """Find hashes that exist only to store a password, and so can be attacked off line."""

    gates = (
        r"\$(?:2[abxy]|[156y7PH]|gy|apr1|argon2(?:id|i|d)|scrypt|s[02]|pbkdf2[a-z0-9-]{0,8}|"
        r"krb5[a-z]{2,5}|DCC2)\$[^\s]",
        "pbkdf2[_:]sha|scrypt:[0-9]",
        r"\{S(?:SHA|SHA256|SHA512|MD5|HA)\}",
        ":[0-9A-Fa-f]{16}",
    )
    rules = tuple(
        RuleInfo(
            id=rule,
            category=Category.SECRETS,
            type="PASSWORD",
            title=title,
            matches=f"{title} by its prefix and lengths",
            sources=(source,),
            near_misses=("d41d8cd98f00b204e9800998ecf8427e",),
            severity=Severity.MEDIUM,
            operating_point=OPERATING_POINT,
        )
        for rule, title, _, source in _SHAPES
    )

    def __init__(self) -> None:
        self._shapes = tuple(
            (rule, title, Pattern(rf"(?:^|[^0-9A-Za-z$])({shape})"))
            for rule, title, shape, _ in _SHAPES
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the hashes; a hash is less than a password, so the score is moderate."""
        for rule, title, pattern in self._shapes:
            for match in pattern.finditer(subject, resume_after=1):
                start, end = match.span(1)
                yield Candidate(
                    rule=rule,
                    type="PASSWORD",
                    start=start,
                    end=end,
                    score=0.65,
                    reason=f"{title} by its prefix and lengths",
                    specificity=Specificity.FORMAT,
                    steps=(("shape", 0.65),),
                )
