"""The forms of the texts of settings; a check raises `ValueError` with the end of a line."""

import difflib
import re
from email.utils import parseaddr

from domain.errors import InvalidValue
from domain.user import Email

_LAST_PORT = 65535
_TOPIC = re.compile(
    r"arn:(?:aws|aws-us-gov|aws-cn):sns:[a-z]{2}(?:-[a-z]+)+-[0-9]:[0-9]{12}:[A-Za-z0-9_-]{1,256}"
)
_MONGO = re.compile(r"mongodb(?:\+srv)?://[^\s/]+(?:/\S*)?")
_MONGO_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,63}")
_REDIS = re.compile(
    r"rediss?://(?:[^@/\s]*@)?(?:[^@:/?\s\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[0-9]*)?(?:\?\S*)?"
)
_TRITON = re.compile(r"(?:grpc|http)s?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})/?")
_NOBODYS_ORIGINS = ("https://x7q.invalid", "http://x7q.invalid", "https://x7q.invalid:1")
"""Origins that no sensible pattern admits: one that does admits (nearly) everything."""


def check_topic(arn: str) -> None:
    """Accept the ARN of an SNS topic."""
    if not _TOPIC.fullmatch(arn):
        raise ValueError(
            "has an entry that is no topic; write arn:aws:sns:REGION:ACCOUNT:NAME, "
            "several with commas"
        )


def check_mongo(uri: str | None) -> None:
    """Accept the address of a MongoDB, of which nothing is repeated: it may hold a password."""
    if uri is not None and not _MONGO.fullmatch(uri):
        raise ValueError(
            "must be mongodb://USER:PASSWORD@HOST:27017/?replicaSet=NAME, or mongodb+srv://…"
        )


def mongo_database(name: str | None) -> str | None:
    """Return the name of a database, where there is one."""
    if name is not None and not _MONGO_DATABASE.fullmatch(name):
        raise ValueError("has 1 to 63 letters, digits, _ and -")
    return name


def check_redis(url: str) -> None:
    """Accept the address of a Redis, of which nothing is repeated: it may hold a password."""
    if not _REDIS.fullmatch(url):
        raise ValueError("must be redis://:PASSWORD@HOST:PORT/DATABASE, or rediss:// for TLS")


def check_triton(url: str) -> None:
    """Accept the address of a Triton server."""
    found = _TRITON.fullmatch(url)
    if found is None or not 1 <= int(found[1]) <= _LAST_PORT:
        raise ValueError(
            "must be grpc://HOST:8001 or http://HOST:8000, grpcs or https for TLS, "
            "several with commas"
        )


def origin_pattern(text: str) -> str:
    """Return the pattern of allowed origins; one that admits everybody has to be stated twice."""
    first, _, second = text.partition(" ")
    try:
        re.compile(first)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    admits_anybody = any(re.fullmatch(first, origin) for origin in _NOBODYS_ORIGINS)
    if admits_anybody and second != first:
        raise ValueError(
            "admits every origin; if that is what you want state it twice, with a space between"
        )
    return first


def check_sender(text: str) -> None:
    """Accept the sender of mails."""
    try:
        Email.parse(parseaddr(text)[1])
    except InvalidValue:
        text = ""
    if not text.isprintable() or not text:
        raise ValueError("is an address, or NAME <ADDRESS>")


def unknown(name: str, known: set[str]) -> str:
    """Return the line about a setting that does not exist, with the closest one that does."""
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"{name} is not a setting of TruePort{hint}"


def describe(detail: dict[str, object]) -> str:
    """Return the line about a setting of the wrong form; its value is not repeated."""
    location = detail.get("loc")
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    message = str(detail.get("msg", "")).removeprefix("Value error, ")
    message = message.replace("Input should be", "must be")
    return f"{name}: {message}" if name else message
