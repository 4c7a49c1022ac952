"""Signing up and in over a deployment, with a mailbox that tests can read."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy

from adapters.in_process.attempt_counters import InProcessAttemptCounters
from adapters.mail.jinja_templates import JinjaTemplates
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.sign_in_digests import HmacSignInDigests
from application.outbox import RelayOutbox
from application.platform.account_mails import AccountMails
from application.platform.codes import RequestCode, RequestCodeCommand, SendCode
from application.platform.sessions import (
    PruneSignIns,
    RefreshSession,
    SignedIn,
    SignIn,
    SignInCommand,
    SignOut,
    TokenPairs,
)
from application.ports.unit_of_work import Transactions
from domain.events import SignInCodeRequested
from domain.job import RetryPolicy
from domain.one_time_code import OneTimeCode
from domain.user import Email
from tests.fakes.deployment import Deployment

_CODE = re.compile(r"^ {4}([0-9]{6})\s*$", re.MULTILINE)


@dataclass(kw_only=True)
class Accounts:
    """Use cases of people's accounts; `transactions` may be something around the deployment's."""

    deployment: Deployment
    transactions: Transactions
    attempts: InProcessAttemptCounters
    digests: HmacSignInDigests

    @classmethod
    def of(cls, deployment: Deployment, transactions: Transactions | None = None) -> "Accounts":
        return cls(
            deployment=deployment,
            transactions=transactions or deployment.transactions,
            attempts=InProcessAttemptCounters(clock=deployment.clock),
            digests=HmacSignInDigests(deployment.keys),
        )

    @property
    def access_tokens(self) -> JwtAccessTokens:
        return JwtAccessTokens(
            self.deployment.keys, clock=self.deployment.clock, ids=self.deployment.ids
        )

    @property
    def request_code(self) -> RequestCode:
        return RequestCode(
            transactions=self.transactions,
            attempts=self.attempts,
            digests=self.digests,
            cipher=self.deployment.cipher,
            clock=self.deployment.clock,
            ids=self.deployment.ids,
            randomness=self.deployment.randomness,
        )

    @property
    def pairs(self) -> TokenPairs:
        return TokenPairs(
            access_tokens=self.access_tokens,
            digests=self.digests,
            clock=self.deployment.clock,
            ids=self.deployment.ids,
            randomness=self.deployment.randomness,
        )

    @property
    def sign_in(self) -> SignIn:
        return SignIn(
            transactions=self.transactions,
            attempts=self.attempts,
            digests=self.digests,
            pairs=self.pairs,
            clock=self.deployment.clock,
            ids=self.deployment.ids,
        )

    @property
    def refresh(self) -> RefreshSession:
        return RefreshSession(
            transactions=self.transactions,
            digests=self.digests,
            pairs=self.pairs,
            clock=self.deployment.clock,
        )

    @property
    def sign_out(self) -> SignOut:
        return SignOut(
            transactions=self.transactions, digests=self.digests, clock=self.deployment.clock
        )

    @property
    def prune(self) -> PruneSignIns:
        return PruneSignIns(transactions=self.transactions, clock=self.deployment.clock)

    @property
    def mails(self) -> AccountMails:
        return AccountMails(
            mailer=self.deployment.mailer,
            templates=JinjaTemplates(),
            telemetry=self.deployment.telemetry,
            public_url="https://trueport.example.com",
        )

    @property
    def relay(self) -> RelayOutbox:
        send = SendCode(
            mails=self.mails, cipher=self.deployment.cipher, clock=self.deployment.clock
        )
        return RelayOutbox(
            outbox=self.deployment.store.outbox,
            handlers={SignInCodeRequested: [send]},
            clock=self.deployment.clock,
            randomness=self.deployment.randomness,
            retry=RetryPolicy(),
        )

    async def ask(self, email: str, *, name: str | None = None, client: str = "192.0.2.1") -> None:
        await self.request_code(
            RequestCodeCommand(email=Email.parse(email), name=name, client=client)
        )

    async def deliver(self) -> None:
        while await self.relay():
            pass

    def mailed(self, email: str) -> list[str]:
        """Return the codes that an address was mailed, oldest first."""
        files = sorted((self.deployment.home / "outbox").glob("*.eml"))
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        codes = []
        for mail in mails:
            body = mail.get_body(("plain",))
            if mail["To"] == email and body is not None:
                codes += _CODE.findall(str(body.get_content()))
        return codes

    async def enter(self, email: str, code: str, *, client: str = "192.0.2.1") -> SignedIn:
        return await self.sign_in(
            SignInCommand(email=Email.parse(email), code=OneTimeCode.parse(code), client=client)
        )

    async def signed_up(self, email: str, name: str = "Ada") -> SignedIn:
        """Sign somebody up through the mail."""
        await self.ask(email, name=name)
        await self.deliver()
        return await self.enter(email, self.mailed(email)[-1])
