"""How S3 tells the engine of new objects, as commands of AWS's own command line."""

import json
from collections.abc import Mapping, Sequence

from entrypoints.cli.connect_script import (
    PAUSE,
    Connection,
    Raw,
    Way,
    document,
    keep,
    let,
    run,
    script,
    settings,
)

QUEUE = "trueport-events"
DEAD = "trueport-events-dead"
DAYS_14 = "1209600"

_TOPIC = Raw('"$TOPIC"')
_ACCOUNT = Raw('"$ACCOUNT"')
_TEXT = ("--output", "text")
_SECRET = {
    "ApiKeyName": "x-trueport-events-secret",
    "ApiKeyValue": "$TRUEPORT_EVENTS_SECRET",
}
_ASSUMES = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
_INVOKES = {"Action": "events:InvokeApiDestination", "Resource": "$DESTINATION"}
_TARGET = {
    "Id": "trueport",
    "Arn": "$DESTINATION",
    "RoleArn": "$ROLE",
    "DeadLetterConfig": {"Arn": "$DEAD"},
    "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400},
}


def aws_script(connection: Connection, way: Way) -> str:
    """Return the script of one way."""
    lines = {Way.QUEUE: _queue, Way.HTTPS: _https, Way.EVENTBRIDGE: _event_bridge}[way]
    bucket = connection.storage.bucket
    return script(
        f"Events of the bucket {bucket} of the tenant {connection.slug}, by way of: {way}.",
        (
            "export " + let("AWS_DEFAULT_REGION", connection.region),
            keep("ACCOUNT", run("aws", "sts", "get-caller-identity", "--query", "Account", *_TEXT)),
            "",
            *lines(connection),
        ),
    )


def _queue(connection: Connection) -> Sequence[str]:
    """S3 tells a topic, the topic fills a queue, the engine asks the queue."""
    return (
        *_topic(connection),
        "",
        *_own_queue(connection),
        *document("ATTRIBUTES", _attributes(connection)),
        run(
            *("aws", "sqs", "set-queue-attributes", "--queue-url", Raw('"$QUEUE_URL"')),
            *("--attributes", Raw('"$ATTRIBUTES"')),
        ),
        run(
            *("aws", "sns", "subscribe", "--topic-arn", _TOPIC, "--protocol", "sqs"),
            *("--notification-endpoint", Raw('"$QUEUE"')),
        ),
        "",
        *_tell_topic(connection),
        "",
        *settings(
            {
                "TRUEPORT_EVENTS_QUEUE_URL": "$QUEUE_URL",
                "TRUEPORT_SNS_TOPIC_ARNS": _all_topics(connection),
            }
        ),
    )


def _https(connection: Connection) -> Sequence[str]:
    """S3 tells a topic, the topic posts to the engine."""
    policy = {
        "healthyRetryPolicy": {
            "numRetries": 30,
            "minDelayTarget": 20,
            "maxDelayTarget": 120,
            "backoffFunction": "exponential",
        }
    }
    attributes = {"DeliveryPolicy": json.dumps(policy)}
    return (
        *_topic(connection),
        "",
        *settings({"TRUEPORT_SNS_TOPIC_ARNS": _all_topics(connection)}),
        PAUSE,
        "",
        *_dead_letters(connection, "sns", "trueport-*"),
        keep(
            "SUBSCRIPTION",
            run(
                *("aws", "sns", "subscribe", "--topic-arn", _TOPIC, "--protocol", "https"),
                *("--notification-endpoint", connection.route("s3")),
                *("--attributes", json.dumps(attributes), "--return-subscription-arn"),
                *("--query", "SubscriptionArn", *_TEXT),
            ),
        ),
        run(
            *("aws", "sns", "set-subscription-attributes"),
            *("--subscription-arn", Raw('"$SUBSCRIPTION"'), "--attribute-name", "RedrivePolicy"),
            *("--attribute-value", Raw('"{\\"deadLetterTargetArn\\": \\"$DEAD\\"}"')),
        ),
        "",
        *_tell_topic(connection),
    )


