"""Recognise connection strings that carry a password: addresses, key=value lists, JDBC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.secrets.made_up import is_made_up, is_mere_word, is_near
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    UNNAMED_EXAMPLE_SCORE,
    Candidate,
    Recogniser,
    Specificity,
)
from adapters.detectors.secrets.vocabulary import STOCK_PASSWORDS
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category, Severity

_TYPE = "CONNECTION_STRING"
_WEAK_SCORE = 0.35
_STRONG_SCORE = 0.95
_TRAILING = ".,;:!?)]}*_"


@dataclass(frozen=True, slots=True)
class _Service:
    schemes: tuple[str, ...]
    rule: str
    title: str


SERVICES = (
    _Service(("postgres", "postgresql", "postgis", "pgsql"), "postgresql-connection", "PostgreSQL"),
    _Service(("mysql", "mysql2", "mysqlx", "mariadb"), "mysql-connection", "MySQL or MariaDB"),
    _Service(("mongodb", "mongodb+srv", "mongo"), "mongodb-connection", "MongoDB"),
    _Service(
        ("redis", "rediss", "redis+sentinel", "valkey", "valkeys"),
        "redis-connection",
        "Redis or Valkey",
    ),
    _Service(("amqp", "amqps", "rabbitmq", "pyamqp"), "amqp-connection", "AMQP (RabbitMQ)"),
    _Service(("mssql", "sqlserver"), "sql-server-connection", "SQL Server"),
    _Service(("oracle",), "oracle-connection", "Oracle Database"),
    _Service(("clickhouse", "clickhouses"), "clickhouse-connection", "ClickHouse"),
    _Service(("cassandra", "scylla", "cql"), "cassandra-connection", "Cassandra or ScyllaDB"),
    _Service(("couchbase", "couchbases"), "couchbase-connection", "Couchbase"),
    _Service(("couchdb", "couchdbs"), "couchdb-connection", "CouchDB"),
    _Service(
        ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"), "neo4j-connection", "Neo4j"
    ),
    _Service(("influxdb", "https+influxdb"), "influxdb-connection", "InfluxDB"),
    _Service(("cockroachdb", "cockroach", "crdb"), "cockroachdb-connection", "CockroachDB"),
    _Service(("db2", "ibm_db_sa", "db2+ibm_db"), "db2-connection", "Db2"),
    _Service(("snowflake",), "snowflake-connection", "Snowflake"),
    _Service(("redshift",), "redshift-connection", "Redshift"),
    _Service(("kafka", "kafka+ssl"), "kafka-connection", "Kafka"),
    _Service(("nats", "nats+tls", "tls"), "nats-connection", "NATS"),
    _Service(("mqtt", "mqtts", "mqtt+ssl"), "mqtt-connection", "MQTT"),
    _Service(("stomp", "stomp+ssl", "activemq"), "stomp-connection", "STOMP (ActiveMQ)"),
    _Service(("memcached", "memcache"), "memcached-connection", "Memcached"),
    _Service(
        ("elasticsearch", "elastic", "opensearch", "es"),
        "elasticsearch-connection",
        "Elasticsearch or OpenSearch",
    ),
    _Service(
        ("presto", "trino", "hive", "impala", "databricks"),
        "trino-connection",
        "Presto, Trino or Hive",
    ),
    _Service(
        ("firebird", "sybase", "teradata", "teradatasql", "vertica", "hana", "exa", "informix"),
        "warehouse-connection",
        "Firebird, Sybase, Teradata, Vertica, HANA or Exasol",
    ),
    _Service(
        ("surrealdb", "arangodb", "libsql", "rethinkdb", "dgraph", "orientdb", "etcd", "consul"),
        "document-store-connection",
        "SurrealDB, ArangoDB, libSQL, RethinkDB, Dgraph or etcd",
    ),
    _Service(("ldap", "ldaps"), "ldap-connection", "LDAP"),
    _Service(
        ("smtp", "smtps", "submission", "imap", "imaps", "pop3", "pop3s"),
        "mail-connection",
        "a mail server",
    ),
    _Service(
        ("ftp", "ftps", "sftp", "ssh", "scp", "rsync", "smb", "cifs", "webdav", "davs"),
        "file-server-connection",
        "a file server",
    ),
    _Service(("cloudinary",), "cloudinary-connection", "Cloudinary"),
    _Service(
        ("rtsp", "rtsps", "rtmp", "vnc", "rdp", "socks5", "socks5h", "socks4"),
        "remote-access-connection",
        "a camera, desktop or proxy",
    ),
    _Service(
        ("http", "https", "ws", "wss", "git", "git+https", "git+ssh", "svn", "svn+ssh", "hg"),
        "basic-auth-url",
        "an address with user and password",
    ),
)
"""Which rule speaks for which scheme; drivers behind a plus sign (`mysql+pymysql`) are ignored."""

_BY_SCHEME = {scheme: service for service in SERVICES for scheme in service.schemes}


def _info(rule: str, title: str, matches: str, source: str, kind: str = _TYPE) -> RuleInfo:
    return RuleInfo(
        id=rule,
        category=Category.SECRETS,
        type=kind,
        title=title,
        matches=matches,
        sources=(source,),
        near_misses=(f"{rule}: ${{CONNECTION}}",),
        severity=Severity.CRITICAL,
        operating_point=OPERATING_POINT,
    )


class AddressesWithPasswords(Recogniser):
    """Find `scheme://user:password@host`, also without a user, for stores, brokers and the web."""

    gates = (r"://[^\s/@\"'<>]*:[^\s/\"'<>]+@",)
    rules = tuple(
        _info(
            service.rule,
            f"Connection to {service.title} with a password",
            f"{service.schemes[0]}://user:password@host",
            "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
            "PASSWORD" if service.rule == "basic-auth-url" else _TYPE,
        )
        for service in SERVICES
    )

    def __init__(self) -> None:
        self._pattern = Pattern(
            r"(?:\b(jdbc|r2dbc):)?\b([A-Za-z][0-9A-Za-z+._-]{1,30})://([^\s:@/\"'<>`\\]{0,"
            r"120}):([^\s/\"'<>`]{1,200})@([^\s\"'<>`\\|]{1,300})"
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the whole address; placeholders and common words as passwords score low."""
        for match in self._pattern.finditer(subject):
            candidate = self._candidate(match)
            if candidate is not None:
                yield candidate

    def _candidate(self, match: Match) -> Candidate | None:
        written = match.text(2).lower().rsplit("=", 1)[-1]
        service = _BY_SCHEME.get(written) or _BY_SCHEME.get(written.split("+", 1)[0])
        if service is None:
            return None
        start = match.span(1)[0] if match.took_part(1) else match.span(2)[0]
        host = match.text(5).rstrip(_TRAILING)
        end = match.span(4)[1] + 1 + len(host)
        password = unquote(match.text(4))
        score, steps, example = _judge(password, host)
        if score is None:
            return None
        is_web = service.rule == "basic-auth-url"
        return Candidate(
            rule=service.rule,
            type="PASSWORD" if is_web else _TYPE,
            start=start,
            end=end,
            score=score,
            reason=f"a connection to {service.title} with a password in it",
            specificity=Specificity.NAMED if is_web else Specificity.CONTAINER,
            steps=steps,
            attributes={"scheme": match.text(2).lower()} | ({"example": "true"} if example else {}),
        )


