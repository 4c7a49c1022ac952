"""What rules without a token format show as examples and near misses, put together when asked for.

Nobody issued these, and no file holds one of them, so that other scanners find nothing here.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256

from adapters.detectors.secrets.connections import SERVICES
from adapters.detectors.secrets.token_format import TokenFormat
from domain.detection.catalogue import RuleInfo

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
_WIF_VERSION = b"\x80"
_XPRV_VERSION = b"\x04\x88\xad\xe4"
_PHRASE = "abandon ability able about above absent absorb abstract absurd abuse access accident"
_PEM_KIND = "RSA PRIVATE " + "KEY"

_Entry = tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]
Samples = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""Examples and near misses by the id of their rule."""


@cache
def samples() -> Samples:
    """Return examples and near misses of every rule that has no token format."""
    return {
        **dict(_connections()),
        **dict(_keys()),
        **dict(_commands()),
        **dict(_hashes()),
        **dict(_values()),
    }


def with_samples(info: RuleInfo) -> RuleInfo:
    """Return what a rule says about itself with its examples and near misses."""
    examples, near_misses = samples().get(info.id, ((), ()))
    return replace(
        info,
        examples=info.examples or examples,
        near_misses=tuple(dict.fromkeys((*info.near_misses, *near_misses))),
    )


def _made(notation: str, seed: str = "sample") -> str:
    return TokenFormat(notation).sample(seed)


