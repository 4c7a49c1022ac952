"""Which store the settings choose, and whose databases a service uses in MongoDB."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.mongo.store import MongoStore
from adapters.sqlite.store import SqliteStore
from domain.errors import Unavailable
from entrypoints.settings import SettingsError, load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.store import Service

URI = "mongodb://trueport:correct-horse@127.0.0.1:27017/?replicaSet=rs0"


def store_of(
    home: Path, service: Service = Service.EVERYTHING, environment: Mapping[str, str] | None = None
) -> object:
    given = {"TRUEPORT_HOME": str(home), **(environment or {})}
    return make_container(load_settings(given), service).store()


def test_store_is_a_file_unless_mongodb_is_named(tmp_path: Path) -> None:
    assert isinstance(store_of(tmp_path), SqliteStore)
    assert isinstance(store_of(tmp_path, environment={"MONGO_URI": URI}), MongoStore)


@pytest.mark.parametrize(
    ("service", "names", "own", "platform"),
    [
        (Service.EVERYTHING, {}, "trueport_ai", "saas_platform_core"),
        (Service.GATEWAY, {}, "trueport_ai", "saas_platform_core"),
        (Service.ENGINE, {"TRUEPORT_PLATFORM_DB_NAME": "p"}, "trueport_ai", "p"),
        (Service.PLATFORM, {}, "saas_platform_core", "saas_platform_core"),
        (Service.PLATFORM, {"TRUEPORT_PLATFORM_DB_NAME": "p"}, "p", "p"),
        (Service.GATEWAY, {"MONGO_DB_NAME": "mine"}, "mine", "saas_platform_core"),
    ],
)
def test_services_have_databases_of_their_own(
    tmp_path: Path, service: Service, names: Mapping[str, str], own: str, platform: str
) -> None:
    store = store_of(tmp_path, service, {"MONGO_URI": URI, **names})

    assert isinstance(store, MongoStore)
    database = store._database
    assert (database._own, database._platform) == (own, platform)


@pytest.mark.parametrize(
    ("service", "writes"),
    [
        (Service.EVERYTHING, True),
        (Service.PLATFORM, True),
        (Service.GATEWAY, False),
        (Service.ENGINE, False),
    ],
)
def test_what_platform_backend_keeps_is_written_by_it_alone(
    tmp_path: Path, service: Service, writes: bool
) -> None:
    store = store_of(tmp_path, service, {"MONGO_URI": URI})

    assert isinstance(store, MongoStore)
    assert store._database.collection("tenants")._is_read_only is not writes
    assert not store._database.collection("violations")._is_read_only


def test_reports_may_be_read_from_a_secondary_and_nothing_else(tmp_path: Path) -> None:
    store = store_of(tmp_path, environment={"MONGO_URI": URI})

    assert isinstance(store, MongoStore)
    report = store._database.report("usage_logs")
    assert report._raw.read_preference.mongos_mode == "secondaryPreferred"
    assert report._is_read_only
    for name in ("usage_logs", "violations", "jobs", "tenants"):
        raw = store._database.collection(name)._raw
        assert raw.read_preference.mongos_mode == "primary"
        assert raw.write_concern.document == {"w": "majority"}
        assert raw.read_concern.document == {"level": "majority"}


def test_address_that_the_driver_refuses_is_one_line_without_the_password(tmp_path: Path) -> None:
    wrong = {"MONGO_URI": "mongodb://trueport:correct-horse@127.0.0.1:99999/"}

    with pytest.raises(SettingsError) as refusal:
        store_of(tmp_path, environment=wrong)

    assert str(refusal.value).startswith("MONGO_URI: is no address of a MongoDB")
    assert "correct-horse" not in str(refusal.value)


async def test_what_is_not_open_is_unavailable(tmp_path: Path) -> None:
    store = store_of(tmp_path, environment={"MONGO_URI": URI})
    assert isinstance(store, MongoStore)
    await store.close()

    with pytest.raises(Unavailable):
        await store.outbox.pending()
