"""Tell what else stands behind a telling name: code, addresses, versions, public keys, texts."""

import base64
import re

from domain.detection.entropy import randomness

_CODE = re.compile(
    r"^[!&*~+-]*[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+[;,!]?$"
    r"|^[A-Za-z_$][\w$.]*[(\[]|[({\[]$|\)[:;,{]*$|^[!&*~+-]?[a-z_]+\(|=>|==[^=]|\|\||&&|\$\{|^[({\[]|^\\"
    # References and decorators, roles of documents, conditions in one line, negations.
    r"|^[&@*][A-Za-z_][\w.]*(?:\[[\w.]*)?$|^@[\w.]+\(|^@\{|^&\[|^:[a-z]+:|^[a-z:]+:$|^[A-Za-z_$]+\?$"
    r"|^[\w$.!]+\?[\w$.\"']+:|^[\w$!]+(?:\.[\w$]+)+\?|^[!&*]+[\w$]+(?:\.[\w$]+)+"
)
_STATEMENTS = re.compile(
    r"[,;{}()][A-Za-z_$][\w$]*(?:[:=(]|\.[A-Za-z_$])"
    r"|[,;{}](?:const|let|var|return|function|of|in|get|set|new|await|if|else|for|case|void)$"
)
"""How code without blanks goes on behind a value that was cut out of it."""

_QUOTED_CODE = re.compile(
    r"===|=>|&&|\|\||^[A-Za-z_][\w.]*\[[\w., \[\]]+\]$|^[A-Za-z_]\w+(?:\.[A-Za-z_]\w+){2,}$"
)
_VARIABLE = re.compile(r"(?i)^(?=[\w$.]*(?:pass|pwd|secret|token|key|cred))[.a-z_$][\w$.]*$")
_MAIL_OR_DOMAIN = re.compile(
    r"^[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}$|^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*\.[a-z]{2,}$"
)
_LOCATION = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*:)?//|^\.{0,2}/[\w.-]|^~/|^[A-Za-z]:\\"
    r"|\.(?:py|js|ts|json|ya?ml|txt|pem|key|crt|cfg|ini|html?|md|env|java|go|rb|php)$"
)
_PUBLIC = re.compile(
    r"(?i)^(?:sha(?:1|224|256|384|512)|md5|blake2[bs]?|crc32)[-:=$]|^data:|^ssh-(?:rsa|ed25519|dss)"
    r"|^ecdsa-|^AAAA[BCE]3|^MII[A-Z]|^-----BEGIN|^(?:rgb|hsl)a?\("
)
_VERSION = re.compile(
    r"^[\^~<>=v]{0,2}\d+(?:\.(?:\d+|x|\*)){1,3}(?:[-+.][\w.-]+)?$|^\d{4}-\d\d-\d\d"
)
_METHOD = re.compile(
    r"(?i)^(?:base-?(?:16|32|45|58|62|64|85)(?:url)?|utf-?(?:8|16|32)|iso-?8859-\d{1,2}|latin-?\d"
    r"|sha-?(?:224|256|384|512)|hmac-?\w{3,6}|aes-?\d{3}(?:-[a-z]{3})?|rsa-?\d{4}|argon2\w{0,2}"
    r"|pbkdf2|[hre]s(?:256|384|512)|pkcs\d{1,2}|oauth2|saml2)[.!]?$"
)
"""How something is encoded, hashed or signed, as in "the password to base64"."""

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{1,3})")
_SHORTEST = 4
_LIKELY, _CERTAIN = 0.75, 0.9


def is_ordinary(text: str, likely: float, *, quoted: bool) -> bool:
    """Tell whether a value is plainly something else than a secret.

    `likely` is how random it looks: random characters may look like a path by chance.
    """
    if len(_ESCAPE.sub(".", text)) < _SHORTEST:
        return True
    if any(shape.search(text) for shape in (_PUBLIC, _VERSION, _METHOD)):
        return True
    if likely < _CERTAIN and (_LOCATION.search(text) or _MAIL_OR_DOMAIN.search(text)):
        return True
    shapes = (_QUOTED_CODE, _STATEMENTS, _VARIABLE, *((_CODE,) if "(" in text else ()))
    if quoted:
        return likely < _LIKELY and any(shape.search(text) for shape in shapes)
    if likely < _CERTAIN and _VARIABLE.search(text):
        return True
    return "\\n" in text or any(shape.search(text) for shape in (_CODE, _STATEMENTS))


def encodes_words(text: str) -> bool:
    """Tell whether a value is the base 64 of a text that a person wrote."""
    try:
        decoded = base64.b64decode(text, validate=True).decode("ascii").strip()
    except ValueError:
        return False
    return decoded.isprintable() and randomness(decoded) < _CERTAIN
