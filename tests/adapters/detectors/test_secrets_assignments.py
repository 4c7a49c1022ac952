"""Values of telling names in many languages and file formats, and what such names hold besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.linear_time import Subject
from adapters.detectors.secrets.engine import secrets_engine
from adapters.detectors.secrets.names import NameClass, classify
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.token_format import TokenFormat

KEY = TokenFormat("{w40}").sample("key")
HEX = TokenFormat("{h64}").sample("hex")
PASSWORD = "Winter1121#"

HITS = [
    # .env, shell, Dockerfile
    (f"SECRET_KEY={KEY}", KEY),
    (f"export API_KEY={KEY}", KEY),
    (f'export DB_PASSWORD="{PASSWORD}"', PASSWORD),
    (f"ENV APP_SECRET={KEY}", KEY),
    (f"ARG NPM_AUTH={KEY}\nENV TOKEN ${{NPM_AUTH}}\nENV JWT_SECRET={HEX}", HEX),
    # YAML, JSON, TOML, XML, INI
    (f"password: {PASSWORD}", PASSWORD),
    (f"- name: CLIENT_SECRET\n  value: {KEY}", KEY),
    (f'{{"clientSecret": "{KEY}"}}', KEY),
    (f'{{\\"api_key\\": \\"{KEY}\\"}}', KEY),
    (f'[auth]\nsecret = "{KEY}"', KEY),
    (f'<add key="secret_key" value="{HEX}" />', HEX),
    (f"<password>{PASSWORD}</password>", PASSWORD),
    (f"[default]\ntoken={KEY}\nregion=eu-west-1", KEY),
    # Terraform, Java, JavaScript, Python, Go, PHP, C#
    (f'  admin_password = "{PASSWORD}"', PASSWORD),
    (f'System.setProperty("auth_token", "{KEY}");', KEY),
    (f"const apiKey = '{KEY}';", KEY),
    (f'client = Client(access_token="{KEY}")', KEY),
    (f'password: str = "{PASSWORD}"', PASSWORD),
    (f'    apiKey := "{KEY}"', KEY),
    (f"'password' => '{PASSWORD}',", PASSWORD),
    (f'private const string EncryptionKey = "{KEY}";', KEY),
    (f"?user=1&api_key={KEY}&x=2", KEY),
    (f"credentials {{ username 'ada'; password '{PASSWORD}' }}", PASSWORD),
    ('username = "ada"\npassword = "hunter42"', "hunter42"),
    ("password: &kEUM3N&VO4^xu", "&kEUM3N&VO4^xu"),
    ('add("password", "Winter1121#")', PASSWORD),
    ('password = """Winter1121#"""', PASSWORD),
    ("password='a,b;c{9}Qx7'", "a,b;c{9}Qx7"),
    ('{"password":"Winter1121#","host":"db"}', PASSWORD),
    ("db.password=Winter1121#", PASSWORD),
    (f"PWD={PASSWORD};Database=main", PASSWORD),
    (f'self.password == "{PASSWORD}"', PASSWORD),
    (f'"encryptionKey": "{KEY}\\n"', KEY + "\\n"),
    (f'key = "{KEY}"', KEY),
    # prose
    ("the password is Winter1121# in case you need it", PASSWORD),
    ("My wifi password: Tr0ub4dor&3", "Tr0ub4dor&3"),
    (f"the api_key is {KEY} in case you need it", KEY),
    (f"here's the key for staging: {KEY}", KEY),
    (f"my token: {KEY}", KEY),
]

