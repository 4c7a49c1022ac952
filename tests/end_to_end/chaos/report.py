"""A run's report for people."""

from collections.abc import Iterator

from domain.job import JobState
from tests.end_to_end.chaos.run import Outcome

_SHOWN = 30
_MIB = 1024 * 1024


def lines_of(outcome: Outcome) -> Iterator[str]:
    """Return the report, the verdict last."""
    dose, corpus, sent, verdict = outcome.dose, outcome.corpus, outcome.sent, outcome.verdict
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(corpus.kinds.items()))
    faults = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.faults.items()))
    yield f"chaos on {outcome.site}: seed {dose.seed}"
    yield f"  objects     {len(corpus.logs):,} ({kinds}) with {corpus.records:,} records"
    yield f"  faults      {outcome.faults.total()}: {faults}"
    yield (
        f"  events      {sent.messages:,} messages ({sent.repeats:,} repeats, {sent.by_queue:,} by "
        f"queue), {sent.refusals:,} refused and sent again; {sent.lost:,} objects never announced"
    )
    jobs = ", ".join(
        f"{verdict.jobs[state]:,} {state}" for state in JobState if verdict.jobs[state]
    )
    yield (
        f"  jobs        {jobs}; {verdict.swept:,} found by a sweep, "
        f"{verdict.repeated:,} done after more than one try"
    )
    yield f"  violations  {verdict.expected:,} expected, {verdict.violations:,} found"
    yield (
        f"  audit log   {verdict.audit_records:,} records verified, {verdict.damages} damages, "
        "all put there on purpose"
        if not outcome.wrong
        else f"  audit log   {verdict.audit_records:,} records verified, {verdict.damages} damages"
    )
    for engine in outcome.engines:
        refused = f", {engine.refused} refused" if engine.refused else ""
        peak = f"{engine.peak / _MIB:.0f} MiB at most" if engine.peak else "memory not measured"
        yield f"  {engine.name:<11} {engine.starts} starts{refused}, {peak}"
    yield (
        f"  time        {outcome.storm_seconds:.0f} s of faults, {outcome.settle_seconds:.0f} s "
        f"until all was done; {outcome.quiet_seconds:.0f} s for the same without faults"
    )
    if not outcome.wrong:
        yield "  verdict     every violation exactly once, nothing lost, only poison is dead"
        return
    yield f"  verdict     {len(outcome.wrong):,} things are wrong:"
    for line in outcome.wrong[:_SHOWN]:
        yield f"    {line}"
    if len(outcome.wrong) > _SHOWN:
        yield f"    and {len(outcome.wrong) - _SHOWN:,} more"