def _event_bridge(connection: Connection) -> Sequence[str]:
    """S3 tells EventBridge, a rule of it posts to the engine."""
    name = connection.name
    return (
        ': "${TRUEPORT_EVENTS_SECRET:?is the secret of the engine: openssl rand -hex 32}"',
        *_destination(connection),
        *_role_that_invokes(name),
        "",
        *_dead_letters(connection, "events", "rule/trueport-*"),
        run(
            *("aws", "events", "put-rule", "--name", name),
            *("--event-pattern", json.dumps(_events_of(connection))),
        ),
        *document("TARGETS", json.dumps([_TARGET], indent=2)),
        run(*("aws", "events", "put-targets", "--rule", name, "--targets", Raw('"$TARGETS"'))),
        "",
        *_tell(connection, json.dumps({"EventBridgeConfiguration": {}})),
    )


def _destination(connection: Connection) -> Sequence[str]:
    """Make what EventBridge posts to, with the secret that it shows there."""
    name = connection.name
    endpoint = {
        "Name": name,
        "ConnectionArn": "$CONNECTION",
        "InvocationEndpoint": connection.route("s3"),
        "HttpMethod": "POST",
        "InvocationRateLimitPerSecond": 300,
    }
    return (
        *document("KEY", json.dumps({"ApiKeyAuthParameters": _SECRET}, indent=2)),
        keep(
            "CONNECTION",
            run(
                *("aws", "events", "create-connection", "--name", name),
                *("--authorization-type", "API_KEY", "--auth-parameters", Raw('"$KEY"')),
                *("--query", "ConnectionArn", *_TEXT),
            ),
        ),
        # Not as an option: version 1 of the command line would fetch what an address leads to.
        *document("INPUT", json.dumps(endpoint, indent=2)),
        keep(
            "DESTINATION",
            run(
                *("aws", "events", "create-api-destination", "--cli-input-json", Raw('"$INPUT"')),
                *("--query", "ApiDestinationArn", *_TEXT),
            ),
        ),
    )


def _role_that_invokes(name: str) -> Sequence[str]:
    """Make the role in which EventBridge may post to the destination, and nothing else."""
    return (
        keep(
            "ROLE",
            run(
                *("aws", "iam", "create-role", "--role-name", name),
                *("--assume-role-policy-document", json.dumps(_statement(_ASSUMES))),
                *("--query", "Role.Arn", *_TEXT),
            ),
        ),
        *document("INVOKE", json.dumps(_statement(_INVOKES), indent=2)),
        run(
            *("aws", "iam", "put-role-policy", "--role-name", name, "--policy-name", "invoke"),
            *("--policy-document", Raw('"$INVOKE"')),
        ),
    )


