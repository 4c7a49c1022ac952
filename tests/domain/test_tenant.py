"""Tenants: slugs that every cloud takes, members with an owner, storage and deletion."""

import contextlib
import ipaddress
import re
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.errors import InvalidValue, NotFound, Refused
from domain.identifiers import TenantId, UserId
from domain.subscription import FREE, TEAM, UNLIMITED, NotInPlan
from domain.tenant import (
    Slug,
    StorageProvider,
    StorageSettings,
    Tenant,
    TenantState,
    bucket_name,
)
from domain.user import Role
from tests.strategies import instants, slugs, storage_settings, tenants, user_ids

TEMPLATE = "{slug}-audit-logs"
FEWER = settings(max_examples=50)


# ---- four rules, each written from its provider's own page and not from `Slug`


def is_s3_bucket(name: str) -> bool:
    """Amazon S3, "General purpose bucket naming rules"."""
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    reserved_ends = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
    return (
        3 <= len(name) <= 63
        and set(name) <= allowed
        and name[0] not in ".-"
        and name[-1] not in ".-"
        and ".." not in name
        and not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
        and not name.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        and not name.endswith(reserved_ends)
    )


def is_azure_container(name: str) -> bool:
    """Azure Storage, "Naming and referencing containers, blobs, and metadata"."""
    if not 3 <= len(name) <= 63 or not (name[0].isascii() and name[0].isalnum()):
        return False
    pieces = name.split("-")
    return all(piece and piece.isascii() and piece.isalnum() for piece in pieces) and (
        name == name.lower()
    )


