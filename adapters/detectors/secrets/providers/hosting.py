"""Keys of hosting platforms and of the tools that run infrastructure."""

from functools import partial

from adapters.detectors.secrets.recogniser import TokenRule
from domain.detection.taxonomy import Severity

_rule = partial(TokenRule, type="CLOUD_KEY", severity=Severity.CRITICAL)

RULES: tuple[TokenRule, ...] = (
    _rule(
        "digitalocean-token",
        "DigitalOcean token",
        "do(p|o|r)_v1_{h64}",
        "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
    ),
    _rule(
        "digitalocean-spaces-key",
        "DigitalOcean Spaces access key id",
        "DO(00|801){u16-17}",
        "https://docs.digitalocean.com/products/spaces/how-to/manage-access/",
    ),
    _rule(
        "linode-token",
        "Linode (Akamai) token",
        "{h64}",
        "https://techdocs.akamai.com/linode-api/reference/get-started",
        names=("linode",),
    ),
    _rule(
        "hetzner-token",
        "Hetzner Cloud token",
        "{w64}",
        "https://docs.hetzner.cloud/",
        names=("hcloud", "hetzner"),
    ),
    _rule(
        "vultr-api-key", "Vultr API key", "{u36}", "https://www.vultr.com/api/", names=("vultr",)
    ),
    _rule(
        "scaleway-access-key",
        "Scaleway access key id",
        "SCW{u17}",
        "https://www.scaleway.com/en/docs/iam/how-to/create-api-keys/",
    ),
    _rule(
        "scaleway-secret-key",
        "Scaleway secret key",
        "{uuid}",
        "https://www.scaleway.com/en/docs/iam/how-to/create-api-keys/",
        names=("scw[_-]?secret", "scaleway"),
    ),
    _rule(
        "heroku-api-key",
        "Heroku API key",
        "HRKU-{s50-64}",
        "https://devcenter.heroku.com/articles/authentication",
    ),
    _rule(
        "heroku-api-key-uuid",
        "Heroku API key",
        "{uuid}",
        "https://devcenter.heroku.com/articles/authentication",
        names=("heroku",),
        least_randomness=0.0,
    ),
    _rule(
        "cloudflare-api-token",
        "Cloudflare API token",
        "{s40}",
        "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/",
        names=("cloudflare", r"\bcf[_-]?(?:api|auth|token|key|zone|dns)"),
    ),
    _rule(
        "cloudflare-global-key",
        "Cloudflare global API key",
        "{h37}",
        "https://developers.cloudflare.com/fundamentals/api/get-started/keys/",
        names=("cloudflare", r"\bcf[_-]?(?:api|auth|token|key|global)"),
    ),
    _rule(
        "cloudflare-origin-ca-key",
        "Cloudflare origin CA key",
        "v1.0-{h24}-{h146}",
        "https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/",
    ),
    _rule(
        "fastly-api-token",
        "Fastly API token",
        "{s32}",
        "https://docs.fastly.com/en/guides/using-api-tokens",
        names=("fastly",),
    ),
    _rule(
        "fly-access-token",
        "Fly.io access token",
        "fm(1r|1a|2)_{e80+}",
        "https://fly.io/docs/security/tokens/",
    ),
    _rule(
        "fly-personal-token",
        "Fly.io personal token",
        "fo1_{s43}",
        "https://fly.io/docs/security/tokens/",
    ),
    _rule(
        "netlify-token",
        "Netlify personal access token",
        "nf(p|c|o|u|b)_{w36}",
        "https://docs.netlify.com/api/get-started/",
    ),
    _rule(
        "netlify-token-legacy",
        "Netlify access token",
        "{s40-46}",
        "https://docs.netlify.com/api/get-started/",
        names=("netlify",),
    ),
    _rule(
        "vercel-token", "Vercel token", "vc(p|i|a|r|k)_{w24-60}", "https://vercel.com/docs/rest-api"
    ),
    _rule(
        "vercel-token-legacy",
        "Vercel access token",
        "{w24}",
        "https://vercel.com/docs/rest-api",
        names=("vercel[_. -]?(?:access[_. -]?|api[_. -]?|auth[_. -]?)?(?:token|key)",),
    ),
    _rule("render-api-key", "Render API key", "rnd_{w28-40}", "https://render.com/docs/api"),
    _rule(
        "railway-token",
        "Railway token",
        "{uuid}",
        "https://docs.railway.com/reference/public-api",
        names=("railway[_-]?(?:api[_-]?)?token",),
        least_randomness=0.0,
    ),
    _rule(
        "supabase-access-token",
        "Supabase access token",
        "sbp_{h40}",
        "https://supabase.com/docs/reference/api/introduction",
    ),
    _rule(
        "supabase-secret-key",
        "Supabase secret key",
        "sb_secret_{s20-50}",
        "https://supabase.com/docs/guides/api/api-keys",
    ),
    _rule("scalingo-token", "Scalingo token", "tk-us-{s48}", "https://developers.scalingo.com/"),
    _rule(
        "tailscale-key",
        "Tailscale key",
        "tskey-(api|auth|client|scim|webhook)-{w6-24}-{w20-50}",
        "https://tailscale.com/kb/1252/key-secret-management",
    ),
    _rule(
        "terraform-cloud-token",
        "HCP Terraform token",
        "{w14}.atlasv1.{s60-70}",
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        gate=r"\.atlasv1\.",
    ),
    _rule(
        "vault-token",
        "HashiCorp Vault token",
        "hv(s|b|r).{s24-300}",
        "https://developer.hashicorp.com/vault/docs/concepts/tokens",
    ),
    _rule(
        "vault-token-legacy",
        "HashiCorp Vault token",
        "s.{w24}",
        "https://developer.hashicorp.com/vault/docs/concepts/tokens",
        names=("vault",),
    ),
    _rule(
        "consul-token",
        "HashiCorp Consul or Nomad token",
        "{uuid}",
        "https://developer.hashicorp.com/consul/docs/security/acl/tokens",
        names=("(?:consul|nomad)[_-]?(?:http[_-]?|acl[_-]?)?token",),
        least_randomness=0.0,
    ),
    _rule(
        "pulumi-access-token",
        "Pulumi access token",
        "pul-{h40}",
        "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/",
    ),
    _rule(
        "doppler-token",
        "Doppler token",
        "dp.(pt|st|ct|sa|scim|audit).{w40-44}",
        "https://docs.doppler.com/docs/service-tokens",
    ),
    _rule(
        "doppler-service-token",
        "Doppler service token of an environment",
        "dp.st.{l2-30}.{w40-44}",
        "https://docs.doppler.com/docs/service-tokens",
    ),
    _rule(
        "onepassword-service-account",
        "1Password service account token",
        "ops_eyJ{b200+}",
        "https://developer.1password.com/docs/service-accounts/",
    ),
    _rule(
        "onepassword-secret-key",
        "1Password secret key",
        "A3-{u6}-{u6}-{u5}-{u5}-{u5}-{u5}",
        "https://support.1password.com/secret-key/",
    ),
    _rule(
        "openshift-token",
        "OpenShift user token",
        "sha256~{s43}",
        "https://docs.openshift.com/container-platform/latest/authentication/understanding-a"
        "uthentication.html",
    ),
    _rule(
        "kubernetes-bootstrap-token",
        "Kubernetes bootstrap token",
        "{l6}.{l16}",
        "https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/",
        names=("bootstrap[_. -]?token", "kubeadm"),
    ),
    _rule(
        "ngrok-authtoken",
        "ngrok auth token",
        "{w20-32}_{w18-30}",
        "https://ngrok.com/docs/agent/",
        names=("ngrok",),
    ),
    _rule(
        "backblaze-key",
        "Backblaze B2 application key",
        "K00{d1}{b27}",
        "https://www.backblaze.com/docs/cloud-storage-application-keys",
    ),
    _rule("infracost-key", "Infracost API key", "ico-{w32}", "https://www.infracost.io/docs/"),
    _rule(
        "harness-token",
        "Harness token",
        "(pat|sat).{s22}.{h24}.{w20}",
        "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/",
        gate=r"[ps]at\.[0-9A-Za-z_-]{22}\.",
    ),
    _rule(
        "inngest-signing-key",
        "Inngest signing key",
        "signkey-(prod|branch|test)-{h64}",
        "https://www.inngest.com/docs/platform/signing-keys",
    ),
)
