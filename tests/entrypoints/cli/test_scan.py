"""`trueport scan`: what is found, what is shown of it, and how the command ends."""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest

from entrypoints.cli.scan_formats import Format
from tests.entrypoints.cli.conftest import CARD, MAIL, TEXT, CommandLine

CLEAN = b"the quick brown fox jumps over the lazy dog"
POLICY = """\
schema_version: 1
name: cards only
rules:
  - id: cards
    when: {types: [CREDIT_CARD]}
    effect: block
    severity: low
exceptions: []
"""


def test_card_and_mail_are_found_with_exact_spans(trueport: CommandLine) -> None:
    ended = trueport("scan", "-", "--format", "json", "--fail-on", "low", stdin=TEXT.encode())

    found = [(one["type"], one["start"], one["end"]) for one in ended.json["findings"]]
    assert ended.status == 1
    assert found == [("CREDIT_CARD", 11, 30), ("EMAIL", 46, 61)]
    assert TEXT[11:30] == CARD
    assert TEXT[46:61] == MAIL
    assert ended.json["schema_version"] == 1
    assert ended.json["errors"] == []
    assert ended.json["summary"]["complete"] is True


def test_text_without_findings_is_clean(trueport: CommandLine) -> None:
    ended = trueport("scan", "-", "--format", "json", "--fail-on", "low", stdin=CLEAN)

    assert ended.status == 0
    assert ended.json["findings"] == []


def test_place_counts_lines_and_code_points_from_one(trueport: CommandLine) -> None:
    trueport.write("a.txt", f"first\nüñ 😀 {MAIL}\n")

    (finding,) = trueport.scan("a.txt", "--format", "json").json["findings"]

    assert (finding["line"], finding["column"]) == (2, 6)
    assert (finding["end_line"], finding["end_column"]) == (2, 6 + len(MAIL))
    assert finding["path"] == "a.txt"
    assert finding["severity"] == "medium"


@pytest.mark.parametrize("form", list(Format))
def test_no_format_shows_a_match_and_all_end_alike(trueport: CommandLine, form: Format) -> None:
    trueport.write("a.txt", TEXT)

    ended = trueport.scan("a.txt", "--format", form.value, "--explain")

    assert ended.status == 1
    assert "CREDIT_CARD" in ended.out
    for secret in (CARD, CARD.replace(" ", ""), "1111", MAIL, "ada"):
        assert secret not in ended.out + ended.err


@pytest.mark.parametrize("form", list(Format))
def test_unreadable_input_beats_findings_in_every_format(
    trueport: CommandLine, form: Format
) -> None:
    trueport.write("good.txt", TEXT)
    (trueport.folder / "bad.txt").symlink_to("nowhere")

    ended = trueport.scan(".", "--format", form.value)

    complaints = [line for line in ended.err.splitlines() if line.startswith("error:")]
    assert ended.status == 3
    assert "CREDIT_CARD" in ended.out
    assert complaints == ["error: bad.txt: cannot be read: No such file or directory"]


def test_missing_path_is_incomplete(trueport: CommandLine) -> None:
    ended = trueport.scan("nowhere.txt", "--format", "json")

    assert ended.status == 3
    assert ended.json["errors"] == [
        {"path": "nowhere.txt", "message": "cannot be read: No such file or directory"}
    ]
    assert ended.json["summary"]["complete"] is False