def _judge(
    password: str, host: str | None
) -> tuple[float | None, tuple[tuple[str, float], ...], bool]:
    """Return score, steps and whether it is an example; no score where nothing is leaked."""
    if password.lower() in STOCK_PASSWORDS:
        return _WEAK_SCORE, (("password is a stock word", _WEAK_SCORE),), True
    kind = standing(password)
    if kind is Standing.PLACEHOLDER or password.startswith(("$", "{", "<", "%", "[")):
        return None, (), False
    if kind is Standing.EXAMPLE:
        return UNNAMED_EXAMPLE_SCORE, (("obvious example", UNNAMED_EXAMPLE_SCORE),), True
    if host is not None and is_near(host) and (is_made_up(password) or is_mere_word(password)):
        return _WEAK_SCORE, (("a word for a host of tests and manuals", _WEAK_SCORE),), True
    return _STRONG_SCORE, (("password in the address", _STRONG_SCORE),), False


_KEYS = (
    "Server|Data Source|DataSource|Address|Addr|Network Address|Host|HostName|Hostname|Endpoint|"
    "AccountEndpoint|DefaultEndpointsProtocol|AccountName|BlobEndpoint|Driver|Provider|DSN|"
    "Database|Initial Catalog|Uid|User ID|UserID|User|Username|Port|Persist Security Info|Filename"
)
_SECRET_KEYS = re.compile(
    r"(?i)(?:^|;)\s*(password|pwd|accountkey|sharedaccesskey|sharedsecretvalue|secret|"
    r"accesskey|accesstoken)\s*=\s*([^;]+)"
)
_SERVER_KEYS = re.compile(
    r"(?i)(?:^|;)\s*(?:server|data source|datasource|address|addr|host|hostname|endpoint|"
    r"accountendpoint|"
    r"accountname|driver|provider|dsn|database|initial catalog|defaultendpointsprotocol|"
    r"network address)\s*="
)


_HOSTS = re.compile(
    r"(?i)(?:^|;)\s*(?:server|data source|datasource|address|addr|host|hostname|endpoint|dsn|"
    r"network address)\s*=\s*(?:(?:tcp|sb|https?):/{0,2})?([^;]*)"
)
_HOST_WORD = re.compile(r"\bhost(?:addr)?=(\S+)")


