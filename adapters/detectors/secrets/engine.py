"""The secrets engine: one gate over all recognisers, then only those it opened, then overlaps."""

from collections.abc import Iterable
from functools import cache

from adapters.detectors.disjoint import DisjointRanges
from adapters.detectors.linear_time import Gate, Subject
from adapters.detectors.secrets import (
    credential_forms,
    credential_forms_calls,
    credential_forms_commands,
)
from adapters.detectors.secrets.assignments import Assignments
from adapters.detectors.secrets.bare_tokens import BareTokens
from adapters.detectors.secrets.command_credentials import CommandCredentials
from adapters.detectors.secrets.connections import AddressesWithPasswords, KeyValueConnections
from adapters.detectors.secrets.password_hashes import PasswordHashes
from adapters.detectors.secrets.private_keys import (
    EncodedPemPrivateKeys,
    LinePrivateKeys,
    PemPrivateKeys,
    PuttyPrivateKeys,
)
from adapters.detectors.secrets.providers import (
    ai_providers,
    clouds,
    code_hosts,
    databases,
    hosting,
    identity,
    messaging,
    observability,
    payments,
    registries,
    services,
)
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    Candidate,
    Deferred,
    LastRecogniser,
    Recogniser,
    TokenRecogniser,
    TokenRule,
)
from adapters.detectors.secrets.samples import with_samples
from adapters.detectors.secrets.web_tokens import JsonWebTokens
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category

VERSION = "1"
DETECTOR = "secrets"

TOKEN_RULES: tuple[TokenRule, ...] = (
    *clouds.RULES,
    *hosting.RULES,
    *code_hosts.RULES,
    *registries.RULES,
    *payments.RULES,
    *messaging.RULES,
    *ai_providers.RULES,
    *databases.RULES,
    *observability.RULES,
    *identity.RULES,
    *services.RULES,
)
"""The provider formats of all fields."""


def default_recognisers() -> tuple[Recogniser, ...]:
    """Return a recogniser for each provider format and each kind without a provider."""
    return (
        *(TokenRecogniser(rule) for rule in TOKEN_RULES),
        Deferred(PemPrivateKeys.gates, PemPrivateKeys.rules, PemPrivateKeys),
        Deferred(EncodedPemPrivateKeys.gates, EncodedPemPrivateKeys.rules, EncodedPemPrivateKeys),
        Deferred(PuttyPrivateKeys.gates, PuttyPrivateKeys.rules, PuttyPrivateKeys),
        Deferred(LinePrivateKeys.gates, LinePrivateKeys.rules, LinePrivateKeys),
        Deferred(JsonWebTokens.gates, JsonWebTokens.rules, JsonWebTokens),
        Deferred(
            AddressesWithPasswords.gates, AddressesWithPasswords.rules, AddressesWithPasswords
        ),
        Deferred(KeyValueConnections.gates, KeyValueConnections.rules, KeyValueConnections),
        Deferred(PasswordHashes.gates, PasswordHashes.rules, PasswordHashes),
        *(
            CommandCredentials(form)
            for forms in (
                credential_forms,
                credential_forms_commands,
                credential_forms_calls,
            )
            for form in forms.FORMS
        ),
        Assignments(),
        BareTokens(),
    )


def catalogue() -> tuple[RuleInfo, ...]:
    """Return what every rule of this engine says about itself, by id."""
    rules = (with_samples(info) for one in default_recognisers() for info in one.rules)
    return tuple(sorted(rules, key=lambda info: info.id))


class SecretsEngine:
    """Find secrets in one text; the same text gives the same findings."""

    def __init__(self) -> None:
        recognisers = default_recognisers()
        self._recognisers = tuple(r for r in recognisers if not isinstance(r, LastRecogniser))
        self._last = tuple(r for r in recognisers if isinstance(r, LastRecogniser))
        openers: dict[str, list[int]] = {}
        for index, recogniser in enumerate((*self._recognisers, *self._last)):
            for gate in recogniser.gates:
                openers.setdefault(gate, []).append(index)
        self._gate = Gate(tuple(openers))
        self._opened = tuple(openers.values())

    def find(self, subject: Subject) -> tuple[Finding, ...]:
        """Return the findings in `Finding.order`, no two of them overlapping."""
        opened: set[int] = set()
        for hit in self._gate.hits(subject):
            opened.update(self._opened[hit])
        if not opened:
            return ()
        specific = len(self._recognisers)
        candidates = [
            candidate
            for index in sorted(opened)
            if index < specific
            for candidate in self._recognisers[index].scan(subject)
        ]
        claimed = DisjointRanges()
        kept = _most_specific((c for c in candidates if c.score >= OPERATING_POINT), claimed)
        candidates = [c for c in candidates if c.score < OPERATING_POINT]
        for index, recogniser in enumerate(self._last, start=specific):
            if index in opened:
                candidates += recogniser.scan_around(subject, claimed)
        kept += _most_specific(candidates, claimed)
        findings = [_finding(candidate) for candidate in kept]
        findings.sort(key=lambda finding: finding.order)
        return tuple(findings)


@cache
def secrets_engine() -> SecretsEngine:
    """Return the engine with all recognisers, compiled once a process."""
    return SecretsEngine()


def _most_specific(candidates: Iterable[Candidate], claimed: DisjointRanges) -> list[Candidate]:
    """Keep the best of overlapping candidates: reportable first, then specific, certain, long."""
    ranked = sorted(
        candidates,
        key=lambda c: (
            c.score < OPERATING_POINT,
            -c.specificity,
            -c.score,
            c.start - c.end,
            c.start,
            c.rule,
        ),
    )
    return [candidate for candidate in ranked if claimed.claim(candidate.start, candidate.end)]


def _finding(candidate: Candidate) -> Finding:
    return Finding(
        category=Category.SECRETS,
        type=candidate.type,
        span=Span(candidate.start, candidate.end),
        score=candidate.score,
        detector=DETECTOR,
        rule=candidate.rule,
        explanation=Explanation(
            source=f"{DETECTOR} rules {VERSION}",
            reason=candidate.reason,
            validator=candidate.validator,
            context=candidate.context,
            steps=candidate.steps,
            decoding=candidate.decoding,
            attributes=candidate.attributes,
        ),
        operating_point=OPERATING_POINT,
    )
