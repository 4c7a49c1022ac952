"""The routes of the clouds' events, as each sender sees them: the status decides what it does."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapters.notifications.event_grid import EventGridEvents
from adapters.notifications.s3 import S3Events
from adapters.notifications.shared_secret import SharedSecret
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.analytics.accept_event import Acceptance
from application.analytics.take_message import AllowSender, TakeMessage
from application.ports.notifications import EventVerifier
from domain.errors import Unavailable
from domain.job import ObjectRef
from entrypoints.http.analytics.event_routes import events_router
from entrypoints.http.application import build_application
from entrypoints.settings import SettingsError, load_settings
from entrypoints.wiring.applications import make_analytics_app
from entrypoints.wiring.containers import make_container
from tests.adapters.notifications.google import pushed, receiver, token
from tests.adapters.notifications.google import web as google
from tests.adapters.notifications.sns_sender import (
    KEY,
    SUBSCRIBE_URL,
    Receiver,
    confirmation,
    notification,
    posted,
    signed,
)
from tests.adapters.notifications.test_local import BODY as LOCAL_BODY
from tests.adapters.notifications.test_local import FORGED as FORGED_LOCAL
from tests.adapters.notifications.test_local import events as local_events
from tests.adapters.notifications.test_local import signature as local_signature
from tests.adapters.notifications.test_pub_sub import FORGED as FORGED_TOKENS
from tests.adapters.notifications.test_sns import FORGED as FORGED_SNS
from tests.adapters.notifications.web import FakeWeb
from tests.fakes.quarantine import RememberedQuarantine

MESSAGES = Path(__file__).parent.parent / "adapters" / "notifications" / "messages"
SECRET = "example-secret"


@dataclass
class Engine:
    """The routes, with a queue that may be full."""

    sns: Receiver = field(default_factory=Receiver)
    google: FakeWeb = field(default_factory=google)
    telemetry: PrometheusTelemetry = field(default_factory=PrometheusTelemetry)
    accepted: list[ObjectRef] = field(default_factory=list)
    is_full: bool = False

    def __post_init__(self) -> None:
        grid = EventGridEvents(secret=SharedSecret(SECRET, setting="TRUEPORT_EVENT_GRID_SECRET"))
        s3 = self._taking(
            S3Events(sns=self.sns.events, secret=SharedSecret(SECRET, setting="TRUEPORT_E"))
        )
        azure, gcp = self._taking(grid), self._taking(receiver(self.google))
        local = self._taking(local_events())
        handshake = AllowSender(sender="t", handshake=grid, telemetry=self.telemetry)
        router = events_router(
            s3=lambda: s3,
            azure=lambda: azure,
            gcp=lambda: gcp,
            local=lambda: local,
            azure_handshake=lambda: handshake,
        )
        app = build_application(
            title="t", version="0", description="", routers=[router], prefix="/analytics"
        )
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://trueport.example.com"
        )

    def _taking(self, verifier: EventVerifier) -> TakeMessage:
        return TakeMessage(
            sender="t",
            verifier=verifier,
            accept=self.accept,
            telemetry=self.telemetry,
            quarantine=RememberedQuarantine(),
        )

    async def accept(self, ref: ObjectRef, *, sender: str) -> Acceptance:
        if self.is_full:
            raise Unavailable("queue", "the queue is full", retry_after=7)
        is_new = ref not in self.accepted
        self.accepted.append(ref)
        return Acceptance.ACCEPTED if is_new else Acceptance.DUPLICATE

    async def post_sns(self, fields: Any) -> httpx2.Response:
        message = posted(fields)
        return await self.client.post("/events/s3", content=message.body, headers=message.headers)

    async def post_google(self, authorization: str | None = None) -> httpx2.Response:
        message = pushed((MESSAGES / "pub_sub.json").read_bytes(), authorization)
        return await self.client.post("/events/gcp", content=message.body, headers=message.headers)

    async def post_azure(self, name: str, secret: str = SECRET) -> httpx2.Response:
        return await self.client.post(
            f"/events/azure?secret={secret}", content=(MESSAGES / f"{name}.json").read_bytes()
        )


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    made = Engine()
    async with made.client:
        yield made


async def test_notification_of_sns_is_taken_and_its_repetition_is_a_duplicate(
    engine: Engine,
) -> None:
    first = await engine.post_sns(signed(notification()))
    second = await engine.post_sns(signed(notification()))

    assert (first.status_code, first.json()) == (200, {"results": ["accepted"]})
    assert (second.status_code, second.json()) == (200, {"results": ["duplicate"]})
    assert [ref.key for ref in engine.accepted] == [KEY]


async def test_subscription_to_sns_is_confirmed(engine: Engine) -> None:
    answer = await engine.post_sns(signed(confirmation()))

    assert answer.status_code == 200
    assert engine.sns.web.asked[-1] == SUBSCRIBE_URL


@pytest.mark.parametrize("name", ["s3_notification", "event_bridge", "minio"])
async def test_messages_with_the_secret_are_taken(engine: Engine, name: str) -> None:
    answer = await engine.client.post(
        "/events/s3",
        content=(MESSAGES / f"{name}.json").read_bytes(),
        headers={"x-trueport-events-secret": SECRET},
    )

    assert answer.status_code == 200
    assert engine.accepted


@pytest.mark.parametrize("name", ["event_grid", "event_grid_cloud_event"])
async def test_events_of_azure_are_taken(engine: Engine, name: str) -> None:
    answer = await engine.post_azure(name)

    assert answer.status_code == 200
    assert engine.accepted[0].provider == "AZURE"


async def test_handshake_in_event_grids_way_is_answered(engine: Engine) -> None:
    answer = await engine.post_azure("event_grid_validation")

    assert answer.status_code == 200
    assert answer.json() == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}


async def test_handshake_of_cloud_events_is_answered(engine: Engine) -> None:
    answer = await engine.client.options(
        f"/events/azure?secret={SECRET}",
        headers={
            "WebHook-Request-Origin": "eventgrid.azure.net",
            "WebHook-Request-Rate": "120",
        },
    )

    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert answer.headers["webhook-allowed-rate"] == "*"


async def test_handshake_with_somebody_else_is_refused(engine: Engine) -> None:
    answer = await engine.client.options(
        "/events/azure", headers={"WebHook-Request-Origin": "evil.example.com"}
    )

    assert answer.status_code == 403


async def test_message_of_google_is_taken(engine: Engine) -> None:
    answer = await engine.post_google()

    assert answer.status_code == 200
    assert engine.accepted[0].provider == "GCP"


async def test_forged_messages_are_answered_403_and_nothing_happens(engine: Engine) -> None:
    answers = [
        await engine.post_sns({**signed(notification()), "MessageId": "another"}),
        await engine.client.post("/events/s3", content=b'{"Records": []}'),
        await engine.client.post("/events/s3", content=b"\xff"),
        await engine.post_azure("event_grid", secret="another"),
        await engine.post_azure("event_grid_validation", secret=""),
        await engine.post_google("Bearer abc"),
        await engine.post_google(f"Bearer {token(key_id='another')}"),
    ]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert {answer.json()["code"] for answer in answers} == {"event.forged"}
    assert engine.accepted == []
    assert b'result="refused"' in engine.telemetry.render()


def forged_posts() -> Iterator[tuple[str, bytes, Mapping[str, str]]]:
    """Yield path, body and headers of every forged message that the verifiers' tests know."""
    for fields in FORGED_SNS.values():
        message = posted(fields)
        yield "/events/s3", message.body, message.headers
    for header in FORGED_TOKENS.values():
        body = (MESSAGES / "pub_sub.json").read_bytes()
        yield "/events/gcp", body, {"authorization": header}
    for message in FORGED_LOCAL.values():
        yield "/events/local", message.body, message.headers
    for path, names in (
        ("/events/s3", ("s3_notification", "event_bridge", "minio")),
        ("/events/azure", ("event_grid", "event_grid_cloud_event", "event_grid_validation")),
    ):
        for name in names:
            body = (MESSAGES / f"{name}.json").read_bytes()
            yield path, body, {}
            yield path, body, {"x-trueport-events-secret": "another"}
            yield f"{path}?secret=another", body, {"authorization": "Bearer another"}


