"""What unlocks a profile: a passphrase, a recovery code, the app's own key, or the OS keystore."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypedDict

from ondevice.errors import InputError
from ondevice.safety.confined import Confined

NATIVE_BACKENDS = frozenset(
    {
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.libsecret.Keyring",
    }
)
"""The keystores that count as safe: each is the operating system's own and keeps entries encrypted."""

APP_KEY_BYTES = 32

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE_CHARS = 28
_CHECK_CHARS = 4
_GROUP_CHARS = 4
_CHECK_PREFIX = b"ondevice/v1/recovery-code/"


class _Known(Confined, ABC):
    """A secret that the app or its user knows; equal ones have the same material."""

    __slots__ = ()

    @abstractmethod
    def material(self) -> bytes:
        """Return the bytes to derive from."""

    def __eq__(self, other: object) -> bool:
        """Compare without telling by the time it takes where two secrets differ."""
        return type(other) is type(self) and hmac.compare_digest(self.material(), other.material())

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash((type(self), self.material()))

    def __repr__(self) -> str:
        """Hide the secret."""
        return f"{type(self).__name__}()"


class Passphrase(_Known):
    """Words a person remembers.

    Typed on another keyboard or system the same letters can arrive as other code points, so what is
    hashed is the NFC form.

    Raises:
        ValueError: If it is empty or holds no valid Unicode.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Refuse what no person could type."""
        self._text = text
        self.material()

    @property
    def text(self) -> str:
        """The words as they were given."""
        return self._text

    def material(self) -> bytes:
        """Return the bytes to derive from: UTF-8 of the NFC form."""
        if not isinstance(self._text, str):
            raise TypeError(f"a passphrase is a str, not {type(self._text).__name__}")
        if not self._text:
            raise ValueError("a passphrase must not be empty")
        try:
            return unicodedata.normalize("NFC", self._text).encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("a passphrase must be valid Unicode") from None


class RecoveryCode(_Known):
    """A random code to write on paper: 28 characters (140 bits) and 4 that catch a typing error.

    Crockford's base 32; case, spaces and dashes do not count, and O, I and L are read as 0, 1 and 1.

    Raises:
        InputError: If the length, a character or the check is wrong.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Bring the code into its one written form and check it."""
        if not isinstance(text, str):
            raise TypeError(f"a recovery code is a str, not {type(text).__name__}")
        chars = "".join(text.upper().replace("-", " ").split()).translate(_LOOK_ALIKES)
        expected = _CODE_CHARS + _CHECK_CHARS
        if len(chars) != expected:
            raise InputError(f"a recovery code has {expected} characters, and this one has {len(chars)}")
        if not set(chars) <= set(_ALPHABET):
            raise InputError("the recovery code holds a character that none has", hint="letters and digits, without U")
        if chars[_CODE_CHARS:] != _check_chars(chars[:_CODE_CHARS]):
            raise InputError("the recovery code has a typing error: its last four characters do not fit the rest")
        self._text = _grouped(chars)

    @classmethod
    def generate(cls) -> RecoveryCode:
        """Draw a new code from the operating system's random source."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_CHARS))
        return cls(code + _check_chars(code))

    @property
    def text(self) -> str:
        """The code as it is written down: eight groups of four characters."""
        return self._text

    def material(self) -> bytes:
        """Return the bytes to derive from: the 28 random characters, without dashes and check."""
        return self._text.replace("-", "")[:_CODE_CHARS].encode("ascii")


class AppKey(_Known):
    """A key the embedding app keeps itself: 32 random bytes.

    Raises:
        ValueError: If it has another length.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Refuse anything but 32 bytes."""
        if not isinstance(key, bytes):
            raise TypeError(f"an app key is bytes, not {type(key).__name__}")
        if len(key) != APP_KEY_BYTES:
            raise ValueError(f"an app key has {APP_KEY_BYTES} bytes, and this one has {len(key)}")
        self._key = key

    @property
    def key(self) -> bytes:
        """The key itself."""
        return self._key

    def material(self) -> bytes:
        """Return the key itself."""
        return self._key


@dataclass(frozen=True, slots=True)
class Keystore:
    """A random secret that the operating system's keystore keeps (extra ``keystore``).

    Args:
        service: The name the entry stands under there; 1 to 64 printable ASCII characters.
        backends: Full class names of the keyring backends that count as safe. Add one only if it
            keeps its entries encrypted; plaintext ones are refused even then.

    Raises:
        ValueError: If the service's name has another form.
    """

    service: str = "ondevice"
    backends: frozenset[str] = NATIVE_BACKENDS

    def __post_init__(self) -> None:
        """Refuse a name that could be written in two ways."""
        if not is_service_name(self.service):
            raise ValueError("a keystore service name has 1 to 64 printable ASCII characters")


Secret = Passphrase | RecoveryCode | AppKey | Keystore


def is_service_name(name: str) -> bool:
    """Say whether a keystore entry may stand under this name."""
    return 1 <= len(name) <= 64 and name.isascii() and name.isprintable()


def _check_chars(code: str) -> str:
    """Return 20 bits of SHA-256 over the code as four characters."""
    bits = int.from_bytes(hashlib.sha256(_CHECK_PREFIX + code.encode("ascii")).digest()[:3], "big") >> 4
    return "".join(_ALPHABET[bits >> shift & 31] for shift in (15, 10, 5, 0))


def _grouped(chars: str) -> str:
    """Put a dash after every fourth character."""
    return "-".join(chars[i : i + _GROUP_CHARS] for i in range(0, len(chars), _GROUP_CHARS))


class GivenSecrets(TypedDict, total=False):
    """The secrets with which an app opens a profile; each may be left out.

    Attributes:
        passphrase: What the user types.
        recovery_code: A code from ``RecoveryCode.generate()``, shown to the user once.
        app_key: 32 random bytes that the app keeps.
        keystore: Let the operating system's keystore keep a random secret (extra ``keystore``).
    """

    passphrase: str | None
    recovery_code: str | None
    app_key: bytes | None
    keystore: bool


def collect_secrets(given: GivenSecrets) -> list[Secret]:
    """Return the secrets that were given, in the order of their names.

    Raises:
        ValueError: If none was given.
        TypeError: If the app key is not bytes.
    """
    secrets: list[Secret] = []
    if (passphrase := given.get("passphrase")) is not None:
        secrets.append(Passphrase(passphrase))
    if (recovery_code := given.get("recovery_code")) is not None:
        secrets.append(RecoveryCode(recovery_code))
    if (app_key := given.get("app_key")) is not None:
        secrets.append(AppKey(app_key))
    if given.get("keystore"):
        secrets.append(Keystore())
    if not secrets:
        raise ValueError("give one of passphrase, recovery_code, app_key or keystore=True")
    return secrets


def one_secret(given: GivenSecrets, purpose: str) -> Secret:
    """Return the one secret that was given.

    Raises:
        ValueError: If none was given, or more than one.
        TypeError: If the app key is not bytes.
    """
    secrets = collect_secrets(given)
    if len(secrets) != 1:
        raise ValueError(f"give exactly one secret {purpose}, not {len(secrets)}")
    return secrets[0]
