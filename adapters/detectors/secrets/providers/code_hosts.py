"""Tokens of code hosts, continuous integration and code analysis."""

from functools import partial

from adapters.detectors.secrets.checks import prefixed_checksum, with_prefixed_checksum
from adapters.detectors.secrets.recogniser import TokenRule

_rule = partial(TokenRule, type="VCS_TOKEN")

_GITHUB = (
    "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-f"
    "ormats/"
)
_GITLAB = "https://docs.gitlab.com/security/tokens/"
_ATLASSIAN = (
    "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-a"
    "ccount/"
)

_github = partial(
    _rule,
    source=_GITHUB,
    check=prefixed_checksum,
    check_name="crc32",
    complete=with_prefixed_checksum,
)


RULES: tuple[TokenRule, ...] = (
    _github("github-pat", "GitHub personal access token (classic)", "ghp_{w36}"),
    _github("github-oauth-token", "GitHub OAuth token", "gho_{w36}"),
    _github("github-user-token", "GitHub App user token", "ghu_{w36}"),
    _github("github-server-token", "GitHub App installation token", "ghs_{w36}"),
    _github("github-refresh-token", "GitHub App refresh token", "ghr_{w36}"),
    _rule("github-refresh-token-long", "GitHub App refresh token", "ghr_{w76}", _GITHUB),
    _rule(
        "github-fine-grained-pat",
        "GitHub fine-grained personal access token",
        "github_pat_{w22}_{w59}",
        _GITHUB,
    ),
    _rule("gitlab-pat", "GitLab personal access token", "glpat-{s20}", _GITLAB),
    _rule(
        "gitlab-pat-routable", "GitLab personal access token", "glpat-{s27-300}.{l2}{l7}", _GITLAB
    ),
    _rule("gitlab-deploy-token", "GitLab deploy token", "gldt-{s20}", _GITLAB),
    _rule("gitlab-runner-token", "GitLab runner authentication token", "glrt-{s20-60}", _GITLAB),
    _rule(
        "gitlab-runner-registration", "GitLab runner registration token", "GR1348941{s20}", _GITLAB
    ),
    _rule("gitlab-ci-job-token", "GitLab CI/CD job token", "glcbt-{s1-5}_{s20}", _GITLAB),
    _rule("gitlab-trigger-token", "GitLab pipeline trigger token", "glptt-{h40}", _GITLAB),
    _rule("gitlab-feed-token", "GitLab feed token", "glft-{s20-64}", _GITLAB),
    _rule("gitlab-incoming-mail-token", "GitLab incoming mail token", "glimt-{s25}", _GITLAB),
    _rule("gitlab-agent-token", "GitLab agent token", "glagent-{s50}", _GITLAB),
    _rule("gitlab-oauth-secret", "GitLab OAuth application secret", "gloas-{h64}", _GITLAB),
    _rule("gitlab-scim-token", "GitLab SCIM token", "glsoat-{s20}", _GITLAB),
    _rule(
        "gitlab-feature-flag-token", "GitLab feature flags client token", "glffct-{s20}", _GITLAB
    ),
    _rule("atlassian-api-token", "Atlassian API token", "ATATT3xFfGF0{e140-260}", _ATLASSIAN),
    _rule(
        "atlassian-admin-token",
        "Atlassian organisation API key",
        "ATCTT3xFfGN0{e120-260}",
        _ATLASSIAN,
    ),
    _rule(
        "atlassian-api-token-legacy",
        "Atlassian API token",
        "{w24}",
        _ATLASSIAN,
        names=("atlassian", "jira", "confluence"),
    ),
    _rule(
        "bitbucket-app-password",
        "Bitbucket app password",
        "ATBB{w32}",
        "https://support.atlassian.com/bitbucket-cloud/docs/app-passwords/",
    ),
    _rule(
        "bitbucket-access-token",
        "Bitbucket repository access token",
        "ATCTT3xFfGF0{e120-260}",
        "https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
    ),
    _rule(
        "bitbucket-data-center-token",
        "Bitbucket Data Center token",
        "BBDC-{b44}",
        "https://confluence.atlassian.com/bitbucketserver/http-access-tokens-939515499.html",
    ),
    _rule(
        "bitbucket-client-secret",
        "Bitbucket OAuth consumer secret",
        "{w32}",
        "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        names=("bitbucket",),
    ),
    _rule(
        "azure-devops-pat",
        "Azure DevOps personal access token",
        "{w76}AZDO{w4}",
        "https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-"
        "access-tokens-to-authenticate",
        gate="AZDO",
    ),
    _rule(
        "azure-devops-pat-legacy",
        "Azure DevOps personal access token",
        "{l52}",
        "https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-"
        "access-tokens-to-authenticate",
        names=(
            "azure[_. -]?devops",
            r"\bado[_-]",
            "vsts",
            "azdo",
            "system[_-]accesstoken",
            "vsce[_-]?pat",
        ),
    ),
    _rule(
        "sourcegraph-token",
        "Sourcegraph access token",
        "sgp_(local_|){h40}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    _rule(
        "sourcegraph-token-instance",
        "Sourcegraph access token",
        "sgp_{h16}_{h40}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    _rule(
        "sourcegraph-license-key",
        "Sourcegraph licence token",
        "slk_{h64}",
        "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
    ),
    _rule(
        "gitea-token",
        "Gitea or Forgejo token",
        "{h40}",
        "https://docs.gitea.com/development/api-usage",
        names=(
            "gitea[_. -]?(?:access[_. -]?)?token",
            "forgejo[_. -]?(?:access[_. -]?)?token",
            "codeberg[_. -]?token",
        ),
    ),
    _rule(
        "gitee-token",
        "Gitee token",
        "{h32}",
        "https://gitee.com/api/v5/swagger",
        names=("gitee[_. -]?(?:access[_. -]?)?token",),
    ),
    _rule(
        "phabricator-token",
        "Phabricator API token",
        "(api|cli)-{l28}",
        "https://secure.phabricator.com/book/phabricator/article/conduit/",
    ),
    _rule(
        "circleci-personal-token",
        "CircleCI personal token",
        "CCIPAT_{w22}_{h40}",
        "https://circleci.com/docs/managing-api-tokens/",
    ),
    _rule(
        "circleci-project-token",
        "CircleCI project token",
        "CCIPRJ_{w22}_{h40}",
        "https://circleci.com/docs/managing-api-tokens/",
    ),
    _rule(
        "circleci-token-legacy",
        "CircleCI token",
        "{h40}",
        "https://circleci.com/docs/managing-api-tokens/",
        names=("circle[_-]?(?:ci)?[_-]?(?:api[_-]?)?token",),
    ),
    _rule(
        "travis-token",
        "Travis CI token",
        "{s22}",
        "https://docs.travis-ci.com/user/triggering-builds/",
        names=("travis[_. -]?(?:ci)?[_. -]?(?:api|access|auth)?[_. -]?token",),
    ),
    _rule(
        "drone-token",
        "Drone CI token",
        "{w32}",
        "https://docs.drone.io/cli/setup/",
        names=("drone[_. -]?(?:ci)?[_. -]?token",),
    ),
    _rule(
        "buildkite-token",
        "Buildkite API token",
        "bk(ua|aj|ct|pt|at)_{w40-64}",
        "https://buildkite.com/docs/apis/managing-api-tokens",
    ),
    _rule(
        "jenkins-token",
        "Jenkins API token",
        "11{h32}",
        "https://www.jenkins.io/doc/book/using/using-credentials/",
        names=("jenkins",),
    ),
    _rule(
        "jenkins-crumb",
        "Jenkins crumb",
        "{h32-64}",
        "https://www.jenkins.io/doc/book/security/csrf-protection/",
        names=("jenkins[_-]?crumb", r"\.crumb"),
    ),
    _rule(
        "octopus-api-key",
        "Octopus Deploy API key",
        "API-{u26}",
        "https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
    ),
    _rule(
        "sonar-token",
        "SonarQube or SonarCloud token",
        "sq(u|p|a|b|d|s)_{h40}",
        "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/",
    ),
    _rule(
        "sonar-token-legacy",
        "SonarQube or SonarCloud token",
        "{h40}",
        "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/",
        names=("sonar[_. -]?(?:qube|cloud)?[_. -]?(?:login|token|auth)",),
    ),
    _rule(
        "snyk-token",
        "Snyk token",
        "{uuid}",
        "https://docs.snyk.io/snyk-api/authentication-for-api",
        names=("snyk[_. -]?(?:api|oauth)?[_. -]?(?:token|key)",),
        least_randomness=0.0,
    ),
    _rule(
        "codecov-token",
        "Codecov upload token",
        "{uuid}",
        "https://docs.codecov.com/docs/codecov-tokens",
        names=("codecov[_. -]?token",),
        least_randomness=0.0,
    ),
    _rule(
        "codeclimate-token",
        "Code Climate reporter token",
        "{h64}",
        "https://docs.codeclimate.com/docs/finding-your-test-coverage-token",
        names=("code[_-]?climate", "cc[_-]test[_-]reporter[_-]id"),
    ),
    _rule(
        "coveralls-token",
        "Coveralls repository token",
        "{w32-33}",
        "https://docs.coveralls.io/",
        names=("coveralls[_. -]?(?:repo[_. -]?)?token",),
    ),
    _rule(
        "gitguardian-token",
        "GitGuardian API key",
        "{w71}",
        "https://docs.gitguardian.com/api-docs/authentication",
        names=("gitguardian",),
    ),
    _rule(
        "prefect-api-key",
        "Prefect API key",
        "pn(u|b)_{l36}",
        "https://docs.prefect.io/v3/manage/cloud/manage-users/api-keys",
    ),
    _rule(
        "launchdarkly-key",
        "LaunchDarkly key",
        "(api|sdk|mob)-{uuid}",
        "https://launchdarkly.com/docs/home/account/api",
        least_randomness=0.0,
        gate="(?:api|sdk|mob)-[0-9A-Fa-f]{8}-",
    ),
    _rule(
        "statsig-key",
        "Statsig server key",
        "secret-{w40-50}",
        "https://docs.statsig.com/",
        names=("statsig",),
    ),
    _rule(
        "postman-api-key",
        "Postman API key",
        "PMAK-{h24}-{h34}",
        "https://learning.postman.com/docs/reference/postman-api/authentication/",
    ),
    _rule(
        "readme-api-key",
        "ReadMe API key",
        "rdme_{l70}",
        "https://docs.readme.com/main/reference/intro/authentication",
    ),
    _rule(
        "apify-token",
        "Apify API token",
        "apify_api_{w36-40}",
        "https://docs.apify.com/platform/integrations/api",
    ),
    _rule(
        "wakatime-key",
        "WakaTime API key",
        "waka_{uuid}",
        "https://wakatime.com/developers",
        least_randomness=0.0,
    ),
    _rule(
        "bitrise-token",
        "Bitrise access token",
        "{s86}",
        "https://docs.bitrise.io/en/bitrise-ci/api/authenticating-with-the-bitrise-api.html",
        names=("bitrise",),
    ),
)
