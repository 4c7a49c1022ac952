"""What each metric is: its help text, its labels, and the buckets of a histogram."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.telemetry import Metric

MAX_SERIES = 500
"""Label combinations of one metric; those that come later are counted as `other`."""

_OTHER = "other"
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One metric; buckets make it a histogram."""

    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


KINDS: Mapping[Metric, Kind] = {
    Metric.QUEUE_DEPTH: Kind(help="Analysis jobs that wait for a worker: scale by this."),
    Metric.GATEWAY_REQUESTS: Kind(
        help="Requests by outcome; the provider of the model where one answered.",
        labels=("route", "status", "provider"),
    ),
    Metric.GATEWAY_OVERHEAD: Kind(help="Seconds that the gateway itself added.", buckets=_FAST),
    Metric.UPSTREAM_SECONDS: Kind(help="Seconds that upstreams took.", buckets=_SLOW),
    Metric.TTFT_SECONDS: Kind(
        help="Seconds from a request to the first chunk of its streamed answer.", buckets=_SLOW
    ),
    Metric.POLICY_DECISIONS: Kind(
        help="Decisions of policies: of the starter policy, or by the mode of a tenant's own.",
        labels=("policy", "action"),
    ),
    Metric.RATE_LIMIT_DECISIONS: Kind(
        help="Decisions of limits; `limit` is the one that refused, `mode` how it was decided.",
        labels=("limit", "result", "mode"),
    ),
    Metric.LIMITS_UNDECIDED: Kind(
        help="Requests whose limits could not be decided together, by what became of them.",
        labels=("result",),
    ),
    Metric.REDIS_CHANGES: Kind(help="Times that Redis went away or came back.", labels=("state",)),
    Metric.REDIS_AWAY: Kind(help="1 while Redis is away."),
    Metric.BREAKER_STATE: Kind(
        help="Circuit breakers of upstreams that failed lately, by phase.", labels=("state",)
    ),
    Metric.TOKENS: Kind(help="Tokens in and out.", labels=("dir",)),
    Metric.AUDIT_RECORDS: Kind(help="Audit records made durable."),
    Metric.AUDIT_SINK_SECONDS: Kind(help="Seconds to put one audit object away.", buckets=_SLOW),
    Metric.AUDIT_SINK_FAILURES: Kind(help="Failed writes of audit objects."),
    Metric.AUDIT_SINK_SPOOL_BYTES: Kind(help="Bytes of the audit journal that wait to be shipped."),
    Metric.EVENTS: Kind(help="Storage events by result.", labels=("source", "result")),
    Metric.SIGNATURE_FAILURES: Kind(
        help="Storage events that could not be trusted, by what was wrong.", labels=("reason",)
    ),
    Metric.JOURNAL_DEPTH: Kind(help="Analysis jobs that are not finished, those at work too."),
    Metric.JOURNAL_BYTES: Kind(help="Bytes of the embedded store, which holds the jobs."),
    Metric.OLDEST_UNPROCESSED: Kind(help="Age of the oldest analysis job that is not finished."),
    Metric.JOBS: Kind(help="Analysis jobs by result.", labels=("result",)),
    Metric.JOB_SECONDS: Kind(
        help="Seconds of one analysis job: waiting, reading, detecting, storing.",
        labels=("stage",),
        buckets=_SLOW,
    ),
    Metric.LEASE_FENCED: Kind(help="Jobs whose worker found that another one has them now."),
    Metric.DETECTOR_SECONDS: Kind(
        help="Seconds of one detector and call.", labels=("model",), buckets=_FAST
    ),
    Metric.DETECTOR_FAILURES: Kind(help="Failures of detectors.", labels=("model",)),
    Metric.TRITON_ERRORS: Kind(
        help="Failed requests to Triton servers, most of which pass at another try.",
        labels=("model", "reason"),
    ),
    Metric.VIOLATIONS: Kind(help="New violations.", labels=("category", "type", "severity")),
    Metric.MAILS: Kind(help="Mails by result.", labels=("result",)),
    Metric.DEAD_LETTERS: Kind(help="Jobs that wait for a person."),
    Metric.AUDIT_DAMAGES: Kind(help="Breaks found in the hash chains of audit objects."),
    Metric.RECONCILE_MISSING: Kind(help="Stored objects that no event had told of."),
    Metric.ALERTS_HELD: Kind(help="Alerts held back by the limit of a recipient or webhook."),
    Metric.WEBHOOKS: Kind(help="Tries to tell webhooks, by result.", labels=("result",)),
    Metric.COLD_STARTS: Kind(help="Instances of a function that were started."),
}


class Series:
    """Which label combinations were seen, of each metric so many at most.

    Each metric has a fixed set of labels: one that is missing is empty, one that is not of the set
    is left out.
    """

    def __init__(self) -> None:
        self._seen: dict[Metric, set[tuple[str, ...]]] = {metric: set() for metric in Metric}

    def values(self, metric: Metric, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values of the metric's labels in their order."""
        names = KINDS[metric].labels
        # A lone surrogate would make the whole page, or line, fail.
        values = tuple(
            labels.get(name, "").encode("utf-8", "replace").decode("utf-8") for name in names
        )
        seen = self._seen[metric]
        if values not in seen:
            if len(seen) >= MAX_SERIES:
                return (_OTHER,) * len(names)
            seen.add(values)
        return values
