"""The file of named storage credentials: which tenants have an account of their own.

`TRUEPORT_STORAGE_CREDENTIALS` names a YAML file. A tenant's storage settings refer to a name in it;
what stands under the name goes to the provider's SDK and nowhere else.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from entrypoints.settings import SettingsError

VARIABLE = "TRUEPORT_STORAGE_CREDENTIALS"


class _Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class S3Credentials(_Credentials):
    """An account of S3; without keys the SDK's own chain decides."""

    provider: Literal["S3"]
    access_key_id: str | None = None
    secret_access_key: SecretStr | None = None
    session_token: SecretStr | None = None
    region: str | None = None
    endpoint_url: str | None = None
    owner: str | None = Field(None, pattern=r"^[0-9]{12}$")
    kms_key: str | None = None


class AzureCredentials(_Credentials):
    """A storage account of Azure."""

    provider: Literal["AZURE"]
    connection_string: SecretStr


class GcsCredentials(_Credentials):
    """A service account of Google Cloud; without its key Google's own chain decides."""

    provider: Literal["GCP"]
    credentials_file: Path | None = None
    project: str | None = None
    location: str | None = None
    endpoint: str | None = None
    kms_key: str | None = None


StorageCredentials = S3Credentials | AzureCredentials | GcsCredentials
_FILE = TypeAdapter(
    dict[str, Annotated[StorageCredentials, Field(discriminator="provider")]],
)


def load_storage_credentials(path: Path | None) -> dict[str, StorageCredentials]:
    """Return the credentials by their names; none without a file.

    Raises:
        SettingsError: the file cannot be read or is wrong; the lines repeat nothing of its values.
    """
    if path is None:
        return {}
    import yaml  # noqa: PLC0415 - only where there is a file

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark is not None else ""
        raise SettingsError(f"{VARIABLE}: {path} is no YAML{line}") from None
    try:
        return _FILE.validate_python(document or {})
    except ValidationError as error:
        lines = (
            f"{VARIABLE}: {path}: {'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError("\n".join(lines)) from None
