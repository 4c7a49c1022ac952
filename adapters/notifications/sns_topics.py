"""Topics of Amazon SNS, and the addresses and names that follow from where a topic lives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from domain.errors import InvalidValue

# The partitions with public addresses; each has a domain of its own.
_DOMAINS: Mapping[str, str] = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
}
_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):sns:(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])"
    r":[0-9]{12}:[A-Za-z0-9_-]{1,256}"
)
_CERTIFICATE = re.compile(
    r"https://(?P<host>[a-z0-9.-]+)/SimpleNotificationService-[0-9a-f]{32}\.pem"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic by its ARN, with the region and the domain of its partition."""

    arn: str
    partition: str
    region: str

    @classmethod
    def parse(cls, arn: str) -> "Topic":
        """Return the topic of an ARN.

        Raises:
            InvalidValue: it is none of a partition that we know.
        """
        found = _ARN.fullmatch(arn)
        if found is None:
            raise InvalidValue("expected arn:aws:sns:REGION:ACCOUNT:NAME", field="topic")
        return cls(arn=arn, partition=found["partition"], region=found["region"])

    @property
    def host(self) -> str:
        """Return the one host that speaks for the topic."""
        return f"sns.{self.region}.{self._domain}"

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """Return the names of which a certificate that signs for the topic carries one.

        Old regions share `sns.amazonaws.com`, opt-in regions have `sns-signing.REGION`, China and
        GovCloud names of their own (AWS SDK for Java 2, `SnsHostProvider`).
        """
        own: tuple[str, ...]
        match self.partition:
            case "aws-cn":
                own = (f"sns-{self.region}.{self._domain}",)
            case "aws-us-gov":
                own = (f"sns-us-gov-west-1.{self._domain}",)
            case _:
                own = (f"sns.{self._domain}", f"sns-signing.{self.region}.{self._domain}")
        return (*own, self.host)

    def signs_at(self, url: str) -> bool:
        """Tell whether a certificate at this address may speak for the topic."""
        found = _CERTIFICATE.fullmatch(url)
        return found is not None and found["host"] == self.host

    def confirms_at(self, url: str, *, token: str) -> bool:
        """Tell whether this address does nothing but confirm a subscription to the topic."""
        try:
            parts = urlsplit(url)
            query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
        except ValueError:
            return False
        wanted = {"Action": "ConfirmSubscription", "TopicArn": self.arn, "Token": token}
        return (
            url.isascii()
            and url.isprintable()
            and parts.scheme == "https"
            and parts.netloc == self.host
            and parts.path in {"", "/"}
            and not parts.fragment
            and len(query) == len(wanted)
            and dict(query) == wanted
        )

    @property
    def _domain(self) -> str:
        return _DOMAINS[self.partition]