NEAR_MISSES = [
    # placeholders and references
    "password: ${DB_PASSWORD}",
    'password = "<your password>"',
    'secret_key = "<YOUR_SECRET_KEY>"',
    'api_key = "your-api-key-here"',
    "API_KEY=xxxxxxxxxxxxxxxxxxxx",
    'password = "changeme"  # placeholder in docs',
    "token: {{ .Values.token }}",
    "token: !vault |",
    "password: %(password)s",
    "client_secret: ENC[AES256_GCM,data:abc]",
    "secretKeyRef:\n  name: db\n  key: password",
    'password = "********"',
    # code
    'api_key = os.environ["API_KEY"]',
    "password = getpass.getpass()",
    "token = request.headers.get('Authorization')",
    "self.password = password",
    "def authenticate(username, password): ...",
    "password: string;",
    "apiKey: process.env.API_KEY,",
    "const token = await getToken(user)",
    "secret = secrets.token_hex(32)",
    'if password == "": raise',
    "key=lambda item: item.start",
    "for key, value in settings.items():",
    "token_type = 'bearer'",
    "max_tokens: 4096",
    "tokenizer = AutoTokenizer.from_pretrained(name)",
    "password_field = 'user_password'",
    "primary_key=True",
    "public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB",
    'keyboard = "qwerty12345678"',
    'bypass = "Winter1121#"',
    "btype='lowpass', analog=True",
    # labels, hashes, identifiers, versions
    '"password": "Password",',
    '"forgot_password": "Forgot your password?"',
    '"@scope/password": "^4.0.13"',
    f'"token_hash": "{HEX}"',
    f'"checksum": "{HEX}"',
    '{"id": "4bb11c56-271c-4101-a6c5-e214bb67a061"}',
    "cache_key: 4bb11c56-271c-4101-a6c5-e214bb67a061",
    "secret_arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
    "token_url: https://auth.example.com/oauth/token",
    "private_key_path: /etc/ssl/private/server.key",
    f"https://codecov.io/gh/o/r/branch/main/graph/badge.svg?token={KEY[:10]}",
    'password = "hunter"',
    'username = "ada"\npassword = "hunter"',
    'username = "<user>"\npassword = "hunter"',
    'the "password" "Password" label',
    "If you want that, pass `capture_all=True1`.",
    "pass_positions='Abc123xyz9'",
    # signatures, types and references of languages
    "def load(data, password=None):",
    "def as_uri(self, include_password=False):",
    "def __init__(self, password: bytes):",
    "async def read(credentials: CredentialsDep2):",
    "fn derive(password: &[u8], salt: &[u8])",
    "let password = &encryption_details.password;",
    "let rsa_key: Pkcs1RsaPublicKey<'_> = parse(data);",
    "private_key = rsa_key_2048",
    "type Token = XOAuth2Token;",
    'secret_key: "Optional[str]" = None,',
    'credentials: "google.auth.credentials.CredentialsWithQuotaProject2",',
    ":type password: :term:`bytes-like`",
    ":type credentials: ~azure.core.credentials.TokenProvider2",
    "request.withCredentials = !!_config.withCredentials;",
    "fetch(url, {credentials: this.opts.withCredentials ? 'include' : 'omit'})",
    "{credentials:fe?T:void 0}",
    '"password: urlPassword2,\\n"',
    "docker run --rm -v `pwd`:/src -w /src image",
    "const password = process.env.SESSION_PASSWORD!",
    "@pytest.fixture\ndef credentials():\n    pass\n\ncredentials:\n  @pytest.fixture(scope='x')",
    "password = @{type = 'str'; no_log = $true }",
    "you should not pass :c:data:`NPY_ITER_GROWINNER`",
    '"V1Secret": ".models.v1_secret",',
    '"secret": "V1SecretVolumeSource",',
    # code without blanks
    's.username="",s.password="",s.host=null,s.port=null;t=b(t,"")',
    "s.username=r.username,s.password=r.password,s.host=r.host,s.query=r.query;else",
    "return e.password=t,e.password}h(xe,'fe')",
    "return f(t,r,{type:e,ownPass:!!s}))));check(i);return i}",
    "{name:l,alias:d||n,ownPass:a,file:u}}function check(e){}",
    "for(const{preset:e,pass:t}of r){}",
    "set password(value1){this.url.password=value1}get username(){}",
    'throw new E("a URL that includes credentials: "+A)}s=f({urlList:[t]});n="cors"',
    "this.pass=true;return t};",
    # arguments and comparisons that are about something else
    """computeSignature('', 'test_secret') => 'f7f9bd47fb987337b5796fdc1fdb9ba2'""",
    f'{{"src/parallel/job_token.rs":"{HEX}"}}',
    'importKey("raw", encode(password), "PBKDF2", false)',
    "Buffer.byteLength(this.slavePassword, 'utf8')",
    '_("Reset password") if usable else _("Set9 password")',
    'assert digest(password) == "cd7e45b3b2767dc2fa9b6b548457ed00"',
    'passwords=["+pass1", "+hunter42"]',
    'assert credentials.universe_domain == "foo2.bar"',
    'creds._service_account_email = "my-sa2@my-project.iam.gserviceaccount.com"',
    'User.objects.filter(password__startswith="bcrypt$$")',
    'INVALID_PASSWORD = "28P01"',
    "FLASK_MYAPI__credentials__username=user123",
    # what nobody protects anything with
    'username = "joe"\npassword = "qwerty"',
    '"password1": "test123",',
    'password = "P@ssw0rd"',
    'password = "new-secret_1"',
    "password=\"'[Filtered]'\"",
    'pwd = "1234567890"',
    'password: "FORBIDDEN_VALUE2"',
    "PWD=password;port=12345",
    'password = b"\\xba"',
    # examples of standards, and words in base 64
    'oauth_token="kkk9d7dh3k39sjv7"',
    '"access_token": "2YotnFZFEjr1zCsicMWpAA"',
    "password=A3ddj3w",
    '"privateKey": "cHJpdmF0ZUtleQo="',
    '"Authorization": "Basic dXNlcm5hbWU6cGFzc3dvcmQ="',
    f'"key": "{TokenFormat("{w128}").sample("data key")}"',
    # prose
    "password is required",
    "The token is invalid or has expired.",
    "Which environment variable holds the secret?",
    "How do I store an API key safely in a mobile app?",
    "the key to success is patience",
]


