"""The exfiltration engine: one gate over all channels, then only the channels it opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.detectors.disjoint import DisjointRanges
from adapters.detectors.exfiltration.bulk_records import BulkRecords
from adapters.detectors.exfiltration.code import SendingCode
from adapters.detectors.exfiltration.commands import UploadCommands
from adapters.detectors.exfiltration.encoded_blobs import EncodedBlobs
from adapters.detectors.exfiltration.evidence import ChannelRecogniser
from adapters.detectors.exfiltration.hidden_text import HiddenText
from adapters.detectors.exfiltration.markup import MarkupChannels
from adapters.detectors.exfiltration.names import NameLookups
from adapters.detectors.linear_time import Gate, Subject
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """A recogniser before its expressions are compiled."""

    gates: tuple[str, ...]
    rules: tuple[RuleInfo, ...]
    make: Callable[[], ChannelRecogniser]


_CHANNELS = (
    _Channel(gates=MarkupChannels.gates, rules=MarkupChannels.rules, make=MarkupChannels),
    _Channel(gates=NameLookups.gates, rules=NameLookups.rules, make=NameLookups),
    _Channel(gates=UploadCommands.gates, rules=UploadCommands.rules, make=UploadCommands),
    _Channel(gates=SendingCode.gates, rules=SendingCode.rules, make=SendingCode),
    _Channel(gates=EncodedBlobs.gates, rules=EncodedBlobs.rules, make=EncodedBlobs),
    _Channel(gates=HiddenText.gates, rules=HiddenText.rules, make=HiddenText),
    _Channel(gates=BulkRecords.gates, rules=BulkRecords.rules, make=BulkRecords),
)


def catalogue() -> tuple[RuleInfo, ...]:
    """Return what every rule of this engine says about itself, by id."""
    rules = (info for channel in _CHANNELS for info in channel.rules)
    return tuple(sorted(rules, key=lambda info: info.id))


class ExfiltrationEngine:
    """Find exfiltration channels in one text; the same text gives the same findings.

    Domains that may receive data are exceptions of a policy.
    """

    def __init__(self) -> None:
        self._made: dict[int, ChannelRecogniser] = {}
        self._gate = Gate([gate for channel in _CHANNELS for gate in channel.gates])
        self._opened = [index for index, one in enumerate(_CHANNELS) for _ in one.gates]

    def find(self, subject: Subject) -> tuple[Finding, ...]:
        """Return the findings in `Finding.order`, no two of them overlapping."""
        opened = {self._opened[hit] for hit in self._gate.hits(subject)}
        found = [f for index in sorted(opened) for f in self._recogniser(index).scan(subject)]
        return tuple(sorted(_strongest(found), key=lambda finding: finding.order))

    def _recogniser(self, index: int) -> ChannelRecogniser:
        """Return a recogniser, compiled when its gate opens for the first time."""
        if index not in self._made:
            self._made[index] = _CHANNELS[index].make()
        return self._made[index]


def _strongest(findings: Sequence[Finding]) -> list[Finding]:
    """Keep the best of overlapping findings: by score, then by length, then by place."""
    ranked = sorted(findings, key=lambda f: (-f.score, -len(f.span), f.order))
    ranges = DisjointRanges()
    return [f for f in ranked if ranges.claim(f.span.start, f.span.end)]
