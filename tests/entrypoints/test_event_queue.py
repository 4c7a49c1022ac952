"""A server that is told of a queue polls it in the background, and still ends at once."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from entrypoints.settings import load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.lifespan import running

MESSAGES = Path(__file__).parent.parent / "adapters" / "notifications" / "messages"
BOTO: Any = boto3.client


async def test_queue_is_polled_while_the_server_runs(
    counterpart_server: Callable[[str], str], tmp_path: Path
) -> None:
    address = counterpart_server("moto")
    keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "example"}
    client = BOTO("sqs", endpoint_url=address, region_name="eu-central-1", **keys)
    url = client.create_queue(QueueName="polled")["QueueUrl"]
    body = (MESSAGES / "s3_notification.json").read_text(encoding="utf-8")
    client.send_message(QueueUrl=url, MessageBody=body)
    settings = load_settings(
        {
            "TRUEPORT_HOME": str(tmp_path),
            "TRUEPORT_EVENTS_QUEUE_URL": url,
            "AWS_ENDPOINT_URL": address,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        }
    )
    container = make_container(settings)

    def counts() -> list[int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [int(found[name]) for name in names]

    async with asyncio.timeout(60), running(container):
        for _ in range(400):
            if await asyncio.to_thread(counts) == [0, 0]:
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # into the next long poll
        started = time.monotonic()
    lasted = time.monotonic() - started
    client.delete_queue(QueueUrl=url)
    client.close()

    # Both keys stand where audit objects stand; nobody here owns the bucket.
    assert b'result="ignored"' in container.telemetry().render()
    assert lasted < 5