async def test_every_forged_message_is_403_and_counted_and_nothing_else(engine: Engine) -> None:
    answers = [
        await engine.client.post(
            path,
            content=body,
            headers={
                name.encode(): value.encode("utf-8", "replace") for name, value in headers.items()
            },
        )
        for path, body, headers in forged_posts()
    ]

    numbers = engine.telemetry.render().decode()
    reasons = [
        float(line.rpartition(" ")[2])
        for line in numbers.splitlines()
        if line.startswith("trueport_signature_failures_total{")
    ]
    assert len(answers) > 60
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (403, "event.forged")
    }
    assert engine.accepted == []
    assert f'{{result="refused",source="t"}} {len(answers)}.0' in numbers
    assert sum(reasons) == len(answers)
    assert numbers.count("trueport_ingest_events_total{") == 1


async def test_local_event_is_taken_and_what_it_names_is_known_then(engine: Engine) -> None:
    headers = {"x-trueport-signature": local_signature()}

    answers = [
        await engine.client.post("/events/local", content=LOCAL_BODY, headers=headers)
        for _ in range(2)
    ]

    assert [answer.json() for answer in answers] == [
        {"results": ["accepted"]},
        {"results": ["duplicate"]},
    ]


async def test_authentic_message_that_says_nothing_is_not_sent_again(engine: Engine) -> None:
    answers = [
        await engine.post_sns(signed(notification("hello"))),
        await engine.client.post(
            "/events/s3", content=b"{", headers={"x-trueport-events-secret": SECRET}
        ),
        await engine.client.post(f"/events/azure?secret={SECRET}", content=b"{}"),
        await engine.client.post("/events/gcp", content=b"{}", headers=pushed(b"").headers),
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert [answer.json() for answer in answers] == [{"results": ["unreadable"]}] * len(answers)


async def test_full_queue_is_answered_503_and_never_429(engine: Engine) -> None:
    engine.is_full = True

    answers = [
        await engine.post_sns(signed(notification())),
        await engine.post_azure("event_grid"),
        await engine.post_google(),
        await engine.client.post(
            "/events/local",
            content=LOCAL_BODY,
            headers={"x-trueport-signature": local_signature()},
        ),
        await engine.client.post(
            "/events/s3",
            content=(MESSAGES / "event_bridge.json").read_bytes(),
            headers={"x-trueport-events-secret": SECRET},
        ),
    ]
    engine.is_full = False
    again = await engine.post_sns(signed(notification()))

    assert [answer.status_code for answer in answers] == [503] * len(answers)
    assert {answer.headers["retry-after"] for answer in answers} == {"7"}
    assert again.json() == {"results": ["accepted"]}


async def test_verification_that_is_away_is_answered_503(engine: Engine) -> None:
    engine.sns.web.documents.clear()
    engine.google.documents.clear()

    answers = [await engine.post_sns(signed(notification())), await engine.post_google()]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)