def _events_of(connection: Connection) -> Mapping[str, object]:
    """Return the pattern of events about new objects in the tenant's place."""
    detail: dict[str, object] = {"bucket": {"name": [connection.storage.bucket]}}
    if connection.storage.prefix:
        detail["object"] = {"key": [{"prefix": connection.storage.prefix}]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def _statement(allowed: Mapping[str, object]) -> Mapping[str, object]:
    """Return a policy of AWS that allows one thing."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **allowed}]}


def _topic(connection: Connection) -> Sequence[str]:
    """Make the bucket's topic, which the bucket alone may tell."""
    source = f"arn:{connection.partition}:s3:::{connection.storage.bucket}"
    return (
        keep(
            "TOPIC",
            run(
                *("aws", "sns", "create-topic", "--name", connection.topic),
                *("--attributes", "SignatureVersion=2", "--query", "TopicArn", *_TEXT),
            ),
        ),
        *document(
            "POLICY",
            json.dumps(
                _statement(
                    {
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": "$TOPIC",
                        "Condition": {
                            "StringEquals": {"aws:SourceAccount": "$ACCOUNT"},
                            "ArnLike": {"aws:SourceArn": source},
                        },
                    }
                ),
                indent=2,
            ),
        ),
        run(
            *("aws", "sns", "set-topic-attributes", "--topic-arn", _TOPIC),
            *("--attribute-name", "Policy", "--attribute-value", Raw('"$POLICY"')),
        ),
    )


def _tell_topic(connection: Connection) -> Sequence[str]:
    rule: dict[str, object] = {
        "Id": "trueport",
        "TopicArn": "$TOPIC",
        "Events": ["s3:ObjectCreated:*"],
    }
    if connection.storage.prefix and not connection.shares_bucket:
        named = {"Name": "prefix", "Value": connection.storage.prefix}
        rule["Filter"] = {"Key": {"FilterRules": [named]}}
    return _tell(connection, json.dumps({"TopicConfigurations": [rule]}, indent=2))


def _tell(connection: Connection, configuration: str) -> Sequence[str]:
    bucket = connection.storage.bucket
    return (
        "# This replaces what the bucket tells now; to see that first:",
        f"#   aws s3api get-bucket-notification-configuration --bucket {bucket}",
        *document("NOTIFICATIONS", configuration),
        run(
            *("aws", "s3api", "put-bucket-notification-configuration", "--bucket", bucket),
            *("--expected-bucket-owner", _ACCOUNT),
            *("--notification-configuration", Raw('"$NOTIFICATIONS"')),
        ),
    )


def _own_queue(connection: Connection) -> Sequence[str]:
    """Make the queue of the deployment, or take the one that its setting names."""
    arn = run(
        *("aws", "sqs", "get-queue-attributes", "--queue-url", Raw('"$QUEUE_URL"')),
        *("--attribute-names", "QueueArn", "--query", "Attributes.QueueArn", *_TEXT),
    )
    if connection.queue_url is not None:
        return (let("QUEUE_URL", connection.queue_url), keep("QUEUE", arn))
    dead = run(
        *("aws", "sqs", "create-queue", "--queue-name", DEAD),
        *("--attributes", f"MessageRetentionPeriod={DAYS_14}"),
    )
    url = run(
        *("aws", "sqs", "create-queue", "--queue-name", QUEUE),
        *("--query", "QueueUrl", *_TEXT),
    )
    return (dead, keep("QUEUE_URL", url), keep("QUEUE", arn))


def _attributes(connection: Connection) -> str:
    """Return the attributes of the queue: who may send, and where what nobody takes goes.

    Of a queue that the settings name already, the rest is its owner's.
    """
    attributes = {"Policy": _who_may_send(connection, "sns", "trueport-*", "$QUEUE")}
    if connection.queue_url is None:
        redrive = {
            "deadLetterTargetArn": _arn(connection, "sqs", DEAD),
            "maxReceiveCount": 5,
        }
        attributes |= {
            "MessageRetentionPeriod": DAYS_14,
            "VisibilityTimeout": "120",
            "RedrivePolicy": json.dumps(redrive),
        }
    return json.dumps(attributes, indent=2)


def _who_may_send(connection: Connection, kind: str, names: str, queue: str) -> str:
    """Return the policy by which topics or rules of this account may fill a queue."""
    source = _arn(connection, kind, names)
    return json.dumps(
        _statement(
            {
                "Principal": {"Service": f"{kind}.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnLike": {"aws:SourceArn": source}},
            }
        )
    )


def _dead_letters(connection: Connection, kind: str, names: str) -> Sequence[str]:
    """Make the queue for what could not be delivered."""
    policy = json.dumps({"Policy": _who_may_send(connection, kind, names, "$DEAD")}, indent=2)
    return (
        keep(
            "DEAD_URL",
            run(
                *("aws", "sqs", "create-queue", "--queue-name", f"{DEAD}-{kind}"),
                *("--attributes", f"MessageRetentionPeriod={DAYS_14}"),
                *("--query", "QueueUrl", *_TEXT),
            ),
        ),
        "DEAD=" + _arn(connection, "sqs", f"{DEAD}-{kind}"),
        *document("DEAD_POLICY", policy),
        run(
            *("aws", "sqs", "set-queue-attributes", "--queue-url", Raw('"$DEAD_URL"')),
            *("--attributes", Raw('"$DEAD_POLICY"')),
        ),
        "",
    )


def _all_topics(connection: Connection) -> str:
    """Return the topics that are set already, and the bucket's."""
    others = [arn for arn in connection.topic_arns if not arn.endswith(f":{connection.topic}")]
    return ",".join([*others, "$TOPIC"])


def _arn(connection: Connection, service: str, name: str) -> str:
    """Return the name of something of this account, as AWS writes it."""
    return f"arn:{connection.partition}:{service}:$AWS_DEFAULT_REGION:$ACCOUNT:{name}"