def _pair(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _base58check(payload: bytes) -> str:
    raw = payload + sha256(sha256(payload).digest()).digest()[:4]
    number, written = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        written = _BASE58[digit] + written
    return written


def _bytes(seed: str, size: int) -> bytes:
    return (sha256(seed.encode()).digest() * (size // 32 + 1))[:size]


def _entry(rule: str, example: str, *near_misses: str) -> _Entry:
    return rule, ((example,), near_misses)


def _connections() -> Iterator[_Entry]:
    password = _made("{w24}", "connection")
    for service in SERVICES:
        scheme = service.schemes[0]
        yield _entry(
            service.rule,
            f"{scheme}://app:{password}@store.corp/main",
            f"{scheme}://app:${{PASSWORD}}@store.corp/main",
            f"{scheme}://store.corp:1234/main",
        )
    yield _entry(
        "key-value-connection",
        f"Server=db.corp;Database=app;User ID=sa;Password={password};",
        "Server=db.corp;Database=app;Integrated Security=true",
        "Server=db.corp;User ID=sa;Password=${SQL_PASSWORD};",
    )
    yield _entry(
        "azure-connection-string",
        "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey="
        f"{_made('{b86}')}==;EndpointSuffix=core.windows.net",
        "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=<key>",
    )
    yield _entry(
        "redis-key-value-connection",
        f"cache.corp:6380,password={password},ssl=True",
        "cache.corp:6380,password=${REDIS_PASSWORD},ssl=True",
    )
    yield _entry(
        "libpq-connection",
        f"host=db.corp user=app password={password} dbname=x",
        "host=db.corp user=app password=$PGPASSWORD dbname=x",
    )
    yield _entry(
        "jdbc-connection",
        f"jdbc:mysql://db.corp/app?user=app&password={password}",
        "jdbc:mysql://db.corp/app?useSSL=false",
    )


def _keys() -> Iterator[_Entry]:
    body = f"MIIE{_made('{b64}', 'key')}\n{_made('{b64}', 'body')}"
    pem = f"-----BEGIN {_PEM_KIND}-----\n{body}\n-----END {_PEM_KIND}-----"
    certificate = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"
    hexadecimal = _made("{h64}", "hex")
    yield _entry("private-key-pem", pem, certificate, f"-----BEGIN {_PEM_KIND}-----\n...")
    yield _entry(
        "private-key-pem-base64",
        f"client-key-data: {base64.b64encode(pem.encode()).decode()}",
        f"client-certificate-data: {base64.b64encode(certificate.encode()).decode()}",
    )
    yield _entry(
        "putty-private-key",
        "PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n"
        f"{_made('{b64}', 'putty')}\nPrivate-MAC: {hexadecimal}",
        "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\n" + _made("{b64}", "putty"),
    )
    age = "".join(_BECH32[byte % 32] for byte in _bytes("age", 58))
    yield _entry("age-secret-key", f"AGE-SECRET-KEY-1{age}", f"age1{age.lower()}")
    yield _entry(
        "wireguard-key",
        f"[Interface]\nPrivateKey = {_made('{b42}')}A=",
        f"[Peer]\nPublicKey = {_made('{b42}')}A=",
    )
    yield _entry(
        "jwk-private-key",
        json.dumps({"kty": "EC", "crv": "P-256", "d": _made("{s43}")}),
        json.dumps({"kty": "EC", "crv": "P-256", "x": _made("{s43}")}),
    )
    yield _entry(
        "bitcoin-private-key",
        f"wif {_base58check(_WIF_VERSION + _bytes('wif', 32))}",
        "wif 5" + _base58check(_bytes("no wif", 20)),
    )
    yield _entry(
        "extended-private-key",
        _base58check(_XPRV_VERSION + bytes(9) + _bytes("chain", 32) + b"\0" + _bytes("key", 32)),
        "xpub" + _base58check(_bytes("public", 78))[:107],
    )
    yield _entry(
        "ethereum-private-key", f"private_key = 0x{hexadecimal}", f"transaction = 0x{hexadecimal}"
    )
    yield _entry(
        "wallet-seed-phrase",
        f"seed phrase: {_PHRASE}",
        "the seed phrase is written on paper and lies in a safe that nobody here can open",
    )


def _commands() -> Iterator[_Entry]:
    secret = _made("{w24}", "command")
    for rule, example in (
        ("authorization-basic", f"Authorization: Basic {_pair('ada', secret)}"),
        ("authorization-bearer", f"Authorization: Bearer {secret}"),
        ("authorization-password", "Authorization: Bearer Tr0ub4dor&3xyz"),
        ("azure-sas-signature", f"https://a.blob.core.windows.net/c?sp=r&sig={_made('{w43}')}%3D"),
        ("command-line-secret", f"deploy --password={secret} --force"),
        ("curl-user", f"curl -u ada:{secret} https://api.corp/v1"),
        ("docker-config-auth", f'{{"auths": {{"r.corp": {{"auth": "{_pair("ada", secret)}"}}}}}}'),
        ("dockerfile-variable", f"ENV API_TOKEN {secret}"),
        ("kubeadm-join-token", f"kubeadm join k.corp --token {_made('{l6}')}.{_made('{l16}')}"),
        ("mysql-command-password", f"mysql -u root -p{secret} app"),
        ("net-credential-object", f'new NetworkCredential("ada", "{secret}");'),
        ("netrc-password", f"machine git.corp\n  login ada\n  password {secret}"),
        (
            "npmrc-password",
            f"//registry.corp/:_password={base64.b64encode(secret.encode()).decode()}",
        ),
        ("okta-ssws-header", f"Authorization: SSWS 00{_made('{w40}')}"),
        ("credentials-pair-in-prose", "creds are ada / Tr0ub4dor&3"),
        (
            "openvpn-static-key",
            "-----BEGIN OpenVPN Static key V1-----\n"
            + "\n".join((_made("{h32}"), _made("{h32}", "b"))),
        ),
        ("password-in-sentence", "log in with password Tr0ub4dor&3 please"),
        ("powershell-option-secret", f"Connect-VIServer vc.corp -User ada -Password {secret}"),
        ("powershell-secure-string", f'ConvertTo-SecureString "{secret}" -AsPlainText -Force'),
        ("powershell-secure-string-last", f'ConvertTo-SecureString -AsPlainText "{secret}"'),
        ("sql-create-user", f"CREATE USER app IDENTIFIED BY '{secret}';"),
        ("thingsboard-device-address", f"http://tb.corp/api/v1/{secret[:20]}/telemetry"),
        ("tuple-credentials", f'requests.get(url, auth=("ada", "{secret}"))'),
        ("archive-command-password", f"unzip -P {secret} a.zip"),
        ("authorization-token", f"Authorization: token {secret}"),
        ("aws-configure-set", f"aws configure set aws_secret_access_key {_made('{b40}')}"),
        ("database-call", 'new mysqli("db", "root", "Tr0ub4dor&3", "app");'),
        ("database-command-password", f"sqlplus app/{secret}@//db.corp:1521/ORCL"),
        ("directory-command-password", f"smbclient //srv/share -U ada%{secret}"),
        ("keystore-command-password", f"keytool -list -keystore k.jks -storepass {secret}"),
        ("login-call", 'server.login("ada@corp.io", "Tr0ub4dor&3")'),
        ("login-command-password", f"docker login -u ada -p {secret} r.corp"),
        ("network-device-password", f"username ada privilege 15 secret 0 {secret}"),
        ("piped-password", f"echo 'root:{secret}' | chpasswd"),
        ("session-cookie", f"Cookie: session={secret}"),
        ("signing-call", f'jwt.sign(payload, "{secret}")'),
        (
            "terraform-variable-default",
            f'variable "db_password" {{\n  default = "{secret}"\n}}',
        ),
        ("wifi-passphrase", f'psk="{secret}"'),
        ("windows-command-password", f"schtasks /create /ru ada /rp {secret} /tn job"),
        ("wordpress-salt", f"define('AUTH_KEY', '{_made('{w64}')}');"),
        ("windows-net-user", f"net user ada {secret} /add"),
    ):
        yield _entry(rule, example)


def _hashes() -> Iterator[_Entry]:
    half, whole = _made("{h32}", "half"), _made("{h128}", "whole")
    for rule, example, near_miss in (
        ("bcrypt-hash", "ada:$2b$12$" + _made("{w53}"), "$2b$12$" + _made("{w40}")),
        ("sha512-crypt-hash", "$6$saltsalt$" + _made("{w86}"), "$6$saltsalt$" + _made("{w60}")),
        ("sha256-crypt-hash", "$5$saltsalt$" + _made("{w43}"), "$5$saltsalt$" + _made("{w30}")),
        ("md5-crypt-hash", "$apr1$saltsalt$" + _made("{w22}"), "$1 and $2 and $3"),
        ("yescrypt-hash", f"$y$j9T${_made('{w22}')}${_made('{w43}')}", "$y$j9T$"),
        (
            "argon2-hash",
            f"$argon2id$v=19$m=65536,t=3,p=4${_made('{w22}')}${_made('{w43}')}",
            "$argon2id$v=19$m=65536,t=3,p=4$",
        ),
        ("scrypt-hash", f"$scrypt$ln=16,r=8,p=1${_made('{w22}')}", "$scrypt$ln=16"),
        (
            "pbkdf2-hash",
            f"pbkdf2_sha256$600000${_made('{w22}')}${_made('{b43}')}=",
            "pbkdf2_sha256$600000$",
        ),
        ("phpass-hash", "$P$B" + _made("{w30}"), "$P$B"),
        (
            "werkzeug-scrypt-hash",
            f"scrypt:32768:8:1${_made('{w16}')}${whole}",
            "scrypt:32768:8:1$salt$",
        ),
        ("ldap-ssha-hash", "{SSHA}" + _made("{w38}"), "{SSHA}"),
        ("ntlm-dump", f"Administrator:500:{half}:{half}:::", f"Administrator:500:{half}"),
        (
            "netntlm-response",
            f"ada::CORP:{half[:16]}:{half}:{whole[:80]}",
            f"ada::CORP:{half[:16]}",
        ),
        ("kerberos-ticket-hash", f"$krb5tgs$23$*ada$CORP$http*${half}${whole}", "$krb5tgs$23$"),
        ("mscash-hash", f"$DCC2$10240#ada#{half}", "$DCC2$10240#ada#"),
    ):
        yield _entry(rule, example, near_miss, half, f"sha256:{whole[:64]}")


def _values() -> Iterator[_Entry]:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    claims = base64.urlsafe_b64encode(b'{"sub":"1","exp":1893456000}').decode().rstrip("=")
    yield _entry("jwt", f"Bearer {header}.{claims}.{_made('{w43}')}", "header.payload.signature")
    yield _entry(
        "secret-assignment",
        f'client_secret = "{_made("{w32}", "assigned")}"',
        f'request_id = "{_made("{h32}", "request")}"',
    )
    yield _entry(
        "bare-token",
        f"is this still valid? {_made('{w48}', 'alone')}",
        f"sha256:{_made('{h64}', 'digest')}",
    )
