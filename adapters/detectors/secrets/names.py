"""Read the name of a field or variable: does its value have to be secret, and of what kind?"""

import re
from enum import Enum
from functools import lru_cache


class NameClass(Enum):
    """What a name says about its value."""

    PASSWORD = "password"  # noqa: S105  the kind of a name, no credential
    SECRET = "secret"  # noqa: S105
    KEY = "key"
    WEAK = "weak"
    NOTHING = "nothing"


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_PASSWORD_WORDS = frozenset(
    "password passwords passwd passwort kennwort passphrase passcode pwd pass pw psw contraseña contrasena clave "
    "senha wachtwoord haslo hasło parola salasana lösenord losenord пароль motdepasse mdp credentials creds".split()
)
_PASSWORD_ENDS = ("password", "passwd", "passphrase", "passcode", "passwort", "pwd")
_PASS_OWNERS = frozenset(
    "db user my smtp mail email ftp sftp admin root ssh sql mysql pg postgres mongo redis auth login key store "
    "keystore truststore http https proxy ldap imap pop bind svn git sudo wifi web old new default rabbit mq amqp "
    "api app host server service svc backup master zip pdf vpn vnc rdp".split()
)
_SECRET_WORDS = frozenset("secret secrets credential pepper".split())
_TOKEN_WORDS = frozenset(
    "token bearer authorization authtoken accesstoken pat jwt ssws otp webhook".split()
)
_KEY_QUALIFIERS = frozenset(
    "api access secret private auth authentication encryption encrypt crypto cipher signing sign master account "
    "service session license licence shared webhook deploy app application client ssh admin root storage server "
    "hmac aes des rsa jwt cookie flask django rails laravel integration merchant consumer subscription user write "
    "function functions host write ingest ingestion primary secondary instrumentation personal developer dev live "
    "test prod production staging stage sandbox my your our the this".split()
)
_JOINED_KEYS = frozenset(
    "apikey accesskey secretkey privatekey authkey privkey appkey encryptionkey signingkey masterkey accountkey "
    "sharedkey servicekey clientkey sharedaccesskey subscriptionkey".split()
)
_TAILS = frozenset(
    "id ids identifier name names type types url uri urls path paths file files filename dir directory field fields "
    "label length len size count limit max min policy policies rule rules regex pattern format expiry expires expire "
    "expiration expired ttl timeout lifetime age prefix suffix header headers param params parameter env environ "
    "environment var variable column table class style hint help text title description desc message msg error errors "
    "status state enabled disabled required valid validated version index usage digest fingerprint checksum public arn "
    "ref refs reference manager provider vault store strategy method mode algorithm alg endpoint hostname port region "
    "bucket request response schema input placeholder template reset change changed forgot forgotten confirm strength "
    "rotation rotate generator factory handler helper validator hash hashed hashes kind scope scopes claims claim "
    "sha sha1 sha256 sha512 md5 spec config settings options option info list map dict set array object policyname "
    "example examples test_name issuer audience source attempt attempts resolver getter cache page position offset "
    "exchange grant revocation introspection budget usage cost price limit window bits iterations rounds callback "
    "flow form dialog screen view visible visibility toggle button icon tooltip history created updated at on date "
    "time timestamp ratio percent span count per ring pair pairs code codes press pressed event down up".split()
)
_ANYWHERE = frozenset(
    "public publishable pub tokenizer tokenize tokenization tokens tokenized primary foreign sort partition cache "
    "unique keyboard shortcut hot pagination continuation next cursor nonce pad bos eos cls sep mask unk special "
    "syntax lexer parser css i18n locale translation translations sha hash checksum digest fingerprint integrity "
    "commit etag md5 sha1 sha256 sha512 resolved".split()
)


@lru_cache(maxsize=4096)
def classify(name: str) -> NameClass:
    """Return what the words of a name, in any of the usual spellings, say about its value."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or _ANYWHERE.intersection(words):
        return NameClass.NOTHING
    kinds = [_kind(words, at) for at in range(len(words))]
    best = max(range(len(words)), key=lambda at: _RANK[kinds[at]])
    if kinds[best] is NameClass.NOTHING or _TAILS.intersection(words[_last(kinds) + 1 :]):
        return NameClass.NOTHING
    return kinds[best]


_RANK = {
    NameClass.NOTHING: 0,
    NameClass.WEAK: 1,
    NameClass.KEY: 2,
    NameClass.SECRET: 3,
    NameClass.PASSWORD: 4,
}


def _last(kinds: list[NameClass]) -> int:
    return max(at for at, kind in enumerate(kinds) if kind is not NameClass.NOTHING)


def _kind(words: list[str], at: int) -> NameClass:
    word = words[at]
    if word in _PASSWORD_WORDS or word.endswith(_PASSWORD_ENDS):
        return NameClass.PASSWORD
    if word.endswith("pass") and word.removesuffix("pass") in _PASS_OWNERS:
        return NameClass.PASSWORD
    if word in _SECRET_WORDS or word.endswith("secret"):
        return NameClass.SECRET
    if word in _TOKEN_WORDS or word.endswith(("token", "apikey")) or word in _JOINED_KEYS:
        return NameClass.KEY
    if word in ("key", "keys"):
        qualified = at > 0 and (
            words[at - 1] in _KEY_QUALIFIERS or _kind(words, at - 1) is not NameClass.NOTHING
        )
        return NameClass.KEY if qualified else NameClass.WEAK
    if word in ("auth", "salt", "dsn", "credentials"):
        return NameClass.WEAK
    return NameClass.NOTHING
