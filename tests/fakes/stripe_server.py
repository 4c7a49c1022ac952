"""A stand-in for Stripe's API, in the shapes that its reference documents, over real HTTP.

It keeps customers, prices, checkout and portal sessions and subscriptions, honours idempotency
keys, and lets a test pay, fail, cancel and sign events. It proves that we match our reading of
https://docs.stripe.com/api, and no more.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

API_KEY = "sk_test_" + "51Trueport"
WEBHOOK_SECRET = "whsec_" + "dGVzdHM"
PRICE = "price_team"

Json = dict[str, Any]


class StripeOfTests:
    """What Stripe would know, and what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.customers: dict[str, Json] = {}
        self.subscriptions: dict[str, Json] = {}
        self.sessions: list[Json] = []
        self.portals: list[Json] = []
        self.asked: list[tuple[str, str]] = []
        self.replays: dict[str, tuple[Json, int, Json]] = {}
        self.failures: list[int] = []
        self.lock = threading.Lock()
        self._count = 0

    def new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:06}"

    # What a person does on Stripe's pages.

    def pay(self, customer: str, *, price: str = PRICE, status: str = "active") -> Json:
        """Subscribe a customer, as a checkout that was paid does."""
        subscription: Json = {
            "id": self.new_id("sub"),
            "object": "subscription",
            "customer": customer,
            "status": status,
            "cancel_at_period_end": False,
            "cancel_at": None,
            "items": {
                "object": "list",
                "data": [
                    {
                        "id": self.new_id("si"),
                        "object": "subscription_item",
                        "price": {"id": price, "object": "price"},
                        "current_period_end": 1798761600,
                    }
                ],
                "has_more": False,
            },
        }
        self.subscriptions[subscription["id"]] = subscription
        return subscription

    def event(self, kind: str, thing: Mapping[str, Any], *, event_id: str | None = None) -> bytes:
        """Return the body of an event about a thing as it is now."""
        return json.dumps(
            {
                "id": event_id or self.new_id("evt"),
                "object": "event",
                "api_version": "2026-10-28.endive",
                "type": kind,
                "data": {"object": dict(thing)},
            }
        ).encode()

    # What its API does.

    def answer(self, method: str, path: str, form: Json, key: str | None) -> tuple[int, Json]:
        if self.failures:
            return self.failures.pop(0), _error("api_error", "something went wrong")
        if key is not None and key in self.replays:
            asked, status, body = self.replays[key]
            if asked != form:
                return 400, _error("idempotency_error", "Keys for idempotent requests …")
            return status, body
        status, body = self._do(method, path, form)
        if key is not None and status < 500:
            self.replays[key] = (form, status, body)
        return status, body

    def _do(  # noqa: PLR0911 - one for each route
        self, method: str, path: str, form: Json
    ) -> tuple[int, Json]:
        match method, path:
            case "POST", "/v1/customers":
                customer = {"id": self.new_id("cus"), "object": "customer", **form}
                self.customers[customer["id"]] = customer
                return 200, customer
            case "POST", "/v1/checkout/sessions":
                if form.get("customer") not in self.customers:
                    return 400, _missing("customer")
                if form.get("line_items[0][price]") != PRICE:
                    return 400, _missing("line_items[0][price]")
                session = {
                    "id": self.new_id("cs_test"),
                    "object": "checkout.session",
                    "mode": form["mode"],
                    "customer": form["customer"],
                    "client_reference_id": form["client_reference_id"],
                    "status": "open",
                    "url": f"https://checkout.stripe.com/c/pay/{self._count}",
                    "asked": form,
                }
                self.sessions.append(session)
                return 200, session
            case "POST", "/v1/billing_portal/sessions":
                if form.get("customer") not in self.customers:
                    return 400, _missing("customer")
                portal = {
                    "id": self.new_id("bps"),
                    "object": "billing_portal.session",
                    "customer": form["customer"],
                    "return_url": form["return_url"],
                    "url": f"https://billing.stripe.com/p/session/{self._count}",
                }
                self.portals.append(portal)
                return 200, portal
            case "GET", "/v1/subscriptions":
                found = [
                    one
                    for one in self.subscriptions.values()
                    if one["customer"] == form.get("customer")
                    and (form.get("status") == "all" or one["status"] != "canceled")
                ]
                return 200, {"object": "list", "url": path, "data": found[::-1], "has_more": False}
        if method == "DELETE" and path.startswith("/v1/subscriptions/"):
            running = self.subscriptions.get(path.rpartition("/")[2])
            if running is None or running["status"] == "canceled":
                return 404, _missing("subscription")
            running["status"] = "canceled"
            return 200, running
        return 404, _error("invalid_request_error", f"Unrecognized request URL ({method}: {path})")


def signed(body: bytes, at: float, *, secret: str = WEBHOOK_SECRET) -> str:
    """Return the header Stripe-Signature of a body, as the SDK makes it."""
    return str(stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at)))


def _error(kind: str, message: str, **more: str) -> Json:
    return {"error": {"type": kind, "message": message, **more}}


def _missing(param: str) -> Json:
    return _error("invalid_request_error", f"No such {param}", param=param, code="resource_missing")


@contextmanager
def stripe_server() -> Iterator[StripeOfTests]:
    """Run one on a free port of this machine."""
    state = StripeOfTests()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            split = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            raw = self.rfile.read(length).decode() if length else split.query
            form = dict(parse_qsl(raw, keep_blank_values=True))
            with state.lock:
                state.asked.append((self.command, split.path))
                if self.headers.get("authorization") != f"Bearer {API_KEY}":
                    status, body = (
                        401,
                        _error("invalid_request_error", f"Invalid API Key: {API_KEY}"),
                    )
                else:
                    key = self.headers.get("idempotency-key")
                    key = key if self.command == "POST" else None
                    status, body = state.answer(self.command, split.path, form, key)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.send_header("request-id", "req_test")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
