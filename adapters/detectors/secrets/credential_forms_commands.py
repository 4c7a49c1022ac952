"""Further commands, and the configuration of network devices, in which passwords stand."""

from adapters.detectors.secrets.credential_forms import CredentialForm

_VALUE = r"[\"']?([^\s\"'$<>|;`*-][^\s\"'<>|;`]{4,80})"
_OPTION = r"[^\n|;]{0,200}?\s"

FORMS = (
    CredentialForm(
        rule="login-command-password",
        type="PASSWORD",
        title="Password given to a log-in command",
        gate=r"\blogin\b|\btwine upload|\bcqlsh\b|\brabbitmqadmin\b|\blftp\b|\bopenssl\b",
        expression=(
            r"\b(?:(?:docker|podman|nerdctl|buildah|az|oc|cf|argocd|ibmcloud|helm registry) login"
            rf"|twine upload|cqlsh|rabbitmqadmin)\b{_OPTION}-p[ =]{_VALUE}"
            r"|\b(?:lftp\b[^\n|;]{0,80}?\s-u[ ]?[^\s,]{1,60},"
            rf"|openssl\s+enc\b{_OPTION}-k[ ]){_VALUE}"
        ),
        source="https://docs.docker.com/reference/cli/docker/login/",
        score=0.75,
        takes_words=False,
        near_miss="docker login -u ada -p $TOKEN registry.example.org",
    ),
    CredentialForm(
        rule="piped-password",
        type="PASSWORD",
        title="Password echoed into a command that asks for one",
        gate=r"\|\s{0,2}(?:sudo|docker|podman|helm|chpasswd|kinit|cryptsetup|passwd|oc|gpg)",
        expression=(
            r"\becho\s+(?:-[ne]{1,2}\s+)?[\"']?(?:[a-z_][\w.-]{0,31}:)?"
            r"([^\s\"'$<>|;`:][^\s\"'<>|;`]{4,80})[\"']?\s*\|\s*"
            r"(?:sudo\s+-S|(?:sudo\s+)?(?:chpasswd|passwd|cryptsetup|kinit)|"
            r"(?:docker|podman|helm|oc)\b[^\n|;]{0,120}?--password-stdin|"
            r"gpg\b[^\n|;]{0,80}?--passphrase-fd)"
        ),
        source="https://man7.org/linux/man-pages/man8/chpasswd.8.html",
        score=0.8,
        takes_words=False,
        near_miss='echo "$PASSWORD" | docker login -u ada --password-stdin',
    ),
    CredentialForm(
        rule="archive-command-password",
        type="PASSWORD",
        title="Password of an archive on a command line",
        gate=r"\b(?:un)?zip\b|\b7za?\b|\bu?n?rar\b",
        expression=(
            rf"\b(?:un)?zip\b{_OPTION}-P[ ]?{_VALUE}"
            rf"|\b(?:7za?|unrar|rar)\s[^\n|;]{{0,160}}?\s-h?p{_VALUE}"
        ),
        source="https://linux.die.net/man/1/zip",
        score=0.75,
        takes_words=False,
        near_miss="unzip -P $PASSWORD a.zip",
    ),
    CredentialForm(
        rule="keystore-command-password",
        type="PASSWORD",
        title="Password of a key store on a command line",
        gate=r"-(?:src|dest)?(?:store|key)pass\s",
        expression=rf"\s-(?:src|dest)?(?:store|key)pass\s+{_VALUE}",
        source="https://docs.oracle.com/en/java/javase/21/docs/specs/man/keytool.html",
        score=0.75,
        takes_words=False,
        near_miss="keytool -list -keystore k.jks -storepass changeit",
    ),
    CredentialForm(
        rule="directory-command-password",
        type="PASSWORD",
        title="Password given to a command for directories, shares or remote desktops",
        gate=(
            r"\bldap(?:search|add|modify|delete|whoami)\b|\bsmb(?:client|map|get)\b|\brpcclient\b|"
            r"\bmount\b[^\n]{1,200}pass(?:word)?=|/p:\S"
        ),
        expression=(
            rf"\bldap(?:search|add|modify|delete|whoami)\b{_OPTION}-w[ ]?{_VALUE}"
            r"|(?:\b(?:smbclient|smbmap|smbget|rpcclient)\b[^\n|;]{0,160}?\s(?:-U|--user)[ =]?"
            r"[\"']?[^\s%\"']{1,60}%|\bmount\b[^\n|;]{1,200}?[ ,]pass(?:word)?=|"
            r"\bx?freerdp\b[^\n|;]{0,160}?\s/p:)[\"']?([^\s\"'$<>|;`*,-][^\s\"'<>|;`,]{4,80})"
        ),
        source="https://www.samba.org/samba/docs/current/man-html/smbclient.1.html",
        score=0.75,
        takes_words=False,
        near_miss="ldapsearch -x -D cn=admin,dc=example -W -b dc=example",
    ),
    CredentialForm(
        rule="database-command-password",
        type="PASSWORD",
        title="Password of a database on a command line",
        gate=r"\bbcp\b|\bsqlplus\b|\b(?:exp|imp)dp\b|\bsqlldr\b|\bhtpasswd\b|--requirepass|\brman\b",
        expression=(
            rf"\bbcp\s{_OPTION}-P[ ]?{_VALUE}"
            r"|(?:\b(?:sqlplus|expdp|impdp|sqlldr|rman\s+target)\s+(?:-[A-Za-z]+\s+){0,4}[\"']?"
            r"[A-Za-z_][\w$#]{0,40}/|\bhtpasswd\s+-[a-zA-Z]{0,6}b[a-zA-Z]{0,4}\s+(?:\S+\s+)?\S+\s+|"
            r"--requirepass[ =])[\"']?([^\s\"'$<>|;`*@/&-][^\s\"'<>|;`@/]{4,80})"
        ),
        source="https://docs.oracle.com/en/database/oracle/oracle-database/23/sqpug/",
        score=0.75,
        takes_words=False,
        near_miss="sqlplus / as sysdba",
    ),
    CredentialForm(
        rule="aws-configure-set",
        type="CLOUD_KEY",
        title="Secret given to aws configure",
        gate=r"aws configure set",
        expression=(
            r"\baws configure set (?:aws_secret_access_key|aws_session_token)[ =]+"
            r"[\"']?([0-9A-Za-z+/=]{40,})"
        ),
        source="https://docs.aws.amazon.com/cli/latest/reference/configure/set.html",
        score=0.9,
        least_randomness=0.4,
        takes_words=False,
        near_miss="aws configure set region eu-west-1",
    ),
    CredentialForm(
        rule="network-device-password",
        type="PASSWORD",
        title="Password in the configuration of a router or switch",
        gate=(
            r"(?m)^[ \t]*(?:username \S+ |enable (?:password|secret)|snmp-server community|"
            r"(?:tacacs|radius)-server|neighbor \S+ password|key-string|set system .{1,80}password)"
        ),
        expression=(
            r"(?m)^[ \t]*(?:username \S+ (?:privilege \d{1,2} )?(?:password|secret)|"
            r"enable (?:password|secret)(?: level \d{1,2})?|snmp-server community|"
            r"(?:tacacs|radius)-server[^\n]{0,120}? key|neighbor \S+ password|key-string|"
            r"set system [^\n]{1,80}plain-text-password) (?:[05-9] )?"
            r"([^\s\"'$<>|;`*][^\s\"'<>|;`]{4,120})"
        ),
        source="https://www.cisco.com/c/en/us/support/docs/security-vpn/remote-authentication-dial-user-service-radius/107614-64.html",
        score=0.75,
        takes_words=False,
        near_miss="snmp-server community public RO",
    ),
    CredentialForm(
        rule="wifi-passphrase",
        type="PASSWORD",
        title="Passphrase of a wireless network",
        gate=r"\bnmcli\b|wpa_passphrase|\bpsk=|\bsae_password=|\biwconfig\b",
        expression=(
            r"(?m)(?:\bnmcli\b[^\n|;]{0,160}?\bpassword\s+|\bwpa_passphrase\s+\S+\s+|"
            r"\biwconfig\b[^\n|;]{0,80}?\bkey\s+s:)[\"']?([^\s\"'$<>|;`]{8,63})"
            r"|^[ \t]*(?:wpa_passphrase|psk|sae_password)=[\"']?([^\s\"'$<>|;`]{8,64})[\"']?[ \t]*$"
        ),
        source="https://w1.fi/cgit/hostap/plain/wpa_supplicant/wpa_supplicant.conf",
        score=0.8,
        takes_words=False,
        near_miss='psk="your-passphrase"',
    ),
    CredentialForm(
        rule="openvpn-static-key",
        type="PRIVATE_KEY",
        title="Static key of OpenVPN",
        gate="BEGIN OpenVPN Static key",
        expression=(
            r"-----BEGIN OpenVPN Static key V1-----\s{1,4}"
            r"((?:[0-9a-f]{32}\s{1,2}){1,15}[0-9a-f]{32})"
        ),
        source="https://openvpn.net/community-resources/static-key-mini-howto/",
        score=0.95,
        near_miss="-----BEGIN OpenVPN Static key V1-----",
    ),
    CredentialForm(
        rule="credentials-pair-in-prose",
        type="PASSWORD",
        title="User and password told in a sentence",
        gate=r"(?i)\b(?:creds|credentials|login)\b|\bu(?:ser)?:",
        expression=(
            r"(?i)\b(?:creds|credentials|login)(?: for [\w.-]{1,30})?(?: is| are)?:?[ ]{1,2}"
            r"[\w.@+-]{2,60}(?: / |: ?| : )([^\s\"'`,;<>(){}]{6,64})"
            r"|\bu(?:ser)?: ?[\w.@+-]{2,60}[ ,]{1,3}p(?:w|wd|ass)?: ?([^\s\"'`,;<>(){}]{6,64})"
        ),
        source="https://cwe.mitre.org/data/definitions/522.html",
        score=0.7,
        least_randomness=2.0,
        takes_words=False,
        near_miss="creds are in the vault / ask ada",
    ),
    CredentialForm(
        rule="windows-command-password",
        type="PASSWORD",
        title="Password given to a Windows command",
        gate=r"(?i)\bschtasks\b|\bcmdkey\b|\bnet[ ]+use\b|\bwmic\b",
        expression=(
            r"(?i:\b(?:schtasks|cmdkey|wmic)\b)[^\n|&]{0,200}?\s(?i:/(?:rp|pass(?:word)?):?[ ]?)"
            rf"{_VALUE}"
            r"|(?i:\bnet[ ]+use)[ ]+(?:[A-Za-z*]:?[ ]+)?\\\\\S+[ ]+"
            r"([^\s/\"'<>%*][^\s\"'<>]{4,60})[ ]+(?i:/user:)"
        ),
        source="https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/schtasks-create",
        score=0.75,
        takes_words=False,
        near_miss="schtasks /create /ru ada /rp * /tn job",
    ),
)
"""What commands and devices are told; `credential_forms` has the commonest."""
