"""Calls of libraries that are handed a password or a key as a literal."""

from adapters.detectors.secrets.credential_forms import CredentialForm

_FIRST = r"[\"'`][^\"'`\n]{1,120}[\"'`]\s{0,4},\s{0,8}"
_LITERAL = r"(?:[bru@]{1,2})?[\"'`]([^\"'`\s<>{}$]{6,160})[\"'`]"

FORMS = (
    CredentialForm(
        rule="login-call",
        type="PASSWORD",
        title="User and password handed to a log-in call",
        gate=(
            r"\.(?:login|auth|basic|authenticate|username_pw_set|SetBasicAuth|setBasicAuth|basicAuth)\(|"
            r"(?:UsernamePasswordCredentials|PasswordAuthentication|HTTPDigestAuth|"
            r"PlainTextAuthProvider|BasicAWSCredentials|PlainCredentials)\("
        ),
        expression=(
            r"(?:\.(?:login|auth|basic|authenticate|username_pw_set|SetBasicAuth|setBasicAuth|basicAuth)|"
            r"(?:UsernamePasswordCredentials|PasswordAuthentication|HTTPDigestAuth|"
            r"PlainTextAuthProvider|BasicAWSCredentials|PlainCredentials))\(\s{0,8}(?:\w{1,24}\s?=\s?)?"
            rf"{_FIRST}(?:\w{{1,24}}\s?=\s?)?{_LITERAL}"
        ),
        source="https://docs.python.org/3/library/smtplib.html#smtplib.SMTP.login",
        score=0.8,
        least_randomness=2.0,
        takes_words=False,
        near_miss='server.login("ada@example.org", password)',
    ),
    CredentialForm(
        rule="database-call",
        type="PASSWORD",
        title="User and password handed to a database call",
        gate=(
            r"getConnection\(|mysqli?(?:_real)?(?:_connect)?\(|\bPDO\(|MySQLdb\.connect\(|"
            r"(?:cx_Oracle|oracledb)\.connect\(|oci_connect\(|ldap_bind\(|odbc_connect\("
        ),
        expression=(
            r"(?:getConnection|\bmysqli(?:_real)?(?:_connect)?|\bmysql_connect|\bPDO|"
            rf"MySQLdb\.connect|odbc_connect|ldap_bind)\(\s{{0,8}}[^,\n()]{{1,200}},\s{{0,8}}{_FIRST}{_LITERAL}"
            rf"|(?:(?:cx_Oracle|oracledb)\.connect|oci_connect)\(\s{{0,8}}{_FIRST}{_LITERAL}"
        ),
        source="https://docs.oracle.com/javase/tutorial/jdbc/basics/connecting.html",
        score=0.8,
        least_randomness=2.0,
        takes_words=False,
        near_miss='DriverManager.getConnection(url, "app", password)',
    ),
    CredentialForm(
        rule="signing-call",
        type="GENERIC_SECRET",
        title="Key handed to a call that signs or encrypts",
        gate=(
            r"jwt\.(?:sign|verify|encode|decode)\(|signWith\(|createHmac\(|[hH][mM][aA][cC]\.new\(|"
            r"AES\.new\(|Fernet\(|createCipheriv\(|cookieParser\(|SecretKeySpec\(|Serializer\("
        ),
        expression=(
            r"(?:\bjwt\.(?:sign|verify|encode|decode)\(\s{0,8}(?:\{[^{}\n]{0,200}\}|[^,\n(){}]{1,120}),\s{0,8}"
            r"|\bsignWith\(\s{0,4}(?:[\w.]{1,60},\s{0,4})?|\bcreate(?:Hmac|Cipheriv)\(\s{0,4}[\"'][\w-]{1,24}[\"'],\s{0,4}"
            r"|\b(?:hmac|HMAC|AES)\.new\(\s{0,4}(?:key\s?=\s?)?|\bFernet\(\s{0,4}|\bcookieParser\(\s{0,4}"
            r"|\bSecretKeySpec\(\s{0,4}|Serializer\(\s{0,4})"
            r"[bru]{0,2}[\"'`]([^\"'`\s<>{}$]{8,160})[\"'`]"
        ),
        source="https://www.rfc-editor.org/rfc/rfc7518#section-3.2",
        score=0.75,
        least_randomness=0.75,
        takes_words=False,
        near_miss='jwt.sign(payload, "secret")',
    ),
    CredentialForm(
        rule="authorization-token",
        type="GENERIC_SECRET",
        title="Token of an authorization header with a scheme of its own",
        gate=r"(?i)authorization[\"'`]?[ \t]*[:=,]",
        expression=(
            r"(?i:authorization[\"'`]?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?"
            r"(?:token|api-?key|key|genie-?key)"
            r"[ \t]{1,4}(?:token=)?)[\"']?([0-9A-Za-z_~+/.-]{16,400}={0,2})"
        ),
        source="https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api",
        score=0.8,
        least_randomness=0.5,
        takes_words=False,
        near_miss="Authorization: token YOUR_ACCESS_TOKEN",
    ),
    CredentialForm(
        rule="session-cookie",
        type="GENERIC_SECRET",
        title="Session of a cookie",
        gate=r"(?i)cookie[\"']?[ \t]*[:,=]",
        expression=(
            r"(?i:\b(?:set-)?cookie[\"']?[ \t]{0,2}[:,][ \t]{0,2}[\"']?(?:[^\n\"']{0,200}?[; ])?"
            r"(?:[a-z_]{0,16}session(?:_?id)?|sess|sid|connect\.sid|phpsessid|jsessionid|"
            r"asp\.net_sessionid|auth_?token|access_?token|remember_?token)=)([^;\s\"'<>{}$]{16,400})"
        ),
        source="https://www.rfc-editor.org/rfc/rfc6265#section-8.4",
        score=0.7,
        least_randomness=0.75,
        takes_words=False,
        near_miss="Set-Cookie: session=<id>; Path=/; HttpOnly",
    ),
    CredentialForm(
        rule="wordpress-salt",
        type="GENERIC_SECRET",
        title="Key or salt of WordPress",
        gate=r"(?:AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)",
        expression=(
            r"(?:(?:SECURE_)?AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)[\"']\s{0,4},\s{0,16}"
            r"(?:'([^'\n]{40,80})'|\"([^\"\n]{40,80})\")"
        ),
        source="https://api.wordpress.org/secret-key/1.1/salt/",
        score=0.85,
        least_randomness=0.5,
        takes_words=False,
        near_miss="define('AUTH_KEY', 'put your unique phrase here');",
    ),
    CredentialForm(
        rule="terraform-variable-default",
        type="PASSWORD",
        title="Default of a Terraform variable that holds a secret",
        gate=r"(?m)^[ \t]*variable[ \t]+\"",
        expression=(
            r"(?m)^[ \t]*variable[ \t]+\"[\w-]{0,40}(?:password|passwd|secret|token|api_key)\""
            r"[ \t]*\{[^{}]{0,400}?\bdefault[ \t]*=[ \t]*\"([^\"\n$]{5,200})\""
        ),
        source="https://developer.hashicorp.com/terraform/language/values/variables",
        score=0.75,
        takes_words=False,
        near_miss='variable "db_password" {\n  default = ""\n}',
    ),
)
"""What programs are told in their source."""
