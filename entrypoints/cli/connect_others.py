"""How Azure, Google Cloud and local storage tell the engine of new objects, as commands."""

from collections.abc import Sequence

from entrypoints.cli.connect_script import Connection, Raw, keep, let, run, script, settings

DEAD = "trueport-events-dead"


def azure_script(connection: Connection) -> str:
    """Return the script for Event Grid."""
    account = connection.azure_account
    name = Raw('"$STORAGE_ACCOUNT"')
    place = f"/blobServices/default/containers/{connection.storage.bucket}/blobs/"
    return script(
        f"Events of the container {connection.storage.bucket} of the tenant {connection.slug}.",
        (
            ': "${TRUEPORT_EVENT_GRID_SECRET:?is the secret of the engine: openssl rand -hex 32}"',
            'STORAGE_ACCOUNT="${STORAGE_ACCOUNT:?is the name of the storage account}"'
            if account is None
            else let("STORAGE_ACCOUNT", account),
            keep(
                "SOURCE",
                run(
                    *("az", "storage", "account", "show", "--name", name),
                    *("--query", "id", "--output", "tsv"),
                ),
            ),
            run(
                *("az", "storage", "container", "create", "--name", DEAD),
                *("--account-name", name, "--auth-mode", "login"),
            ),
            run(
                *("az", "eventgrid", "event-subscription", "create"),
                *("--name", connection.name),
                *("--source-resource-id", Raw('"$SOURCE"')),
                *("--endpoint-type", "webhook", "--endpoint"),
                Raw(f'"{connection.route("azure")}?secret=$TRUEPORT_EVENT_GRID_SECRET"'),
                *("--event-delivery-schema", "eventgridschema"),
                *("--included-event-types", "Microsoft.Storage.BlobCreated"),
                *("--subject-begins-with", place + connection.storage.prefix),
                *("--max-delivery-attempts", "30", "--event-ttl", "1440"),
                "--deadletter-endpoint",
                Raw(f'"$SOURCE/blobServices/default/containers/{DEAD}"'),
            ),
        ),
    )


def gcp_script(connection: Connection) -> str:
    """Return the script for Pub/Sub."""
    topic, subscription = connection.topic, connection.name
    audience = connection.pubsub_audience or connection.route("gcp")
    own = connection.storage.prefix
    prefix = ("--object-prefix", own) if own else ()
    email = Raw('"$EMAIL"')
    agent = ("--member", Raw('"serviceAccount:$AGENT"'))
    return script(
        f"Events of the bucket {connection.storage.bucket} of the tenant {connection.slug}.",
        (
            keep("PROJECT", run("gcloud", "config", "get-value", "project")),
            keep(
                "NUMBER",
                run(
                    *("gcloud", "projects", "describe", Raw('"$PROJECT"')),
                    *("--format", "value(projectNumber)"),
                ),
            ),
            "AGENT=service-$NUMBER@gcp-sa-pubsub.iam.gserviceaccount.com",
            "",
            *_account(connection),
            run(
                *("gcloud", "iam", "service-accounts", "add-iam-policy-binding", email, *agent),
                *("--role", "roles/iam.serviceAccountTokenCreator"),
            ),
            "",
            run("gcloud", "pubsub", "topics", "create", topic),
            run(
                *("gcloud", "storage", "buckets", "notifications", "create"),
                *(f"gs://{connection.storage.bucket}", "--topic", topic),
                *("--event-types", "OBJECT_FINALIZE", *prefix),
            ),
            "",
            _unless_there("topics", DEAD),
            run(
                *("gcloud", "pubsub", "topics", "add-iam-policy-binding", DEAD, *agent),
                *("--role", "roles/pubsub.publisher"),
            ),
            run(
                *("gcloud", "pubsub", "subscriptions", "create", subscription, "--topic", topic),
                *("--push-endpoint", connection.route("gcp")),
                *("--push-auth-service-account", email),
                *("--push-auth-token-audience", audience),
                *("--ack-deadline", "60", "--message-retention-duration", "7d"),
                *("--expiration-period", "never"),
                *("--min-retry-delay", "10s", "--max-retry-delay", "600s"),
                *("--dead-letter-topic", DEAD, "--max-delivery-attempts", "100"),
            ),
            run(
                *("gcloud", "pubsub", "subscriptions", "add-iam-policy-binding", subscription),
                *(*agent, "--role", "roles/pubsub.subscriber"),
            ),
            "",
            *settings({"TRUEPORT_PUBSUB_EMAIL": "$EMAIL", "TRUEPORT_PUBSUB_AUDIENCE": audience}),
        ),
    )


def local_script(connection: Connection) -> str:
    """Return the script for a writer elsewhere: gateway and engine of one process need none."""
    return script(
        f"One event of the folder {connection.storage.bucket} of the tenant {connection.slug}. "
        "Within `trueport serve` nothing is needed.",
        (
            ': "${TRUEPORT_EVENTS_SECRET:?is the secret of the engine: openssl rand -hex 32}"',
            'KEY="${1:?is the key of the object, such as audit/v1/dt=…/hr=…/….jsonl.gz}"',
            f'BODY="{{\\"bucket\\": \\"{connection.storage.bucket}\\", \\"key\\": \\"$KEY\\"}}"',
            "AT=$(date +%s)",
            'SIGNATURE=$(printf \'%s.%s\' "$AT" "$BODY" |',
            "  openssl dgst -sha256 -hmac \"$TRUEPORT_EVENTS_SECRET\" | sed 's/^.* //')",
            run(
                *("curl", "--fail", "--silent", "--show-error"),
                *("--header", "content-type: application/json"),
                *("--header", Raw('"x-trueport-signature: t=$AT,v1=$SIGNATURE"')),
                *("--data-raw", Raw('"$BODY"'), connection.route("local")),
            ),
        ),
    )


def _account(connection: Connection) -> Sequence[str]:
    """Name the account whose tokens come with the messages, and make it where none is set."""
    if connection.pubsub_email is not None:
        return (let("EMAIL", connection.pubsub_email),)
    return (
        "EMAIL=trueport-push@$PROJECT.iam.gserviceaccount.com",
        'gcloud iam service-accounts describe "$EMAIL" >/dev/null 2>&1 ||',
        "  " + run("gcloud", "iam", "service-accounts", "create", "trueport-push"),
    )


def _unless_there(kind: str, name: str) -> str:
    there = run("gcloud", "pubsub", kind, "describe", name)
    return f"{there} >/dev/null 2>&1 || {run('gcloud', 'pubsub', kind, 'create', name)}"
