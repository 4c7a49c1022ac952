"""`trueport explain`: say what a rule matches and how to silence it."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from domain.detection.catalogue import RuleInfo
from domain.detection.finding import custom_rule
from domain.detection.taxonomy import TYPES, Category, is_auxiliary
from entrypoints.cli.detection_options import local_detection, model_store_option
from entrypoints.cli.exits import EXIT_USAGE, Failure
from entrypoints.cli.output import destination
from entrypoints.cli.policy_file import read_policy
from entrypoints.cli.terminal import columns
from entrypoints.wiring.local_detection import Profile

_HEADINGS = ("RULE", "CATEGORY", "TYPE", "SEVERITY", "FROM", "TITLE")
_FINGERPRINT = "tp1:"
_EXCEPTION_LASTS = timedelta(days=90)


@click.command(name="explain")
@click.argument("name", required=False, metavar="[RULE | TYPE | CATEGORY | FINGERPRINT]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="How the answer is told.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    help="A policy whose own detectors are told as well.",
)
@model_store_option
def command(name: str | None, form: str, *, policy_path: Path | None, model_store: Path) -> None:
    """Say what a detection rule matches, how it decides, and how to silence it.

    Without a name, list every rule; with a type or a category, the rules that report it.

    \b
    Examples:
      trueport explain
      trueport explain credit-card
      trueport explain EMAIL
      trueport explain secrets --format json
      trueport explain --format markdown > rules.md
      trueport explain custom/staff-number --policy policy.yaml
    """
    policy = None if policy_path is None else read_policy(policy_path, model_store)
    detection = local_detection(Profile.EMBEDDED, model_store)
    rules = detection.rules_under(policy)
    chosen = list(rules.values()) if name is None else _chosen(name, rules)
    is_page = name is not None and len(chosen) == 1
    expires = (detection.clock.now() + _EXCEPTION_LASTS).date().isoformat()
    with destination(None) as stream:
        if form == "json":
            documents = [_document(info, expires) for info in chosen]
            json.dump(
                documents[0] if is_page else {"schema_version": 1, "rules": documents},
                stream,
                indent=2,
            )
            stream.write("\n")
        elif form == "markdown":
            stream.writelines(line + "\n" for line in catalogue(chosen))
        else:
            lines = _page(chosen[0], expires) if is_page else _list(chosen)
            stream.writelines(line + "\n" for line in lines)
    if form == "table" and not is_page:
        click.echo(f"{len(chosen)} rules; trueport explain RULE says more about one", err=True)


def _chosen(name: str, rules: Mapping[str, RuleInfo]) -> Sequence[RuleInfo]:
    """Return the rules that a name means."""
    wanted = name.split(":")[1] if name.startswith(_FINGERPRINT) else name
    wanted = wanted.strip().lower().replace("_", "-")
    if wanted in rules:
        return [rules[wanted]]
    alike = [
        info
        for info in rules.values()
        if wanted in (info.type.lower().replace("_", "-"), info.category.value)
    ]
    if alike:
        return alike
    known = {
        **{one.lower().replace("_", "-"): one for types in TYPES.values() for one in types},
        **{category.value: category.value for category in Category},
        **{rule: rule for rule in rules},
    }
    if wanted in known:
        raise Failure(f"no rule of this version reports {known[wanted]}", EXIT_USAGE)
    if wanted.startswith(custom_rule("")):
        raise Failure(
            f"{wanted} is described by a policy: name its file with --policy, or look under "
            "detectors in `trueport policies show TENANT`",
            EXIT_USAGE,
        )
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(known[one] for one in close)}?" if close else ""
    raise Failure(f"there is no rule, type or category '{name}'.{hint}", EXIT_USAGE)


def _list(rules: Sequence[RuleInfo]) -> Iterator[str]:
    yield from columns(
        [
            _HEADINGS,
            *(
                (
                    info.id,
                    info.category.value,
                    info.type,
                    info.severity.value,
                    f"{info.operating_point:.2f}",
                    info.title,
                )
                for info in rules
            ),
        ]
    )


def _page(info: RuleInfo, expires: str) -> Iterator[str]:
    yield f"{info.id}: {info.title}"
    yield ""
    yield info.matches
    yield ""
    facts = [
        ("category", info.category.value),
        ("type", info.type + _standing(info)),
        ("severity", info.severity.value),
        ("reported from", f"score {info.operating_point:.2f}"),
        ("validator", info.validator or "none"),
    ]
    yield from columns([(f"  {name}", value) for name, value in facts])
    for title, items in (
        ("Examples", info.examples),
        ("Near misses, which stay silent", info.near_misses),
        ("Sources", info.sources),
    ):
        if items:
            yield ""
            yield f"{title}:"
            yield from (f"  {_visible(item)}" for item in items)
    yield ""
    yield "How to silence it, in a policy:"
    yield from (f"  {line}" for line in _exception(info, expires))
    yield (
        "or for one finding of `trueport scan`, a line of .trueportignore: "
        "its fingerprint, ` # `, and the reason."
    )


_CATALOGUE = """# Rules

