"""Keys: the form of their secrets, what they may do, and their life as a state machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.api_key import SECRET_BYTES, ApiKey, ApiKeySecret, Environment, KeyLimits, Scope
from domain.errors import DomainError, InvalidValue, Refused, Unauthenticated
from domain.identifiers import KeyId, TenantId
from tests.strategies import api_key_secrets, api_keys, durations, instants

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
START = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = ApiKeySecret.from_random(bytes(SECRET_BYTES))


def issue(**changes: object) -> ApiKey:
    arguments: dict[str, object] = {
        "key_id": KeyId("key_1"),
        "tenant_id": TenantId("ten_1"),
        "name": "ci",
        "digest": "d1",
        "secret": SECRET,
        "at": START,
    }
    return ApiKey.issue(**{**arguments, **changes})  # type: ignore[arg-type]


# ---- the secret


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES), st.sampled_from(Environment))
def test_a_made_secret_is_accepted_and_says_its_environment(
    random: bytes, environment: Environment
) -> None:
    secret = ApiKeySecret.from_random(random, environment)

    assert ApiKeySecret(secret.value) == secret
    assert secret.value.startswith(f"tp_{environment.value}_")
    assert len(secret.value) == 46


@given(api_key_secrets(), st.integers(0, 45), st.sampled_from(BASE62 + "_-é\n"))
def test_any_single_changed_character_is_refused(
    secret: ApiKeySecret, position: int, character: str
) -> None:
    assume(secret.value[position] != character)
    changed = secret.value[:position] + character + secret.value[position + 1 :]

    with pytest.raises(Unauthenticated) as refusal:
        ApiKeySecret(changed)

    assert refusal.value.code == "key.malformed"


@given(api_key_secrets(), st.integers(0, 44))
def test_two_neighbours_that_changed_places_are_refused(
    secret: ApiKeySecret, position: int
) -> None:
    value = secret.value
    assume(value[position] != value[position + 1])
    swapped = value[:position] + value[position + 1] + value[position] + value[position + 2 :]

    with pytest.raises(Unauthenticated):
        ApiKeySecret(swapped)


@given(api_key_secrets(), st.integers(0, 45), st.sampled_from(BASE62))
def test_a_lost_or_added_character_is_refused(
    secret: ApiKeySecret, position: int, character: str
) -> None:
    value = secret.value

    for wrong in (
        value[:position] + value[position + 1 :],
        value[:position] + character + value[position:],
        value[:position],
    ):
        with pytest.raises(Unauthenticated):
            ApiKeySecret(wrong)


@given(api_key_secrets())
def test_no_printed_form_holds_the_secret(secret: ApiKeySecret) -> None:
    printed = [repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{[secret]}", f"{secret:}"]

    assert all(secret.value not in text for text in printed)
    assert all(secret.value[12:] not in text for text in printed)
    assert all(secret.display_prefix in text for text in printed)


@given(st.text(max_size=60))
def test_a_refusal_does_not_repeat_what_was_given(text: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        ApiKeySecret(f"tp_live_{text}")

    assert str(refusal.value) in {
        "this is not a TruePort key: they begin with tp_live_ or tp_test_",
        "this key is mistyped or cut off",
    }


@given(st.binary(max_size=64))
def test_a_secret_is_made_of_enough_random_bytes_only(random: bytes) -> None:
    assume(len(random) != SECRET_BYTES)

    with pytest.raises(InvalidValue):
        ApiKeySecret.from_random(random)


# ---- what a key may do


@given(api_keys(), instants(), st.sampled_from(Scope), st.sampled_from(("gpt-4o", "other", None)))
def test_a_key_is_authorised_exactly_when_valid_scoped_and_allowed_the_model(
    key: ApiKey, at: datetime, scope: Scope, model: str | None
) -> None:
    allowed = (
        key.is_valid(at)
        and scope in key.scopes
        and (model is None or not key.models or model in key.models)
    )

    try:
        key.authorise(at=at, scope=scope, model=model)
        outcome = True
    except (Unauthenticated, Refused):
        outcome = False

    assert outcome == allowed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"revoked_at": START}, "key.revoked"),
        ({"revoked_at": START, "expires_at": START}, "key.revoked"),
        ({"expires_at": START}, "key.expired"),
        ({"scopes": frozenset({Scope.DETECT})}, "key.scope"),
        ({"models": frozenset({"other"})}, "key.model"),
    ],
)
def test_the_refusal_says_why(changes: dict[str, object], code: str) -> None:
    key = replace(issue(), **changes)  # type: ignore[arg-type]

    with pytest.raises(DomainError) as refusal:
        key.authorise(at=START, scope=Scope.CHAT, model="gpt-4o")

    assert refusal.value.code == code


@given(api_keys(), instants(), durations())
def test_a_key_that_no_longer_serves_never_serves_again(
    key: ApiKey, at: datetime, later: timedelta
) -> None:
    assert key.is_valid(at) or not key.is_valid(at + later)


def test_a_key_without_scopes_or_with_a_past_expiry_is_refused() -> None:
    with pytest.raises(InvalidValue, match="scope"):
        issue(scopes=frozenset())
    with pytest.raises(InvalidValue, match="expire"):
        issue(expires_at=START)


@pytest.mark.parametrize("name", KeyLimits.__slots__)
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_below_one_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(InvalidValue) as refusal:
        KeyLimits(**{name: value})

    assert refusal.value.field == name


# ---- rotation and revocation


SERVING = api_keys().map(lambda key: replace(key, revoked_at=None, replaced_by=None))


@given(SERVING, api_key_secrets(), durations())
def test_a_successor_has_the_same_rights_and_a_secret_of_its_own(
    key: ApiKey, secret: ApiKeySecret, grace: timedelta
) -> None:
    at = key.created_at

    old, new = key.rotate(new_id=KeyId("key_2"), digest="d2", secret=secret, at=at, grace=grace)

    assert (new.scopes, new.models, new.limits) == (key.scopes, key.models, key.limits)
    assert (new.tenant_id, new.name, new.expires_at) == (key.tenant_id, key.name, key.expires_at)
    assert (new.digest, new.display_prefix) == ("d2", secret.display_prefix)
    assert (old.digest, old.display_prefix) == (key.digest, key.display_prefix)
    assert (old.replaced_by, new.replaced_by, new.version) == (new.id, None, 0)
    assert new.is_valid(at)


@given(SERVING, durations())
def test_rotation_never_lets_the_old_key_live_longer(key: ApiKey, grace: timedelta) -> None:
    at = key.created_at

    old, _ = key.rotate(new_id=KeyId("key_2"), digest="d2", secret=SECRET, at=at, grace=grace)

    assert old.expires_at is not None
    assert old.expires_at <= at + grace
    assert key.expires_at is None or old.expires_at <= key.expires_at


def test_a_rotation_without_grace_ends_the_old_key_at_once() -> None:
    old, new = issue().rotate(
        new_id=KeyId("key_2"), digest="d2", secret=SECRET, at=START, grace=timedelta(0)
    )

    assert not old.is_valid(START)
    assert new.is_valid(START)


def test_a_negative_grace_is_refused() -> None:
    with pytest.raises(InvalidValue):
        issue().rotate(
            new_id=KeyId("key_2"),
            digest="d2",
            secret=SECRET,
            at=START,
            grace=-timedelta(seconds=1),
        )


@given(api_keys(), instants(), durations())
def test_a_second_revocation_changes_nothing(key: ApiKey, at: datetime, later: timedelta) -> None:
    revoked = key.revoke(at=at)

    assert not revoked.is_valid(at)
    assert revoked.revoke(at=at + later) == revoked


class KeyLifeCycle(RuleBasedStateMachine):
    """A chain of rotated keys against a model that keeps an end for each and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.keys = [issue()]
        self.ends: list[datetime | None] = [None]
        self.revoked: set[int] = set()
        self.rotated: set[int] = set()

    def serves(self, index: int) -> bool:
        end = self.ends[index]
        return index not in self.revoked and (end is None or self.now < end)

    @precondition(lambda self: len(self.keys) < 6)
    @rule(lifetime=st.none() | durations(timedelta(hours=4)))
    def issue_another(self, lifetime: timedelta | None) -> None:
        end = None if lifetime is None else self.now + lifetime
        self.keys.append(issue(at=self.now, expires_at=end))
        self.ends.append(end)

    @rule(step=durations(timedelta(hours=2)))
    def let_time_pass(self, step: timedelta) -> None:
        self.now += step

    @rule(choice=st.integers(0, 9), grace=durations(timedelta(hours=3)))
    def rotate(self, choice: int, grace: timedelta) -> None:
        index = choice % len(self.keys)
        new_id = KeyId(f"key_{len(self.keys) + 1}")
        if not self.serves(index) or index in self.rotated:
            with pytest.raises(Refused):
                self.keys[index].rotate(
                    new_id=new_id, digest="d", secret=SECRET, at=self.now, grace=grace
                )
            return
        old, new = self.keys[index].rotate(
            new_id=new_id, digest="d", secret=SECRET, at=self.now, grace=grace
        )
        self.keys[index] = old
        self.keys.append(new)
        former = self.ends[index]
        self.ends.append(former)
        end = self.now + grace
        self.ends[index] = end if former is None or end < former else former
        self.rotated.add(index)

    @rule(choice=st.integers(0, 9))
    def revoke(self, choice: int) -> None:
        index = choice % len(self.keys)
        self.keys[index] = self.keys[index].revoke(at=self.now)
        self.revoked.add(index)

    @invariant()
    def exactly_the_keys_of_the_model_serve(self) -> None:
        for index, key in enumerate(self.keys):
            assert key.is_valid(self.now) == self.serves(index)
            if self.serves(index):
                key.authorise(at=self.now, scope=Scope.CHAT)
            else:
                with pytest.raises(Unauthenticated):
                    key.authorise(at=self.now, scope=Scope.CHAT)


TestKeyLifeCycle = KeyLifeCycle.TestCase
TestKeyLifeCycle.settings = settings(max_examples=50, stateful_step_count=30)
