"""A message is verified, its objects accepted, and only then it is remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from adapters.telemetry.prometheus import PrometheusTelemetry
from application.analytics.accept_event import Acceptance
from application.analytics.take_message import (
    MAX_REMEMBERED,
    RETRY_AFTER,
    AllowSender,
    TakeMessage,
)
from application.ports.notifications import (
    Distrust,
    EventMessage,
    EventVerifier,
    ForgedEvent,
    VerifiedMessage,
    WebhookHandshake,
)
from domain.errors import DomainError, InvalidValue, Unavailable
from domain.job import ObjectRef
from tests.fakes.deployment import Customer
from tests.fakes.quarantine import RememberedQuarantine

MESSAGE = EventMessage(body=b"{}")
REFS = tuple(ObjectRef(provider="S3", bucket="b", key=str(number)) for number in range(2))


@dataclass
class Stage(EventVerifier):
    """A verifier that says what a test wants, and a queue that may be full."""

    says: VerifiedMessage | DomainError = field(
        default_factory=lambda: VerifiedMessage(objects=REFS, message_id="m1")
    )
    is_full: Callable[[ObjectRef], bool] = lambda _: False
    accepted: list[ObjectRef] = field(default_factory=list)
    telemetry: PrometheusTelemetry = field(default_factory=PrometheusTelemetry)
    quarantine: RememberedQuarantine = field(default_factory=RememberedQuarantine)

    def __post_init__(self) -> None:
        self.take = TakeMessage(
            sender="s3",
            verifier=self,
            accept=self.accept,
            telemetry=self.telemetry,
            quarantine=self.quarantine,
        )

    async def verify(self, message: EventMessage) -> VerifiedMessage:
        if isinstance(self.says, DomainError):
            raise self.says
        return self.says

    async def accept(self, ref: ObjectRef, *, sender: str) -> Acceptance:
        assert sender == "s3"
        if self.is_full(ref):
            raise Unavailable("queue", "the queue is full")
        is_new = ref not in self.accepted
        self.accepted.append(ref)
        return Acceptance.ACCEPTED if is_new else Acceptance.DUPLICATE

    def counted(self, result: str) -> float:
        series = f'trueport_ingest_events_total{{result="{result}",source="s3"}}'
        other = f'trueport_ingest_events_total{{source="s3",result="{result}"}}'
        for line in self.telemetry.render().decode().splitlines():
            if line.startswith((series, other)):
                return float(line.rpartition(" ")[2])
        return 0


async def test_every_object_is_accepted() -> None:
    stage = Stage()

    taken = await stage.take(MESSAGE)

    assert taken.results == ("accepted", "accepted")
    assert stage.accepted == list(REFS)


async def test_repeated_message_is_a_duplicate_and_touches_nothing() -> None:
    stage = Stage()
    await stage.take(MESSAGE)

    taken = await stage.take(MESSAGE)

    assert taken.results == ("duplicate",)
    assert stage.accepted == list(REFS)
    assert stage.counted("duplicate") == 1


async def test_message_that_found_no_room_is_taken_when_it_comes_again() -> None:
    stage = Stage(is_full=lambda ref: ref == REFS[1])

    with pytest.raises(Unavailable) as raised:
        await stage.take(MESSAGE)
    stage.is_full = lambda _: False
    taken = await stage.take(MESSAGE)

    assert raised.value.retry_after == RETRY_AFTER
    assert taken.results == ("duplicate", "accepted")
    assert stage.counted("unavailable") == 1


async def test_forged_message_is_counted_and_refused() -> None:
    stage = Stage(says=ForgedEvent("the event's signature does not fit", reason=Distrust.SIGNATURE))

    with pytest.raises(ForgedEvent):
        await stage.take(MESSAGE)

    assert stage.accepted == []
    assert stage.quarantine.kept == []
    assert stage.counted("refused") == 1
    assert b'trueport_signature_failures_total{reason="signature"} 1.0' in stage.telemetry.render()


class Closed(WebhookHandshake):
    """Nobody gets leave."""

    def allow(self, message: EventMessage) -> Mapping[str, str]:
        raise ForgedEvent("not you", reason=Distrust.SENDER)


def test_sender_that_is_given_no_leave_is_counted() -> None:
    stage = Stage()
    allow = AllowSender(sender="s3", handshake=Closed(), telemetry=stage.telemetry)

    with pytest.raises(ForgedEvent):
        allow(MESSAGE)

    assert stage.counted("refused") == 1
    assert b'trueport_signature_failures_total{reason="sender"} 1.0' in stage.telemetry.render()


async def test_authentic_message_that_nobody_understands_is_taken_and_counted() -> None:
    stage = Stage(says=InvalidValue("the event is not valid JSON"))

    taken = await stage.take(MESSAGE)

    assert taken.results == ("unreadable",)
    assert stage.counted("unreadable") == 1
    assert stage.quarantine.kept == [("s3", MESSAGE.body)]


async def test_entries_that_nobody_understands_do_not_hide_the_others() -> None:
    stage = Stage(says=VerifiedMessage(objects=REFS, unreadable=3))

    taken = await stage.take(MESSAGE)

    assert taken.results == ("accepted", "accepted", "unreadable", "unreadable", "unreadable")
    assert stage.counted("unreadable") == 3
    assert stage.quarantine.kept == [("s3", MESSAGE.body)]


@pytest.mark.parametrize(("given", "told"), [(None, RETRY_AFTER), (3.0, 3.0)])
async def test_message_that_cannot_be_verified_now_shall_come_again(
    given: float | None, told: float
) -> None:
    stage = Stage(says=Unavailable("certificates", retry_after=given))

    with pytest.raises(Unavailable) as raised:
        await stage.take(MESSAGE)

    assert raised.value.retry_after == told
    assert stage.counted("unverifiable") == 1


async def test_reply_to_a_handshake_is_passed_on() -> None:
    stage = Stage(says=VerifiedMessage(reply={"validationResponse": "code"}))

    taken = await stage.take(MESSAGE)

    assert taken.reply == {"validationResponse": "code"}
    assert stage.counted("empty") == 1


async def test_messages_without_an_id_are_taken_each_time() -> None:
    stage = Stage(says=VerifiedMessage(objects=REFS[:1]))

    results = [(await stage.take(MESSAGE)).results for _ in range(2)]

    assert results == [("accepted",), ("duplicate",)]
    assert len(stage.accepted) == 2


async def test_what_is_remembered_is_bounded() -> None:
    stage = Stage()

    for number in range(MAX_REMEMBERED + 10):
        stage.says = VerifiedMessage(message_id=str(number))
        await stage.take(MESSAGE)

    assert len(stage.take._remembered) == MAX_REMEMBERED


async def test_object_with_and_without_its_version_is_one_job(acme: Customer) -> None:
    place = acme.tenant.storage
    refs = [
        ObjectRef(
            provider=place.provider.value,
            bucket=place.bucket,
            key="audit/v1/dt=2026-11-24/hr=02/gw-000001.jsonl.gz",
            revision=revision,
        )
        for revision in ("d41d8cd98f00b204e9800998ecf8427e", "", "another")
    ]

    results = [await acme.deployment.accept_event(ref) for ref in refs]

    assert results == [Acceptance.ACCEPTED, Acceptance.DUPLICATE, Acceptance.DUPLICATE]