Every rule of the detectors that come with TruePort, made by `make docs` from the rules themselves.
`trueport explain RULE` says more about one, with near misses and sources. A rule reports from its
score on; a policy may name another one (`min_score`). To silence what a rule finds, add an
exception to the policy ([policies.md](policies.md)), which `trueport explain RULE` prints ready to
paste, or for one finding of `trueport scan` a line of `.trueportignore`."""


def catalogue(rules: Sequence[RuleInfo]) -> Iterator[str]:
    """Yield a page in Markdown about rules, by category and type."""
    yield _CATALOGUE
    for category in Category:
        chosen = [info for info in rules if info.category is category]
        if chosen:
            yield f"\n## {category.value}: {len(chosen)} rules\n"
            yield "| rule | type | severity | from | what | validator | for example |"
            yield "|---|---|---|---:|---|---|---|"
        for info in sorted(chosen, key=lambda one: (one.type, one.id)):
            cells = (
                f"`{info.id}`",
                info.type + (" (tag)" if is_auxiliary(category, info.type) else ""),
                info.severity.value,
                f"{info.operating_point:.2f}",
                _cell(f"{info.title}: {info.matches}"),
                _cell(info.validator or ""),
                _example(info),
            )
            yield f"| {' | '.join(cells)} |"


def _example(info: RuleInfo) -> str:
    # Other scanners would stumble over secrets, and checkers of links over what looks like one.
    first = next(iter(info.examples), "")
    if not first or info.category is Category.SECRETS or "](" in first:
        return ""
    return f"`{_cell(_visible(first))}`"


def _visible(text: str) -> str:
    """Return a text with what nobody would see in it spelt out."""
    return "".join(
        char
        if char == "\n" or (char.isprintable() and not _is_selector(char))
        else char.encode("unicode_escape").decode()
        for char in text
    )


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0000"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("`", "'").replace("](", "]\\(").split())


def _standing(info: RuleInfo) -> str:
    if is_auxiliary(info.category, info.type):
        return " (auxiliary: it tags, and never violates by itself)"
    return ""


def _exception(info: RuleInfo, expires: str) -> Sequence[str]:
    return (
        "exceptions:",
        f"  - id: accept-{info.id.replace('/', '-')}",
        f"    detector_rules: [{info.id}]  # with no more than that, the whole rule is silent",
        "    pattern: 'the values to accept, as an RE2 expression'",
        f"    # or types: [{info.type}] with values: [one value] or domains: [example.com]",
        "    reason: why this is fine",
        f"    expires: {expires}",
    )


def _document(info: RuleInfo, expires: str) -> dict[str, object]:
    return {
        "id": info.id,
        "category": info.category.value,
        "type": info.type,
        "auxiliary": is_auxiliary(info.category, info.type),
        "title": info.title,
        "matches": info.matches,
        "validator": info.validator,
        "sources": list(info.sources),
        "examples": list(info.examples),
        "near_misses": list(info.near_misses),
        "severity": info.severity.value,
        "operating_point": info.operating_point,
        "how_to_silence": "\n".join(_exception(info, expires)),
    }
