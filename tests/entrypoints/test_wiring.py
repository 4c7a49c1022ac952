"""Every provider of the container can be built, whatever the settings choose."""

import re
from collections import ChainMap
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from dependency_injector import providers

from domain.tenant import StorageProvider
from entrypoints.settings import MailProvider, SettingsError, load_settings
from entrypoints.wiring.containers import Container, make_container, served_at

# Each option of a choice, with the variables that make it.
CHOICES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "storage_provider": {one.value: {"STORAGE_PROVIDER": one.value} for one in StorageProvider},
    "mail_provider": {one.value: {"MAIL_PROVIDER": one.value} for one in MailProvider},
    "store": {
        "SQLITE": {},
        "MONGO": {"MONGO_URI": "mongodb://127.0.0.1:27017/?replicaSet=rs0"},
    },
    "job_delivery": {
        "STORE": {},
        "REDIS": {"REDIS_URL": "redis://127.0.0.1:6379/0"},
        "SQS": {"TRUEPORT_JOBS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/jobs"},
    },
}


def selectors(container: Container) -> dict[str, providers.Selector[Any]]:
    return {
        name: provider
        for name, provider in container.providers.items()
        if isinstance(provider, providers.Selector)
    }


def environments(home: Path) -> list[dict[str, str]]:
    base = {"TRUEPORT_HOME": str(home), "SMTP_HOST_URL": "smtp.example.com"}
    chosen = product(*(options.values() for options in CHOICES.values()))
    return [{**base, **dict(ChainMap(*map(dict, some)))} for some in chosen]


def test_every_provider_is_built_for_every_choice_that_is_served(tmp_path: Path) -> None:
    served = 0
    for environment in environments(tmp_path):
        settings = load_settings(environment)
        try:
            container = make_container(settings)
        except SettingsError:
            continue
        served += 1
        for name, provider in container.providers.items():
            assert provider() is not None, name

    assert served >= 1


def test_every_option_of_every_selector_can_be_chosen_by_a_setting(tmp_path: Path) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))

    for name, selector in selectors(container).items():
        options = set(selector.providers)
        offered = [set(values) for values in CHOICES.values()]
        assert any(options <= values for values in offered), name


def test_every_provider_says_its_type() -> None:
    folder = Path(__file__).parents[2] / "entrypoints" / "wiring"
    source = "\n".join(path.read_text() for path in folder.glob("*.py"))
    declared = re.findall(r"^    (\w+)(:.*)? = (?:\(\s*)?providers\.", source, re.MULTILINE)
    typed = re.findall(r"^    (\w+): providers\.Provider\[", source, re.MULTILINE)

    assert {name for name, _ in declared} <= set(typed)
    assert len(typed) > 30


def test_what_must_be_one_is_one(tmp_path: Path) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))

    for provider in (
        container.store,
        container.journal,
        container.limiter,
        container.breakers,
        container.key_cache,
        container.relay_chat,
        container.telemetry,
    ):
        assert provider() is provider()


def test_two_containers_share_nothing(tmp_path: Path) -> None:
    one = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path / "a")}))
    other = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path / "b")}))

    assert one.store() is not other.store()
    assert one.admin_token() != other.admin_token()


def test_secrets_made_at_home_are_for_this_user_alone(tmp_path: Path) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))

    container.admin_token()
    container.master_keys()

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_links_begin_with_the_served_address_unless_a_setting_names_another(
    tmp_path: Path,
) -> None:
    here = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))
    public = make_container(
        load_settings(
            {
                "TRUEPORT_HOME": str(tmp_path),
                "TRUEPORT_PUBLIC_URL": "https://trueport.example.com",
            }
        )
    )

    for container in (here, public):
        served_at(container, "http://127.0.0.1:8080")

    assert here.settings().public_url == "http://127.0.0.1:8080"
    assert here.settings().home == tmp_path
    assert public.settings().public_url == "https://trueport.example.com"
