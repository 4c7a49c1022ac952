"""Signed events of Stripe, as https://docs.stripe.com/webhooks describes them."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

import stripe

from application.ports.billing import PaymentEvent, UnsignedEvent
from domain.errors import InvalidValue

TOLERANCE = 300
"""Seconds by which the time in a signature and ours may be apart."""

_CUSTOMER_KINDS = ("customer.subscription.", "invoice.", "checkout.session.")
_TIME = re.compile(r"[0-9]{1,12}")


def read_event(body: bytes, signature: str, *, secret: str, at: datetime) -> PaymentEvent:
    """Return the event in a message whose signature covers the bytes as they came.

    Raises:
        UnsignedEvent: the signature does not fit, or is too old or too new.
        InvalidValue: signed, and no event all the same.
    """
    try:
        # Without a tolerance: the SDK would ask the system for the time.
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, ValueError):
        # No text of the SDK: it holds the header and the body.
        raise UnsignedEvent(
            "the header Stripe-Signature is missing, malformed or does not fit the body; "
            "check STRIPE_WEBHOOK_SECRET"
        ) from None
    # One time alone: of two, the SDK might have checked the other.
    times = [item[2:] for item in signature.split(",") if item.strip().startswith("t")]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise UnsignedEvent("the header Stripe-Signature is malformed")
    if abs(at.timestamp() - int(times[0])) > TOLERANCE:
        raise UnsignedEvent("the signature is more than five minutes old, or of the future")
    return _event(body)


def _event(body: bytes) -> PaymentEvent:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, Mapping):
        raise InvalidValue("this is no event of Stripe's", field="body")
    event_id, kind = document.get("id"), document.get("type")
    if not isinstance(event_id, str) or not isinstance(kind, str):
        raise InvalidValue("this is no event of Stripe's", field="body")
    return PaymentEvent(id=event_id, kind=kind, customer=_customer(kind, document))


def _customer(kind: str, document: Mapping[str, object]) -> str | None:
    data = document.get("data")
    thing = data.get("object") if isinstance(data, Mapping) else None
    if not kind.startswith(_CUSTOMER_KINDS) or not isinstance(thing, Mapping):
        return None
    customer = thing.get("customer")
    if isinstance(customer, Mapping):
        customer = customer.get("id")
    return customer if isinstance(customer, str) else None
