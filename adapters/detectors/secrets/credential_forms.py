"""The commands, headers, statements and files in which credentials stand, one form each."""

from dataclasses import dataclass

_OPTION = (
    "password|passwd|pwd|pass|passphrase|secret|token|api-?key|apikey|access-?token|auth-?token|"
    "secret-?key|client-?secret|access-?key|private-?key|db-?password|user-?password|admin-?"
    "password"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialForm:
    """One form in which credentials stand; group 1 or 2 of the expression is the secret.

    Where the form occurs in ordinary code and prose as well, it takes no mere word for a secret.
    """

    rule: str
    type: str
    title: str
    gate: str
    expression: str
    source: str
    score: float
    least_randomness: float = 0.0
    encoded: bool = False
    takes_words: bool = True
    near_miss: str = ""


FORMS = (
    CredentialForm(
        rule="authorization-basic",
        type="PASSWORD",
        title="HTTP basic authentication header",
        gate=r"(?i)\bbasic[ \t]+[0-9A-Za-z+/]{8}",
        expression=r"(?i:\bbasic)[ \t]{1,4}([0-9A-Za-z+/]{8,400}={0,2})(?:[^0-9A-Za-z+/=]|$)",
        source="https://www.rfc-editor.org/rfc/rfc7617",
        score=0.9,
        encoded=True,
        near_miss="Authorization: Basic ${CREDENTIALS}",
    ),
    CredentialForm(
        rule="authorization-bearer",
        type="GENERIC_SECRET",
        title="HTTP bearer token",
        gate=r"(?i)\bbearer[ \t]+[0-9A-Za-z_~+/.-]{12}",
        expression=(
            r"(?i:\bbearer)[ \t]{1,"
            r"4}([0-9A-Za-z_~+/.-]{16,800}={0,2})(?"
            r":[^0-9A-Za-z_~+/=.-]|$)"
        ),
        source="https://www.rfc-editor.org/rfc/rfc6750",
        score=0.8,
        least_randomness=0.8,
        near_miss="Authorization: Bearer YOUR_ACCESS_TOKEN",
    ),
    CredentialForm(
        rule="authorization-password",
        type="GENERIC_SECRET",
        title="Password-like bearer of an authorization header",
        gate=r"(?i)authorization[\"']?[ \t]*[:=]",
        expression=(
            r"(?i:authorization[\"']?[ \t]*[:=][ \t]*[\"']?bearer)[ \t]{1,4}([^\s\"'<>]{8,80})"
        ),
        source="https://www.rfc-editor.org/rfc/rfc6750",
        score=0.65,
        least_randomness=2.0,
        near_miss="Authorization: Bearer {{ token }}",
    ),
    CredentialForm(
        rule="curl-user",
        type="PASSWORD",
        title="User and password of curl or wget",
        gate=r"(?:\s-u|--user|--proxy-user|-U|\s-a|--auth)[ =]?[\"']?[^\s\"':]{1,80}:[^\s]",
        expression=(
            r"(?:(?:\bcurl\b|\bwget\b)[^\n]{0,300}?\s(?:-u|--user|--proxy-user|-U)|"
            r"\bhttps?\b[^\n]{0,300}?\s(?:-u|--user|-a|--auth))[ =]?"
            r"[\"']?[^\s\"':$]{1,80}:([^\s\"'@]{3,120})"
        ),
        source="https://curl.se/docs/manpage.html#-u",
        score=0.85,
        near_miss="curl -u user:$PASSWORD https://example.com",
    ),
    CredentialForm(
        rule="command-line-secret",
        type="PASSWORD",
        title="Secret as an option on a command line",
        gate=rf"(?i)--(?:{_OPTION})[ =]",
        expression=(
            rf"(?i:--(?:[a-z]{{2,12}}-)?(?:{_OPTION}))[ =]{{1,2}}[\"']{{0,2}}([^\s\"'<>`|"
            rf";-][^\s\"'<>`|;]{{3,200}})"
        ),
        source="https://cwe.mitre.org/data/definitions/214.html",
        score=0.75,
        takes_words=False,
        near_miss="--password-file /run/secrets/db",
    ),
    CredentialForm(
        rule="mysql-command-password",
        type="PASSWORD",
        title="Password of a database command",
        gate=(
            r"(?i)\b(?:mysql|mysqldump|mysqladmin|mariadb|mongo|mongosh|mongodump|redis-cli|sshpass|"
            r"sqlcmd|psexec)"
        ),
        expression=(
            r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]{0,160}?\s-p[\"']?"
            r"([^\s\"'$<-][^\s\"'<>]{3,80})"
            r"|(?:\b(?:sshpass|mongo|mongosh|mongodump|sqlcmd|(?i:psexec)(?:64)?(?:\.exe)?)\b"
            r"[^\n|;]{0,160}?\s-[pP]|\bredis-cli\b[^\n|;]{0,160}?\s-a)[ ]?[\"']?"
            r"([^\s\"'$<-][^\s\"'<>]{3,80})"
        ),
        source="https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html",
        score=0.75,
        takes_words=False,
        near_miss="mysql -u root -p",
    ),
    CredentialForm(
        rule="sql-create-user",
        type="PASSWORD",
        title="Password in an SQL statement",
        gate=(
            r"(?i)identified[ ]+by|(?:with|encrypted|set)[ ]+password|password[ ]*\(|password[ "
            r"]*=[ ]*N?'"
        ),
        expression=(
            r"(?i:identified[ ]+(?:with[ ]+\S+[ ]+)?by(?:[ ]+values)?|(?:create|alter)[ ]+(?"
            r":user|role|login)[^;\n]{1,200}?password[ ]*=?|\bset[ ]+password[^;\n]{0,80}?(?:=|\()"
            r")[ ]*(?:password[ ]*\([ ]*)?N?['\"]([^'\"\n]{3,120})['\"]"
        ),
        source="https://dev.mysql.com/doc/refman/8.4/en/create-user.html",
        score=0.85,
        near_miss="CREATE USER app IDENTIFIED BY :password",
    ),
    CredentialForm(
        rule="powershell-secure-string",
        type="PASSWORD",
        title="Plain text made a secure string in PowerShell",
        gate="(?i)convertto-securestring",
        expression=(
            r"(?i:convertto-securestring)[^\n]{0,60}?[ (][\"']([^\"'\n$]{3,120})[\"'][^\n]{0,"
            r"60}(?i:-asplaintext)"
        ),
        source=(
            "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/c"
            "onvertto-securestring"
        ),
        score=0.9,
        near_miss="ConvertTo-SecureString $password -AsPlainText -Force",
    ),
    CredentialForm(
        rule="powershell-secure-string-last",
        type="PASSWORD",
        title="Plain text made a secure string in PowerShell",
        gate="(?i)convertto-securestring",
        expression=(
            r"(?i:convertto-securestring)[^\n]{0,60}?(?i:-asplaintext)[^\n]{0,30}?[ "
            r"(][\"']([^\"'\n$]{3,120})[\"']"
        ),
        source=(
            "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/c"
            "onvertto-securestring"
        ),
        score=0.9,
        near_miss='ConvertTo-SecureString -AsPlainText "$password"',
    ),
    CredentialForm(
        rule="windows-net-user",
        type="PASSWORD",
        title="Password given to net user or net use",
        gate=r"(?i)\bnet[ ]+use",
        expression=(
            r"(?i:\bnet[ ]+user?)[ ]+(?:\S+[ ]+(?:\\\\\S+[ ]+)?(?i:/user:\S+)[ "
            r"]+([^\s/\"'<>%*][^\s\"'<>]{3,60})|[^\s/*]+[ ]+([^\s/\"'<>%*][^\s\"'<>]{3,60})[ "
            r"]+/add)"
        ),
        source=(
            "https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2"
            "012-r2-and-2012/cc771865(v=ws.11)"
        ),
        score=0.75,
        near_miss="net user alice * /add",
    ),
    CredentialForm(
        rule="netrc-password",
        type="PASSWORD",
        title="Password in a netrc file",
        gate=r"(?i)\b(?:machine|login|default)\b",
        expression=(
            r"\b(?:machine[ \t]+\S+|default)\s{1,8}login[ \t]+\S+\s{1,8}password[ "
            r"\t]+([^\s\"']{3,200})"
        ),
        source="https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
        score=0.9,
        near_miss="machine example.com login anonymous",
    ),
    CredentialForm(
        rule="docker-config-auth",
        type="PASSWORD",
        title="Registry credential in a Docker configuration",
        gate=r"\"auth\"[ ]*:|_auth[ ]*=",
        expression=(
            r"(?:\"auth\"[ \t]*:[ \t]*\"|\b_auth[ "
            r"\t]*=[ \t]*[\"']?)([0-9A-Za-z+/]{8,"
            r"400}={0,2})"
        ),
        source="https://docs.docker.com/reference/cli/docker/login/",
        score=0.9,
        encoded=True,
        near_miss='{"auth": "basic"}',
    ),
    CredentialForm(
        rule="npmrc-password",
        type="PASSWORD",
        title="Registry password in an npm configuration",
        gate="_password",
        expression=r":_password[ \t]*=[ \t]*[\"']?([0-9A-Za-z+/]{6,200}={0,2})",
        source="https://docs.npmjs.com/cli/v11/configuring-npm/npmrc",
        score=0.85,
        near_miss="//registry.example.org/:_password=${NPM_PASSWORD}",
    ),
    CredentialForm(
        rule="tuple-credentials",
        type="PASSWORD",
        title="User and password handed to an HTTP client",
        gate=r"(?i)auth[ ]*=[ ]*\(|basicauth\(",
        expression=(
            r"(?i:auth[ ]*=[ ]*(?:httpbasicauth)?|basicauth)\([ ]*[\"'][^\"'\n]{1,80}[\"'][ ]*,"
            r"[ ]*[\"']([^\"'\n]{3,120})[\"']"
        ),
        source="https://requests.readthedocs.io/en/latest/user/authentication/",
        score=0.8,
        takes_words=False,
        near_miss='auth=("user", password)',
    ),
    CredentialForm(
        rule="azure-sas-signature",
        type="CLOUD_KEY",
        title="Azure shared access signature",
        gate=r"[?&]sig=|\bsig=[0-9A-Za-z%]{20}",
        expression=r"\bs[vp]=[^\s\"'<>]{1,300}?[?&;]sig=([0-9A-Za-z%+/]{40,90}(?:%3[Dd]|=))",
        source="https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview",
        score=0.8,
        near_miss="?sv=2022-11-02&sp=r&sig=<signature>",
    ),
    CredentialForm(
        rule="password-in-sentence",
        type="PASSWORD",
        title="Password told in a sentence",
        gate=r"(?i)\b(?:password|passwd|passphrase|pw|pwd|passwort)[ ]",
        expression=(
            r"(?i:\b(?:password|passwd|passphrase|pw|pwd|passwort))[ ]{1,2}(?i:(?:to|as|with)[ "
            r"]{1,2})?[\"'`]?([^\s\"'`,;<>(){}=:]{6,64})"
        ),
        source="https://cwe.mitre.org/data/definitions/522.html",
        score=0.7,
        least_randomness=2.0,
        near_miss="password must be at least 12 characters",
    ),
    CredentialForm(
        rule="powershell-option-secret",
        type="PASSWORD",
        title="Secret as an option of a PowerShell command",
        gate=r"(?i)[ ]-(?:password|pass|pwd|clientsecret|apikey|accountkey|accesstoken)[ :]",
        expression=(
            r"(?i:[ ]-(?:password|pass|pwd|clientsecret|apikey|accountkey|accesstoken))[ :]{1,3}"
            r"[\"']?([^\s\"'<>`|;$(-][^\s\"'<>`|;]{3,120})"
        ),
        source="https://cwe.mitre.org/data/definitions/214.html",
        score=0.75,
        near_miss="Connect-VIServer -User ada -Password $password",
    ),
    CredentialForm(
        rule="net-credential-object",
        type="PASSWORD",
        title="Password handed to a .NET credential",
        gate=r"(?i)networkcredential\(|directoryentry\(|pscredential",
        expression=(
            r"(?i:networkcredential|pscredential)\s?\(\s{0,4}[\"'][^\"'\n]{0,80}[\"']\s{0,"
            r"4},\s{0,8}"
            r"@?[\"']([^\"'\n]{3,120})[\"']"
            r"|(?i:directoryentry)\s?\(\s{0,4}@?[\"'][^\"'\n]{0,160}[\"']\s{0,4},\s{0,8}@?"
            r"[\"'][^\"'\n]{0,80}"
            r"[\"']\s{0,4},\s{0,8}@?[\"']([^\"'\n]{3,120})[\"']"
        ),
        source="https://learn.microsoft.com/en-us/dotnet/api/system.net.networkcredential",
        score=0.85,
        near_miss="new NetworkCredential(user, password)",
    ),
    CredentialForm(
        rule="okta-ssws-header",
        type="GENERIC_SECRET",
        title="Okta API token in a header",
        gate="SSWS ",
        expression=r"\bSSWS[ ]{1,2}(00[0-9A-Za-z_-]{40})(?:[^0-9A-Za-z_-]|$)",
        source="https://developer.okta.com/docs/guides/create-an-api-token/",
        score=0.97,
        least_randomness=0.3,
        near_miss="Authorization: SSWS ${api_token}",
    ),
    CredentialForm(
        rule="thingsboard-device-address",
        type="GENERIC_SECRET",
        title="ThingsBoard device token in an address",
        gate="/api/v1/[0-9A-Za-z]{20}/",
        expression=r"/api/v1/([0-9A-Za-z]{20})/(?:telemetry|attributes|rpc|claim)",
        source="https://thingsboard.io/docs/reference/http-api/",
        score=0.85,
        least_randomness=0.6,
        near_miss="/api/v1/$ACCESS_TOKEN/telemetry",
    ),
    CredentialForm(
        rule="dockerfile-variable",
        type="GENERIC_SECRET",
        title="Secret in a variable of a Dockerfile",
        gate=r"(?m)^[ \t]*(?:ENV|ARG)[ \t]+[0-9A-Z_]*(?:PASS|SECRET|TOKEN|KEY)",
        expression=(
            r"(?m)^[ \t]*(?:ENV|ARG)[ \t]+[0-9A-Z_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|"
            r"ACCESS_KEY|PRIVATE_KEY|SECRET_KEY)[ \t]+[\"']?([^\s\"'$=<>{}]{8,200})[\"']?[ \t]*$"
        ),
        source="https://docs.docker.com/reference/dockerfile/#env",
        score=0.85,
        least_randomness=0.4,
        takes_words=False,
        near_miss="ENV API_TOKEN ${API_TOKEN}",
    ),
    CredentialForm(
        rule="kubeadm-join-token",
        type="CLOUD_KEY",
        title="Kubernetes bootstrap token on a command line",
        gate=r"--token[ =]",
        expression=r"--token[ =][\"']?([0-9a-z]{6}\.[0-9a-z]{16})(?:[^0-9A-Za-z]|$)",
        source="https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/",
        score=0.9,
        near_miss="kubeadm join --token $TOKEN",
    ),
)
