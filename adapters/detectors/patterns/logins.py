"""User names and passwords by where they stand: logs, home folders, networks, columns, lists."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.credentials import (
    PASSWORD,
    PLACEHOLDERS,
    USERNAME,
    is_name,
    is_placeholder,
    login_hit,
    looks_secret,
    trimmed,
)
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit
from adapters.detectors.patterns.word_lists import word_set

_BESIDE_MAIL = LazyPattern(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[A-Za-z]{2,12}(?::| / | : |\|)"
    r"([^\s\"'`,;<>/@|]{6,40})(?:[\s,;]|$)"
)
_IN_LOG = LazyPattern(
    r"(?i)(?:accepted|failed) (?:password|publickey|none|keyboard-interactive/pam) for "
    r"(?:(?:invalid|illegal) user )?(\S{2,32}) from"
    r"|session (?:opened|closed) for user ([\w.@\\-]{2,40})"
    r"|logged (?:in|on) as ([\w.@\\-]{3,40})"
    r"|\buid=\d{1,10}\(([^)\s]{2,32})\)"
)
_IN_PATH = LazyPattern(
    r"(?:(?:^|[^\w.])/home/|(?:^|[^\w.]|/[a-z])/Users/|[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/)|/export/home/)"
    r"([A-Za-z][\w.-]{2,31})[/\\]"
)
_HANDLE = LazyPattern(
    r"(?i)\b(?:(?:my|his|her|their)\s)?(?:twitter|insta(?:gram)?|ig|snap(?:chat)?|tiktok|telegram|"
    r"discord|skype|mastodon|bluesky|reddit|gamertag|psn)"
    r"(?:\s(?:handle|id|name|username|is)){0,2}\s?[:=]\s?@?([\w][\w.]{2,30})"
    r"|\bhandle(?:\sis)?\s?:?\s?@([\w][\w.]{2,30})"
    r"|(?:my|his|her|their)\s(?:twitter|insta(?:gram)?|snap(?:chat)?|tiktok|telegram|discord)"
    r"(?:\sis)?\s@([\w][\w.]{2,30})"
)
_CELL = LazyPattern(r"[^\s\"'`,;|\t()<>\[\]{}]{3,64}")
_OF_NOBODY = word_set(
    "user users username youruser yourname your_user your-user myuser name me ubuntu ec2-user "
    "runner vscode node app root admin administrator git www-data jovyan vagrant circleci gitpod "
    "coder docker linuxbrew appuser nobody default public shared all foo bar test tester guest "
    "dev developer build builder jenkins buildkite travis codespace somebody someone alice bob "
    "example xxx work workspace project projects container sandbox service system opc azureuser "
    "centos debian fedora pi steam oracle postgres mysql redis nginx hadoop spark airflow "
    "defaultuser containeradministrator containeruser contributor"
)
_WIDER_THAN_NAMES = word_set("user usuario utente benutzer identifiant pin pass 사용자")
"""Words that head columns of people and of counts as well."""


def _find_in_columns(document: Document) -> Iterator[Hit]:
    """Yield the cells below a header that says user name or password."""
    for group, info in (("username", USERNAME), ("password", PASSWORD)):
        if not document.heads_column(group):
            continue
        for match in _CELL.finditer(document.subject):
            start, end = match.span()
            found = document.label_of(group, start)
            if found is None or not document.tables.fills_cell(start, end):
                continue
            value = document.text[start:end]
            if info is USERNAME:
                fits = "@" not in value and is_name(value, keyed=True)
                fits = fits and (not value.isalpha() or value.islower())
            else:
                fits = not is_placeholder(value) and looks_secret(value)
            if fits and found.word not in _WIDER_THAN_NAMES:
                steps = (("pattern", 0.3), (f"column {found.word!r}", 0.8))
                yield Hit(start, end, info, 0.8, None, (found,), steps)


def _find_beside_mail(document: Document) -> Iterator[Hit]:
    """Yield the password behind a mailbox, as lists of stolen logins have them."""
    for match in _BESIDE_MAIL.finditer(document.subject):
        value = match.text(1)
        kinds = (str.islower, str.isupper, str.isdigit)
        mixed = sum(any(map(kind, value)) for kind in kinds)
        has_mark = any(char in "!#$%^&*?~" for char in value)
        has_digit = any(map(str.isdigit, value))
        if has_digit and mixed + has_mark >= 3 and not is_placeholder(value):
            start, _ = match.span(1)
            end = trimmed(document.text, start, start + len(value))
            yield login_hit(PASSWORD, start, end, 0.65, "mailbox", keyed=False)


def _find_in_logs(document: Document) -> Iterator[Hit]:
    yield from _find_names(document, _IN_LOG, 0.75)


def _find_in_paths(document: Document) -> Iterator[Hit]:
    yield from _find_names(document, _IN_PATH, 0.6)


def _find_handles(document: Document) -> Iterator[Hit]:
    for hit in _find_names(document, _HANDLE, 0.7):
        if _is_handle(document.text, hit.start, hit.end):
            yield hit


def _find_names(document: Document, pattern: LazyPattern, score: float) -> Iterator[Hit]:
    text = document.text
    for match in pattern.finditer(document.subject):
        group = next(at for at in range(1, pattern.groups + 1) if match.took_part(at))
        start, end = match.span(group)
        end = trimmed(text, start, end)
        value = text[start:end]
        plain = value.casefold()
        if plain in _OF_NOBODY or plain in PLACEHOLDERS or not any(map(str.isalpha, value)):
            continue
        yield login_hit(USERNAME, start, end, score, "user", keyed=True)


def _is_handle(text: str, start: int, end: int) -> bool:
    """Tell a handle from the next word: by its sign, or by digits and marks inside."""
    return text[start - 1] == "@" or any(
        c.isdigit() or c in "_." for c in text[start + 1 : end - 1]
    )


RECOGNISERS = (
    Custom(infos=(), gates=("username|password", r"[,;|\t(]"), search=_find_in_columns),
    Custom(
        infos=(), gates=(r"@[\w.-]+\.[A-Za-z]{2,12}(?::| / | : |\|)\S",), search=_find_beside_mail
    ),
    Custom(
        infos=(),
        gates=(
            r"(?i) (?:password|publickey|none|pam) for |for user |logged (?:in|on) as |uid=\d+\(",
        ),
        search=_find_in_logs,
    ),
    Custom(infos=(), gates=(r"/home/|[/\\]Users[/\\]",), search=_find_in_paths),
    Custom(
        infos=(),
        gates=(
            r"(?i)(?:twitter|insta|tiktok|telegram|discord|skype|snap|mastodon|bluesky|reddit|"
            r"gamertag|\big|psn|handle)[a-z]{0,4}(?: [a-z]{2,8}){0,2}\s?[:=@]|(?:is|handle):? @",
        ),
        search=_find_handles,
    ),
)
