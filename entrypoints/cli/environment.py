"""How a command gets at settings and the store, and what it says when it cannot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import DomainError
from entrypoints.cli.exits import EXIT_USAGE, Failure, failure_of
from entrypoints.settings import Settings, SettingsError, load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from entrypoints.wiring.store import Service

_T = TypeVar("_T")


def settings_or_exit() -> Settings:
    """Return the settings; wrong ones end the command with their lines and status 2."""
    try:
        return load_settings()
    except SettingsError as error:
        raise Failure(str(error), EXIT_USAGE) from None


def container_or_exit(settings: Settings, service: Service = Service.EVERYTHING) -> Container:
    """Return the container; settings that cannot be served end the command with status 2."""
    try:
        return make_container(settings, service)
    except SettingsError as error:
        raise Failure(str(error), EXIT_USAGE) from None


def run_with_store(work: Callable[[Container], Awaitable[_T]]) -> _T:
    """Run `work` with the store open; an error of the domain ends the command with its line."""

    async def run() -> _T:
        container = container_or_exit(settings_or_exit())
        async with opened(container):
            return await work(container)

    return run_alone(run)


def run_alone(work: Callable[[], Awaitable[_T]]) -> _T:
    """Run `work` in an event loop; an error of the domain ends the command with its line."""

    async def run() -> _T:
        return await work()

    try:
        return asyncio.run(run())
    except DomainError as error:
        raise failure_of(error) from None
