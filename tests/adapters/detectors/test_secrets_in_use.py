"""Code, commands and configuration as they leak: what is found in them, and what stays silent.

Keys and passwords are put in at run time, so that secret scanners find nothing in this file.
"""

import re

import pytest

from adapters.detectors.linear_time import Subject
from adapters.detectors.secrets.engine import secrets_engine
from adapters.detectors.secrets.token_format import TokenFormat

VALUES = {
    "{KEY}": TokenFormat("{w32}").sample("key"),
    "{CHOSEN}": "Zk83" + "jfq1!",
    "{WORD}": "Zk83" + "jfq1",
    "{OTHER}": "Qm72" + "xkd9?",
}
MARK = re.compile("|".join(map(re.escape, VALUES)))
HITS = (
    "app.config['SECRET_KEY'] = '{KEY}'",
    "headers = {'Authorization': 'Bearer {KEY}'}",
    "headers={'X-Api-Key': '{KEY}'}",
    "const apiKey = '{KEY}';",
    'var apiKey = "{KEY}";',
    'let apiKey = "{KEY}"',
    'curl -H "Authorization: Bearer {KEY}" https://api',
    "JWT_SECRET={KEY}",
    "spring:\n  datasource:\n    username: app\n    password: {CHOSEN}",
    '"Password": "{CHOSEN}"',
    '"Jwt": { "Key": "{KEY}" }',
    '<add key="ApiKey" value="{KEY}" />',
    "machine api.acme.io login bob password {WORD}",
    "users:\n- name: admin\n  user:\n    password: {WORD}\n    username: admin",
    "sqlplus app/{WORD}@//db:1521/ORCL",
    'variable "db_password" {\n  default = "{CHOSEN}"\n}',
    '  password = "{CHOSEN}" # tf',
    "  adminPassword: {CHOSEN}",
    "ansible_password: {CHOSEN}",
    "env:\n  API_KEY: {KEY}",
    'variables:\n  DEPLOY_TOKEN: "{KEY}"',
    "environment { DB_PASSWORD = '{CHOSEN}' }",
    "apiVersion: v1\nkind: Secret\nstringData:\n  password: {CHOSEN}",
    "Cookie: session={KEY}",
    "x-api-key: {KEY}",
    "Authorization: ApiKey {KEY}",
    '{"key":"token","value":"{KEY}","type":"string"}',
    "2024-01-02 ERROR auth failed token={KEY}",
    "?access_token={KEY}&x=1",
    "-  password: {CHOSEN}",
    "+DB_PASSWORD={CHOSEN}",
    '"pass": "{CHOSEN}"',
    "pwd = '{CHOSEN}'",
    'WIFI_PASS "{CHOSEN}"',
    '#define WIFI_PASSWORD "{CHOSEN}"',
    'const char* password = "{CHOSEN}";',
    "smtp_auth_pass = {CHOSEN}",
    "ldap_bind_pw: {CHOSEN}",
    "bind_password = {CHOSEN}",
    "keystore.password={WORD}",
    "sudo_pass = '{CHOSEN}'",
    "ARG NPM_TOKEN={KEY}",
    "RUN echo 'root:{CHOSEN}' | chpasswd",
    "openssl pkcs12 -export -in c.pem -passout pass:{CHOSEN} -out c.p12",
    "openssl rsa -in k.pem -passin pass:{CHOSEN}",
    "openssl enc -aes-256-cbc -k {CHOSEN} -in a -out b",
    "smbclient //srv/share -U bob%{CHOSEN}",
    "mount -t cifs //srv/s /mnt -o username=bob,password={CHOSEN},vers=3.0",
    "xfreerdp /u:bob /p:{CHOSEN} /v:srv",
    "sshpass -p{CHOSEN} ssh bob@srv",
    "lftp -u bob,{CHOSEN} sftp://srv",
    "mysqldump -u root --password={CHOSEN} app > d.sql",
    "mysql -uroot -p{CHOSEN} app",
    "gpg --batch --passphrase {CHOSEN} -c f",
    "zip -P {CHOSEN} a.zip f",
    "7z a -p{CHOSEN} a.7z f",
    "unzip -P {CHOSEN} a.zip",
    "http -a bob:{CHOSEN} https://api.acme.io",
    "wget --http-user=bob --http-password={CHOSEN} https://x",
    "jarsigner -storepass {CHOSEN} a.jar alias",
    "ldapsearch -x -D cn=admin,dc=x -w {CHOSEN} -b dc=x",
    "kubectl create secret generic db --from-literal=password={CHOSEN}",
    "helm install pg bitnami/postgresql --set auth.postgresPassword={CHOSEN}",
    "twine upload -u bob -p {CHOSEN} dist/*",
    "heroku config:set API_SECRET={KEY}",
    "vault kv put secret/db password={CHOSEN}",
    "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="svc" password="{CHOSEN}";',
    "docker login -u bob -p {CHOSEN} reg.acme.io",
    "echo {CHOSEN} | docker login -u bob --password-stdin",
    'echo "{CHOSEN}" | sudo -S apt update',
    "redis-cli -h cache -a {CHOSEN} ping",
    "redis-server --requirepass {CHOSEN}",
    "htpasswd -bc /etc/nginx/.htpasswd bob {CHOSEN}",
    "az login --service-principal -u app -p {CHOSEN} --tenant t",
    "sqlcmd -S srv -U sa -P {CHOSEN}",
    "bcp db.t out f -S srv -U sa -P {CHOSEN}",
    "expdp system/{WORD}@ORCL full=y",
    "net use Z: \\\\srv\\share {CHOSEN} /user:bob",
    "cmdkey /add:srv /user:bob /pass:{CHOSEN}",
    "schtasks /create /ru bob /rp {CHOSEN}",
    "psexec \\\\srv -u bob -p {CHOSEN} cmd",
    '$password = "{CHOSEN}" | ConvertTo-SecureString -AsPlainText -Force',
    'Set-ADAccountPassword -NewPassword (ConvertTo-SecureString "{CHOSEN}" -AsPlainText -Force)',
    "nmcli dev wifi connect Home password {CHOSEN}",
    "iwconfig wlan0 key s:{CHOSEN}",
    "username admin password 0 {CHOSEN}",
    "username admin privilege 15 secret 0 {CHOSEN}",
    "enable password {CHOSEN}",
    "smtp.login('bot@acme.io', '{CHOSEN}')",
    'server.login("bot@acme.io", "{CHOSEN}")',
    "ftp.login('bob', '{CHOSEN}')",
    'DriverManager.getConnection("jdbc:mysql://db:3306/app", "root", "{CHOSEN}");',
    'new mysqli("db", "root", "{CHOSEN}", "app");',
    "mysqli_connect('db', 'root', '{CHOSEN}', 'app');",
    "new PDO('mysql:host=db;dbname=app', 'root', '{CHOSEN}');",
    "pymysql.connect(host='db', user='root', passwd='{CHOSEN}')",
    'MySQLdb.connect("db", "root", "{CHOSEN}", "app")',
    "cx_Oracle.connect('app', '{CHOSEN}', 'db/orcl')",
    "client.connect(\"tcp://b\", { username: 'u', password: '{CHOSEN}' })",
    'mqtt.username_pw_set("u", "{CHOSEN}")',
    "ssh.connect('srv', username='bob', password='{CHOSEN}')",
    "paramiko.Transport(('srv',22)).connect(username='bob', password='{CHOSEN}')",
    "HTTPBasicAuth('bob', '{CHOSEN}')",
    'new NetworkCredential("bob", "{CHOSEN}")',
    'http.SetBasicAuth("bob", "{CHOSEN}")',
    ".auth('bob', '{CHOSEN}')",
    'Credentials.basic("bob", "{CHOSEN}")',
    'new UsernamePasswordCredentials("bob", "{CHOSEN}")',
    'PasswordAuthentication("bob", "{CHOSEN}".toCharArray())',
    'http_basic_authenticate_with name: "bob", password: "{CHOSEN}"',
    'os.getenv("JWT_SECRET", "{KEY}")',
    "os.environ.get('DB_PASSWORD', '{CHOSEN}')",
    "process.env.JWT_SECRET || '{KEY}'",
    'process.env.DB_PASSWORD ?? "{CHOSEN}"',
    "env('DB_PASSWORD', '{CHOSEN}')",
    "ENV['DB_PASSWORD'] || '{CHOSEN}'",
    "ENV.fetch('DB_PASSWORD', '{CHOSEN}')",
    "${DB_PASSWORD:-{CHOSEN}}",
    "${DB_PASSWORD:{CHOSEN}}",
    "getenv('DB_PASSWORD') ?: '{CHOSEN}'",
    "jwt.sign({ id }, '{KEY}', { expiresIn: '1h' })",
    'jwt.encode(payload, "{KEY}", algorithm="HS256")',
    'Jwts.builder().signWith(SignatureAlgorithm.HS256, "{KEY}")',
    "app.secret_key = '{KEY}'",
    "cookieParser('{KEY}')",
    "crypto.createHmac('sha256', '{KEY}')",
    "hmac.new(b'{KEY}', msg, hashlib.sha256)",
    "<password>{CHOSEN}</password>",
    "<passphrase>{CHOSEN}</passphrase>",
    '<entry key="db.password">{CHOSEN}</entry>',
    '<property name="password" value="{CHOSEN}"/>',
    '<setting name="Password"><value>{CHOSEN}</value></setting>',
    "[distutils]\n[pypi]\nusername = bob\npassword = {CHOSEN}",
    "The password for the staging box is {CHOSEN} - pls don't share",
    "hey creds are admin / {CHOSEN}",
    "login: bob pass: {CHOSEN}",
    "u: bob p: {CHOSEN}",
    "ssh root@10.0.0.5 pw {CHOSEN}",
    'version: "3.9"\nservices:\n  db:\n    image: postgres:16\n    environment:\n      '
    "POSTGRES_USER: app\n      POSTGRES_PASSWORD: {CHOSEN}\n      POSTGRES_DB: app\n    "
    'ports: ["5432:5432"]\n  web:\n    image: '
    "acme/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n    "
    "environment:\n      - SECRET_KEY=${SECRET_KEY}\n      - "
    "API_TOKEN_FILE=/run/secrets/api_token\n",
    'resource "aws_db_instance" "main" {\n  username             = "app"\n  password '
    '            = "{CHOSEN}"\n  db_subnet_group_name = aws_db_subnet_group.main.name\n  '
    "kms_key_id           = aws_kms_key.main.arn\n  vpc_security_group_ids = "
    '["sg-0a1b2c3d4e5f60718"]\n}\nresource "random_password" "db" {\n  length = 24\n'
    '}\noutput "db_password" {\n  value     = random_password.db.result\n  sensitive = '
    "true\n}\n",
    "package config\n\ntype Config struct {\n\tDBPassword string "
    '`env:"DB_PASSWORD,required"`\n\tAPIKey     string `json:"api_key" '
    'yaml:"api_key"`\n\tTokenTTL   time.Duration\n}\n\nfunc Load() Config {\n\treturn '
    'Config{DBPassword: os.Getenv("DB_PASSWORD"), APIKey: viper.GetString("api_key")}\n'
    '}\n\nvar errInvalidToken = errors.New("invalid token")\nconst tokenHeader = '
    '"X-Auth-Token"\nconst defaultPassword = "{CHOSEN}"\n',
    "<?php\nreturn [\n    'default' => env('DB_CONNECTION', 'mysql'),\n    'connections' "
    "=> [\n        'mysql' => [\n            'host' => env('DB_HOST', '127.0.0.1'),\n      "
    "      'username' => env('DB_USERNAME', 'forge'),\n            'password' => "
    "env('DB_PASSWORD', ''),\n            'charset' => 'utf8mb4',\n        ],\n        "
    "'legacy' => ['host' => '10.0.0.5', 'username' => 'root', 'password' => '{CHOSEN}'],\n "
    "   ],\n];\n",
    "public class Db {\n    private static final String URL = "
    '"jdbc:postgresql://db:5432/app";\n    private static final String USER = "app";\n '
    '   private static final String PASSWORD = "{CHOSEN}";\n    @Value("${api.key}") '
    "private String apiKey;\n    private final PasswordEncoder passwordEncoder;\n    "
    "public boolean matches(String rawPassword, String encodedPassword) { return "
    "passwordEncoder.matches(rawPassword, encodedPassword); }\n    throw new "
    'IllegalArgumentException("Password must not be null");\n}\n',
    "[mysqld]\nuser = mysql\n[client]\nuser = root\npassword = {CHOSEN}\n[mysqldump]\nquick\n",
    '$cred = New-Object System.Management.Automation.PSCredential ("acme\\bob", '
    '(ConvertTo-SecureString "{CHOSEN}" -AsPlainText -Force))\n$token = '
    "(Invoke-RestMethod -Uri $uri -Method Post -Body $body).access_token\n$headers = @{ "
    'Authorization = "Bearer $token" }\n$password = Read-Host -AsSecureString '
    '"Password"\n',
    "2024-03-15 10:11:12 DEBUG HikariConfig - password........................<masked>\n"
    "2024-03-15 10:11:13 DEBUG http - > Authorization: Bearer {KEY}\n2024-03-15 10:11:14 "
    "WARN auth - Invalid password for user ann from 203.0.113.7\n2024-03-15 10:11:15 INFO "
    "req id=3f2504e0-4f89-11d3-9a0c-0305e82c3301 token_type=bearer expires_in=3600\n",
    "diff --git a/.env b/.env\nindex 83db48f..bf269f4 100644\n--- a/.env\n+++ b/.env\n@@ "
    "-1,3 +1,3 @@\n-DB_PASSWORD={CHOSEN}\n+DB_PASSWORD={OTHER}\n DEBUG=1\n",
    '{"info":{"name":"API"},"auth":{"type":"bearer","bearer":[{"key":"token","value":"{KEY}","type":"string"}]},"item":[{"name":"login","request":{"body":{"raw":"{\\"username\\":\\"bob\\",\\"password\\":\\"{CHOSEN}\\"}"}}}]}',
    "- hosts: db\n  vars:\n    ansible_user: deploy\n    ansible_become_password: "
    '"{CHOSEN}"\n    mysql_root_password: "{{ vault_mysql_root_password }}"\n  tasks:\n'
    "    - mysql_user: name=app password={{ app_db_password }} priv=app.*:ALL\n    - user: "
    "name=bob password=\"{{ 'x' | password_hash('sha512') }}\"\n",
    "pipeline {\n  environment {\n    SONAR_TOKEN = credentials('sonar-token')\n    DB = "
    "'jdbc:mysql://db/app'\n    DB_PASS = '{CHOSEN}'\n  }\n  stages { stage('x') { steps { "
    "withCredentials([usernamePassword(credentialsId: 'nexus', usernameVariable: 'U', "
    "passwordVariable: 'P')]) { sh 'mvn deploy -Dpassword=$P' } } } }\n}\n",
    "server {\n  listen 443 ssl;\n  ssl_certificate /etc/ssl/certs/site.pem;\n  "
    "ssl_certificate_key /etc/ssl/private/site.key;\n  ssl_password_file "
    '/etc/ssl/pass.txt;\n  location /api { proxy_set_header X-Api-Key "{KEY}"; '
    "proxy_pass http://up; }\n}\n",
)
NOTHING = (
    'DB_PASSWORD = os.environ["DB_PASSWORD"]',
    'password = getpass.getpass("Password: ")',
    "password = None",
    "password = ''",
    "password: str",
    "password: Optional[str] = None",
    "def login(password='')",
    "PASSWORD_RESET_TIMEOUT = 259200",
    'raise ValueError("Invalid password")',
    'password = request.form["password"]',
    "token = secrets.token_urlsafe(32)",
    'api_key = config.get("api_key")',
    'api_key="YOUR_API_KEY"',
    'secret = "changeme"',
    "PASSWORD_HASHERS = ['django.contrib.auth.hashers.PBKDF2PasswordHasher']",
    'token_url = "https://auth.example.org/oauth/token"',
    'password_field = "user_password"',
    'KEY = "user:session:token"',
    "assert check_password('correct', hash)",
    "self.token = token",
    "TOKEN_TYPE = 'access_token'",
    'secret_name = "prod/db/password"',
    'api_key_header = APIKeyHeader(name="X-API-Key")',
    "'password': forms.CharField(widget=forms.PasswordInput)",
    "jwt.sign(payload, 'shhhhh')",
    "const password = useState('')",
    "password: Joi.string().required()",
    "type Props = { password: string; token?: string }",
    'placeholder="Enter your password"',
    "errors.password = 'Password is required'",
    "apiKey: process.env.API_KEY!",
    "token: localStorage.getItem('token')",
    "const TOKEN_KEY = 'auth_token'",
    "'login.password': 'Passwort'",
    "passwordInput.value",
    "if (password !== confirmPassword) {",
    "key: 'ArrowLeft'",
    "key={item.id}",
    "public_key: 'pk_test_123'",
    "secret: process.env.NODE_ENV === 'production'",
    "private String password;",
    "public void setPassword(String password)",
    '@Value("${db.password}")',
    "spring.datasource.password=${DB_PASSWORD}",
    'password := os.Getenv("DB_PASSWORD")',
    "$password = $_POST['password'];",
    "$password = password_hash($p, PASSWORD_DEFAULT);",
    "'password' => env('DB_PASSWORD', ''),",
    "password = Rails.application.credentials.db[:password]",
    'String token = request.getHeader("Authorization");',
    "IDENTIFIED BY '<password>'",
    "-----BEGIN PUBLIC KEY-----",
    "char password[64];",
    "#define PASSWORD_MAX 64",
    "enum { TOKEN_STRING, TOKEN_NUMBER }",
    "password VARCHAR(255) NOT NULL",
    "mysql -u root -p app",
    "SELECT password FROM users WHERE id = 1",
    "grant_type=password&username=",
    "Get-Credential -Message 'Enter password'",
    "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))) scott/Zk83jfq1@ORCL",
    "vault_db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256",
    "withCredentials([string(credentialsId: 'x', variable: 'TOKEN')])",
    "auth_basic_user_file /etc/nginx/.htpasswd;",
    "java.sql.SQLException: Access denied for user 'root'@'h' (using password: YES)",
    "DB_PASS=${DB_PASS}",
    "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-postgres}",
    "password: <redacted>",
    "password: xxxx",
    "password: null",
    "password: test",
    "password: changeme",
    "password: your-password-here",
    "PASSWORD=",
    'password: "{{ vault_db_password }}"',
    "password: ENC(abcdef123456)",
    "password: !Ref DBPassword",
    "password: '{{resolve:secretsmanager:db:SecretString:password}}'",
    "secretKeyRef:\n  name: db\n  key: password",
    "password: $(DB_PASSWORD)",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "api_key: op://vault/item/field",
    "password_file: /run/secrets/db",
    'token: ""',
    "secret: true",
    "password: required",
    "password.reset.title=Reset your password",
    "login.error.password=Wrong password. Please try again.",
    '"password": "Passwort"',
    '"password.label": "Mot de passe"',
    "tokenizer: bert-base-uncased",
    "max_tokens: 4096",
    "pad_token_id: 50256",
    "primary_key: user_id",
    "sort_key: created_at",
    "nonce: 4f8c2d1e9b7a",
    "csrf_token: {{ csrf_token() }}",
    "key: ${{ runner.os }}-node-${{ hashFiles('**/package-lock.json') }}",
    "ssl_certificate_key /etc/nginx/ssl/site.key;",
    "secretName: tls-secret",
    "passwordSecretRef: db-secret",
    "existingSecret: my-release-postgresql",
    "tokens: 1234567",
    "token_count=512",
    "keyboard_key: F12",
    "cache-key: v1-deps",
    "api-key-name: default",
    "password_encryption = scram-sha-256",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "requirepass foobared",
    "# password = secret",
    "hash: $2b$12$abcdefghijklmnopqrstuu",
    "passwd: files systemd",
    "pass: true",
    "passes: 3",
    "bypass: 10.0.0.0/8",
    "compass: north",
    "secretary: Ann Lee",
    "secretion: 12 ml",
    "tokenize=True",
    "key_press: Enter",
    "monkey: banana",
    "donkey: kong",
    "turkey: 12lb",
    "author_key: smith2020deep",
    "<input type='password' placeholder='Enter your password'>",
    '<label for="password">Password</label>',
    ".password-strength { width: 100%; }",
    "var e=t.password,n=t.token;",
    "r.password===i.password?a():o()",
    "validatePassword(password: string): boolean {",
    "throw new AuthError('Token expired')",
    "t('auth.password.tooShort')",
    "export const PASSWORD_REGEX = /^(?=.*[A-Z])(?=.*\\d).{8,}$/",
    "API_KEY_HEADER = 'X-API-Key'",
    "TOKEN_URL = 'https://accounts.example.org/o/oauth2/token'",
    "SECRET_NAME = 'prod/app/db'",
    "AUTH_TOKEN_TTL = 3600",
    "os.getenv('API_KEY', 'missing')",
    "if token == 'Bearer':",
    "token = 'eof'",
    "KEYWORDS = ['pass', 'return']",
    "PRIVATE_KEY_PATH=./keys/id_rsa",
    "runas /user:bob cmd",
    "New-PSDrive -Credential $cred",
    "snmp-server community public RO",
    "imap.login(user, password)",
    "client.username_pw_set(username, password)",
    "req.SetBasicAuth(user, pass)",
    'System.getenv("API_KEY") != null',
    'config.get("password", "")',
    'os.environ.get("TOKEN", "none")',
    "process.env.TOKEN || ''",
    "jwt.verify(token, secret)",
    'PASSWORD = "password"',
    'password = "test123"',
    "password = 'secret'",
    "password: admin",
    'password = "foo"',
    'password="pass"',
    '"password": "string"',
    "SWMTKN-1-<token>",
    "otpauth://totp/ACME:bob?secret=YOURSECRETHERE&issuer=ACME",
    "seed phrase: write your twelve words down and keep them safe from others",
    "mnemonic: a device such as a pattern of letters",
    "AllowedIPs = 0.0.0.0/0",
    "v1.2.3-4cae73470ab5",
    "/static/js/main.4cae7347.js",
    "session storage: key 'theme'",
)


def _filled(marked: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans, last = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[last : mark.start()]
        value = VALUES[mark.group()]
        spans.append((len(text), len(text) + len(value)))
        text += value
        last = mark.end()
    return text + marked[last:], spans


@pytest.mark.parametrize("marked", HITS)
def test_what_leaks_is_found_with_its_exact_span(marked: str) -> None:
    text, expected = _filled(marked)

    found = [one for one in secrets_engine().find(Subject(text)) if one.is_operative]

    assert [(one.span.start, one.span.end) for one in found] == expected


@pytest.mark.parametrize("text", NOTHING)
def test_code_and_configuration_without_a_secret_stay_silent(text: str) -> None:
    found = [one.rule for one in secrets_engine().find(Subject(text)) if one.is_operative]

    assert found == []
