"""People: how they sign up, sign in and stay signed in."""

from dependency_injector import providers

from adapters.security.sign_in_digests import HmacSignInDigests
from application.platform.account_mails import AccountMails
from application.platform.codes import RequestCode, SendCode
from application.platform.sessions import (
    PruneSignIns,
    RefreshSession,
    SignIn,
    SignOut,
    TokenPairs,
)
from application.ports.sign_in import SignInDigests
from entrypoints.wiring.analytics import Analytics


class Accounts(Analytics):
    """What signs people in, made on first use."""

    sign_in_digests: providers.Provider[SignInDigests] = providers.Singleton(
        HmacSignInDigests, Analytics.master_keys
    )
    account_mails: providers.Provider[AccountMails] = providers.Singleton(
        AccountMails,
        mailer=Analytics.mailer,
        templates=Analytics.templates,
        telemetry=Analytics.telemetry,
        public_url=Analytics.settings.provided.public_url,
    )
    request_code: providers.Provider[RequestCode] = providers.Factory(
        RequestCode,
        transactions=Analytics.transactions,
        attempts=Analytics.attempts,
        digests=sign_in_digests,
        cipher=Analytics.cipher,
        clock=Analytics.clock,
        ids=Analytics.ids,
        randomness=Analytics.randomness,
    )
    send_code: providers.Provider[SendCode] = providers.Singleton(
        SendCode, mails=account_mails, cipher=Analytics.cipher, clock=Analytics.clock
    )
    token_pairs: providers.Provider[TokenPairs] = providers.Singleton(
        TokenPairs,
        access_tokens=Analytics.access_tokens,
        digests=sign_in_digests,
        clock=Analytics.clock,
        ids=Analytics.ids,
        randomness=Analytics.randomness,
    )
    sign_in: providers.Provider[SignIn] = providers.Factory(
        SignIn,
        transactions=Analytics.transactions,
        attempts=Analytics.attempts,
        digests=sign_in_digests,
        pairs=token_pairs,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )
    refresh_session: providers.Provider[RefreshSession] = providers.Factory(
        RefreshSession,
        transactions=Analytics.transactions,
        digests=sign_in_digests,
        pairs=token_pairs,
        clock=Analytics.clock,
    )
    sign_out: providers.Provider[SignOut] = providers.Factory(
        SignOut,
        transactions=Analytics.transactions,
        digests=sign_in_digests,
        clock=Analytics.clock,
    )
    prune_sign_ins: providers.Provider[PruneSignIns] = providers.Factory(
        PruneSignIns, transactions=Analytics.transactions, clock=Analytics.clock
    )
