"""Keys, tokens, connection strings, commands and hashes: what is found, and what stays silent.

Token shapes are put together at run time, so that secret scanners find nothing in this file.
"""

import base64
import json

import pytest

from adapters.detectors.linear_time import Subject
from adapters.detectors.secrets.engine import secrets_engine
from adapters.detectors.secrets.token_format import TokenFormat

SOME = TokenFormat("{b64}").sample("body")
MORE = TokenFormat("{b64}").sample("more")
HEX32 = TokenFormat("{h32}").sample("hex")
HEX64 = TokenFormat("{h64}").sample("hex")
BEGIN, END = "-----BEGIN ", "-----END "
PRIVATE = "PRIVATE " + "KEY-----"
RANDOM = TokenFormat("{w24}").sample("password")


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def pair(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


JWT = (
    f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment({'sub': '1', 'exp': 1893456000})}.{RANDOM}"
)
JWE = f"{segment({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.{RANDOM}.{RANDOM}.{RANDOM}.{RANDOM}"
PEM = f"{BEGIN}RSA {PRIVATE}\nMIIE{SOME}\n{MORE}\n{END}RSA {PRIVATE}"
OPENSSH_BODY = base64.b64encode(b"openssh-key-v1\x00" + bytes(range(90))).decode()
OPENSSH = f"{BEGIN}OPENSSH {PRIVATE}\n{OPENSSH_BODY}\n{END}OPENSSH {PRIVATE}"
PGP = (
    f"{BEGIN}PGP PRIVATE KEY "
    + f"BLOCK-----\n\nlQ{SOME}\n{MORE}\n{END}PGP PRIVATE KEY "
    + "BLOCK-----"
)
AGE = "AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE"
PUTTY = f"PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n{SOME}\nPrivate-MAC: {HEX64}"
AZURE = (
    "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey="
    + TokenFormat("{b86}").sample("az")
    + "==;EndpointSuffix=core.windows.net"
)
SERVICE_BUS = (
    "Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey="
    + TokenFormat("{b43}").sample("sb")
    + "="
)
SAS = TokenFormat("{w43}").sample("sas") + "%3D"
BCRYPT = "$2b$12$" + TokenFormat("{w53}").sample("bcrypt")
SHA512_CRYPT = "$6$saltsalt$" + TokenFormat("{w86}").sample("crypt")
NTLM = f"Administrator:500:{HEX32}:{HEX32}:::"

