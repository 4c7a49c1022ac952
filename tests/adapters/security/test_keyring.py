"""Key rings and the files that hold them."""

import base64
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.security.keyring import HomeSecrets, KeyRing, RingKey
from adapters.system import SystemRandomness
from domain.errors import InvalidValue, Unavailable
from tests.fakes.randomness import SeededRandomness

ENCODED = base64.b64encode(bytes(range(32))).decode()

rings = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), st.binary(min_size=32, max_size=64)
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: KeyRing(keys=tuple(RingKey(id=i, secret=s) for i, s in pairs)))


@given(ring=rings)
def test_ring_survives_export_and_parse(ring: KeyRing) -> None:
    assert KeyRing.parse(ring.export()) == ring


@given(ring=rings)
def test_url_safe_base64_without_padding_is_read_as_well(ring: KeyRing) -> None:
    text = " , ".join(
        f"{key.id}:{base64.urlsafe_b64encode(key.secret).decode().rstrip('=')}" for key in ring.keys
    )

    assert KeyRing.parse(text) == ring


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at least one key"),
        (ENCODED, "entry 1 .* no key id"),
        (f":{ENCODED}", "entry 1 .* no key id"),
        (f"a:{ENCODED},b:***", "entry 2 .* no base64"),
        (f"a:{ENCODED},a:{ENCODED}", "a stands twice"),
        (f"a b:{ENCODED}", "key id has"),
        ("a:c2hvcnQ=", "key a has 5 bytes, at least 32"),
    ],
)
def test_bad_ring_is_refused_with_its_reason_and_without_its_keys(text: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason) as refusal:
        KeyRing.parse(text)

    assert ENCODED not in refusal.value.message


def test_repr_hides_the_keys() -> None:
    ring = KeyRing.single("a secret of thirty-two bytes or more")

    assert "thirty-two" not in repr(ring)
    assert ring.first.id == "secret-key"


def test_bare_secret_under_32_bytes_is_refused() -> None:
    with pytest.raises(InvalidValue, match="at least 32"):
        KeyRing.single("x" * 31)


def test_keys_derived_for_two_purposes_differ_and_keep_their_ids() -> None:
    ring = KeyRing.generate(SeededRandomness())

    one, other = ring.derive("one"), ring.derive("other")

    assert one.first.id == other.first.id == ring.first.id
    assert len({one.first.secret, other.first.secret, ring.first.secret}) == 3
    assert one == ring.derive("one")


def test_derivation_is_hkdf_of_rfc_5869() -> None:
    key = RingKey(id="k", secret=bytes(32))

    derived = KeyRing(keys=(key,)).derive("anchor-signing").first.secret

    # Computed by hand: HMAC(HMAC(32 zero bytes as salt, key), info || 0x01).
    extracted = hmac.digest(bytes(32), key.secret, "sha256")
    assert derived == hmac.digest(extracted, b"trueport/v1/anchor-signing\x01", "sha256")


def test_secrets_are_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first = HomeSecrets(home, SystemRandomness())
    made = (first.secret_keys(), first.master_keys(), first.admin_token())
    again = HomeSecrets(home, SystemRandomness())

    assert (again.secret_keys(), again.master_keys(), again.admin_token()) == made
    assert len({made[0].first.secret, made[1].first.secret}) == 2
    files = sorted((home / "secrets").iterdir())
    assert [file.name for file in files] == ["admin-token", "master-keys", "secret-keys"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    homes = [HomeSecrets(tmp_path, SystemRandomness()) for _ in range(16)]

    with ThreadPoolExecutor(16) as threads:
        tokens = set(threads.map(lambda home: home.admin_token(), homes))

    assert len(tokens) == 1
    assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["admin-token"]


def test_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secrets = HomeSecrets(tmp_path, SystemRandomness())
    secrets.master_keys()
    (tmp_path / "secrets" / "master-keys").chmod(0o644)

    with pytest.raises(InvalidValue, match="chmod 600"):
        secrets.master_keys()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"kid:short"])
def test_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    secrets = HomeSecrets(tmp_path, SystemRandomness())
    secrets.master_keys()
    (tmp_path / "secrets" / "master-keys").write_bytes(content)

    with pytest.raises(InvalidValue, match="master-keys"):
        secrets.master_keys()


def test_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file stands where the folder should be")

    with pytest.raises(Unavailable, match="secret-keys: Not a directory"):
        HomeSecrets(tmp_path / "home", SystemRandomness()).secret_keys()
