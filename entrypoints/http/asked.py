"""What a caller sends, in a body or as a query of several fields."""

from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """Fields that a caller sends: one that is unknown is refused, since it may be misspelt."""

    model_config = ConfigDict(extra="forbid")
