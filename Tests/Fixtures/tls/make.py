#!/usr/bin/env python3
"""Makes the certificates of the TLS tests anew (needs the Python package cryptography). Keys that protect nothing."""
import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder = pathlib.Path(__file__).parent
clear = serialization.NoEncryption()


def write_key(name, key, encryption=clear):
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    (folder / name).write_bytes(text)


def write_certificate(name, key, begin, end):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tributary tests")])
    places = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(begin, 1, 1)).not_valid_after(datetime.datetime(end, 1, 1))
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


key = ec.generate_private_key(ec.SECP256R1())
write_key("platform.key", key)
write_key("encrypted.key", key, serialization.BestAvailableEncryption(b"secret"))
write_key("other.key", ec.generate_private_key(ec.SECP256R1()))
write_certificate("platform.pem", key, 2020, 2120)
write_certificate("expired.pem", key, 2000, 2001)
write_certificate("future.pem", key, 2119, 2120)
