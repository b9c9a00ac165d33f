from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from export.publishing.keys import SigningKey, keygen, load_private_key, needs_passphrase, read_publisher_key
from ondevice.errors import InputError, LockedError, NotFoundError, StorageError

WORDS = "correct horse battery staple"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "publisher.pem"
    keygen(path, passphrase=WORDS)
    return path


def test_the_pair_is_two_files_and_only_one_is_secret(encrypted: Path) -> None:
    public = encrypted.with_name("publisher.pem.pub")
    key = load_private_key(encrypted, WORDS)
    assert public.read_text() == key.publisher.text + "\n"
    assert public.read_text().startswith("ondevice-publisher-key-1:")
    assert (encrypted.stat().st_mode & 0o777, public.stat().st_mode & 0o777) == (0o600, 0o644)
    assert sorted(path.name for path in encrypted.parent.iterdir()) == ["publisher.pem", "publisher.pem.pub"]
    assert needs_passphrase(encrypted)


def test_a_seed_is_a_key_as_the_standard_says() -> None:
    # RFC 8032, section 7.1, test 2: this seed's public key, and its signature of one byte.
    key = SigningKey.from_seed(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.publisher.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_the_private_key_is_in_no_text(encrypted: Path) -> None:
    raw = load_private_key(encrypted, WORDS).pem(None)
    key = load_private_key(encrypted, WORDS)
    assert repr(key) == "SigningKey()"
    assert raw.splitlines()[1] not in encrypted.read_bytes()


def test_openssl_reads_the_encrypted_key(encrypted: Path) -> None:
    shown = subprocess.run(
        ["openssl", "pkey", "-in", str(encrypted), "-passin", f"pass:{WORDS}", "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    )
    assert shown.stdout.endswith(load_private_key(encrypted, WORDS).publisher.raw)


def test_the_wrong_or_missing_passphrase_is_locked(encrypted: Path) -> None:
    with pytest.raises(LockedError, match="does not open the key"):
        load_private_key(encrypted, "something else")
    with pytest.raises(LockedError, match="no passphrase was given"):
        load_private_key(encrypted)


def test_without_encryption_only_when_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        keygen(tmp_path / "a", passphrase=None)
    with pytest.raises(ValueError, match="unencrypted"):
        keygen(tmp_path / "a", passphrase=WORDS, unencrypted=True)
    public = keygen(tmp_path / "a", passphrase=None, unencrypted=True)
    assert not needs_passphrase(tmp_path / "a")
    assert load_private_key(tmp_path / "a").publisher == public
    assert load_private_key(tmp_path / "a", "needless").publisher == public


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="7 characters"):
        keygen(tmp_path / "a", passphrase="seven77")
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_overwritten(tmp_path: Path) -> None:
    keygen(tmp_path / "a", passphrase=None, unencrypted=True)
    before = (tmp_path / "a").read_bytes()
    with pytest.raises(StorageError, match="already"):
        keygen(tmp_path / "a", passphrase=None, unencrypted=True)
    (tmp_path / "a.pub").unlink()
    with pytest.raises(StorageError, match="already"):
        keygen(tmp_path / "a", passphrase=None, unencrypted=True)
    assert (tmp_path / "a").read_bytes() == before


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    keygen(tmp_path / "a", passphrase=None, unencrypted=True)
    (tmp_path / "a").chmod(0o640)
    with pytest.raises(StorageError, match="0640") as caught:
        load_private_key(tmp_path / "a")
    assert caught.value.hint == "run: chmod 600 a"


@pytest.mark.parametrize("text", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(InputError, match="no private key"):
        load_private_key(path)


def test_a_key_for_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    options = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(X25519PrivateKey.generate().private_bytes(*options))
    path.chmod(0o600)
    with pytest.raises(InputError, match="not an Ed25519 key"):
        load_private_key(path)


def test_a_key_made_elsewhere_works(tmp_path: Path) -> None:
    made = Ed25519PrivateKey.generate()
    options = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    path = tmp_path / "a"
    path.write_bytes(made.private_bytes(*options, serialization.BestAvailableEncryption(b"words of mine")))
    path.chmod(0o600)
    assert load_private_key(path, "words of mine").publisher.raw == made.public_key().public_bytes_raw()


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        load_private_key(tmp_path / "gone")
    assert caught.value.hint == "make one with: ondevice-export keygen"


def test_a_publisher_is_given_as_text_or_file(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "them.pub").write_text(key.publisher.text + "\n")
    assert read_publisher_key(str(tmp_path / "them.pub")) == key.publisher
    assert read_publisher_key(key.publisher.text) == key.publisher
    with pytest.raises(InputError):
        read_publisher_key(key.publisher.text[:-3])
    with pytest.raises(NotFoundError):
        read_publisher_key(str(tmp_path / "gone.pub"))
