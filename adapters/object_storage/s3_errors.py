"""What S3 and its SDK say, as the port's errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from application.ports.object_storage import AccessDenied, ObjectExists, ObjectNotFound
from domain.errors import DomainError, Unavailable

SERVICE = "S3"


def _not_found() -> DomainError:
    return ObjectNotFound("there is no such object or bucket")


def _denied() -> DomainError:
    return AccessDenied("S3 refuses these credentials or this operation")


def _exists() -> DomainError:
    return ObjectExists("an object of this key exists")


def _name_taken() -> DomainError:
    return AccessDenied("the bucket belongs to another account: bucket names are global")


def _busy() -> DomainError:
    return Unavailable(SERVICE, "S3 is busy with this key or bucket", retry_after=1)


# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; HEAD has the status alone.
_BY_CODE: Mapping[str, Callable[[], DomainError]] = {
    "NoSuchKey": _not_found,
    "NoSuchBucket": _not_found,
    "PreconditionFailed": _exists,
    "BucketAlreadyExists": _name_taken,
    # Another conditional write to this key, or another change of this bucket, is under way.
    "ConditionalRequestConflict": _busy,
    "OperationAborted": _busy,
    "SlowDown": _busy,
    "RequestTimeout": _busy,
    "ExpiredToken": _denied,
    "InvalidToken": _denied,
    "AuthorizationHeaderMalformed": _denied,
    "KMS.DisabledException": _denied,
    "KMS.NotFoundException": _denied,
    "KMS.KMSInvalidStateException": _denied,
}
_BY_STATUS: Mapping[int, Callable[[], DomainError]] = {
    401: _denied,
    403: _denied,
    404: _not_found,
    412: _exists,
    429: _busy,
    503: _busy,
}


def error_code(response: Mapping[str, Any]) -> str:
    """Return the code in an error's answer; to a HEAD this is the status as text."""
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the SDK raises inside as an error of the port."""
    from botocore import exceptions  # noqa: PLC0415 (an extra)

    try:
        yield
    except exceptions.ClientError as error:
        raise _from_answer(error.response) from error
    except (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProfileNotFound,
    ) as error:
        raise AccessDenied("there are no credentials for S3") from error
    except (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError) as error:
        raise Unavailable(SERVICE, "S3 did not answer in time") from error
    except (
        exceptions.EndpointConnectionError,
        exceptions.HTTPClientError,
        exceptions.IncompleteReadError,
    ) as error:
        raise Unavailable(SERVICE, "S3 cannot be reached, or broke off its answer") from error
    except exceptions.FlexibleChecksumError as error:
        raise Unavailable(SERVICE, "the object did not arrive as it was stored") from error
    except exceptions.BotoCoreError as error:
        raise Unavailable(SERVICE, f"the call to S3 failed: {type(error).__name__}") from error


def _from_answer(response: Mapping[str, Any]) -> DomainError:
    code = error_code(response)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    known = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if known is not None:
        return known()
    # A code is one of AWS's own words; anything else in the answer might repeat what was sent.
    shown = f" {code}" if code.isalnum() and not code.isdigit() else ""
    return Unavailable(SERVICE, f"S3 answered {status}{shown}")
