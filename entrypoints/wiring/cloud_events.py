"""What takes the events of the clouds' storage."""

from dataclasses import dataclass

from application.analytics.take_message import AllowSender, TakeMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvents:
    """What takes the messages of each kind of storage, and answers Azure's handshake."""

    s3: TakeMessage
    azure: TakeMessage
    gcp: TakeMessage
    local: TakeMessage
    azure_handshake: AllowSender
