"""What `make run ARGS=--once` does, from its command line."""

import subprocess
import sys
from pathlib import Path

from tests.end_to_end.server import Server, free_port

ROOT = Path(__file__).parents[2]
SECRETS = ("4111 1111 1111 1111", "ada@example.org", "AKIAIOSFODNN7EXAMPLE")


def demo(home: Path, port: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "entrypoints.cli.main"),
            *("serve", "--demo", "--once", "--port", str(port or free_port())),
        ],
        env=Server(home).environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_demo_shows_what_was_found_and_a_second_start_finds_it_again(tmp_path: Path) -> None:
    first = demo(tmp_path)
    second = demo(tmp_path)

    assert (first.returncode, first.stderr) == (0, "")
    for words in ("violations", "CREDIT_CARD", "OVERRIDE", "blocked: nothing reached the model"):
        assert words in first.stdout
    assert "export OPENAI_BASE_URL=http://127.0.0.1:" in first.stdout
    assert second.returncode == 0
    assert "earlier start" in second.stdout
    assert table(second.stdout) == table(first.stdout)


def test_demo_leaves_no_match_outside_the_audit_objects(tmp_path: Path) -> None:
    outcome = demo(tmp_path)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    outside = [path for path in files if "storage" not in path.relative_to(tmp_path).parts]
    found = [path for path in outside if any(one.encode() in path.read_bytes() for one in SECRETS)]

    assert outcome.returncode == 0
    assert len(outside) > 3
    assert found == []


def test_demo_says_in_one_line_that_its_port_is_taken(tmp_path: Path) -> None:
    server = Server(tmp_path / "first")
    server.home.mkdir()
    server.start()
    try:
        outcome = demo(tmp_path / "second", port=server.port)
    finally:
        server.stop()

    assert outcome.returncode == 4
    assert outcome.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in outcome.stderr


def table(output: str) -> str:
    return output[output.index(" violations (") : output.index("What the gateway did")]
