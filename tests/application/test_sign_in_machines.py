"""Codes and refresh tokens against models of them, in any order of events."""

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from application.platform.sessions import SignedIn
from application.ports.attempts import TooManyAttempts
from domain.errors import Unauthenticated
from domain.one_time_code import CODE_LIFE, MAX_TRIES, OneTimeCode
from domain.session import REFRESH_LIFE, RefreshToken
from tests.fakes.accounts import Accounts
from tests.fakes.deployment import Deployment, deployed

T = TypeVar("T")
ADA = "ada@example.org"


class Machine(RuleBasedStateMachine):
    """A deployment in an event loop of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.deployment: Deployment = self.do(
            self.stack.enter_async_context(deployed(Path(self.folder.name)))
        )
        self.accounts = Accounts.of(self.deployment)

    def do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.runner.run(run())

    @property
    def now(self) -> datetime:
        return self.deployment.clock.now()

    @rule(seconds=st.sampled_from([1, 59, 60, 540, 600]))
    def time_passes(self, seconds: int) -> None:
        self.deployment.clock.advance(seconds)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()


class Codes(Machine):
    """An address gets in with its latest code, within its life and five tries, once."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[str] = []
        self.tries = 0
        self.good_until: datetime | None = None

    @rule()
    def ask(self) -> None:
        try:
            self.do(self.accounts.ask(ADA, name="Ada"))
        except TooManyAttempts:
            return
        self.do(self.accounts.deliver())
        (new,) = set(self.accounts.mailed(ADA)) - set(self.codes) or {""}
        if new:
            self.codes.append(new)
        self.tries, self.good_until = 0, self.now + CODE_LIFE

    @precondition(lambda self: self.codes)
    @rule(data=st.data())
    def enter(self, data: st.DataObject) -> None:
        code = data.draw(st.sampled_from([*self.codes, "111111"]))
        self.tries += 1
        is_good = (
            self.good_until is not None
            and self.now < self.good_until
            and self.tries <= MAX_TRIES
            and code == self.codes[-1]
        )
        try:
            self.do(self.accounts.enter(ADA, OneTimeCode(code).value))
        except Unauthenticated:
            assert not is_good
        else:
            assert is_good
            self.good_until = None


class Families(Machine):
    """One token of a session is good; an old one ends the session, and no other does."""

    def __init__(self) -> None:
        super().__init__()
        self.families: list[list[RefreshToken]] = []
        self.running: list[bool] = []
        self.good_until: list[datetime] = []

    @initialize()
    def sign_up(self) -> None:
        self._began(self.do(self.accounts.signed_up(ADA)))

    @precondition(lambda self: len(self.families) < 3)
    @rule()
    def sign_in(self) -> None:
        try:
            self.do(self.accounts.ask(ADA))
        except TooManyAttempts:
            return
        self.do(self.accounts.deliver())
        try:
            code = self.accounts.mailed(ADA)[-1]
            self._began(self.do(self.accounts.enter(ADA, code)))
        except Unauthenticated:
            return

    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        at, token = self._some_token(data)
        is_running = self.running[at] and self.now < self.good_until[at]
        is_good = is_running and token == self.families[at][-1]
        try:
            refreshed = self.do(self.accounts.refresh(token))
        except Unauthenticated:
            assert not is_good
            self.running[at] = False
        else:
            assert is_good
            self.families[at].append(refreshed.refresh)
            self.good_until[at] = self.now + REFRESH_LIFE

    @rule(data=st.data(), everywhere=st.booleans())
    def sign_out(self, data: st.DataObject, everywhere: bool) -> None:
        at, token = self._some_token(data)
        is_running = self.running[at] and self.now < self.good_until[at]
        is_good = is_running and token == self.families[at][-1]

        self.do(self.accounts.sign_out(token, everywhere=everywhere))

        self.running[at] = False
        if is_good and everywhere:
            self.running = [False] * len(self.running)

    @rule()
    def two_weeks_pass(self) -> None:
        self.deployment.clock.advance(REFRESH_LIFE.total_seconds())

    @rule()
    def prune(self) -> None:
        self.do(self.accounts.prune())

    @invariant()
    def tokens_are_never_given_twice(self) -> None:
        tokens = [token.value for family in self.families for token in family]
        assert len(tokens) == len(set(tokens))

    def _began(self, signed_in: SignedIn) -> None:
        self.families.append([signed_in.refresh])
        self.running.append(True)
        self.good_until.append(self.now + REFRESH_LIFE)

    def _some_token(self, data: st.DataObject) -> tuple[int, RefreshToken]:
        at = data.draw(st.integers(0, len(self.families) - 1))
        return at, data.draw(st.sampled_from(self.families[at]))


TestCodes = Codes.TestCase
TestFamilies = Families.TestCase
for case in (TestCodes, TestFamilies):
    case.settings = settings(max_examples=20, stateful_step_count=25)
