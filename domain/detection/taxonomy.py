"""The closed vocabulary of detection: categories, their types, which of them violate alone."""

from enum import StrEnum


class Category(StrEnum):
    """What kind of problem a finding is."""

    PII = "pii"
    TOXICITY = "toxicity"
    BIAS = "bias"
    INJECTION = "injection"
    SECRETS = "secrets"
    EXFIL = "exfil"


class Severity(StrEnum):
    """How bad a violation is; ordered by `rank`."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for `low` up to 3 for `critical`."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}

SENSITIVE_PII = frozenset(
    {
        "PERSON",
        "EMAIL",
        "PHONE",
        "ADDRESS",
        "DATE_OF_BIRTH",
        "SSN",
        "CREDIT_CARD",
        "IBAN",
        "BANK_ACCOUNT",
        "IP_ADDRESS",
        "MAC_ADDRESS",
        "USERNAME",
        "PASSWORD",
        "PASSPORT",
        "DRIVER_LICENSE",
        "NATIONAL_ID",
        "TAX_ID",
        "MEDICAL_RECORD_NUMBER",
        "HEALTH_PLAN_ID",
        "MEDICAL_LICENSE",
        "VEHICLE_ID",
        "DEVICE_ID",
        "CRYPTO_ADDRESS",
        "COORDINATES",
    }
)
"""Types of personal data that violate by themselves."""

AUXILIARY_PII = frozenset({"LOCATION", "ORGANIZATION", "DATE", "AGE", "NRP", "URL", "HEALTH_TERM"})
"""Types that only tag; beside a sensitive finding they can make protected health information."""

TYPES: dict[Category, frozenset[str]] = {
    Category.PII: SENSITIVE_PII | AUXILIARY_PII,
    Category.TOXICITY: frozenset(
        {
            "INSULT",
            "PROFANITY",
            "THREAT",
            "IDENTITY_HATE",
            "SEXISM",
            "SEXUAL",
            "SEXUAL_MINORS",
            "SELF_HARM",
            "VIOLENCE",
            "GRAPHIC_VIOLENCE",
        }
    ),
    Category.BIAS: frozenset({"STEREOTYPE"}),
    Category.INJECTION: frozenset(
        {"OVERRIDE", "PROMPT_LEAK", "JAILBREAK", "DELIMITER", "DATA_EXFIL", "TOOL_ABUSE"}
    ),
    Category.SECRETS: frozenset(
        {
            "CLOUD_KEY",
            "VCS_TOKEN",
            "PAYMENT_KEY",
            "MESSAGING_TOKEN",
            "AI_API_KEY",
            "REGISTRY_TOKEN",
            "JWT",
            "PRIVATE_KEY",
            "CONNECTION_STRING",
            "PASSWORD",
            "GENERIC_SECRET",
        }
    ),
    Category.EXFIL: frozenset(
        {
            "MARKDOWN_IMAGE",
            "MARKDOWN_LINK",
            "HTML_TAG",
            "DNS",
            "COMMAND",
            "CODE",
            "ENCODED_BLOB",
            "HIDDEN_TEXT",
            "BULK_RECORDS",
        }
    ),
}
"""Every type, by category. `PASSWORD` is both personal data and a secret, on purpose."""


def is_auxiliary(category: Category, entity_type: str) -> bool:
    """Tell whether a type only tags and never violates by itself."""
    return category is Category.PII and entity_type in AUXILIARY_PII
