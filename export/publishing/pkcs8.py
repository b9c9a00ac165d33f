"""A private key's PKCS #8 bytes under a passphrase: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914).

The library that signs would derive the key by 2,048 rounds of PBKDF2, which a graphics card guesses quickly. The same
standard allows scrypt, which is written here; the library and ``openssl pkey`` read both.
"""

from __future__ import annotations

import base64
import os
import textwrap

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

# 16 MiB and about 0.2 s a guess: what OpenSSL opens without being told to allow more.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 1 << 14, 8, 5
SALT_BYTES = 16
PBES2 = bytes.fromhex("06092a864886f70d01050d")
SCRYPT = bytes.fromhex("06092b06010401da47040b")
AES_256_CBC = bytes.fromhex("060960864801650304012a")
SEQUENCE, OCTETS, INTEGER = 0x30, 0x04, 0x02


def encrypted_pem(pkcs8: bytes, passphrase: str) -> bytes:
    """Return an ``ENCRYPTED PRIVATE KEY`` in PEM for a private key in unencrypted PKCS #8 (DER)."""
    salt, vector = os.urandom(SALT_BYTES), os.urandom(AES.block_size // 8)
    key = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase.encode())
    padder = PKCS7(AES.block_size).padder()
    padded = padder.update(pkcs8) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(vector)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    costs = b"".join(_integer(value) for value in (SCRYPT_N, SCRYPT_R, SCRYPT_P))
    derivation = _tagged(SEQUENCE, SCRYPT + _tagged(SEQUENCE, _tagged(OCTETS, salt) + costs))
    cipher = _tagged(SEQUENCE, AES_256_CBC + _tagged(OCTETS, vector))
    algorithm = _tagged(SEQUENCE, PBES2 + _tagged(SEQUENCE, derivation + cipher))
    body = base64.b64encode(_tagged(SEQUENCE, algorithm + _tagged(OCTETS, sealed))).decode()
    lines = ["-----BEGIN ENCRYPTED PRIVATE KEY-----", *textwrap.wrap(body, 64), "-----END ENCRYPTED PRIVATE KEY-----"]
    return ("\n".join(lines) + "\n").encode()


def _tagged(tag: int, content: bytes) -> bytes:
    """Return a DER value: tag, length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _integer(value: int) -> bytes:
    # One bit more than the value needs: DER integers are signed.
    return _tagged(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
