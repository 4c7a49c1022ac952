"""What `SentMails` promises: of many who want to send a mail, one does, once."""

import asyncio
from datetime import timedelta

from application.ports.mailer import MailClaim
from tests.contract.stores import Store
from tests.fakes.clock import FakeClock

LEASE = timedelta(minutes=2)
ONE, OTHER = "1" * 64, "2" * 64


async def claim(store: Store, clock: FakeClock, digest: str = ONE) -> MailClaim:
    return await store.sent_mails.claim(digest, at=clock.now(), lease=LEASE)


async def test_one_of_many_claimants_is_granted_a_mail(store: Store, clock: FakeClock) -> None:
    claims = await asyncio.gather(*(claim(store, clock) for _ in range(50)))

    assert claims.count(MailClaim.GRANTED) == 1
    assert claims.count(MailClaim.BUSY) == 49


async def test_mails_do_not_stand_in_each_others_way(store: Store, clock: FakeClock) -> None:
    assert await claim(store, clock, ONE) is MailClaim.GRANTED
    assert await claim(store, clock, OTHER) is MailClaim.GRANTED


async def test_sent_mail_is_never_granted_again(store: Store, clock: FakeClock) -> None:
    await claim(store, clock)
    await store.sent_mails.sent(ONE, at=clock.now())

    await store.sent_mails.release(ONE)
    clock.advance(10 * LEASE.total_seconds())

    assert await claim(store, clock) is MailClaim.SENT


async def test_released_mail_is_granted_at_once(store: Store, clock: FakeClock) -> None:
    await claim(store, clock)

    await store.sent_mails.release(ONE)
    await store.sent_mails.release(OTHER)

    assert await claim(store, clock) is MailClaim.GRANTED


async def test_claim_of_somebody_who_died_ends_with_its_lease(
    store: Store, clock: FakeClock
) -> None:
    await claim(store, clock)

    clock.advance(LEASE.total_seconds() - 0.001)
    early = await claim(store, clock)
    clock.advance(0.001)
    late = await claim(store, clock)

    assert (early, late) == (MailClaim.BUSY, MailClaim.GRANTED)


async def test_mail_that_was_sent_without_a_claim_counts(store: Store, clock: FakeClock) -> None:
    await store.sent_mails.sent(ONE, at=clock.now())

    assert await claim(store, clock) is MailClaim.SENT


async def test_sent_mails_are_forgotten_by_age(store: Store, clock: FakeClock) -> None:
    for digest in (ONE, OTHER):
        await claim(store, clock, digest)
        await store.sent_mails.sent(digest, at=clock.now())
        clock.advance(60)
    await claim(store, clock, "3" * 64)

    none = await store.sent_mails.prune(before=clock.now(), limit=0)
    first = await store.sent_mails.prune(before=clock.now(), limit=1)
    rest = await store.sent_mails.prune(before=clock.now() - timedelta(seconds=60), limit=10)

    assert (none, first, rest) == (0, 1, 0)
    assert await claim(store, clock, ONE) is MailClaim.GRANTED
    assert await claim(store, clock, OTHER) is MailClaim.SENT
    assert await claim(store, clock, "3" * 64) is MailClaim.BUSY
