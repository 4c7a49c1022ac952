"""People: mail addresses, names and roles."""

import itertools
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.identifiers import UserId
from domain.user import MAX_NAME, Email, Role, User, checked_name
from tests.strategies import emails, instants, names, texts, users


@given(emails())
def test_an_address_is_parsed_to_itself(email: Email) -> None:
    assert Email.parse(str(email)) == email


@given(emails())
def test_the_case_of_the_host_and_space_around_do_not_matter(email: Email) -> None:
    local, _, host = email.value.rpartition("@")

    assert Email.parse(f"  {local}@{host.upper()}\n") == email


def test_the_local_part_keeps_its_case_but_not_in_look_ups() -> None:
    email = Email.parse("Ada.Lovelace@Example.org")

    assert (email.value, email.lookup) == ("Ada.Lovelace@example.org", "ada.lovelace@example.org")


def test_letters_that_only_lower_to_the_same_ascii_letter_are_different_mailboxes() -> None:
    kelvin = Email.parse("\u212a@example.org")

    assert kelvin.lookup != Email.parse("k@example.org").lookup


@given(emails(), emails())
def test_two_addresses_are_looked_up_as_one_only_if_ascii_case_alone_differs(
    one: Email, other: Email
) -> None:
    def without_case(email: Email) -> bytes:
        return email.value.encode().lower()  # lower-case of bytes is that of ASCII

    assert (one.lookup == other.lookup) == (without_case(one) == without_case(other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@@example.org",
        "ada lovelace@example.org",
        "ada@exa mple.org",
        "ada@example..org",
        "ada@.example.org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@exämple.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 5),
        "ada\r\nBcc: eve@example.org",
        "<ada@example.org>",
        "ada@example.org,eve@example.org",
        '"ada"@example.org',
        "a\x00@example.org",
        "a\x85@example.org",
        "\ud800@example.org",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Email.parse(text)

    assert refusal.value.field == "email"
    assert str(refusal.value) == "this is not a mail address"


@given(texts())
def test_an_accepted_address_fits_into_a_header_and_a_database(text: str) -> None:
    try:
        email = Email.parse(text)
    except InvalidValue:
        return

    assert len(email.value.encode()) <= 254 * 4
    assert not set(email.value) & set("\r\n\0 ,<>")


@given(names())
def test_a_checked_name_stays_as_it_is(name: str) -> None:
    assert checked_name(name) == name


@given(st.text(max_size=150))
def test_a_name_is_refused_or_short_and_without_controls(text: str) -> None:
    try:
        name = checked_name(text)
    except InvalidValue:
        return

    assert 1 <= len(name) <= MAX_NAME
    assert name == " ".join(name.split())
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in name)
    assert name.encode()


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "a\x1bb", "\ud83d", "x" * 101])
def test_an_unusable_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        checked_name(text)

    assert refusal.value.field == "name"


def test_space_in_a_name_is_tidied_up() -> None:
    assert checked_name("  Ada \t  Lovelace\n") == "Ada Lovelace"


@given(users(), names())
def test_a_renamed_user_differs_only_in_the_name(user: User, name: str) -> None:
    renamed = user.rename(name)

    assert renamed.name == name
    assert renamed.rename(user.name) == user


@given(emails(), instants())
def test_a_new_user_has_version_zero_and_a_tidy_name(email: Email, at: datetime) -> None:
    user = User.register(user_id=UserId("usr_1"), email=email, name=" Ada  L ", at=at)

    assert (user.name, user.version, user.created_at) == ("Ada L", 0, at)


def test_roles_form_one_line() -> None:
    line = [Role.VIEWER, Role.ANALYST, Role.ADMIN, Role.OWNER]

    assert all(role.covers(role) for role in line)
    for lower, higher in itertools.combinations(line, 2):
        assert higher.covers(lower)
        assert not lower.covers(higher)