@pytest.mark.parametrize(("text", "secret"), HITS)
def test_the_value_of_a_telling_name_is_found(text: str, secret: str) -> None:
    found = [f for f in secrets_engine().find(Subject(text)) if f.is_operative]

    assert [text[f.span.start : f.span.end] for f in found] == [secret]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_a_value_that_is_no_secret_stays_silent(text: str) -> None:
    found = [f for f in secrets_engine().find(Subject(text)) if f.is_operative]

    assert [(f.rule, f.score) for f in found] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DB_PASSWORD", NameClass.PASSWORD),
        ("userPasswd2", NameClass.PASSWORD),
        ("dbpass", NameClass.PASSWORD),
        ("clientSecret", NameClass.SECRET),
        ("APIKey", NameClass.KEY),
        ("access-token", NameClass.KEY),
        ("signing_key", NameClass.KEY),
        ("key", NameClass.WEAK),
        ("lowpass", NameClass.NOTHING),
        ("passenger", NameClass.NOTHING),
        ("max_tokens", NameClass.NOTHING),
        ("public_key", NameClass.NOTHING),
        ("passwordField", NameClass.NOTHING),
        ("secret_name", NameClass.NOTHING),
        ("token_url", NameClass.NOTHING),
        ("monkey", NameClass.NOTHING),
        ("credentials", NameClass.PASSWORD),
        ("withCredentials", NameClass.NOTHING),
        ("credentials.universe_domain", NameClass.NOTHING),
        ("fake_api_key", NameClass.NOTHING),
        ("test_api_key", NameClass.KEY),
    ],
)
def test_a_name_is_read_by_its_words(name: str, kind: NameClass) -> None:
    assert classify(name) is kind


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<your-key>", Standing.PLACEHOLDER),
        ("xxxxxxxxxxxx", Standing.PLACEHOLDER),
        ("sk-****************", Standing.PLACEHOLDER),
        ("${TOKEN}", Standing.PLACEHOLDER),
        ("$TOKEN", Standing.PLACEHOLDER),
        ("YOUR_API_KEY", Standing.PLACEHOLDER),
        ("aaaaaaaaaaaaaaaa", Standing.PLACEHOLDER),
        ("abc...xyz", Standing.PLACEHOLDER),
        # labels of forms, and passwords that end in a mark
        ("Confirm your new password:", Standing.PLACEHOLDER),
        ("Password?", Standing.PLACEHOLDER),
        ("Winter1121!", Standing.PLAIN),
        ("Ab3x9 q7tz w1:", Standing.PLAIN),
        ("correct horse battery staple", Standing.PLAIN),
        # routes of programs, and secrets with a slash
        ("admin/users/reset_password#update", Standing.PLACEHOLDER),
        ("users/sign_in", Standing.PLACEHOLDER),
        ("kQ7f/Vb2xZ9p", Standing.PLAIN),
        ("ab9/tz4/qw7", Standing.PLAIN),
        ("wJx7/hunter", Standing.PLAIN),
        # variables in strings, and secrets with a dollar or a brace
        ("' . $password . '", Standing.PLACEHOLDER),
        ("$HOME/.netrc", Standing.PLACEHOLDER),
        ("x-#{token}-y", Standing.PLACEHOLDER),
        ("password='%s'", Standing.PLACEHOLDER),
        ("your-256-bit-secret", Standing.PLACEHOLDER),
        ("aB$3xQ9$w", Standing.PLAIN),
        ("$4to@L8=MC", Standing.PLAIN),
        ("p}7#Q{x9", Standing.PLAIN),
        ("100%sure7Q", Standing.PLAIN),
        ("neighbour-9-Q7", Standing.PLAIN),
        # sequences woven into each other, and mixtures that only look so
        ("a1b2c3d4e5f6g7h8", Standing.EXAMPLE),
        ("A1B2C3D4E5F6G7H8I9J0", Standing.EXAMPLE),
        ("q1b2c9d4x5f6m7h8", Standing.PLAIN),
        ("a7f3k9d2m5x8q1z4", Standing.PLAIN),
        # what standards print
        ("2YotnFZFEjr1zCsicMWpAA", Standing.EXAMPLE),
        ("2YotnFZFEjr1zCsicMWpAB", Standing.PLAIN),
        ("IOSFODNN7EXAMPLE", Standing.EXAMPLE),
        ("1234567890abcdef", Standing.EXAMPLE),
        (KEY, Standing.PLAIN),
        ("Winter1121#", Standing.PLAIN),
        ("hunter2", Standing.PLAIN),
    ],
)
def test_placeholders_and_examples_are_told_from_values(value: str, expected: Standing) -> None:
    assert standing(value) is expected


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ,.", max_size=200))
def test_lower_case_words_alone_are_never_a_secret(text: str) -> None:
    assert [f for f in secrets_engine().find(Subject(text)) if f.is_operative] == []
