"""The storage of each tenant's own provider."""

from collections.abc import Mapping

from application.ports.object_storage import ObjectStorage, ObjectStorages
from domain.errors import Unavailable
from domain.tenant import StorageProvider, StorageSettings


class ObjectStoragesByProvider(ObjectStorages):
    """Ask the storages of the provider that a tenant's settings name."""

    def __init__(self, storages: Mapping[StorageProvider, ObjectStorages]) -> None:
        self._storages = storages

    def of(self, settings: StorageSettings) -> ObjectStorage:
        """Return the bucket of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: the provider is not configured here, or its library not installed.
        """
        storages = self._storages.get(settings.provider)
        if storages is None:
            raise Unavailable("storage", f"{settings.provider.value} storage is not configured")
        return storages.of(settings)
