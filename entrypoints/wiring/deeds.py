"""How use cases are made in which a member does something to their tenant."""

from collections.abc import Callable
from typing import Any, TypeVar

from dependency_injector import providers

from entrypoints.wiring.analytics import Analytics

T = TypeVar("T")


def deed(use_case: Callable[..., T], **parts: providers.Provider[Any]) -> providers.Provider[T]:
    """Return the provider of a use case that begins a deed, made anew for each call."""
    return providers.Factory(use_case, deeds=Analytics.deeds, **parts)