class BreaksOff(BytesIO):
    """A file that can be read for a while."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._is_over = False

    def read1(self, size: int | None = -1, /) -> bytes:
        if self._is_over:
            raise OSError(5, "Input/output error")
        self._is_over = True
        return super().read1(-1 if size is None else size)


def test_findings_before_a_read_error_are_reported(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "--format", "json", stdin=BreaksOff(TEXT.encode()))

    assert ended.status == 3
    assert len(ended.json["findings"]) == 2
    assert ended.json["errors"] == [
        {"path": "<stdin>", "message": "cannot be read to its end: Input/output error"}
    ]


class Interrupts(BytesIO):
    """A file during which somebody presses Ctrl-C."""

    def read1(self, size: int | None = -1, /) -> bytes:
        raise KeyboardInterrupt


def test_interrupt_ends_with_130_and_writes_no_report(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "-o", "report.json", stdin=Interrupts())

    assert ended.status == 130
    assert "interrupted" in ended.err
    assert trueport.files() == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Missing argument"),
        (["--bogus", "."], "No such option '--bogus'"),
        ([".", "--format", "xml"], "'xml' is not one of"),
        ([".", "--fail-on", "sometimes"], "'sometimes' is not one of"),
        ([".", "--detectors", "piii"], "did you mean 'pii'?"),
        ([".", "--detectors", "bias"], "the profile patterns has no detector for bias"),
        ([".", "--max-size", "big"], "'big' is no size"),
        ([".", "--min-score", "7"], "not in the range"),
        ([".", "--jobs", "0"], "not in the range"),
        ([".", "--exclude", "/"], "no pattern of paths"),
        ([".", "--policy", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        ([".", "-o", "nowhere/report"], "nowhere/report: cannot be written"),
        (["https://example.org/a"], "https://example.org/a: pages are not read"),
        (["s3:///2026/"], "s3:///2026/: name a bucket, as in s3://BUCKET/PREFIX"),
        (["-", "-"], "standard input can be read once only"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(
    trueport: CommandLine, arguments: list[str], complaint: str
) -> None:
    ended = trueport.scan(*arguments)

    assert ended.status == 2
    assert complaint in ended.err
    assert ended.out == ""


def test_nothing_is_written_anywhere(trueport: CommandLine, tmp_path: Path) -> None:
    trueport.write("a.txt", TEXT)

    trueport.scan(".", "--policy", str(trueport.write("policy.yaml", POLICY)))

    assert trueport.files() == ["a.txt", "policy.yaml"]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--fail-on", "low"], 1),
        (["--fail-on", "critical"], 1),
        (["--detectors", "pii", "--fail-on", "never"], 0),
        (["--exit-zero"], 0),
        ([], 1),
    ],
)
def test_status_follows_fail_on(trueport: CommandLine, options: list[str], status: int) -> None:
    assert trueport.scan("-", *options, stdin=TEXT.encode()).status == status


def test_findings_below_fail_on_are_shown_and_do_not_fail(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "--fail-on", "high", "--format", "json", stdin=MAIL.encode())

    assert ended.status == 0
    assert len(ended.json["findings"]) == 1


def test_exit_zero_does_not_hide_that_a_scan_is_incomplete(trueport: CommandLine) -> None:
    assert trueport.scan("nowhere", "--exit-zero").status == 3


def test_report_in_a_file_appears_complete(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "--format", "json", "-o", "report.json", stdin=TEXT.encode())

    assert ended.status == 1
    assert ended.out == ""
    assert trueport.files() == ["report.json"]
    assert '"CREDIT_CARD"' in (trueport.folder / "report.json").read_text()


def test_report_into_a_device_leaves_the_device(trueport: CommandLine) -> None:
    assert trueport.scan("-", "-o", os.devnull, stdin=TEXT.encode()).status == 1
    assert Path(os.devnull).is_char_device()


def test_detectors_restrict_what_is_looked_for(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "--detectors", "-pii", "--format", "json", stdin=TEXT.encode())

    assert ended.status == 0
    assert ended.json["findings"] == []


def test_auxiliary_types_are_shown_on_request_and_never_count(trueport: CommandLine) -> None:
    text = b"see https://example.org/handbook for more"

    silent = trueport.scan("-", "--format", "json", stdin=text)
    shown = trueport.scan("-", "--all", "--format", "json", stdin=text)

    assert silent.json["findings"] == []
    assert [one["type"] for one in shown.json["findings"]] == ["URL"]
    assert [one["violation"] for one in shown.json["findings"]] == [False]
    assert shown.status == 0


def test_min_score_replaces_the_operating_points(trueport: CommandLine) -> None:
    text = f"{MAIL} https://example.org/handbook".encode()

    everything = trueport.scan("-", "--min-score", "0", "--format", "json", stdin=text)
    nothing = trueport.scan("-", "--min-score", "1", "--format", "json", stdin=text)

    assert [one["type"] for one in everything.json["findings"]] == ["EMAIL", "URL"]
    assert everything.status == 1
    assert nothing.json["findings"] == []
    assert nothing.status == 0


def test_policy_decides_what_counts_and_how_severe_it_is(trueport: CommandLine) -> None:
    policy = str(trueport.write("policy.yaml", POLICY))

    ended = trueport.scan("-", "--policy", policy, "--format", "json", stdin=TEXT.encode())

    (finding,) = ended.json["findings"]
    assert (finding["type"], finding["severity"]) == ("CREDIT_CARD", "low")
    assert (finding["effect"], finding["policy_rules"]) == ("block", ["cards"])


OWN = """\
schema_version: 1
name: own things
detectors:
  - id: staff-number
    category: pii
    type: NATIONAL_ID
    label: STAFF_NUMBER
    pattern: 'EMP-\\d{6}'
    examples: {match: [EMP-123456], ignore: [EMP-12]}