HITS = [
    # private keys
    ("private-key-pem", PEM, PEM),
    ("private-key-pem", json.dumps({"key": PEM}), json.dumps(PEM).strip('"')),
    ("private-key-pem", f"key: |\n  {PEM}\nnext: 1", PEM),
    ("private-key-pem", OPENSSH, OPENSSH),
    ("private-key-pem", PGP, PGP),
    ("private-key-pem", PEM.partition(END)[0], PEM.partition(END)[0]),
    (
        "private-key-pem-base64",
        f"client-key-data: {base64.b64encode(PEM.encode()).decode()}",
        base64.b64encode(PEM.encode()).decode(),
    ),
    ("age-secret-key", f"# created\n{AGE}", AGE),
    (
        "wireguard-key",
        f"[Interface]\nPrivateKey = {TokenFormat('{b42}').sample('wg')}A=",
        TokenFormat("{b42}").sample("wg") + "A=",
    ),
    ("putty-private-key", PUTTY, PUTTY),
    (
        "jwk-private-key",
        json.dumps({"kty": "EC", "crv": "P-256", "d": TokenFormat("{s43}").sample("jwk")}),
        TokenFormat("{s43}").sample("jwk"),
    ),
    ("ethereum-private-key", f"private_key = 0x{HEX64}", "0x" + HEX64),
    (
        "wallet-seed-phrase",
        "seed phrase: "
        + "abandon ability able about above absent absorb abstract absurd abuse access accident",
        "abandon ability able about above absent absorb abstract absurd abuse access accident",
    ),
    # web tokens
    ("jwt", f"Authorization: Bearer {JWT}", JWT),
    ("jwt", f"token={JWT}&x=1", JWT),
    ("jwt", f'"{JWE}"', JWE),
    # connection strings
    *(
        (rule, f"url = {scheme}://app:{RANDOM}@{host}", f"{scheme}://app:{RANDOM}@{host}")
        for rule, scheme, host in (
            ("postgresql-connection", "postgres", "db.internal:5432/app"),
            ("postgresql-connection", "postgresql+asyncpg", "db.internal/app"),
            ("mysql-connection", "mysql+pymysql", "db:3306/app"),
            ("mysql-connection", "mariadb", "db/app"),
            ("mongodb-connection", "mongodb", "m1:27017,m2:27017/app"),
            ("mongodb-connection", "mongodb+srv", "cluster0.ab1cd.mongodb.net/app"),
            ("redis-connection", "rediss", "cache:6380/0"),
            ("amqp-connection", "amqps", "mq/vhost"),
            ("sql-server-connection", "mssql+pyodbc", "sql/app"),
            ("oracle-connection", "oracle", "ora:1521/XE"),
            ("clickhouse-connection", "clickhouse", "ch:9000/app"),
            ("cassandra-connection", "cassandra", "c1/app"),
            ("couchbase-connection", "couchbases", "cb.cloud"),
            ("couchdb-connection", "couchdb", "couch:5984"),
            ("neo4j-connection", "neo4j+s", "graph.io:7687"),
            ("influxdb-connection", "influxdb", "influx:8086"),
            ("cockroachdb-connection", "cockroachdb", "crdb:26257/app"),
            ("db2-connection", "db2", "db2:50000/app"),
            ("snowflake-connection", "snowflake", "acc/db"),
            ("redshift-connection", "redshift", "rs:5439/app"),
            ("kafka-connection", "kafka", "broker:9092"),
            ("nats-connection", "nats", "nats:4222"),
            ("mqtt-connection", "mqtts", "broker:8883"),
            ("stomp-connection", "stomp", "mq:61613"),
            ("memcached-connection", "memcached", "mc:11211"),
            ("elasticsearch-connection", "elasticsearch", "es:9200"),
            ("trino-connection", "trino", "tr:8080/hive"),
            ("ldap-connection", "ldaps", "ldap.corp:636"),
            ("mail-connection", "smtps", "mail.corp:465"),
            ("file-server-connection", "sftp", "files.corp/in"),
            ("basic-auth-url", "https", "git.corp/team/app.git"),
        )
    ),
    (
        "redis-connection",
        f"REDIS_URL=redis://:{RANDOM}@cache:6379/0",
        f"redis://:{RANDOM}@cache:6379/0",
    ),
    (
        "key-value-connection",
        f"Server=tcp:sql.internal;Database=app;User ID=sa;Password={RANDOM};Encrypt=true in prod",
        f"Server=tcp:sql.internal;Database=app;User ID=sa;Password={RANDOM};Encrypt=true",
    ),
    ("azure-connection-string", AZURE, AZURE),
    ("azure-connection-string", SERVICE_BUS, SERVICE_BUS),
    (
        "redis-key-value-connection",
        f"cache.internal:6380,password={RANDOM},ssl=True",
        f"cache.internal:6380,password={RANDOM},ssl=True",
    ),
    (
        "libpq-connection",
        f"host=db user=app password={RANDOM} dbname=x",
        f"host=db user=app password={RANDOM} dbname=x",
    ),
    (
        "jdbc-connection",
        f"jdbc:mysql://db/app?user=app&password={RANDOM}",
        f"jdbc:mysql://db/app?user=app&password={RANDOM}",
    ),
    (
        "jdbc-connection",
        f"jdbc:oracle:thin:app/{RANDOM}@ora:1521:XE",
        f"jdbc:oracle:thin:app/{RANDOM}@ora:1521:XE",
    ),
    # commands, headers, files
    ("authorization-basic", f"Authorization: Basic {pair('ada', RANDOM)}", pair("ada", RANDOM)),
    (
        "authorization-bearer",
        f'-H "Authorization: Bearer {RANDOM}{RANDOM[:8]}"',
        RANDOM + RANDOM[:8],
    ),
    ("curl-user", f"curl -u ada:{RANDOM} https://api.corp/v1", RANDOM),
    ("command-line-secret", f"deploy --password={RANDOM} --force", RANDOM),
    ("command-line-secret", f"tool --client-secret {RANDOM}", RANDOM),
    ("mysql-command-password", f"mysql -u root -p{RANDOM} app", RANDOM),
    ("mysql-command-password", f"sshpass -p '{RANDOM}' ssh root@host", RANDOM),
    ("mysql-command-password", f"redis-cli -h cache -a {RANDOM}", RANDOM),
    ("sql-create-user", f"CREATE USER app IDENTIFIED BY '{RANDOM}';", RANDOM),
    ("sql-create-user", f"ALTER ROLE app WITH PASSWORD '{RANDOM}'", RANDOM),
    ("powershell-secure-string", f'ConvertTo-SecureString "{RANDOM}" -AsPlainText -Force', RANDOM),
    ("windows-net-user", f"net user ada {RANDOM} /add", RANDOM),
    ("netrc-password", f"machine git.corp\n  login ada\n  password {RANDOM}", RANDOM),
    (
        "docker-config-auth",
        json.dumps({"auths": {"registry.corp": {"auth": pair("ada", RANDOM)}}}),
        pair("ada", RANDOM),
    ),
    (
        "npmrc-password",
        f"//registry.corp/:_password={base64.b64encode(RANDOM.encode()).decode()}",
        base64.b64encode(RANDOM.encode()).decode(),
    ),
    ("tuple-credentials", f'requests.get(url, auth=("ada", "{RANDOM}"))', RANDOM),
    (
        "azure-sas-signature",
        f"https://a.blob.core.windows.net/c/b?sv=2022-11-02&sp=r&sig={SAS}",
        SAS,
    ),
    ("password-in-sentence", "log in with password Tr0ub4dor&3 please", "Tr0ub4dor&3"),
    ("powershell-option-secret", f"Connect-VIServer vc.corp -User ada -Password {RANDOM}", RANDOM),
    ("net-credential-object", f'new NetworkCredential("ada", "{RANDOM}");', RANDOM),
    ("net-credential-object", f'new DirectoryEntry("LDAP://dc", "ada", "{RANDOM}")', RANDOM),
    (
        "okta-ssws-header",
        f"Authorization: SSWS 00{SOME[:40].replace('/', 'a').replace('+', 'b')}",
        "00" + SOME[:40].replace("/", "a").replace("+", "b"),
    ),
    (
        "thingsboard-device-address",
        f"curl http://tb:8080/api/v1/{RANDOM[:20]}/telemetry",
        RANDOM[:20],
    ),
    (
        "kubeadm-join-token",
        "kubeadm join 10.0.0.1:6443 --token ab3de9.k2m4p6r8t0v1x3z5",
        "ab3de9.k2m4p6r8t0v1x3z5",
    ),
    ("mysql-command-password", f"PsExec64.exe \\\\host -u ada -p {RANDOM} cmd", RANDOM),
    ("dockerfile-variable", f"FROM x\nENV API_TOKEN {RANDOM}\n", RANDOM),
    # stored passwords
    ("bcrypt-hash", f"ada:{BCRYPT}", BCRYPT),
    ("sha512-crypt-hash", f"root:{SHA512_CRYPT}:19000:0:::", SHA512_CRYPT),
    ("ntlm-dump", NTLM, NTLM),
    # alone
    (
        "bare-token",
        f"is this still valid? {TokenFormat('{w48}').sample('alone')}",
        TokenFormat("{w48}").sample("alone"),
    ),
]

