"""One mail for one event, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from adapters.sqlite.store import SqliteStore
from application.mail_once import KEPT, EachMailOnce, PruneSentMails
from application.outbox import RETRY, RelayOutbox
from application.ports.mailer import Mail, MailClaim, Mailer, SentMails
from domain.errors import DomainError, Refused, Unavailable
from domain.events import OutboxEntry, TenantFounded
from domain.identifiers import TenantId
from domain.user import Email
from tests.contract.mails import a_mail
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.randomness import SeededRandomness


class Postbox(Mailer):
    """Counts what it gets; raises what it is told to, before or after it took the mail."""

    def __init__(self) -> None:
        self.taken: list[Mail] = []
        self.trouble: BaseException | None = None
        self.refused: dict[str, DomainError] = {}
        self.reached, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def send(self, mail: Mail) -> None:
        self.reached.set()
        await self.gate.wait()
        trouble = self.refused.get(mail.to.value, self.trouble)
        if trouble is not None:
            raise trouble
        self.taken.append(mail)


@dataclass
class Office:
    store: SqliteStore
    clock: FakeClock
    box: Postbox
    randomness: SeededRandomness = field(default_factory=SeededRandomness)

    @property
    def mailer(self) -> EachMailOnce:
        """A process of its own: nothing but the store is shared."""
        return EachMailOnce(mailer=self.box, sent=self.store.sent_mails, clock=self.clock)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    clock = FakeClock()
    store = SqliteStore(":memory:", clock, CountingIds())
    await store.open()
    yield Office(store=store, clock=clock, box=Postbox())
    await store.close()


async def test_second_process_does_not_send_what_the_first_sent(office: Office) -> None:
    await office.mailer.send(a_mail())
    await office.mailer.send(a_mail(text="rendered anew, a little different\n"))

    assert len(office.box.taken) == 1


async def test_second_process_comes_again_while_the_first_sends(office: Office) -> None:
    office.box.gate.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(office.mailer.send(a_mail()))
        await office.box.reached.wait()

        with pytest.raises(Unavailable) as caught:
            await office.mailer.send(a_mail())
        office.box.gate.set()

    assert first.done()
    assert caught.value.code == "mail.busy"
    assert len(office.box.taken) == 1


@pytest.mark.parametrize("trouble", [Unavailable("mail"), Refused("no such user")])
async def test_mail_that_was_not_taken_can_be_sent_again(
    office: Office, trouble: DomainError
) -> None:
    office.box.trouble = trouble
    with pytest.raises(type(trouble)):
        await office.mailer.send(a_mail())

    office.box.trouble = None
    await office.mailer.send(a_mail())

    assert len(office.box.taken) == 1


async def test_process_that_dies_while_it_sends_leaves_the_mail_to_others(office: Office) -> None:
    office.box.trouble = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await office.mailer.send(a_mail())
    office.box.trouble = None

    with pytest.raises(Unavailable):
        await office.mailer.send(a_mail())
    office.clock.advance(timedelta(minutes=2).total_seconds())
    await office.mailer.send(a_mail())

    assert len(office.box.taken) == 1


class Recording(SentMails):
    """Notes what it is told, and grants everything."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def claim(self, digest: str, *, at: datetime, lease: timedelta) -> MailClaim:
        self.told.append(digest)
        return MailClaim.GRANTED

    async def sent(self, digest: str, *, at: datetime) -> None:
        self.told.append(digest)

    async def release(self, digest: str) -> None:
        self.told.append(digest)

    async def prune(self, *, before: datetime, limit: int) -> int:
        return 0


async def test_store_is_told_no_address(office: Office) -> None:
    sent = Recording()

    await EachMailOnce(mailer=office.box, sent=sent, clock=office.clock).send(a_mail())

    assert [len(digest) for digest in sent.told] == [64, 64]
    assert "ada" not in "".join(sent.told)


async def test_mails_are_remembered_longer_than_any_event_is_tried(office: Office) -> None:
    await office.mailer.send(a_mail())
    office.clock.advance(KEPT.total_seconds())
    await PruneSentMails(sent=office.store.sent_mails, clock=office.clock)()
    await office.mailer.send(a_mail())
    office.clock.advance(1)

    is_more = await PruneSentMails(sent=office.store.sent_mails, clock=office.clock)()
    await office.mailer.send(a_mail())

    assert not is_more
    assert len(office.box.taken) == 2
    assert RETRY.limit * RETRY.max_attempts < KEPT


async def founded(office: Office) -> None:
    async with office.store.transactions() as uow:
        uow.record(TenantFounded(tenant_id=TenantId("ten_1")))
        await uow.commit()


def relay(office: Office, *recipients: str) -> RelayOutbox:
    async def tell(entry: OutboxEntry) -> None:
        failure: DomainError | None = None
        for recipient in recipients:
            try:
                await office.mailer.send(a_mail(id=f"{entry.id}.{recipient}", to=Email(recipient)))
            except Unavailable as error:
                failure = error
        if failure is not None:
            raise failure

    return RelayOutbox(
        outbox=office.store.outbox,
        handlers={TenantFounded: [tell]},
        clock=office.clock,
        randomness=office.randomness,
        retry=RETRY,
    )


async def test_one_recipient_who_cannot_be_reached_does_not_repeat_the_others(
    office: Office,
) -> None:
    await founded(office)
    office.box.refused["bob@example.org"] = Unavailable("mail")
    for _ in range(5):
        await relay(office, "ada@example.org", "bob@example.org", "cleo@example.org")()
        office.clock.advance(600)
    office.box.refused.clear()

    await relay(office, "ada@example.org", "bob@example.org", "cleo@example.org")()

    assert sorted(mail.to.value for mail in office.box.taken) == [
        "ada@example.org",
        "bob@example.org",
        "cleo@example.org",
    ]
    assert await office.store.outbox.pending() == 0


async def test_mail_outlives_an_hour_without_a_mail_server(office: Office) -> None:
    await founded(office)
    office.box.trouble = Unavailable("mail")
    for _ in range(360):
        await relay(office, "ada@example.org")()
        office.clock.advance(10)
    office.box.trouble = None

    office.clock.advance(RETRY.limit.total_seconds())
    await relay(office, "ada@example.org")()

    assert len(office.box.taken) == 1


async def test_event_is_handled_within_a_lease_of_its_own(office: Office) -> None:
    for _ in range(3):
        await founded(office)
    leases: list[float] = []

    async def slow(entry: OutboxEntry) -> None:
        office.clock.advance(90)
        others = await office.store.outbox.claim(
            limit=10, at=office.clock.now(), lease=timedelta(0)
        )
        leases.append(len(others))

    await RelayOutbox(
        outbox=office.store.outbox,
        handlers={TenantFounded: [slow]},
        clock=office.clock,
        randomness=office.randomness,
        retry=RETRY,
    )()

    # Nobody else can claim what is being handled; what waits is free for them.
    assert leases == [2, 1, 0]
