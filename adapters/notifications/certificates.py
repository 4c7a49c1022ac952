"""Certificates that sign messages: fetched, traced back to a trusted root, remembered."""

import asyncio
import re
import ssl
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from adapters.notifications.fetching import RETRY_AFTER, Fetch
from application.ports.notifications import Distrust, ForgedEvent
from application.ports.system import Clock
from domain.errors import Unavailable

MAX_AGE = timedelta(hours=24)
MAX_KEPT = 16
"""Certificates kept at a time: a region has one, and for a while a second one when it changes."""

MIN_KEY_BITS = 2048

FAILURE_LASTS = 5.0
"""Seconds for which those who ask next are told what the last one was told."""

_PATIENCE = 10.0
_MAX_FETCHES = 4
_MAX_ISSUERS = 3
_SERVICE = "certificates"
_ISSUER = re.compile(r"http://crt\.[a-z0-9-]+\.amazontrust\.com/[A-Za-z0-9._-]+\.cer")
"""Where Amazon's authorities publish themselves; plain HTTP, since what comes is itself signed."""

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)

Entry = TypeVar("Entry")

Roots = Callable[[], Sequence[x509.Certificate]]
"""Return the certificates that are trusted without further proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    key: RSAPublicKey
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: ForgedEvent | Unavailable
    until: float


class SigningCertificates:
    """Give the public key behind a certificate's address.

    SNS serves its certificate without those of its issuers, so these are fetched from where the
    certificate says, as long as that is Amazon's own place for them.
    """

    def __init__(self, *, fetch: Fetch, roots: Roots, clock: Clock) -> None:
        self._fetch = fetch
        self._roots = roots
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        # Apart from those: addresses that anybody may invent must not drive the good ones out.
        self._failures: OrderedDict[str, _Failure] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._fetches = asyncio.Semaphore(_MAX_FETCHES)

    async def public_key(self, url: str, *, names: Sequence[str]) -> RSAPublicKey:
        """Return the key of the certificate at `url`, an address that the caller has checked.

        The certificate must carry one of `names`. However many ask at once, it is fetched once.

        Raises:
            ForgedEvent: what is there is no such certificate, or nobody that we trust issued it.
            Unavailable: it or one of its issuers cannot be fetched.
        """
        lock = self._locks.setdefault(url, asyncio.Lock())
        try:
            async with asyncio.timeout(_PATIENCE), lock:
                return await self._key(url, names)
        except TimeoutError as error:
            raise Unavailable(_SERVICE, retry_after=RETRY_AFTER) from error
        finally:
            if not lock.locked():
                self._locks.pop(url, None)

    async def _key(self, url: str, names: Sequence[str]) -> RSAPublicKey:
        kept = self._kept.get(url)
        if kept is not None and self._clock.now() < kept.until:
            return kept.key
        failure = self._failures.get(url)
        if failure is not None and self._clock.monotonic() < failure.until:
            raise failure.error.with_traceback(None)
        try:
            kept = await self._fetched(url, names)
        except (ForgedEvent, Unavailable) as error:
            until = self._clock.monotonic() + FAILURE_LASTS
            _remember(self._failures, url, _Failure(error=error, until=until))
            raise
        _remember(self._kept, url, kept)
        return kept.key

    async def _fetched(self, url: str, names: Sequence[str]) -> _Kept:
        async with self._fetches:
            certificates = _parse(await self._fetch(url))
            if not certificates:
                raise ForgedEvent(
                    "there is no certificate where the event's signature points",
                    reason=Distrust.CERTIFICATE,
                )
            leaf, issuers = certificates[0], certificates[1:]
            await self._trace(leaf, issuers, names)
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY_BITS:
            raise ForgedEvent(
                "the certificate has another kind of key", reason=Distrust.CERTIFICATE
            )
        return _Kept(key=key, until=min(self._clock.now() + MAX_AGE, leaf.not_valid_after_utc))

    async def _trace(
        self, leaf: x509.Certificate, issuers: list[x509.Certificate], names: Sequence[str]
    ) -> None:
        roots = await asyncio.to_thread(self._roots)
        if not roots:
            raise Unavailable(
                _SERVICE,
                "this machine has no trusted certificates: install ca-certificates, or name a "
                "file of them in SSL_CERT_FILE",
                retry_after=RETRY_AFTER,
            )
        policy = PolicyBuilder().store(Store(list(roots))).time(self._clock.now())
        name = _one_of(leaf, names)
        youngest = issuers[-1] if issuers else leaf
        while True:
            try:
                policy.build_server_verifier(name).verify(leaf, issuers)
            except VerificationError:
                address = _address_of_issuer(youngest)
                if address is None or len(issuers) >= _MAX_ISSUERS:
                    raise ForgedEvent(
                        "nobody that we trust issued the certificate", reason=Distrust.CERTIFICATE
                    ) from None
                found = _parse(await self._fetch(address))
                if not found or found[0] in issuers:
                    raise ForgedEvent(
                        "nobody that we trust issued the certificate", reason=Distrust.CERTIFICATE
                    ) from None
                youngest = found[0]
                issuers = [*issuers, youngest]
            else:
                return


@cache
def system_roots() -> tuple[x509.Certificate, ...]:
    """Return the root certificates of the machine, or of `SSL_CERT_FILE`; blocks."""
    paths = ssl.get_default_verify_paths()
    files = [Path(paths.cafile)] if paths.cafile else []
    if not files and paths.capath:
        files = sorted(Path(paths.capath).glob("*"))
    found = [
        certificate for file in files if file.is_file() for certificate in _parse(file.read_bytes())
    ]
    return tuple(dict.fromkeys(found))


def _parse(data: bytes) -> list[x509.Certificate]:
    """Return the certificates in PEM or the one in DER; what cannot be read is left out."""
    blocks = _PEM.findall(data)
    load = x509.load_pem_x509_certificate if blocks else x509.load_der_x509_certificate
    found = []
    with warnings.catch_warnings():
        # Some old roots bend rules that the library will enforce one day; they are left out then.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in blocks or [data]:
            with suppress(ValueError, x509.InvalidVersion):
                found.append(load(block))
    return found


def _remember(entries: OrderedDict[str, Entry], url: str, entry: Entry) -> None:
    entries[url] = entry
    entries.move_to_end(url)
    while len(entries) > MAX_KEPT:
        entries.popitem(last=False)


def _one_of(leaf: x509.Certificate, names: Sequence[str]) -> x509.DNSName:
    """Return the first of our names that the certificate carries."""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        carried = extension.value.get_values_for_type(x509.DNSName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        carried = []
    for name in names:
        if name in carried:
            return x509.DNSName(name)
    raise ForgedEvent("the certificate was issued to somebody else", reason=Distrust.CERTIFICATE)


def _address_of_issuer(certificate: x509.Certificate) -> str | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    for access in extension.value:
        if access.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            access.access_location, x509.UniformResourceIdentifier
        ):
            address = access.access_location.value
            if _ISSUER.fullmatch(address):
                return address
    return None