rules:
  - {id: staff, when: {detector_rules: [custom/staff-number]}, effect: mask, severity: high}
exceptions:
  - {id: press, types: [EMAIL], values: [ada@example.org], reason: ours, expires: 2999-01-01}
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_policy_finds_what_it_describes(trueport: CommandLine, jobs: str) -> None:
    policy = str(trueport.write("policy.yaml", OWN))
    trueport.write("texts/a.txt", "I am EMP-123456, not EMP-12")
    trueport.write("texts/b.txt", "RU1QLTY1NDMyMSBpcyBteSBudW1iZXI=")

    plain, sarif = (
        trueport.scan("texts", "--policy", policy, "--jobs", jobs, "--format", form)
        for form in ("json", "sarif")
    )

    found = [(one["path"], one["rule"], one["severity"]) for one in plain.json["findings"]]
    assert found == [
        ("texts/a.txt", "custom/staff-number", "high"),
        ("texts/b.txt", "custom/staff-number", "high"),
    ]
    assert "I am [STAFF_NUMBER], not EMP-12" in plain.out
    assert "EMP-123456" not in plain.out + sarif.out
    (rule,) = sarif.json["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("custom/staff-number", "CustomStaffNumber")


def test_policy_accepts_values_in_the_clear(trueport: CommandLine) -> None:
    mails = OWN.replace("{detector_rules: [custom/staff-number]}", "{types: [EMAIL]}")
    policy = str(trueport.write("policy.yaml", mails))

    ended = trueport.scan(
        "-", "--policy", policy, "--format", "json", stdin=b"ada@example.org bob@example.org"
    )

    assert [(one["start"], one["end"]) for one in ended.json["findings"]] == [(16, 31)]


def test_severity_of_the_policy_counts_for_fail_on(trueport: CommandLine) -> None:
    policy = str(trueport.write("policy.yaml", POLICY))

    ended = trueport.scan("-", "--policy", policy, "--fail-on", "medium", stdin=TEXT.encode())

    assert ended.status == 0


def test_policy_exception_takes_a_fingerprint_of_the_report(trueport: CommandLine) -> None:
    report = trueport.scan("-", "--format", "json", stdin=TEXT.encode())
    digest = report.named_fingerprints()["CREDIT_CARD"].split(":")[2]
    exception = (
        "exceptions:\n"
        f"  - {{id: test-card, fingerprints: ['tp1:{digest}'], reason: a test value,\n"
        "     expires: 2999-01-01}\n"
    )
    policy = trueport.write("policy.yaml", POLICY.replace("exceptions: []\n", exception))

    ended = trueport.scan("-", "--policy", str(policy), "--format", "json", stdin=TEXT.encode())

    assert ended.status == 0
    assert ended.json["findings"] == []


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("rules: [", "this is no YAML"),
        (POLICY.replace("effect: block", "effect: blok"), "rules[0].effect: must be one of"),
        (POLICY.replace("schema_version: 1", "schema_version: 2"), "schema_version must be 1"),
        ("[]", "expected a mapping"),
        ("a: \x00", "this is no YAML"),
    ],
)
def test_wrong_policy_ends_with_2_and_its_place(
    trueport: CommandLine, document: str, complaint: str
) -> None:
    policy = trueport.write("policy.yaml", document)

    ended = trueport.scan("-", "--policy", str(policy), stdin=TEXT.encode())

    assert ended.status == 2
    assert complaint in ended.err


