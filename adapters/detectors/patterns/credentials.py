"""User names and passwords as people write them: in keys, forms, logs and sentences."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from adapters.detectors.gazetteer import common_words
from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from adapters.detectors.patterns.word_lists import phrase_set, word_set
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Severity

_VALUE = r"[^\s\"'`,;<>()\[\]{}|&]"
_USER_WORD = (
    r"(?:user[\s_\-]?name|user[\s_\-]?id|login[\s_\-]?name|login|user|account[\s_\-]?name|screen[\s_\-]?name|"
    r"nick(?:name)?|sam[\s_\-]?account[\s_\-]?name|login[\s_\-]?id|benutzer(?:name)?|nutzername|"
    r"benutzerkennung|gebruiker|utilisateur|identifiant|usuario|usuário|"
    r"utente|nome utente|gebruikersnaam|användarnamn|brukernavn|brugernavn|käyttäjätunnus|"
    r"użytkownik|nazwa użytkownika|uid|logon|用户名|ユーザー名|아이디|사용자|kullanıcı(?: adı)?|"
    r"логин|имя пользователя|اسم المستخدم|utilizador|uživatel|felhasználónév)"
)
_KEYED_USER = LazyPattern(
    rf"(?i)(?:^|[^a-z])(?:[a-z]+[_\-])?{_USER_WORD}[\"']?\s?(?::|=>?)\s?[\"'`]?@?({_VALUE}{{2,64}})"
)
_SPOKEN_USER = LazyPattern(
    rf"(?i)(?:^|[^a-z_])(?:{_USER_WORD}|account)(?:\s(?:is|was|ist|est|es|è|é|[-–]))?\s[\"'`]?@?({_VALUE}{{3,64}})"
)
_WORD_FOR_IT = (
    r"(?:pass[\s_\-]?word|passwort|passwd|pass[\s_\-]?phrase|pass[\s_\-]?code|pwd|mot de passe|mdp|"
    r"contraseña|contrasena|clave|parola d'ordine|senha|wachtwoord|lösenord|passord|adgangskode|"
    r"salasana|hasło|haslo|heslo|parolă|şifre|пароль|kennwort|"
    r"palavra-passe|\bpw|jelszó|κωδικός|"
    r"密码|密碼|口令|パスワード|暗証番号|비밀번호|비번|암호|كلمة المرور|كلمة السر|पासवर्ड|รหัสผ่าน|"
    r"mật khẩu|סיסמה)"
)
_ASIDE = (
    r"(?:\s\((?:old|new|current|temp(?:orary)?|initial|wi-?fi|admin|user|guest|login|home|work)\))"
)
_KEYED_PASSWORD = LazyPattern(
    rf"(?i){_WORD_FOR_IT}[\"']?{_ASIDE}?\s?(?::|：|=>?)\s?"
    r"(?:\"([^\"\n]{1,128})\"|'([^'\n]{1,128})'|([^\s\"',;<>=][^\s\"',;<>]{0,127}))"
)
_SPOKEN_PASSWORD = LazyPattern(
    rf"(?i){_WORD_FOR_IT}(?:\s(?:is|was|to|ist|lautet|est|es|è|é|hai|will be|used to be|now|still)"
    r"(?:\s(?:changed|reset|updated|set)\sto)?:?|[’']s|\s?(?:是|为|は|は、|은|는))?"
    r"(?:\s(?:now|still|to))?\s[\"'`]?([^\s\"'`,<>]{5,64})"
)
_DOOR_CODE = LazyPattern(
    r"(?i)\b(?:alarm|gate|door|entry|lockbox|keypad|safe|garage)\scode(?:\sis)?\s?[:=]?\s?"
    r"(#?\d{4,8}#?)(?:[^\w.\-/]|\.?(?:\s|$))"
)
_SPOKEN_DIGITS = LazyPattern(
    rf"(?i){_WORD_FOR_IT}(?:\s(?:is|ist|lautet|est|es|è|é)|[’']s)\s[\"'`]?(\d{{6,64}})(?:[^\w.\-]|\.?(?:\s|$))"
)
_NEW_ONE = LazyPattern(
    r"(?i)(?:new|old|other|current|next) one (?:is|was|will be)\s[\"'`]?([^\s\"'`,<>]{5,64})"
)
_KEYED_PASS = LazyPattern(r"(?i)(?:^|[^a-z_.\-])pass\s?[:=]\s?[\"'`]?([^\s\"'`,;<>|]{5,64})")
_PASS_PHRASE = LazyPattern(
    r"(?i:pass[\s_\-]?phrase)[\"']?\s?[:=]\s?[\"']?((?:[a-z]{3,12}[ \-]){3,11}[a-z]{3,12})\b"
)
_PIN = LazyPattern(
    r"(?i)\bpin(?:\s(?:code|number|no\.?|nr\.?))?(?:\s(?:is|was|ist|lautet|est|es|è|é)|\s?[:=])\s?"
    r"(\d{4,5})(?:[^\d.\-/:\w]|[.,;!?]?(?:\s|$))"
)
_VALIDATION = ("required|", "nullable|", "sometimes|", "string|", "confirmed|", "min:", "max:")
PLACEHOLDERS = word_set(
    "none null nil new true false undefined empty string str int bool password passwd changeme "
    "secret xxx xxxx xxxxx xxxxxx ****** ******** example required optional redacted hidden "
    "masked yes no input text hash field reset here n/a na tbd todo user username name your "
    "yours admin root process env getenv"
)
_NOT_NAMES = PLACEHOLDERS | word_set(
    "agent agents id ids can cannot has have had is was will would should must may might the "
    "and or not for with from that this when who which input error errors experience "
    "interface manual guide story stories data info number account accounts manager page "
    "pages session sessions role roles group groups type types profile friendly defined "
    "research base count list table model settings service name names names. in on at to of "
    "by as are were did does do logs log failed succeeded failure success attempt attempts "
    "details screen form button email mail password credentials created deleted updated "
    "balance holder holders locked seems statement owner transfer number. terms status closed "
    "suspended verification because about after before between during without within through "
    "over under into onto upon same new old other another any some every each all both few "
    "more most such only own than too very just also back even still well system system. test "
    "guest unknown anonymous everyone somebody public default current local self me you him "
    "her them us it we they he she request requests requirements rights access feedback setup "
    "registration sign up out verified blocked"
)
_KEYS = word_set("username user userid name login handle uid password pwd passwd passphrase")
_OBJECTS = word_set("self this params config cfg request req args options os env settings ctx data")
_LOGINS = tuple(
    f" {said}"
    for said in phrase_set(
        "cannot log|can't log|could not log|failed to log|failed to auth|failed login|logged in|"
        "logged on|logged out|login|tried to log|is locked|was locked"
    )
)
_NEXT_PARAMETER = re.compile(r"&(?:amp;)?[A-Za-z_]\w{0,40}=")
_SHORTEST_PLAIN = 4
_WORDS_OF_A_SENTENCE = 3
_FEWEST_CLASSES = 2
_EVIDENT = 3

USERNAME = pii(
    "username",
    "USERNAME",
    "User name",
    "A login name in a key such as user= or login:, or after the words user, username or account.",
    sources=("NIST SP 800-122 section 2.2",),
    examples=("username: ada_l", "user=ada.lovelace", "the account ada1815"),
    near_misses=("user experience", "username and password", "the user can log in"),
    severity=Severity.LOW,
)
PASSWORD = pii(
    "password-in-prose",
    "PASSWORD",
    "Password",
    "A value after the word for password, in a key or in a sentence; placeholders are left out.",
    sources=("NIST SP 800-63B section 5.1.1",),
    examples=("password: Summer12!", "my password is correct-horse-7"),
    near_misses=(
        "the password must contain 8 characters",
        "password reset",
        "password: ********",
        "if password == confirm_password:",
    ),
    severity=Severity.HIGH,
)


def _find_username(document: Document) -> Iterator[Hit]:
    for pattern, keyed in ((_KEYED_USER, True), (_SPOKEN_USER, False)):
        for match in pattern.finditer(document.subject):
            start, end = match.span(1)
            end = trimmed(document.text, start, end)
            value = document.text[start:end]
            if "@" in value or not (
                is_name(value, keyed=keyed) or _is_said(document.text, match.span()[0], end, value)
            ):
                continue
            if _is_code(value, document.text[end : end + 1]) or (
                keyed and _goes_on(document.text, start, end, value)
            ):
                continue
            score = 0.85 if keyed else 0.7
            yield login_hit(USERNAME, start, end, score, "user", keyed=keyed)


def _find_keyed_password(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _KEYED_PASSWORD.finditer(document.subject):
        group = next(group for group in (1, 2, 3) if match.took_part(group))
        start, end = match.span(group)
        if group == 3:
            end = trimmed(text, start, end)
            following = _NEXT_PARAMETER.search(text, start, end)
            end = following.start() if following else end
        unquoted = group == 3
        if unquoted and _is_expression(text[start:end], text[end : end + 1]):
            continue
        if end > start and not is_placeholder(text[start:end]):
            yield login_hit(PASSWORD, start, end, 0.88, "password", keyed=True)


def _find_password(document: Document) -> Iterator[Hit]:
    text = document.text
    yield from _find_keyed_password(document)
    for pattern in (_SPOKEN_PASSWORD, _NEW_ONE, _KEYED_PASS):
        for match in pattern.finditer(document.subject):
            start, end = match.span(1)
            end = trimmed(text, start, end)
            value = text[start:end]
            if not is_placeholder(value) and looks_secret(value):
                yield login_hit(PASSWORD, start, end, 0.75, "password", keyed=False)


def login_hit(info: RuleInfo, start: int, end: int, score: float, word: str, *, keyed: bool) -> Hit:
    """Return a hit of either kind with its steps."""
    steps = (("pattern", 0.3), ("key and value" if keyed else "said in a sentence", score))
    return Hit(start, end, info, score, None, (ContextWord(word=word, distance=0),), steps)


def trimmed(text: str, start: int, end: int) -> int:
    """Leave out the punctuation that ends a sentence."""
    while end > start and text[end - 1] in ".,:;?)\"'":
        end -= 1
    if end > start and text[end - 1] == "!" and not any(char.isdigit() for char in text[start:end]):
        end -= 1
    return end


def _is_said(text: str, start: int, end: int, value: str) -> bool:
    """Tell a name of plain letters by what is said of it: `user fdavies cannot log in`."""
    if not (value.isalpha() and value.islower() and len(value) >= _SHORTEST_PLAIN):
        return False
    if value in _NOT_NAMES or value in common_words():
        return False
    lead = text[start:end].casefold()
    if "account" in lead:
        return text[end : end + 1] in {".", ";"}
    return "username" in lead or text.startswith(_LOGINS, end)


def _is_code(value: str, after: str) -> bool:
    """Tell a variable, an attribute or a call from a value."""
    plain = value.casefold().replace("_", "")
    if after in {"[", "("} or plain in _KEYS or value.endswith("]"):
        return True
    if "_" in value and plain.endswith(tuple(_KEYS)) and value.isidentifier():
        return True
    parts = value.split(".")
    return parts[0] in _OBJECTS or any(part[:1].isupper() for part in parts[1:])


def _goes_on(text: str, start: int, end: int, value: str) -> bool:
    """Tell the first word of a sentence, as after `User:`, from a name that stands alone."""
    plain = value.isalpha() and text[start - 1] == " "
    return plain and text[end : end + 1] == " " and text[end + 1 : end + 2].isalpha()


def is_name(value: str, *, keyed: bool) -> bool:
    """Tell whether a value could be a user name; `keyed` with a key or label before it."""
    plain = value.casefold()
    if plain in _NOT_NAMES or not any(char.isalpha() for char in value):
        return False
    if any(char in value for char in "$/\\(){}<>*=%:#!?"):
        return False
    if keyed:
        return len(value) >= 3
    if sum(char.isdigit() for char in value) > 2 * len(value) // 3 or value[0].isupper():
        return False
    return any(char.isdigit() or char in "_." for char in value.strip("."))


def _is_expression(value: str, after: str) -> bool:
    """Tell code on the right of an equals sign from a password without quotes."""
    if _is_code(value, after) or value.endswith(("(", "[")) or after in {'"', "'"}:
        return True
    parts = value.split(".")
    return len(parts) > 1 and all(part.isidentifier() and part.islower() for part in parts)


def is_placeholder(value: str) -> bool:
    """Tell a value that stands for one, such as `<password>` or `changeme`."""
    plain = value.casefold().strip("<>[]{}\"'. ")
    return (
        plain in PLACEHOLDERS
        or not plain
        or set(plain) <= set("*x.•-_?")
        or plain.startswith(_VALIDATION)
        or (value.startswith("$") and value.endswith("-"))
        or (plain.count(" ") >= _WORDS_OF_A_SENTENCE and plain.replace(" ", "").isalpha())
        or value.startswith(("{{", "<", "%(", "${", "$(", "process.env", "os.", "env."))
        or (value.startswith("$") and value[1:].replace("_", "").isupper())
        or ("(" in value and ")" in value and "." in value)
    )


def looks_secret(value: str) -> bool:
    """Tell a password from the next word of a sentence by its kinds of characters."""
    classes = (
        any(char.islower() for char in value)
        + any(char.isupper() for char in value)
        + any(char.isdigit() for char in value)
        + any(not char.isalnum() for char in value)
    )
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    symbols = sum(not char.isalnum() and char not in "-'.’" for char in value)
    if has_digit and has_letter:
        return classes >= _FEWEST_CLASSES
    return classes >= _EVIDENT and symbols > 0 and not value.endswith(("'s", "’s"))


def _find_own_shapes(document: Document) -> Iterator[Hit]:
    """Yield what is a password by its own shape: words of a passphrase, a PIN, mere digits."""
    for pattern, score in (
        (_PASS_PHRASE, 0.9),
        (_PIN, 0.65),
        (_DOOR_CODE, 0.6),
        (_SPOKEN_DIGITS, 0.7),
    ):
        for match in pattern.finditer(document.subject):
            yield login_hit(PASSWORD, *match.span(1), score, "password", keyed=True)


RECOGNISERS = (
    Custom(infos=(USERNAME,), gates=("username|bank-account",), search=_find_username),
    Custom(infos=(PASSWORD,), gates=("password",), search=_find_password),
    Custom(
        infos=(),
        gates=(
            r"(?i)pass[\s_\-]?phrase|\bpin[ :=]|"
            r"\b(?:alarm|gate|door|entry|lockbox|keypad|safe|garage) code|"
            r"(?: is| ist| est| es| lautet|[’']s) [\"']?\d{6}",
        ),
        search=_find_own_shapes,
    ),
)
