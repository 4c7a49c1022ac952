"""Blockchain addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.rule import PatternRule, pii
from domain.detection import checksums_crypto as check
from domain.detection.taxonomy import Severity

_FEWEST_OF_BASE58 = 20
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"


@dataclass(frozen=True, slots=True)
class _Form:
    id: str
    title: str
    pattern: str
    check: Callable[[str], bool | None]
    check_name: str
    valid: float
    example: str
    base: float = 0.2


_FORMS = (
    _Form(
        "bitcoin-address", "Bitcoin address", rf"[13]{_BASE58}{{25,34}}", check.bitcoin_base58,
        "Base58Check", 0.92, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    ),
    _Form(
        "bitcoin-segwit-address", "Bitcoin or Litecoin segregated-witness address",
        r"(?i:bc1|tb1|ltc1)(?:[02-9ac-hj-np-z]{11,87}|[02-9AC-HJ-NP-Z]{11,87})", check.bech32,
        "Bech32 (BIP 173, 350)", 0.95, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    _Form(
        "ethereum-address", "Ethereum address", r"0x[0-9a-fA-F]{40}", check.ethereum,
        "EIP-55 where the case is mixed", 0.88, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        base=0.7,
    ),
    _Form(
        "litecoin-address", "Litecoin address", rf"[LM]{_BASE58}{{26,33}}", check.litecoin_base58,
        "Base58Check", 0.9, "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9",
    ),
    _Form(
        "dogecoin-address", "Dogecoin address", rf"[DA9]{_BASE58}{{25,33}}", check.dogecoin_base58,
        "Base58Check", 0.9, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
    ),
    _Form(
        "tron-address", "Tron address", rf"T{_BASE58}{{33}}", check.tron_base58, "Base58Check",
        0.9, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    ),
    _Form(
        "stellar-address", "Stellar address", r"G[A-Z2-7]{55}", check.stellar, "CRC-16", 0.92,
        "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
    ),
    _Form(
        "cardano-address", "Cardano address", r"addr1[02-9ac-hj-np-z]{53,98}", check.bech32,
        "Bech32 (CIP 19)", 0.95,
        "addr1vpu5vlrf4xkxv2qpwngf6cjhtw542ayty80v8dyr49rf5eg0yu80w",
    ),
    _Form(
        "ripple-address", "XRP Ledger address", rf"r{_BASE58}{{24,34}}", check.ripple_shape,
        "Base58Check in Ripple's alphabet", 0.9, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    ),
)  # fmt: skip


def _rule(form: _Form) -> PatternRule:
    info = pii(
        form.id,
        "CRYPTO_ADDRESS",
        form.title,
        f"{form.title} in its own alphabet and length.",
        validator=form.check_name,
        sources=("https://en.bitcoin.it/wiki/Address", "BIP 173", "EIP-55"),
        examples=(form.example,),
        near_misses=(form.example[:-1] + ("2" if form.example[-1] != "2" else "3"),),
        severity=Severity.MEDIUM,
    )
    return PatternRule(
        info=info,
        pattern=form.pattern,
        shape=r"[0-9A-Za-z]{17}",
        check=form.check,
        check_name=form.check_name,
        separators="",
        keeps_case=True,
        context=("crypto",),
        before=30,
        base=form.base,
        valid=form.valid,
        labelled=0.95,
        near=0.93,
        number_like=False,
        rank=2,
    )


MONERO = pii(
    "monero-address",
    "CRYPTO_ADDRESS",
    "Monero address",
    "95 characters of base 58 that begin with the network byte of an address or subaddress.",
    sources=("https://docs.getmonero.org/public-address/standard-address/",),
    examples=(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
    ),
    near_misses=("44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VB",),
    severity=Severity.MEDIUM,
)
BITCOIN_CASH = pii(
    "bitcoin-cash-address",
    "CRYPTO_ADDRESS",
    "Bitcoin Cash address",
    "A CashAddr with its prefix.",
    sources=("https://reference.cash/protocol/blockchain/encoding/cashaddr",),
    examples=("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",),
    near_misses=("bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vc",),
    severity=Severity.MEDIUM,
)
SOLANA = pii(
    "solana-address",
    "CRYPTO_ADDRESS",
    "Solana address",
    "32 to 44 characters of base 58, 32 bytes, that a word for Solana labels.",
    validator="32 bytes in base 58",
    sources=("https://solana.com/docs/core/accounts",),
    examples=("SOL wallet 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",),
    near_misses=("7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",),
    severity=Severity.MEDIUM,
)


def _is_mixed(value: str) -> bool:
    return len(set(value)) > _FEWEST_OF_BASE58


RECOGNISERS = (
    *(_rule(form) for form in _FORMS),
    PatternRule(
        info=MONERO,
        pattern=rf"[48][0-9AB]{_BASE58}{{93}}",
        shape=r"[0-9A-Za-z]{95}",
        check=_is_mixed,
        check_name="mixed characters",
        separators="",
        keeps_case=True,
        base=0.2,
        valid=0.88,
        number_like=False,
        rank=2,
    ),
    PatternRule(
        info=BITCOIN_CASH,
        pattern=r"(?:bitcoincash|bchtest):[qp][02-9ac-hj-np-z]{41}",
        shape="bitcoincash:|bchtest:",
        base=0.92,
        number_like=False,
        rank=2,
    ),
    PatternRule(
        info=SOLANA,
        pattern=rf"{_BASE58}{{32,44}}",
        shape=r"[1-9A-HJ-NP-Za-km-z]{32}",
        check=check.solana,
        check_name="32 bytes",
        separators="",
        keeps_case=True,
        context=(add_group("solana", ("sol", "solana", "sol wallet", "solana wallet", "phantom")),),
        needs_context=True,
        before=30,
        after=0,
        base=0.2,
        labelled=0.9,
        near=0.75,
        number_like=False,
        rank=1,
    ),
)
