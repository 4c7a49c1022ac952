"""Keys of monitoring, logging, alerting and product analytics."""

from functools import partial

from adapters.detectors.secrets.checks import embedded_json
from adapters.detectors.secrets.recogniser import TokenRule

_rule = partial(TokenRule, type="CLOUD_KEY")

_NEW_RELIC = "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/"
_DATADOG = "https://docs.datadoghq.com/account_management/api-app-keys/"
_DYNATRACE = (
    "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-c"
    "lients/access-tokens"
)

RULES: tuple[TokenRule, ...] = (
    _rule(
        "datadog-api-key",
        "Datadog API key",
        "{h32}",
        _DATADOG,
        names=("datadog", r"\bdd[_. -]?(?:api|client|trace)?[_. -]?key", "ddog"),
    ),
    _rule(
        "datadog-app-key",
        "Datadog application key",
        "{h40}",
        _DATADOG,
        names=("datadog", r"\bdd[_. -]?(?:app|application)?[_. -]?key", "ddog"),
    ),
    _rule("new-relic-user-key", "New Relic user key", "NRAK-{u27}", _NEW_RELIC),
    _rule("new-relic-license-key", "New Relic licence key", "{h36}NRAL", _NEW_RELIC, gate="NRAL"),
    _rule(
        "new-relic-license-key-regional",
        "New Relic licence key",
        "(eu|us|jp|gov)01xx{h28-34}NRAL",
        _NEW_RELIC,
    ),
    _rule(
        "new-relic-license-key-legacy",
        "New Relic licence key",
        "{h40}",
        _NEW_RELIC,
        names=("new[_. -]?relic",),
    ),
    _rule("new-relic-insert-key", "New Relic insert key", "NRII-{s32}", _NEW_RELIC),
    _rule("new-relic-query-key", "New Relic query key", "NRIQ-{s32}", _NEW_RELIC),
    _rule("new-relic-admin-key", "New Relic admin key", "NRAA-{l27}", _NEW_RELIC),
    _rule("new-relic-rest-key", "New Relic REST API key", "NRRA-{h42}", _NEW_RELIC),
    _rule(
        "new-relic-pixie-key",
        "New Relic Pixie key",
        "px-(api|dep)-{uuid}",
        _NEW_RELIC,
        least_randomness=0.0,
    ),
    _rule("new-relic-browser-key", "New Relic browser key", "NRJS-{h19}", _NEW_RELIC, score=0.55),
    _rule(
        "grafana-service-account-token",
        "Grafana service account token",
        "glsa_{w32}_{H8}",
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    ),
    _rule(
        "grafana-cloud-token",
        "Grafana Cloud token",
        "glc_eyJ{e40-400}",
        "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permis"
        "sions/access-policies/",
    ),
    _rule(
        "grafana-api-key",
        "Grafana API key",
        "eyJrIjoi{e60-200}",
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/migrate-api-keys/",
    ),
    _rule(
        "sentry-org-token",
        "Sentry organisation token",
        "sntrys_eyJ{e80-400}",
        "https://docs.sentry.io/account/auth-tokens/",
        check=embedded_json,
        check_name="embedded JSON",
    ),
    _rule(
        "sentry-user-token",
        "Sentry user token",
        "sntryu_{h64}",
        "https://docs.sentry.io/account/auth-tokens/",
    ),
    _rule(
        "sentry-token-legacy",
        "Sentry token",
        "{h64}",
        "https://docs.sentry.io/account/auth-tokens/",
        names=("sentry",),
    ),
    _rule(
        "honeycomb-key",
        "Honeycomb key",
        "hc(a|b|c|d|x)(ik|mk|lk)_{l58}",
        "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
    ),
    _rule(
        "honeycomb-key-legacy",
        "Honeycomb API key",
        "{w22-32}",
        "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
        names=("honeycomb",),
    ),
    _rule(
        "splunk-hec-token",
        "Splunk collector token",
        "{uuid}",
        "https://docs.splunk.com/Documentation/Splunk/latest/Data/UsetheHTTPEventCollector",
        names=("splunk", "hec[_-]?token"),
        least_randomness=0.0,
    ),
    _rule(
        "splunk-session-key",
        "Splunk observability token",
        "{s22}",
        "https://dev.splunk.com/observability/docs/administration/authtokens/",
        names=("splunk", "signalfx", r"\bsfx[_-]"),
    ),
    _rule(
        "sumologic-access-id",
        "Sumo Logic access id",
        "su{w12}",
        "https://help.sumologic.com/docs/manage/security/access-keys/",
        names=("sumo",),
    ),
    _rule(
        "sumologic-access-key",
        "Sumo Logic access key",
        "{w64}",
        "https://help.sumologic.com/docs/manage/security/access-keys/",
        names=("sumo",),
    ),
    _rule(
        "pagerduty-key",
        "PagerDuty API key",
        "{s20}",
        "https://support.pagerduty.com/main/docs/api-access-keys",
        names=("pager[_. -]?duty", r"\bpd[_-](?:api|token)"),
    ),
    _rule(
        "opsgenie-key",
        "Opsgenie API key",
        "{uuid}",
        "https://support.atlassian.com/opsgenie/docs/api-key-management/",
        names=("opsgenie",),
        least_randomness=0.0,
    ),
    _rule(
        "dynatrace-token",
        "Dynatrace token",
        "dt0(c01|s01|s02|s03|s06|s08|s16).{u8-24}.{u64}",
        _DYNATRACE,
    ),
    _rule(
        "loggly-token",
        "Loggly token",
        "{uuid}",
        "https://documentation.solarwinds.com/en/success_center/loggly/",
        names=("loggly",),
        least_randomness=0.0,
    ),
    _rule(
        "logdna-key",
        "Mezmo (LogDNA) key",
        "{h32}",
        "https://docs.mezmo.com/docs/ingestion-key",
        names=("logdna", "mezmo"),
    ),
    _rule(
        "logzio-token", "Logz.io token", "{c32}", "https://docs.logz.io/", names=(r"logz[_.-]?io",)
    ),
    _rule(
        "rollbar-token",
        "Rollbar token",
        "{h32}",
        "https://docs.rollbar.com/docs/access-tokens",
        names=("rollbar",),
    ),
    _rule("bugsnag-key", "Bugsnag key", "{h32}", "https://docs.bugsnag.com/", names=("bugsnag",)),
    _rule(
        "airbrake-key", "Airbrake key", "{h32}", "https://docs.airbrake.io/", names=("airbrake",)
    ),
    _rule(
        "raygun-key", "Raygun key", "{w22}", "https://raygun.com/documentation/", names=("raygun",)
    ),
    _rule(
        "uptime-robot-key",
        "UptimeRobot key",
        "u(r|m|){d6-8}-{h24}",
        "https://uptimerobot.com/api/",
        gate="[^0-9A-Za-z]u[rm]?[0-9]{6}|^u[rm]?[0-9]{6}",
    ),
    _rule(
        "posthog-personal-key",
        "PostHog personal API key",
        "phx_{w40-48}",
        "https://posthog.com/docs/api",
    ),
    _rule(
        "segment-public-api-token",
        "Segment public API token",
        "sgp_{w64}",
        "https://segment.com/docs/api/public-api/",
    ),
    _rule(
        "segment-write-key",
        "Segment write key",
        "{w32}",
        "https://segment.com/docs/connections/find-writekey/",
        names=("segment[_. -]?(?:write|api|access)[_. -]?(?:key|token)",),
    ),
    _rule(
        "mixpanel-secret",
        "Mixpanel API secret",
        "{h32}",
        "https://developer.mixpanel.com/reference/authentication",
        names=("mixpanel",),
    ),
    _rule(
        "amplitude-key",
        "Amplitude key",
        "{h32}",
        "https://amplitude.com/docs/apis/authentication",
        names=("amplitude",),
    ),
    _rule(
        "axiom-token",
        "Axiom token",
        "xa(at|pt)-{uuid}",
        "https://axiom.co/docs/reference/tokens",
        least_randomness=0.0,
    ),
    _rule(
        "beamer-token",
        "Beamer token",
        "b_{e44}",
        "https://www.getbeamer.com/api",
        names=("beamer",),
    ),
    _rule(
        "logfire-token",
        "Logfire token",
        "pylf_v1_(us|eu)_{w43}",
        "https://logfire.pydantic.dev/docs/",
    ),
    _rule(
        "checkly-key",
        "Checkly API key",
        "cu_{h32}",
        "https://www.checklyhq.com/docs/accounts-and-users/creating-api-key/",
    ),
)
