"""Billing: plans, payments and what follows from them."""

from dependency_injector import providers

from adapters.payments.none import NoPayments
from application.platform.billing import AgreeOnPlan, OpenPortal, ReadBilling, StartCheckout
from application.platform.end_payments import EndPayments
from application.platform.payment_events import TakePaymentEvent
from application.platform.payment_mails import SendPaymentProblem
from application.ports.billing import Payments
from application.ports.quotas import RequestQuota
from domain.subscription import Plan
from entrypoints.settings import Settings
from entrypoints.wiring.analytics import Analytics
from entrypoints.wiring.deeds import deed
from entrypoints.wiring.store import Service
from entrypoints.wiring.tenants import Tenants


def make_payments(settings: Settings) -> Payments:
    """Return who takes the payments: nobody where not all of it was named."""
    key, secret = settings.stripe_api_key, settings.stripe_webhook_secret
    price = settings.stripe_price_team
    if key is None or secret is None or price is None:
        return NoPayments()
    from adapters.payments.stripe import StripeAccount, StripePayments  # noqa: PLC0415 - an extra

    return StripePayments(
        StripeAccount(
            api_key=key.get_secret_value(),
            webhook_secret=secret.get_secret_value(),
            prices={Plan.TEAM: price},
            address=settings.stripe_address,
        )
    )


def make_seen_quota(
    settings: Settings, service: Service, quota: RequestQuota
) -> RequestQuota | None:
    """Return what counts requests, None where they lie in another service's database."""
    is_elsewhere = settings.mongo_uri is not None and service is Service.PLATFORM
    return None if is_elsewhere else quota


class Billing(Tenants):
    """What deals with plans and payments, made on first use."""

    payments: providers.Provider[Payments] = providers.Singleton(make_payments, Analytics.settings)
    read_billing = deed(
        ReadBilling,
        quota=providers.Singleton(
            make_seen_quota, Analytics.settings, Analytics.service, Analytics.request_quota
        ),
        payments=payments,
    )
    start_checkout = deed(StartCheckout, payments=payments, ids=Analytics.ids)
    open_portal = deed(OpenPortal, payments=payments)
    agree_on_plan = deed(AgreeOnPlan)
    take_payment_event: providers.Provider[TakePaymentEvent] = providers.Factory(
        TakePaymentEvent,
        transactions=Analytics.transactions,
        payments=payments,
        clock=Analytics.clock,
    )
    end_payments: providers.Provider[EndPayments] = providers.Singleton(
        EndPayments, transactions=Analytics.transactions, payments=payments
    )
    send_payment_problem: providers.Provider[SendPaymentProblem] = providers.Singleton(
        SendPaymentProblem, transactions=Analytics.transactions, mails=Tenants.account_mails
    )
