"""Signed events: what is believed, and what is not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.payments.stripe_events import TOLERANCE, read_event
from application.ports.billing import PaymentEvent, UnsignedEvent
from domain.errors import InvalidValue
from tests.fakes.clock import START
from tests.fakes.stripe_server import WEBHOOK_SECRET, StripeOfTests, signed

AT = START.timestamp()
BODY = StripeOfTests().event(
    "customer.subscription.updated", {"id": "sub_1", "customer": "cus_1"}, event_id="evt_1"
)


def read(body: bytes, signature: str) -> PaymentEvent:
    return read_event(body, signature, secret=WEBHOOK_SECRET, at=START)


def test_event_of_a_customer_is_read() -> None:
    assert read(BODY, signed(BODY, AT)) == PaymentEvent(
        id="evt_1", kind="customer.subscription.updated", customer="cus_1"
    )


@pytest.mark.parametrize("late", [-TOLERANCE, 0, TOLERANCE])
def test_signature_holds_for_five_minutes(late: int) -> None:
    assert read(BODY, signed(BODY, AT + late)).id == "evt_1"


@pytest.mark.parametrize("late", [-TOLERANCE - 1, TOLERANCE + 1, -86400])
def test_older_or_later_signature_is_refused(late: int) -> None:
    with pytest.raises(UnsignedEvent, match="five minutes"):
        read(BODY, signed(BODY, AT + late))


def test_one_of_several_signatures_is_enough() -> None:
    good = signed(BODY, AT)

    assert read(BODY, good.replace(",", f",v1={'0' * 64},v0=abc,")).id == "evt_1"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "nonsense",
        f"t={int(AT)}",
        f"v1={'0' * 64}",
        f"t={int(AT)},v1={'0' * 64}",
        signed(BODY, AT, secret="whsec_other"),
        signed(BODY, AT).replace("v1=", "v0="),
    ],
)
def test_what_nobody_signed_is_refused(signature: str) -> None:
    with pytest.raises(UnsignedEvent):
        read(BODY, signature)


@pytest.mark.parametrize("prefix", [" t=", "t=", "t =", "\tt="])
@pytest.mark.parametrize("old", ["{}", "+{}", "0{}", "{}_0"])
def test_old_signature_gets_no_new_time(prefix: str, old: str) -> None:
    long_ago = int(AT - 86400)
    stale = signed(BODY, long_ago).replace(f"t={long_ago}", f"t={old.format(long_ago)}")

    for header in (f"{prefix}{int(AT)},{stale}", f"{stale},{prefix}{int(AT)}"):
        with pytest.raises(UnsignedEvent):
            read(BODY, header)


@given(place=st.integers(0, len(BODY) - 1), byte=st.integers(0, 255))
def test_changed_body_is_refused(place: int, byte: int) -> None:
    changed = BODY[:place] + bytes([byte]) + BODY[place + 1 :]
    if changed == BODY:
        return

    with pytest.raises(UnsignedEvent):
        read(changed, signed(BODY, AT))


@given(text=st.text(max_size=200))
def test_no_header_breaks_anything(text: str) -> None:
    with pytest.raises(UnsignedEvent):
        read(BODY, text)


@pytest.mark.parametrize("body", [b"[]", b"nonsense", b"{}", b'{"id": 1, "type": "a"}'])
def test_signed_nonsense_is_no_event(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        read(body, signed(body, AT))


@pytest.mark.parametrize(
    ("kind", "thing", "customer"),
    [
        ("invoice.payment_failed", {"customer": "cus_1"}, "cus_1"),
        ("checkout.session.completed", {"customer": {"id": "cus_1"}}, "cus_1"),
        ("checkout.session.completed", {"customer": None}, None),
        ("invoice.paid", {}, None),
        ("product.created", {"customer": "cus_1"}, None),
    ],
)
def test_customer_is_found_where_an_event_has_one(
    kind: str, thing: dict[str, object], customer: str | None
) -> None:
    body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": thing}}).encode()

    assert read(body, signed(body, AT)).customer == customer