class KeyValueConnections(Recogniser):
    """Find ADO.NET, ODBC, Azure, StackExchange.Redis and libpq strings with a password or key."""

    gates = (
        r"(?i)(?:password|pwd|accountkey|sharedaccesskey|sharedsecretvalue)[ \t]?=[^;\s]",
        "jdbc:",
    )
    rules = (
        _info(
            "key-value-connection",
            "Connection string of keys and values",
            "Server=…;User ID=…;Password=… and its kin (ADO.NET, ODBC, OLE DB)",
            "https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-strin"
            "g-syntax",
        ),
        _info(
            "azure-connection-string",
            "Azure connection string",
            "DefaultEndpointsProtocol or Endpoint=sb:// with AccountKey or SharedAccessKey",
            "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connec"
            "tion-string",
        ),
        _info(
            "redis-key-value-connection",
            "Redis connection string",
            "host:port,password=…",
            "https://stackexchange.github.io/StackExchange.Redis/Configuration.html",
        ),
        _info(
            "libpq-connection",
            "libpq connection string",
            "host=… user=… password=…",
            "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING",
        ),
        _info(
            "jdbc-connection",
            "JDBC address with a password",
            "jdbc:…?user=…&password=… or jdbc:oracle:thin:user/password@…",
            "https://docs.oracle.com/javase/tutorial/jdbc/basics/connecting.html",
        ),
    )

    def __init__(self) -> None:
        pair = r"[A-Za-z][A-Za-z_ ]{1,40}[ ]?=[ ]?(?:[^;\"'\n<>`]*)"
        last = r"[A-Za-z][A-Za-z_ ]{1,40}[ ]?=[ ]?(?:[^;\"'\s<>`]+)"
        self._pairs = Pattern(
            rf"(?i:\b(?:{_KEYS}))[ ]?=[ ]?[^;\"'\n<>`]{{1,300}};(?:[ ]?{pair};)*(?:[ ]?{last};?)?"
        )
        self._redis = Pattern(
            r"\b[0-9A-Za-z.-]{3,120}:[0-9]{2,5},(?:[A-Za-z]{2,30}=[^,\s\"']+,)*(?i:password)"
            r"=([^,\s\"']{3,200})(?:,[A-Za-z]{2,30}=[^,\s\"']+)*"
        )
        word = (
            r"(?:host|hostaddr|port|dbname|user|sslmode|sslrootcert|connect_timeout|"
            r"application_name|options|target_session_attrs)=[^\s\"']+"
        )
        self._libpq = Pattern(rf"\b(?:{word}[ ])+password=([^\s\"']{{1,120}})(?:[ ]{word})*")
        self._jdbc = Pattern(
            r"\bjdbc:(?:[a-z0-9]{2,20}:){1,3}(?:thin:[^\s/\"'@]{1,60}/([^\s\"'@]{1,100})"
            r"@[^\s\"'<>]{3,200}|//[^\s\"'<>;?]{1,200}[?;][^\s\"'<>]{0,300}?(?i:password|"
            r"pwd)=([^\s\"'<>&;]{1,120})[^\s\"'<>]{0,200})"
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield whole connection strings in which a password or key has a value."""
        for match in self._pairs.finditer(subject):
            written = match.text().rstrip(" ")
            secret = _SECRET_KEYS.search(written)
            if secret is None or not _SERVER_KEYS.search(written):
                continue
            hosts = (found[1].strip() for found in _HOSTS.finditer(written))
            host = next(hosts, None)
            is_azure = secret[1].lower() in ("accountkey", "sharedaccesskey", "sharedsecretvalue")
            rule = "azure-connection-string" if is_azure else "key-value-connection"
            start = match.span()[0]
            span = start, start + len(written)
            yield from self._judged(rule, secret[2].strip(), written, span, host)
        for rule, pattern in (
            ("redis-key-value-connection", self._redis),
            ("libpq-connection", self._libpq),
            ("jdbc-connection", self._jdbc),
        ):
            for match in pattern.finditer(subject):
                group = 1 if match.took_part(1) else 2
                written = match.text()
                start, end = match.span()
                if written.endswith(")") and "(" not in written:
                    # A call around the string, as logs show it.
                    written, end = written[:-1], end - 1
                host = None
                if pattern is self._libpq:
                    named = _HOST_WORD.search(written)
                    host = named[1] if named else ""
                secret_text = match.text(group).removesuffix(")")
                yield from self._judged(rule, secret_text, written, (start, end), host)

    def _judged(
        self, rule: str, secret: str, written: str, span: tuple[int, int], host: str | None
    ) -> Iterator[Candidate]:
        score, steps, example = _judge(secret.strip("'\""), host)
        start, end = span
        if score is None:
            return
        yield Candidate(
            rule=rule,
            type=_TYPE,
            start=start,
            end=end,
            score=score,
            reason="a connection string with a password or key in it",
            specificity=Specificity.CONTAINER,
            steps=steps,
            attributes={"fields": str(written.count("="))}
            | ({"example": "true"} if example else {}),
        )
