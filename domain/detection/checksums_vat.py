"""Check digits of VAT numbers, state by state (VIES: https://ec.europa.eu/taxation_customs/vies)."""

from domain.detection.checksums import is_digits, luhn, mod_11_10, weighted_sum


def eu_vat(value: str) -> bool:
    """Check a Belgian, British, French, German or Italian VAT number (VIES, HMRC)."""
    state, number = value[:2], value[2:]
    match state:
        case "BE":
            checks = is_digits(number, 10) and int(number[:8]) % 97 == 97 - int(number[8:])
            return checks and number[0] in "01" and int(number) > 0
        case "DE":
            return is_digits(number, 9) and number[0] != "0" and mod_11_10(number)
        case "GB":
            total = weighted_sum(number[:7], range(8, 1, -1)) + int(number[7:] or 0)
            return is_digits(number, 9) and total % 97 in {0, 42}
        case "FR":
            key = (12 + 3 * int(number[2:])) % 97 if is_digits(number, 11) else -1
            return key == int(number[:2] or 0) and luhn(number[2:])
        case "IT":
            office = number[7:10]
            return (
                is_digits(number, 11)
                and number[:7] != "0000000"
                and ("001" <= office <= "100" or office in {"120", "121", "888", "999"})
                and luhn(number)
            )
    return False
