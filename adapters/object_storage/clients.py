"""Clients of a provider's SDK, one for each account, opened when the first call needs it."""

import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from domain.errors import Unavailable
from domain.tenant import StorageProvider, StorageSettings

Account = TypeVar("Account", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """An SDK that an extra brings: the service it speaks to, its module, the extra's name."""

    service: str
    module: str
    extra: str

    def require(self) -> None:
        """Look for the SDK without importing it.

        Raises:
            Unavailable: it is not installed; the message says what to run.
        """
        try:
            found = find_spec(self.module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise Unavailable(
                self.service,
                f'{self.service} needs a library: pip install "trueport[{self.extra}]"',
            )


class Clients(Generic[Account]):
    """Share one client among all buckets of an account; safe to call from any thread."""

    def __init__(
        self,
        *,
        provider: StorageProvider,
        library: Library,
        open_client: Callable[[Account], Any],
        account: Account | None,
        named: Mapping[str, Account],
    ) -> None:
        self._provider = provider
        self._library = library
        self._open_client = open_client
        self._account = account
        self._named = named
        self._open: dict[Account, Any] = {}
        self._lock = threading.Lock()

    def account(self, settings: StorageSettings) -> Account:
        """Return the account that the settings name, without opening anything.

        Raises:
            Unavailable: another provider, no library, or no credentials of this name.
        """
        if settings.provider is not self._provider:
            raise Unavailable(
                "storage",
                f"{settings.provider.value} is not served by {self._library.service}",
            )
        self._library.require()
        if settings.credentials is None:
            if self._account is None:
                raise Unavailable(
                    self._library.service,
                    f"{self._library.service} has no credentials of the deployment's own: name "
                    "some in the tenant's storage settings",
                )
            return self._account
        if settings.credentials not in self._named:
            raise Unavailable(
                self._library.service,
                f"{self._library.service} has no credentials of the name that is configured",
            )
        return self._named[settings.credentials]

    def client(self, account: Account) -> Any:
        """Return the account's client, opened by the first caller; the others wait for it."""
        with self._lock:
            if account not in self._open:
                self._open[account] = self._open_client(account)
            return self._open[account]

    def close(self) -> None:
        """Close the connections of every client."""
        with self._lock:
            clients = list(self._open.values())
            self._open.clear()
        for client in clients:
            client.close()
