"""The contracts of `Digests`, `CredentialCipher` and `Signer`."""

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.security.digests import HmacDigests
from adapters.security.encryption import AesGcmCipher
from adapters.security.keyring import KeyRing
from adapters.security.signing import HmacSigner
from application.ports.credentials import CredentialCipher, Digests, Signature, Signer
from domain.api_key import ApiKeySecret
from domain.errors import InvalidValue
from tests import strategies
from tests.contract.samples import ACME, GLOBEX
from tests.fakes.randomness import SeededRandomness

OLD = KeyRing.generate(SeededRandomness(1))
NEW = KeyRing.generate(SeededRandomness(2))
ROTATED = KeyRing(keys=(*NEW.keys, *OLD.keys))

DIGESTS: Mapping[str, Callable[[KeyRing], Digests]] = {"hmac": HmacDigests}
CIPHERS: Mapping[str, Callable[[KeyRing], CredentialCipher]] = {
    "aes-gcm": lambda ring: AesGcmCipher(ring, SeededRandomness())
}
SIGNERS: Mapping[str, Callable[[KeyRing], Signer]] = {"hmac": HmacSigner}

MakeDigests = Callable[[KeyRing], Digests]
MakeCipher = Callable[[KeyRing], CredentialCipher]
MakeSigner = Callable[[KeyRing], Signer]

every_digests = pytest.mark.parametrize("make", DIGESTS.values(), ids=DIGESTS)
every_cipher = pytest.mark.parametrize("make", CIPHERS.values(), ids=CIPHERS)
every_signer = pytest.mark.parametrize("make", SIGNERS.values(), ids=SIGNERS)

SECRET = ApiKeySecret.from_random(bytes(32))


@every_digests
def test_digest_of_a_key_is_stable_hexadecimal_and_says_nothing_of_it(make: MakeDigests) -> None:
    digest = make(OLD).api_key(SECRET)

    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert make(OLD).api_key(SECRET) == digest
    assert make(NEW).api_key(SECRET) != digest


@every_digests
def test_digests_and_fingerprints_survive_a_new_key_in_front_of_the_ring(
    make: MakeDigests,
) -> None:
    before, after = make(OLD), make(ROTATED)

    assert after.api_key(SECRET) == before.api_key(SECRET)
    assert after.fingerprint(ACME, "EMAIL", "a@b.example") == before.fingerprint(
        ACME, "EMAIL", "a@b.example"
    )


@every_digests
@given(
    tenant=strategies.tenant_ids(),
    kind=st.sampled_from(["EMAIL", "IBAN"]),
    value=st.text(st.characters(codec=None, exclude_categories=())),
)
def test_fingerprints_are_versioned_and_of_one_length(
    make: MakeDigests, tenant: str, kind: str, value: str
) -> None:
    fingerprint = make(OLD).fingerprint(ACME, kind, value)

    assert re.fullmatch(r"tp1:[0-9a-f]{32}", fingerprint)
    assert fingerprint == make(OLD).fingerprint(ACME, kind, value)


@every_digests
def test_fingerprints_differ_by_tenant_type_and_value(make: MakeDigests) -> None:
    digests = make(OLD)

    fingerprints = {
        digests.fingerprint(tenant, kind, value)
        for tenant in (ACME, GLOBEX)
        for kind in ("EMAIL", "USERNAME")
        for value in ("ada", "Ada", "")
    }

    assert len(fingerprints) == 12


@every_cipher
@given(plain=st.text(), context=st.text(max_size=20))
def test_what_was_encrypted_is_read_again(make: MakeCipher, plain: str, context: str) -> None:
    cipher = make(OLD)

    encrypted = cipher.encrypt(plain, context=context)

    assert cipher.decrypt(encrypted, context=context) == plain


@every_cipher
def test_the_same_text_is_never_encrypted_the_same_way(make: MakeCipher) -> None:
    cipher = make(OLD)

    assert len({cipher.encrypt("plain", context="ups") for _ in range(100)}) == 100


@every_cipher
def test_another_context_does_not_decrypt(make: MakeCipher) -> None:
    cipher = make(OLD)
    encrypted = cipher.encrypt("plain", context=f"{ACME}/upstream/1")

    with pytest.raises(InvalidValue):
        cipher.decrypt(encrypted, context=f"{GLOBEX}/upstream/1")


@every_cipher
def test_any_changed_character_is_noticed(make: MakeCipher) -> None:
    cipher = make(OLD)
    encrypted = cipher.encrypt("plain", context="ups")

    for at, character in enumerate(encrypted):
        for other in ("A", "B", "!", ""):
            changed = encrypted[:at] + other + encrypted[at + 1 :]
            if other == character or _same_bytes(changed, encrypted):
                continue
            with pytest.raises(InvalidValue):
                cipher.decrypt(changed, context="ups")


def _same_bytes(one: str, other: str) -> bool:
    """Tell whether two texts differ only in the unused bits of base64's last character."""
    return one[:-1] == other[:-1] and len(one) == len(other)


@every_cipher
def test_old_ciphertexts_stay_readable_after_rotation_and_new_ones_use_the_new_key(
    make: MakeCipher,
) -> None:
    old = make(OLD).encrypt("plain", context="ups")

    new = make(ROTATED).encrypt("plain", context="ups")

    assert make(ROTATED).decrypt(old, context="ups") == "plain"
    assert make(NEW).decrypt(new, context="ups") == "plain"


@every_cipher
def test_key_that_left_the_ring_is_named_as_the_reason(make: MakeCipher) -> None:
    encrypted = make(OLD).encrypt("plain", context="ups")

    with pytest.raises(InvalidValue, match="key that is not in the ring"):
        make(NEW).decrypt(encrypted, context="ups")


@every_cipher
@pytest.mark.parametrize("garbage", ["", ".", "x", "kid.", "\ud800", OLD.first.id + ".AAAA"])
def test_garbage_is_refused(make: MakeCipher, garbage: str) -> None:
    with pytest.raises(InvalidValue):
        make(OLD).decrypt(garbage, context="ups")


@every_signer
@given(data=st.binary(), other=st.binary())
def test_signature_holds_for_its_own_bytes_only(
    make: MakeSigner, data: bytes, other: bytes
) -> None:
    signer = make(OLD)

    signature = signer.sign(data)

    assert signer.verify(data, signature)
    assert signer.verify(other, signature) == (other == data)


@every_signer
def test_first_key_signs_and_every_key_of_the_ring_verifies(make: MakeSigner) -> None:
    old = make(OLD).sign(b"anchor")
    new = make(ROTATED).sign(b"anchor")

    assert new.key_id == NEW.first.id
    assert make(ROTATED).verify(b"anchor", old)
    assert make(ROTATED).verify(b"anchor", new)
    assert not make(OLD).verify(b"anchor", new)


@every_signer
@pytest.mark.parametrize("value", ["", "00" * 32, "é", "\ud800"])
def test_made_up_signature_does_not_verify(make: MakeSigner, value: str) -> None:
    assert not make(OLD).verify(b"anchor", Signature(key_id=OLD.first.id, value=value))


@every_cipher
def test_ciphertext_says_which_key_made_it(make: MakeCipher) -> None:
    old = make(OLD).encrypt("plain", context="ups")
    cipher = make(ROTATED)

    assert cipher.key_id(old) == OLD.first.id
    assert cipher.key_id(cipher.encrypt("plain", context="ups")) == cipher.current_key_id
    assert cipher.current_key_id == ROTATED.first.id
