"""Keys of hosted databases and data platforms; addresses with passwords are in `connections`."""

from functools import partial

from adapters.detectors.secrets.recogniser import TokenRule

_rule = partial(TokenRule, type="CLOUD_KEY")

RULES: tuple[TokenRule, ...] = (
    _rule(
        "databricks-token",
        "Databricks access token",
        "dapi{h32}",
        "https://docs.databricks.com/en/dev-tools/auth/pat.html",
    ),
    _rule(
        "databricks-token-numbered",
        "Databricks access token",
        "dapi{h32}-{d1}",
        "https://docs.databricks.com/en/dev-tools/auth/pat.html",
    ),
    _rule(
        "databricks-oauth-secret",
        "Databricks OAuth secret",
        "dose{h32}",
        "https://docs.databricks.com/en/dev-tools/auth/oauth-m2m.html",
    ),
    _rule(
        "planetscale-token",
        "PlanetScale token",
        "pscale_(tkn|oauth|api)_{t32-64}",
        "https://planetscale.com/docs/concepts/planetscale-api-oauth-applications",
    ),
    _rule(
        "planetscale-password",
        "PlanetScale password",
        "pscale_pw_{t32-64}",
        "https://planetscale.com/docs/concepts/connection-strings",
    ),
    _rule(
        "confluent-secret",
        "Confluent Cloud API secret",
        "cflt{b60}",
        "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/s"
        "ervice-accounts/api-keys/",
    ),
    _rule(
        "confluent-secret-legacy",
        "Confluent Cloud API secret",
        "{b64}",
        "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/s"
        "ervice-accounts/api-keys/",
        names=("confluent", "sasl[_.]password"),
    ),
    _rule(
        "elastic-cloud-key",
        "Elastic Cloud API key",
        "essu_{e40-120}",
        "https://www.elastic.co/docs/api/doc/cloud/",
    ),
    _rule(
        "aiven-token",
        "Aiven token or password",
        "(aivenv1|AVNS)_{s18-200}",
        "https://aiven.io/docs/platform/concepts/authentication-tokens",
        gate="aivenv1_|AVNS_",
    ),
    _rule("neon-api-key", "Neon API key", "napi_{l60-70}", "https://neon.com/docs/manage/api-keys"),
    _rule(
        "neon-password",
        "Neon password",
        "npg_{w12}",
        "https://neon.com/docs/connect/connect-from-any-app",
    ),
    _rule(
        "mongodb-atlas-secret",
        "MongoDB Atlas service account secret",
        "mdb_sa_sk_{s40}",
        "https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
    ),
    _rule(
        "cockroach-key",
        "CockroachDB Cloud API key",
        "CCDB1_{w22}_{w40}",
        "https://www.cockroachlabs.com/docs/cockroachcloud/managing-access",
    ),
    _rule(
        "clickhouse-cloud-secret",
        "ClickHouse Cloud API secret",
        "4b1d{w38}",
        "https://clickhouse.com/docs/cloud/manage/openapi",
    ),
    _rule(
        "algolia-key",
        "Algolia API key",
        "{l32}",
        "https://www.algolia.com/doc/guides/security/api-keys/",
        names=("algolia",),
    ),
    _rule(
        "meilisearch-key",
        "Meilisearch key",
        "{h40-64}",
        "https://www.meilisearch.com/docs/learn/security/basic_security",
        names=("meili(?:search)?",),
    ),
    _rule(
        "typesense-key",
        "Typesense API key",
        "{w32}",
        "https://typesense.org/docs/",
        names=("typesense",),
    ),
    _rule(
        "upstash-token",
        "Upstash REST token",
        "A{e50-110}",
        "https://upstash.com/docs/redis/features/restapi",
        names=("upstash",),
    ),
    _rule(
        "influxdb-token",
        "InfluxDB token",
        "{s86}==",
        "https://docs.influxdata.com/influxdb/v2/admin/tokens/",
        names=("influx",),
    ),
    _rule("fauna-secret", "Fauna secret", "fnA{s37}", "https://docs.fauna.com/"),
    _rule(
        "astra-token",
        "DataStax Astra token",
        "AstraCS:{w24}:{h64}",
        "https://docs.datastax.com/en/astra-db-serverless/administration/manage-application-"
        "tokens.html",
    ),
    _rule(
        "snowflake-token",
        "Snowflake programmatic token",
        "ver:{d1}-hint:{d4-20}-ETMsDgAAA{e60-300}",
        "https://docs.snowflake.com/en/user-guide/programmatic-access-tokens",
    ),
    _rule(
        "dbt-cloud-token",
        "dbt Cloud token",
        "dbt(c|u|s)_{s40-60}",
        "https://docs.getdbt.com/docs/dbt-cloud-apis/authentication",
    ),
    _rule(
        "looker-secret",
        "Looker client secret",
        "{l24}",
        "https://cloud.google.com/looker/docs/api-auth",
        names=("looker",),
    ),
    _rule(
        "databento-key",
        "Databento API key",
        "db-{w29}",
        "https://databento.com/docs/",
        gate="db-[0-9A-Za-z]{10}",
    ),
    _rule(
        "redis-cloud-key",
        "Redis Cloud API key",
        "{l40-56}",
        "https://redis.io/docs/latest/operate/rc/api/",
        names=("redis[_. -]?(?:cloud|labs|enterprise)",),
    ),
    _rule(
        "nasdaq-data-link-key",
        "Nasdaq Data Link key",
        "{s20}",
        "https://docs.data.nasdaq.com/",
        names=("quandl", "nasdaq"),
    ),
)
