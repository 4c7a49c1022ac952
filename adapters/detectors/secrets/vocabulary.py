"""The words by which names and values are judged."""


def _set(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


PASSWORD_WORDS = _set(
    """
    password passwords passwd passwort kennwort passphrase passcode pwd pass pw psw contraseña
    contrasena clave senha wachtwoord haslo hasło parola salasana lösenord losenord пароль
    motdepasse mdp credentials creds
    """
)
"""Words of a name that say password, in several languages."""

PASS_OWNERS = _set(
    """
    db user my smtp mail email ftp sftp admin root ssh sql mysql pg postgres mongo redis auth
    login key store keystore truststore http https proxy ldap imap pop bind svn git sudo wifi web
    old new default rabbit mq amqp api app host server service svc backup master zip pdf vpn vnc
    rdp
    """
)
"""What may stand before `pass` at the end of a word: `dbpass`, but not `lowpass`."""

SECRET_WORDS = _set(
    """
    secret secrets credential pepper
    """
)
"""Words of a name that say secret."""

TOKEN_WORDS = _set(
    """
    token bearer authorization authtoken accesstoken pat jwt ssws otp webhook
    """
)
"""Words of a name that say token."""

KEY_QUALIFIERS = _set(
    """
    api access secret private auth authentication encryption encrypt crypto cipher signing sign
    master account service session license licence shared webhook deploy app application client
    ssh admin root storage server hmac aes des rsa jwt cookie flask django rails laravel
    integration merchant consumer subscription user write function functions host ingest ingestion
    primary secondary instrumentation personal developer dev live test prod production staging
    stage sandbox my your our the this
    """
)
"""Words that make a following `key` one that has to be kept secret."""

JOINED_KEYS = _set(
    """
    apikey accesskey secretkey privatekey authkey privkey appkey encryptionkey signingkey
    masterkey accountkey sharedkey servicekey clientkey sharedaccesskey subscriptionkey
    """
)
"""Such keys written as one word."""

INNOCENT_TAILS = _set(
    """
    id ids identifier name names type types url uri urls path paths file files filename dir
    directory field fields label length len size count limit max min policy policies rule rules
    regex pattern format expiry expires expire expiration expired ttl timeout lifetime age prefix
    suffix header headers param params parameter env environ environment var variable column table
    class style hint help text title description desc message msg error errors status state
    enabled disabled required valid validated version index usage digest fingerprint checksum
    public arn ref refs reference manager provider vault store strategy method mode algorithm alg
    endpoint hostname port region bucket request response schema input placeholder template reset
    change changed forgot forgotten confirm strength rotation rotate generator factory handler
    helper validator hash hashed hashes kind scope scopes claims claim sha sha1 sha256 sha512 md5
    spec config settings options option info list map dict set array object policyname example
    examples test_name issuer audience source attempt attempts resolver getter cache page position
    offset exchange grant revocation introspection budget cost price window bits iterations rounds
    callback flow form dialog screen view visible visibility toggle button icon tooltip history
    created updated at on date time timestamp ratio percent span per ring pair pairs code codes
    press pressed event down up user username email mail domain subject account boundary principal
    encryption
    rs py js ts jsx tsx mjs cjs go java rb php cc cpp html css md rst yml yaml json toml txt
    startswith endswith contains exact iexact icontains isnull in
    """
)
"""Words that, behind a telling word, name something else: `password_field`, `token_url`."""

INNOCENT_ANYWHERE = _set(
    """
    public publishable pub tokenizer tokenize tokenization tokens tokenized primary foreign sort
    partition cache unique keyboard shortcut hot pagination continuation next cursor nonce pad bos
    eos cls sep mask unk special syntax lexer parser css i18n locale translation translations sha
    hash checksum digest fingerprint integrity commit etag md5 sha1 sha256 sha512 resolved
    invalid wrong incorrect fake mock mocked dummy bogus
    """
)
"""Words that make the whole name harmless: `public_key`, `max_tokens`, `integrity`."""

STAND_INS = _set(
    """
    null none nil undefined true false yes no on off empty unset default value values string str
    int integer bool boolean object any text optional required secret secrets password passwd
    passphrase pass pwd token tokens key keys apikey api_key api-key credential credentials auth
    bearer basic user username login name admin root test testing tests example sample demo hidden
    private public prompt input stdin env environment variable config configuration file path hash
    hashed encrypted plaintext plain md5 sha1 sha256 sha512 bcrypt hmac rsa jwt oauth oauth2 x xx
    xxx xxxx abc abcd foo bar baz qux foobar blah something whatever anything here there secretkey
    secret_key accesskey access_key mysecret mypassword mytoken mykey yourpassword process.env
    os.environ self this new invalid missing expired unknown unspecified n/a na tbd
    """
)
"""Values that stand for a value."""

STOCK_PASSWORDS = _set(
    """
    password pass passwd pwd secret admin root user username test guest postgres mysql mongo redis
    rabbitmq changeme example p pw pass123 passw0rd 123456 12345678 foo bar x
    """
)
"""Passwords of examples, defaults and tutorials; `tiger` is that of Oracle's demo user."""

DOCUMENTED_EXAMPLES = _set(
    """
    dpf43f3p2l4k3l03 hh5s93j4hdidpola hdhd0244k9j7ao03 nnch734d00sl2jdk pfkkdhi9sl3r4s00
    9djdj82h48djs9d2 kkk9d7dh3k39sjv7 j49sk3j29djd dh893hdasih9 kd94hf93k423kf44
    2YotnFZFEjr1zCsicMWpAA tGzv3JOkF0XG5Qx2TlKWIA gX1fBat3bV 7Fjfp0ZBr1KtDRbnfVdmIw A3ddj3w
    SplxlOBeZQQYbYS6WxSbIA czZCaGRSa3F0MzpnWDFmQmF0M2JW
    mF_9.B5f-4.1JqM h480djs93hd8 vF9dft4qmT
    45ghiukldjahdnhzdauz
    SlAV32hkKG 8xLOxBtZp8
    QWxhZGRpbjpvcGVuIHNlc2FtZQ== dGVzdDoxMjPCow==
    dGhlIHNhbXBsZSBub25jZQ==
    """
)
"""Tokens and passwords that every reader of a standard copies.

RFC 5849, 6749, 6750 and 7009, OpenID Connect Core, RFC 7617 and RFC 6455, in this order.
"""

MADE_UP_WORDS = _set(
    """
    password passwords passwd passwort passphrase passcode pass psw pswd pwd pw secret secrets
    sekret sekrit token key keys credential credentials cred creds auth login user username users
    account accounts admin administrator root guest client server service test testing tests tester
    example sample demo dummy fake mock foo bar baz qux hello world new old wrong bad good invalid
    incorrect correct valid mismatch other another same different some any none no not my your the
    this that is a an default initial temp tmp temporary change changed changeme me it strong weak
    simple complex long short super very top private public secure secured plain hashed encrypted
    hash option setting settings explicit netrc proxy http ftp smtp mail email db database sql mysql
    postgres redis mongo app api web ssl tls ssh origin original sentinel synthetic placeholder here
    value string text field input name for of with in to and or at after before abc xyz qwerty asdf
    letmein welcome word code x extra host aws reset set access refresh sign signin session basic
    bearer required optional geheim contraseña senha пароль секрет пасс
    """
)
"""Words of which passwords in examples, tests and manuals are made."""
