"""A certificate authority as Amazon's: a root, an intermediate that publishes itself, leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.fakes.clock import START

ISSUER_URL = "http://crt.r2m01.amazontrust.com/r2m01.cer"
_CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key of this name, made once in a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate and the key under which it issues others."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def issue(
        self,
        *names: str,
        key: rsa.RSAPublicKey,
        issuer_url: str | None = ISSUER_URL,
        until: datetime = START + timedelta(days=90),
    ) -> bytes:
        """Return a leaf for these names in PEM, as SNS serves its own."""
        builder = _builder(f"leaf of {len(names)}", self.certificate.subject, key, until=until)
        builder = (
            builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if issuer_url is not None:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_url)
            )
            builder = builder.add_extension(
                x509.AuthorityInformationAccess([access]), critical=False
            )
        certificate = builder.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    name: str, issuer: x509.Name, key: rsa.RSAPublicKey, *, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(days=30))
        .not_valid_after(until)
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _authority(name: str, *, issuer: Authority | None) -> Authority:
    key = private_key(name)
    signing = issuer.key if issuer is not None else key
    subject = issuer.certificate.subject if issuer is not None else _name(name)
    certificate = (
        _builder(name, subject, key.public_key(), until=START + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_CA_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


@cache
def root() -> Authority:
    return _authority("Test Root", issuer=None)


@cache
def intermediate() -> Authority:
    return _authority("Test Intermediate", issuer=root())


@cache
def stranger() -> Authority:
    """Return an authority that nobody trusts."""
    return _authority("Stranger", issuer=None)


def trusted_roots() -> tuple[x509.Certificate, ...]:
    return (root().certificate,)