NEAR_MISSES = [
    # private keys
    f"{BEGIN}PUBLIC KEY-----\n{SOME}\n{END}PUBLIC KEY-----",
    f"{BEGIN}CERTIFICATE-----\n{SOME}\n{MORE}\n{END}CERTIFICATE-----",
    f"{BEGIN}RSA {PRIVATE}\n...\n{END}RSA {PRIVATE}",
    f'if "{BEGIN}RSA {PRIVATE}" in text: raise ValueError',
    f"{BEGIN}{PRIVATE}\n<your private key>\n{END}{PRIVATE}",
    f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{SOME}{MORE} ada@example.org",
    f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{TokenFormat('{b43}').sample('pub')} ada@example.org",
    f"client-certificate-data: "
    f"{base64.b64encode((BEGIN + 'CERTIFICATE-----' + SOME).encode()).decode()}",
    f"PublicKey = {TokenFormat('{b42}').sample('wg')}A=",
    json.dumps({"kty": "EC", "crv": "P-256", "x": SOME[:43]}),
    "the seed phrase is written on paper and lies in a safe",
    # web tokens
    "eyJub3QiOiJhIHRva2VuIn0=",
    "https://jwt.io decodes header.payload.signature",
    # connection strings
    "postgres://user:${DB_PASSWORD}@db/app",
    "postgres://user:<password>@db/app",
    "postgresql://postgres:postgres@localhost:5432/test",
    "mysql://root:root@127.0.0.1/test",
    "mongodb://localhost:27017/app",
    "redis://cache:6379/0",
    "https://example.com:8080/a@b",
    "https://github.com/user/repo.git",
    "mailto:ada@example.org",
    "see http://host:port/path and user@host",
    "Server=tcp:sql.internal;Database=app;Integrated Security=true",
    "Server=db;User ID=sa;Password=;",
    "Server=db;User ID=sa;Password=${SQL_PASSWORD};",
    "host=db user=app password=$PGPASSWORD dbname=x",
    "jdbc:mysql://db/app?useSSL=false",
    # commands, headers, files
    "Authorization: Basic ${CREDENTIALS}",
    "Authorization: Bearer YOUR_ACCESS_TOKEN",
    "Authorization: Bearer <token>",
    "the basic understanding of authentication schemes",
    "curl -u ada:$PASSWORD https://api.corp/v1",
    "curl -u username:password https://api.example.com",
    "deploy --password-file /run/secrets/db",
    "deploy --password $DB_PASSWORD",
    "mysql -u root -p app",
    "mysql -h db -P 3306 app",
    "CREATE USER app IDENTIFIED BY :password",
    "ConvertTo-SecureString $password -AsPlainText -Force",
    "net user ada * /add",
    'requests.get(url, auth=("ada", password))',
    "https://a.blob.core.windows.net/c/b?sv=2022-11-02&sp=r&sig=<signature>",
    "password must be at least 12 characters",
    "ENV API_TOKEN ${API_TOKEN}",
    "ARG SECRET_KEY",
    "ENV TOKEN_FILE /run/secrets/token",
    f'recaptcha_site_key = "6L{TokenFormat("{w38}").sample("site")}"',
    "if password == confirm_password:",
    "password reset link sent to your address",
    "Connect-VIServer -User ada -Password $password",
    "new NetworkCredential(user, password)",
    "Authorization: SSWS ${api_token}",
    "curl http://tb:8080/api/v1/$ACCESS_TOKEN/telemetry",
    "kubeadm join --token $TOKEN",
    # not stored passwords
    HEX32,
    f"commit {TokenFormat('{h40}').sample('commit')}",
    f"sha256:{HEX64}",
    f'"integrity": "sha512-{TokenFormat("{b86}").sample("int")}=="',
    f'<img src="data:image/png;base64,{SOME}{MORE}">',
    f'etag: "{HEX32}"',
    "request_id=c5706d70-5b91-41a8-9589-b469e9041993",
    "$ cd src && echo $HOME $1 $2",
    "static final long serialVersionUID = 3959281368621266831L;",
    f"BTC block {'0' * 19}{TokenFormat('{h45}').sample('block')}",
    "_ZN5boost6systemL53system_categoryEv",
    f"trace={HEX32} span=79bd4c241b533e63",
    "export type UserAuthenticationServiceConfigurationProviderFactory = string",
    "Encode username and password to base64.",
    "store the password as sha-512, then compare",
]