def test_bytes_that_are_no_text_are_read_and_told(trueport: CommandLine) -> None:
    content = b"\xff\xfe\xfa broken " + MAIL.encode()
    trueport.write("latin.txt", b"caf\xe9 " + content[3:])

    ended = trueport.scan("latin.txt", "--format", "json")

    (finding,) = ended.json["findings"]
    text = (trueport.folder / "latin.txt").read_bytes().decode("utf-8", "replace")
    assert text[finding["start"] : finding["end"]] == MAIL
    assert "note: latin.txt: bytes that are no text were read as U+FFFD" in ended.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_other_unicode_encodings_are_read_by_their_mark(
    trueport: CommandLine, encoding: str
) -> None:
    trueport.write("a.txt", f"mail {MAIL}".encode(encoding))

    assert trueport.scan("a.txt", "--format", "json").named_fingerprints().keys() == {"EMAIL"}


def test_several_processes_report_the_same_in_the_same_order(trueport: CommandLine) -> None:
    for number in range(6):
        trueport.write(f"{number}.txt", f"line\n{TEXT}\n")
    (trueport.folder / "3b.txt").symlink_to("nowhere")

    alone = trueport.scan(".", "--format", "json")
    together = trueport.scan(".", "--format", "json", "--jobs", "2")

    assert together.json == alone.json
    assert together.status == alone.status == 3


def test_match_across_the_windows_of_a_large_file_is_found_once(trueport: CommandLine) -> None:
    text = "x " * (32 * 1024 - 5) + f"{MAIL} " + "y " * 40_000
    trueport.write("large.txt", text)

    ended = trueport.scan("large.txt", "--format", "json", "--detectors", "pii")

    (finding,) = [one for one in ended.json["findings"] if one["type"] == "EMAIL"]
    assert text[finding["start"] : finding["end"]] == MAIL
    assert ended.json["summary"]["characters"] == len(text)


def test_escape_sequences_of_a_file_do_not_reach_the_terminal(trueport: CommandLine) -> None:
    trueport.write("a.txt", f"\x1b[31m\u202e {MAIL} \x07\x9b")

    for form in ("table", "compact", "github", "json", "jsonl", "sarif"):
        ended = trueport.scan("a.txt", "--format", form)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ended.out + ended.err)


@pytest.mark.parametrize(
    ("environment", "options", "is_coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color"], True),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
        ({"FORCE_COLOR": "1"}, ["-o", "report.txt"], False),
    ],
)
def test_colour_follows_options_then_environment_then_terminal(
    trueport: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    options: list[str],
    is_coloured: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    ended = trueport.scan("-", *options, stdin=TEXT.encode())

    report = trueport.folder / "report.txt"
    assert ("\x1b[" in ended.out) is is_coloured
    assert not report.exists() or "\x1b[" not in report.read_text()


def test_progress_is_shown_only_where_it_is_asked_for_off_a_terminal(
    trueport: CommandLine,
) -> None:
    trueport.write("a.txt", TEXT)

    assert "found 2" not in trueport.scan(".").err
    assert "found 2" in trueport.scan(".", "--progress", "on").err


def test_quiet_says_only_errors(trueport: CommandLine) -> None:
    ended = trueport.scan("-", "nowhere", "--quiet", stdin=TEXT.encode())

    assert ended.err == "error: nowhere: cannot be read: No such file or directory\n"


def test_fingerprint_key_changes_fingerprints(trueport: CommandLine) -> None:
    key = trueport.write("key", "a secret of at least sixteen bytes")
    short = trueport.write("short", "too short")

    public = trueport.scan("-", "--format", "json", stdin=TEXT.encode())
    keyed = trueport.scan(
        "-", "--format", "json", "--fingerprint-key", str(key), stdin=TEXT.encode()
    )

    assert public.named_fingerprints() != keyed.named_fingerprints()
    assert trueport.scan("-", "--fingerprint-key", str(short)).status == 2


def test_fingerprint_does_not_depend_on_line_or_spelling(trueport: CommandLine) -> None:
    spaced = trueport.scan("-", "--format", "json", stdin=TEXT.encode())
    joined = trueport.scan("-", "--format", "json", stdin=b"\n\npay with 4111111111111111 please")

    card = "CREDIT_CARD"
    assert spaced.named_fingerprints()[card] == joined.named_fingerprints()[card]
