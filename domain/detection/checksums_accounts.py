"""Control digits of bank accounts as states write them inside their IBAN.

Every function takes the bare value (no separators) and never raises.
"""

from domain.detection.checksums import all_same, iban, is_digits, weighted_sum


def es_account(value: str) -> bool:
    """Check both control digits of a código cuenta cliente, 20 digits (Banco de España)."""
    if not is_digits(value, 20) or all_same(value):
        return False
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    for part, control in (("00" + value[:8], value[8]), (value[10:], value[9])):
        check = 11 - weighted_sum(part, weights) % 11
        if {10: "1", 11: "0"}.get(check, str(check)) != control:
            return False
    return True


def pl_account(value: str) -> bool:
    """Check a Numer Rachunku Bankowego: the 26 digits of a Polish IBAN (NBP)."""
    return is_digits(value, 26) and not all_same(value) and iban("PL" + value)
