"""Keys of cloud platforms, hosting and infrastructure tools."""

from functools import partial

from adapters.detectors.secrets.checks import aws_key_id
from adapters.detectors.secrets.recogniser import TokenRule
from domain.detection.taxonomy import Severity

_rule = partial(TokenRule, type="CLOUD_KEY", severity=Severity.CRITICAL)

_AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
_AZURE = "https://learn.microsoft.com/en-us/purview/sit-defn-all-creds"
_GOOGLE = "https://cloud.google.com/docs/authentication"

RULES: tuple[TokenRule, ...] = (
    _rule(
        "aws-access-key-id",
        "AWS access key id",
        "(AKIA|ASIA|ABIA|ACCA){u16}",
        _AWS,
        check=aws_key_id,
        check_name="base32",
    ),
    _rule(
        "aws-secret-access-key",
        "AWS secret access key",
        "{b40}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
        names=(
            "aws[_.-]?(?:account[_.-]?)?secret",
            "secret[_. -]?access[_. -]?key",
            "aws[_.-]?sec",
        ),
    ),
    _rule(
        "aws-session-token",
        "AWS session token",
        "(IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|FQoDYXdz){e100+}",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html",
    ),
    _rule(
        "aws-mws-token",
        "Amazon Marketplace Web Service token",
        "amzn.mws.{uuid}",
        "https://developer-docs.amazon.com/sp-api/docs/mws-to-sp-api-migration-reference",
    ),
    _rule(
        "aws-appsync-key",
        "AWS AppSync API key",
        "da2-{l26}",
        "https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html",
    ),
    _rule(
        "azure-client-secret",
        "Microsoft Entra client secret",
        "{t3}{d1}Q~{t31-34}",
        _AZURE,
        gate="[0-9]Q~",
    ),
    _rule(
        "azure-storage-key",
        "Azure storage or Cosmos DB account key",
        "{b86}==",
        "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage",
        names=(
            "account[_. -]?key",
            "storage[_. -]?(?:account[_. -]?)?(?:access[_. -]?)?key",
            "cosmos",
            "azure",
        ),
    ),
    _rule(
        "azure-storage-key-v2",
        "Azure storage account key",
        "{b76}+ASt{b5}(A|Q|g|w)==",
        _AZURE,
        gate=r"\+ASt",
    ),
    _rule(
        "azure-cosmos-key", "Azure Cosmos DB key", "{b76}ACDb{b5}(A|Q|g|w)==", _AZURE, gate="ACDb"
    ),
    _rule(
        "azure-batch-key",
        "Azure Batch account key",
        "{b76}+ABa{b5}(A|Q|g|w)==",
        _AZURE,
        gate=r"\+ABa",
    ),
    _rule(
        "azure-event-hub-key",
        "Azure Event Hubs key",
        "{b33}+AEh{b5}(A|Q|g|w|)=",
        _AZURE,
        gate=r"\+AEh",
    ),
    _rule(
        "azure-service-bus-key",
        "Azure Service Bus key",
        "{b33}+ASb{b5}(A|Q|g|w|)=",
        _AZURE,
        gate=r"\+ASb",
    ),
    _rule(
        "azure-iot-hub-key", "Azure IoT Hub key", "{b33}AIoT{b5}(A|Q|g|w|)=", _AZURE, gate="AIoT"
    ),
    _rule(
        "azure-redis-key",
        "Azure Cache for Redis key",
        "{w33}AzCa{w5}(A|Q|g|w|)=",
        _AZURE,
        gate="AzCa",
    ),
    _rule("azure-search-key", "Azure AI Search key", "{w42}AzSe{w6}", _AZURE, gate="AzSe"),
    _rule(
        "azure-container-registry-key",
        "Azure Container Registry key",
        "{w42}+ACR{w6}",
        _AZURE,
        gate=r"\+ACR",
    ),
    _rule(
        "azure-functions-key",
        "Azure Functions key",
        "{s44}AzFu{s5}(A|Q|g|w)==",
        _AZURE,
        gate="AzFu",
    ),
    _rule(
        "azure-apim-key",
        "Azure API Management or AI services key",
        "{w52}JQQJ9{w22-27}",
        _AZURE,
        gate="JQQJ9",
    ),
    _rule(
        "gcp-api-key",
        "Google API key",
        "AIza{s35}",
        "https://cloud.google.com/docs/authentication/api-keys",
        severity=Severity.HIGH,
    ),
    _rule("gcp-oauth-client-secret", "Google OAuth client secret", "GOCSPX-{s28}", _GOOGLE),
    _rule("gcp-oauth-access-token", "Google OAuth access token", "ya29.{s40+}", _GOOGLE),
    _rule("gcp-oauth-refresh-token", "Google OAuth refresh token", "1//0{s40-160}", _GOOGLE),
    _rule(
        "gcp-hmac-access-id",
        "Google Cloud Storage HMAC access id",
        "GOOG1E{u55}",
        "https://cloud.google.com/storage/docs/authentication/hmackeys",
    ),
    _rule(
        "alibaba-access-key-id",
        "Alibaba Cloud access key id",
        "LTAI{w12-20}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
    ),
    _rule(
        "alibaba-access-key-secret",
        "Alibaba Cloud access key secret",
        "{w30}",
        "https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
        names=("alibaba", "aliyun", "alicloud"),
    ),
    _rule(
        "tencent-secret-id",
        "Tencent Cloud secret id",
        "AKID{w32}",
        "https://www.tencentcloud.com/document/product/598/32675",
    ),
    _rule(
        "yandex-api-key",
        "Yandex Cloud API key",
        "AQVN{s35-38}",
        "https://yandex.cloud/en/docs/iam/concepts/authorization/api-key",
    ),
    _rule(
        "yandex-iam-token",
        "Yandex Cloud IAM token",
        "t1.{e1-60}.{s86}",
        "https://yandex.cloud/en/docs/iam/concepts/authorization/iam-token",
        gate=r"\bt1\.[0-9A-Za-z]",
    ),
    _rule(
        "ibm-cloud-api-key",
        "IBM Cloud API key",
        "{s44}",
        "https://cloud.ibm.com/docs/account?topic=account-manapikey",
        names=("ibm[_. -]?(?:cloud|api|iam|watson)", "bluemix", "watson"),
    ),
    _rule(
        "azure-ai-services-key",
        "Azure AI Services key",
        "{w52}JQQJ99{w26}",
        "https://learn.microsoft.com/en-us/azure/ai-services/authentication",
        gate="JQQJ99",
    ),
    _rule(
        "azure-ai-services-key-legacy",
        "Azure AI Services key",
        "{h32}",
        "https://learn.microsoft.com/en-us/azure/ai-services/authentication",
        names=(
            "azure[_-]?(?:openai|speech|translator|vision|cognitive|language|search)",
            "cognitive[_-]?services?",
            "ocp-apim-subscription",
        ),
    ),
)