@pytest.mark.parametrize("path", ["/events/s3", "/events/azure", "/events/gcp", "/events/local"])
async def test_body_of_more_than_256_kib_is_refused(engine: Engine, path: str) -> None:
    allowed = await engine.client.post(path, content=b"x" * 256 * 1024)
    refused = await engine.client.post(path, content=b"x" * (256 * 1024 + 1))

    assert allowed.status_code == 403
    assert refused.status_code == 413


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("/events/azure", "TRUEPORT_EVENT_GRID_SECRET"),
        ("/events/gcp", "TRUEPORT_PUBSUB_AUDIENCE"),
        ("/events/s3", "TRUEPORT_EVENTS_SECRET"),
    ],
)
async def test_route_whose_setting_is_missing_refuses_and_says_so(
    tmp_path: Path, path: str, setting: str
) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))
    transport = httpx2.ASGITransport(app=make_analytics_app(container))

    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post(path, content=b"{}")

    assert answer.status_code == 403
    assert setting in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUEPORT_SNS_TOPIC_ARNS", "audit"),
        ("TRUEPORT_SNS_TOPIC_ARNS", "arn:aws:sns:eu-central-1:123456789012:a,b"),
        ("TRUEPORT_EVENTS_QUEUE_URL", "events"),
        ("TRUEPORT_EVENTS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/events.fifo"),
        ("TRUEPORT_JOBS_QUEUE_URL", "jobs"),
        ("TRUEPORT_EVENTS_QUEUE_VERIFY", "true"),
        ("TRUEPORT_SNS_CLOCK_SKEW", "-1"),
    ],
)
def test_setting_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})


def test_jobs_and_events_cannot_share_a_queue() -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/123456789012/e"

    with pytest.raises(SettingsError, match="jobs need their own queue"):
        load_settings({"TRUEPORT_EVENTS_QUEUE_URL": url, "TRUEPORT_JOBS_QUEUE_URL": url})


def test_queue_and_topics_are_read_from_the_settings(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "TRUEPORT_HOME": str(tmp_path),
            "TRUEPORT_EVENTS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/e",
            "TRUEPORT_SNS_TOPIC_ARNS": (
                "arn:aws:sns:eu-central-1:123456789012:a, arn:aws-cn:sns:cn-north-1:123456789012:b"
            ),
            "TRUEPORT_EVENTS_QUEUE_VERIFY": "true",
        }
    )

    container = make_container(settings)

    assert len(settings.sns_topic_arns) == 2
    assert container.event_queue() is container.event_queue()


def test_routes_stand_in_the_openapi_document(tmp_path: Path) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))

    paths = make_analytics_app(container).openapi()["paths"]

    assert {"/events/s3", "/events/azure", "/events/gcp", "/events/local"} <= set(paths)
