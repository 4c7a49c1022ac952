"""All recognisers of personal and health data, and what they say about themselves."""

from functools import cache

from adapters.detectors.patterns import (
    address,
    address_any_case,
    bank_account,
    coordinates,
    credentials,
    crypto_address,
    dates,
    email,
    fhir,
    health_term,
    hl7,
    identity_document,
    logins,
    medical,
    national_ids_americas,
    national_ids_asia_pacific,
    national_ids_europe,
    network,
    payment_card,
    phone,
    spoken_number,
    vehicle_device,
)
from adapters.detectors.patterns.engine import PatternEngine
from adapters.detectors.patterns.masked_number import MaskedNumbers
from adapters.detectors.patterns.rule import Recogniser
from domain.detection.catalogue import RuleInfo

RECOGNISERS: tuple[Recogniser, ...] = (
    *email.RECOGNISERS,
    *phone.RECOGNISERS,
    *payment_card.RECOGNISERS,
    *bank_account.RECOGNISERS,
    *network.RECOGNISERS,
    MaskedNumbers(
        (
            *bank_account.RULES,
            *national_ids_americas.RULES,
            *national_ids_europe.RULES,
            *national_ids_asia_pacific.RULES,
            *identity_document.RULES,
            *medical.RULES,
            *vehicle_device.RULES,
        )
    ),
    *national_ids_asia_pacific.RECOGNISERS,
    *identity_document.RECOGNISERS,
    *medical.RECOGNISERS,
    *vehicle_device.RECOGNISERS,
    *crypto_address.RECOGNISERS,
    *coordinates.RECOGNISERS,
    *credentials.RECOGNISERS,
    *logins.RECOGNISERS,
    *dates.RECOGNISERS,
    *spoken_number.RECOGNISERS,
    *address.RECOGNISERS,
    *address_any_case.RECOGNISERS,
    *health_term.RECOGNISERS,
    *hl7.RECOGNISERS,
    *fhir.RECOGNISERS,
)


def catalogue() -> tuple[RuleInfo, ...]:
    """Return every rule once, in the order of the recognisers."""
    rules = {info.id: info for recogniser in RECOGNISERS for info in recogniser.infos}
    return tuple(rules.values())


@cache
def default_engine() -> PatternEngine:
    """Return the engine with all recognisers, compiled once a process."""
    return PatternEngine(RECOGNISERS)