@pytest.mark.parametrize(
    ("rule", "text", "secret"), HITS, ids=[f"{i}-{h[0]}" for i, h in enumerate(HITS)]
)
def test_a_secret_is_found_with_its_exact_span(rule: str, text: str, secret: str) -> None:
    found = [f for f in secrets_engine().find(Subject(text)) if f.is_operative]

    assert [(f.rule, text[f.span.start : f.span.end]) for f in found] == [(rule, secret)]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_like_a_secret_stays_silent(text: str) -> None:
    found = [f for f in secrets_engine().find(Subject(text)) if f.is_operative]

    assert [(f.rule, f.score) for f in found] == []


def test_a_web_token_is_explained_with_algorithm_and_expiry() -> None:
    (finding,) = secrets_engine().find(Subject(JWT))

    assert finding.explanation.attributes["alg"] == "HS256"
    assert finding.explanation.attributes["expires"] == "2030-01-01T00:00:00+00:00"
    assert finding.explanation.validator == "header: valid"


def test_an_encrypted_private_key_counts_less_than_a_plain_one() -> None:
    encrypted = PEM.replace(
        "\nMIIE", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\nMIIE"
    )

    (plain,) = secrets_engine().find(Subject(PEM))
    (locked,) = secrets_engine().find(Subject(encrypted))

    assert locked.score < plain.score
    assert locked.explanation.attributes["encrypted"] == "true"
