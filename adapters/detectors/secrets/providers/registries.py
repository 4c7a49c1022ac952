"""Tokens of package and image registries."""

from functools import partial

from adapters.detectors.secrets.checks import prefixed_checksum, with_prefixed_checksum
from adapters.detectors.secrets.recogniser import TokenRule

_rule = partial(TokenRule, type="REGISTRY_TOKEN")

_PYPI = "PyPI help, API tokens"
_JFROG = "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens"

RULES: tuple[TokenRule, ...] = (
    _rule(
        "npm-token",
        "npm access token",
        "npm_{w36}",
        "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/",
        check=prefixed_checksum,
        check_name="crc32",
        complete=with_prefixed_checksum,
    ),
    _rule(
        "npm-token-legacy",
        "npm access token",
        "{uuid}",
        "https://docs.npmjs.com/about-access-tokens",
        names=("_authtoken", "npm[_. -]?(?:auth[_. -]?)?token"),
        least_randomness=0.0,
    ),
    _rule("pypi-token", "PyPI API token", "pypi-AgEIcHlwaS5vcmc{s50+}", _PYPI),
    _rule("testpypi-token", "TestPyPI API token", "pypi-AgENdGVzdC5weXBpLm9yZw{s50+}", _PYPI),
    _rule(
        "rubygems-key",
        "RubyGems API key",
        "rubygems_{h48}",
        "https://guides.rubygems.org/api-key-scopes/",
    ),
    _rule(
        "crates-io-token",
        "crates.io API token",
        "cio{w32}",
        "https://doc.rust-lang.org/cargo/reference/publishing.html",
    ),
    _rule(
        "nuget-api-key",
        "NuGet API key",
        "oy2{l43}",
        "https://learn.microsoft.com/en-us/nuget/nuget-org/scoped-api-keys",
    ),
    _rule(
        "dockerhub-pat",
        "Docker Hub personal access token",
        "dckr_pat_{s27}",
        "https://docs.docker.com/security/access-tokens/",
    ),
    _rule(
        "dockerhub-oat",
        "Docker Hub organisation access token",
        "dckr_oat_{s32}",
        "https://docs.docker.com/enterprise/security/access-tokens/",
    ),
    _rule(
        "clojars-token",
        "Clojars deploy token",
        "CLOJARS_{l60}",
        "https://github.com/clojars/clojars-web/wiki/Deploy-Tokens",
    ),
    _rule(
        "hex-api-key",
        "Hex.pm API key",
        "{h32}",
        "https://hex.pm/docs/publish",
        names=("hex[_-](?:api[_-])?(?:key|token)",),
    ),
    _rule(
        "packagist-token",
        "Private Packagist token",
        "packagist_(ack|cpk|ors|ups|urs|uut|ucs)_{h64-68}",
        "https://packagist.com/docs",
    ),
    _rule("jfrog-api-key", "JFrog API key", "AKCp{w69}", _JFROG),
    _rule("jfrog-reference-token", "JFrog reference token", "cmVmd{w59}", _JFROG),
    _rule(
        "cloudsmith-key",
        "Cloudsmith API key",
        "{h40}",
        "https://help.cloudsmith.io/docs/api-key",
        names=("cloudsmith",),
    ),
    _rule(
        "gemfury-token",
        "Gemfury deploy token",
        "{w20}",
        "https://gemfury.com/help/tokens",
        names=("gemfury", "fury[_-](?:auth|push|deploy)"),
    ),
    _rule(
        "quay-token",
        "Quay application token",
        "{w40}",
        "https://docs.quay.io/api/",
        names=("quay[_. -]?(?:io|api|oauth|auth)?[_. -]?token",),
    ),
    _rule(
        "open-vsx-token",
        "Open VSX access token",
        "ovsx(at|p)_{uuid}",
        "https://github.com/eclipse/openvsx/wiki/Publishing-Extensions",
        least_randomness=0.0,
    ),
    _rule(
        "anaconda-token",
        "Anaconda.org token",
        "an-{w32-40}",
        "https://docs.anaconda.com/anacondaorg/user-guide/tasks/work-with-accounts/",
        names=("anaconda", "conda", "binstar"),
    ),
    _rule(
        "maven-central-portal-token",
        "Maven Central portal token",
        "{b44}",
        "https://central.sonatype.org/publish/generate-portal-token/",
        names=("sonatype", "ossrh", "maven[_. -]?central"),
    ),
    _rule(
        "libraries-io-key",
        "Libraries.io API key",
        "{h32}",
        "https://libraries.io/api",
        names=("libraries[_.-]?io",),
    ),
)
