"""How a command gets at settings and the store, and what it says when it cannot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from domain.errors import DomainError, Unavailable
from entrypoints.settings import Settings, SettingsError, load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened

EXIT_USAGE = 2
EXIT_UNAVAILABLE = 4

_T = TypeVar("_T")


class WrongUse(click.ClickException):
    """End the command with one line: the settings or an argument are wrong."""

    exit_code = EXIT_USAGE


class BackendAway(click.ClickException):
    """End the command with one line: something it needs does not answer."""

    exit_code = EXIT_UNAVAILABLE


def settings_or_exit() -> Settings:
    """Return the settings; wrong ones end the command with their lines and status 2."""
    try:
        return load_settings()
    except SettingsError as error:
        raise WrongUse(str(error)) from None


def container_or_exit(settings: Settings) -> Container:
    """Return the container; settings that cannot be served end the command with status 2."""
    try:
        return make_container(settings)
    except SettingsError as error:
        raise WrongUse(str(error)) from None


def run_with_store(work: Callable[[Container], Awaitable[_T]]) -> _T:
    """Run `work` with the store open; an error of the domain ends the command with its line."""

    async def run() -> _T:
        container = container_or_exit(settings_or_exit())
        async with opened(container):
            return await work(container)

    try:
        return asyncio.run(run())
    except DomainError as error:
        raise failure_of(error) from None


def failure_of(error: DomainError) -> click.ClickException:
    """Return how a command ends on an error: 4 when something is away, 2 for a wrong word."""
    if isinstance(error, Unavailable):
        return BackendAway(error.message)
    field = getattr(error, "field", "")
    return WrongUse(f"{field}: {error.message}" if field else error.message)
