"""The exfiltration engine: one gate over all channels, then only the channels it opened."""

from collections.abc import Iterable, Sequence

from adapters.detectors.exfiltration.address import AddressJudge
from adapters.detectors.exfiltration.bulk_records import BulkRecords
from adapters.detectors.exfiltration.code import SendingCode
from adapters.detectors.exfiltration.commands import UploadCommands
from adapters.detectors.exfiltration.encoded_blobs import EncodedBlobs
from adapters.detectors.exfiltration.evidence import VERSION, ChannelRecogniser
from adapters.detectors.exfiltration.hidden_text import HiddenText
from adapters.detectors.exfiltration.markup import MarkupChannels
from adapters.detectors.exfiltration.names import NameLookups
from adapters.detectors.linear_time import Gate, Subject
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Finding

__all__ = ["VERSION", "ExfiltrationEngine", "catalogue"]


def _recognisers(allowed_domains: Iterable[str]) -> tuple[ChannelRecogniser, ...]:
    judge = AddressJudge(allowed_domains)
    return (
        MarkupChannels(judge),
        NameLookups(judge),
        UploadCommands(judge),
        SendingCode(judge),
        EncodedBlobs(),
        HiddenText(),
        BulkRecords(),
    )


def catalogue() -> tuple[RuleInfo, ...]:
    """Return what every rule of this engine says about itself, by id."""
    rules = (info for recogniser in _recognisers(()) for info in recogniser.rules)
    return tuple(sorted(rules, key=lambda info: info.id))


class ExfiltrationEngine:
    """Find exfiltration channels in one text; the same text gives the same findings.

    Addresses of `allowed_domains` and of names below them may carry whatever they like.
    """

    def __init__(self, allowed_domains: Iterable[str] = ()) -> None:
        self._recognisers = _recognisers(tuple(allowed_domains))
        self._gate = Gate([gate for one in self._recognisers for gate in one.gates])
        self._opened = [index for index, one in enumerate(self._recognisers) for _ in one.gates]

    def find(self, subject: Subject) -> tuple[Finding, ...]:
        """Return the findings in `Finding.order`, no two of them overlapping."""
        opened = {self._opened[hit] for hit in self._gate.hits(subject)}
        found = [
            finding
            for index in sorted(opened)
            for finding in self._recognisers[index].scan(subject)
        ]
        return tuple(sorted(_strongest(found), key=lambda finding: finding.order))


def _strongest(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the best of overlapping findings: by score, then by length, then by place."""
    ranked = sorted(findings, key=lambda f: (-f.score, -len(f.span), f.order))
    kept: list[Finding] = []
    for finding in ranked:
        if not any(finding.span.overlaps(other.span) for other in kept):
            kept.append(finding)
    return kept