def is_gcs_bucket(name: str) -> bool:
    """Google Cloud Storage, "Bucket naming requirements"; a name without dots."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]", name):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        spelt = name.translate(str.maketrans("013", "ole"))
        return not name.startswith("goog") and "google" not in spelt
    return False


def is_local_folder(name: str) -> bool:
    """POSIX and Windows file systems, with and without case."""
    stem = name.partition(".")[0].upper()
    devices = {"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(10)}
    return (
        0 < len(name.encode()) <= 255
        and not set(name) & set('\0/\\:*?"<>|')
        and name not in {".", ".."}
        and name[-1] not in ". "
        and not name.startswith("-")
        and name == name.casefold()
        and stem not in devices
    )


PREDICATES = (is_s3_bucket, is_azure_container, is_gcs_bucket, is_local_folder)


@given(slugs())
def test_every_accepted_slug_names_a_bucket_that_every_provider_takes(slug: Slug) -> None:
    name = bucket_name(TEMPLATE, slug)

    assert [predicate.__name__ for predicate in PREDICATES if not predicate(name)] == []
    assert [predicate.__name__ for predicate in PREDICATES if not predicate(slug.value)] == []


@given(st.text("az09-go.", max_size=56) | st.text(max_size=6))
def test_whatever_text_is_accepted_as_a_slug_is_safe_everywhere(text: str) -> None:
    try:
        slug = Slug(text)
    except InvalidValue:
        return

    assert all(predicate(bucket_name(TEMPLATE, slug)) for predicate in PREDICATES)


@pytest.mark.parametrize("text", ["abc", "a-b", "acme-health", "a1b2", "x" * 52, "xn-a", "goo-gle"])
def test_a_good_slug_is_accepted(text: str) -> None:
    assert str(Slug(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "1ab",
        "-ab",
        "ab-",
        "a--b",
        "a_b",
        "a.b",
        "Abc",
        "abc\n",
        "x" * 53,
        "äbc",
        "a٣b",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-abc",
        "goog-abc",
        "my-google-logs",
        "my-g00gle-logs",
        "my-goog1e-logs",
        "acme-s3alias",
        "acme-an",
        "../etc",
    ],
)
def test_a_bad_slug_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Slug(text)

    assert refusal.value.field == "slug"


@given(slugs())
def test_a_slug_is_parsed_from_any_case_and_with_space_around(slug: Slug) -> None:
    assert Slug.parse(f" {slug.value.upper()}\n") == slug


# ---- storage


@pytest.mark.parametrize("prefix", ["", "a/", "a/b/", "year=2026/", "...a/"])
def test_a_prefix_that_ends_with_a_slash_is_accepted(prefix: str) -> None:
    known = StorageSettings(provider=StorageProvider.LOCAL, bucket="acme-logs", prefix=prefix)

    assert known.prefix == prefix


@pytest.mark.parametrize(
    "prefix", ["a", "/", "/a/", "a//", "../", "a/../", "./", "a b/", "a\\b/", "a/\n", "\0/"]
)
def test_a_prefix_that_could_leave_its_place_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        StorageSettings(provider=StorageProvider.LOCAL, bucket="acme-logs", prefix=prefix)

    assert refusal.value.field == "storage.prefix"


@pytest.mark.parametrize(
    "bucket", ["", "ab", "..", "a/b", "A-B", "-abc", "abc-", "a" * 64, "abc\n", ".ab", "a..b"]
)
def test_a_bad_bucket_name_is_refused(bucket: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        StorageSettings(provider=StorageProvider.LOCAL, bucket=bucket)

    assert refusal.value.field == "storage.bucket"


# ---- members and life


@FEWER
@given(tenants())
def test_a_tenant_always_has_an_owner(tenant: Tenant) -> None:
    assert any(member.role is Role.OWNER for member in tenant.members)


@FEWER
@given(tenants(), st.lists(st.tuples(user_ids(), st.sampled_from(Role)), max_size=4), instants())
def test_no_change_of_members_takes_the_last_owner_or_doubles_anybody(
    tenant: Tenant, changes: list[tuple[UserId, Role]], at: datetime
) -> None:
    assume(tenant.state is not TenantState.DELETED)

    for user_id, role in [*changes, *((m.user_id, Role.VIEWER) for m in tenant.members)]:
        with contextlib.suppress(Refused):
            tenant = tenant.with_member(user_id=user_id, role=role, at=at)

    assert any(member.role is Role.OWNER for member in tenant.members)
    assert len({member.user_id for member in tenant.members}) == len(tenant.members)


@FEWER
@given(tenants(), user_ids(), st.sampled_from(Role), instants())
def test_somebody_who_came_and_went_leaves_no_trace(
    tenant: Tenant, user_id: UserId, role: Role, at: datetime
) -> None:
    assume(tenant.state is not TenantState.DELETED and tenant.role_of(user_id) is None)

    tenant = tenant.with_entitlements(UNLIMITED)
    joined = tenant.with_member(user_id=user_id, role=role, at=at)

    assert joined.role_of(user_id) is role
    assert joined.without_member(user_id) == tenant


@FEWER
@given(slugs(), storage_settings(), instants())
def test_plan_bounds_members_and_retention_and_takes_nothing_away(
    slug: Slug, storage: StorageSettings, at: datetime
) -> None:
    team = found(slug, storage, at).with_entitlements(TEAM).with_retention(timedelta(days=365))
    for number in range(24):
        team = team.with_member(user_id=UserId(f"usr_{number}"), role=Role.VIEWER, at=at)
    with pytest.raises(NotInPlan, match="25 members"):
        team.with_member(user_id=UserId("usr_more"), role=Role.VIEWER, at=at)

    free = team.with_entitlements(FREE)

    assert (len(free.members), free.retention) == (25, timedelta(days=365))
    changed = free.with_member(user_id=UserId("usr_0"), role=Role.ADMIN, at=at)
    assert changed.role_of(UserId("usr_0")) is Role.ADMIN
    with pytest.raises(NotInPlan):
        free.with_retention(timedelta(days=31))
    with pytest.raises(NotInPlan):
        free.without_member(UserId("usr_0")).with_member(
            user_id=UserId("usr_0"), role=Role.VIEWER, at=at
        )


@FEWER
@given(slugs(), storage_settings(), instants())
def test_the_last_owner_can_neither_leave_nor_step_down(
    slug: Slug, storage: StorageSettings, at: datetime
) -> None:
    owner = UserId("usr_owner")
    tenant = found(slug, storage, at)

    with pytest.raises(Refused, match="one owner"):
        tenant.without_member(owner)
    with pytest.raises(Refused, match="one owner"):
        tenant.with_member(user_id=owner, role=Role.ADMIN, at=at)


@FEWER
@given(slugs(), storage_settings(), instants())
def test_another_role_keeps_the_day_of_joining(
    slug: Slug, storage: StorageSettings, at: datetime
) -> None:
    ada = UserId("usr_ada")
    later = at + timedelta(days=3)
    tenant = found(slug, storage, at).with_member(user_id=ada, role=Role.VIEWER, at=at)

    promoted = tenant.with_member(user_id=ada, role=Role.ADMIN, at=later)

    assert [m.since for m in promoted.members if m.user_id == ada] == [at]
    assert promoted.role_of(ada) is Role.ADMIN


def found(slug: Slug, storage: StorageSettings, at: datetime) -> Tenant:
    return Tenant.found(
        tenant_id=TenantId("ten_1"),
        slug=slug,
        name="Acme",
        owner=UserId("usr_owner"),
        storage=storage,
        at=at,
    )


@FEWER
@given(tenants())
def test_removing_a_stranger_is_not_found(tenant: Tenant) -> None:
    assume(tenant.state is not TenantState.DELETED)

    with pytest.raises(NotFound):
        tenant.without_member(UserId("usr_stranger"))


@FEWER
@given(tenants())
def test_only_an_active_tenant_is_served(tenant: Tenant) -> None:
    assert tenant.is_served == (tenant.state is TenantState.ACTIVE)


@FEWER
@given(tenants())
def test_suspending_and_resuming_ends_where_it_began(tenant: Tenant) -> None:
    assume(tenant.state is TenantState.ACTIVE)

    suspended = tenant.suspend()

    assert not suspended.is_served
    assert suspended.resume() == tenant


@FEWER
@given(tenants(), instants(), storage_settings())
def test_a_deleted_tenant_waits_for_its_purge_and_changes_no_more(
    tenant: Tenant, at: datetime, storage: StorageSettings
) -> None:
    assume(tenant.state is not TenantState.DELETED)

    deleted = tenant.delete(at=at)

    assert deleted.purge_after == at + tenant.retention
    for change in (
        deleted.suspend,
        deleted.resume,
        lambda: deleted.delete(at=at),
        lambda: deleted.with_storage(storage),
        lambda: deleted.with_member(user_id=UserId("usr_1"), role=Role.OWNER, at=at),
        lambda: deleted.without_member(deleted.members[0].user_id),
    ):
        with pytest.raises(Refused) as refusal:
            change()
        assert refusal.value.code == "tenant.deleted"


@FEWER
@given(tenants(), storage_settings())
def test_a_change_of_storage_changes_nothing_else(tenant: Tenant, storage: StorageSettings) -> None:
    assume(tenant.state is not TenantState.DELETED)

    assert tenant.with_storage(storage).with_storage(tenant.storage) == tenant


@FEWER
@given(tenants(), instants())
def test_a_tenant_is_over_when_its_retention_has_ended(tenant: Tenant, at: datetime) -> None:
    assume(tenant.state is not TenantState.DELETED)

    deleted = tenant.delete(at=at)

    assert not tenant.is_over(at)
    assert not deleted.is_over(at + tenant.retention - timedelta(microseconds=1))
    assert deleted.is_over(at + tenant.retention)


@FEWER
@given(tenants(), instants())
def test_a_purged_tenant_keeps_its_slug_and_place_and_nothing_about_people(
    tenant: Tenant, at: datetime
) -> None:
    assume(tenant.state is not TenantState.DELETED)

    purged = tenant.delete(at=at).purged()

    assert (purged.id, purged.slug, purged.storage) == (tenant.id, tenant.slug, tenant.storage)
    assert (purged.members, purged.name) == ((), tenant.slug.value)
    assert purged.is_purged
    assert purged.is_over(at)
    assert purged.purged() == purged
    with pytest.raises(Refused):
        tenant.purged()
