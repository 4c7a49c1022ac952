"""What Google Cloud Storage and its SDK say, as the port's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.ports.object_storage import AccessDenied, ObjectExists, ObjectNotFound
from domain.errors import DomainError, Unavailable

SERVICE = "Google Cloud Storage"


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the SDK raises inside as an error of the port."""
    from google.api_core import exceptions as answers  # noqa: PLC0415 (an extra)
    from google.auth import exceptions as sign_in  # noqa: PLC0415 (an extra)
    from google.cloud.storage import exceptions as transfers  # noqa: PLC0415 (an extra)
    from requests import exceptions as transport  # noqa: PLC0415 (an extra)

    try:
        yield
    except answers.GoogleAPICallError as error:
        raise _from_status(error.code) from error
    except transfers.InvalidResponse as error:
        raise _from_status(error.response.status_code) from error
    except transport.Timeout as error:
        raise Unavailable(SERVICE, f"{SERVICE} did not answer in time") from error
    except (
        answers.RetryError,
        sign_in.TransportError,
        transfers.DataCorruption,
        transport.RequestException,
    ) as error:
        raise Unavailable(
            SERVICE, f"{SERVICE} cannot be reached, or broke off its answer"
        ) from error
    except sign_in.GoogleAuthError as error:
        raise AccessDenied(f"there are no usable credentials for {SERVICE}") from error


def _from_status(status: int | None) -> DomainError:
    # https://cloud.google.com/storage/docs/json_api/v1/status-codes
    match status:
        case 401 | 403:
            return AccessDenied(f"{SERVICE} refuses these credentials or this operation")
        case 404:
            return ObjectNotFound("there is no such object or bucket")
        case 412:
            return ObjectExists("an object of this key exists")
        case 408 | 409 | 429 | 503:
            return Unavailable(SERVICE, f"{SERVICE} is busy", retry_after=1)
    return Unavailable(SERVICE, f"{SERVICE} answered {status}")
