"""Keep a slot's secret in the operating system's keystore, and only there.

The one module that knows ``keyring``. That library also has backends that keep entries readable, drop
them, or ask several stores in turn; none of these is ever used, because a profile whose key lies
readable beside it is not locked. There is no fallback: without a native keystore the slot is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ondevice.errors import KeystoreError
from ondevice.vault.kdf import KEY_BYTES
from ondevice.vault.secrets import Keystore

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

_CHAINER = "keyring.backends.chainer.ChainerBackend"
_NEVER = {"keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", _CHAINER}
_REMEDY = (
    "set up the system's keystore (Keychain, Credential Manager, Secret Service or KWallet), "
    "or unlock with a passphrase or recovery code"
)
_LOST = "unlock with a passphrase or recovery code, then remove the keystore slot and add it again"


def store_secret(keystore: Keystore, account: str) -> tuple[bytes, str]:
    """Draw a random secret, give it to the keystore and read it back.

    Returns:
        The secret's 32 bytes, and the full class name of the backend that keeps it.

    Raises:
        KeystoreError: If there is no native keystore, or it refuses or loses the secret.
        ImportError: If the extra ``keystore`` is not installed.
    """
    backend, name = _native_backend(keystore)
    secret = secrets.token_bytes(KEY_BYTES)
    _ask(name, backend.set_password, keystore.service, account, secret.hex())
    if _ask(name, backend.get_password, keystore.service, account) != secret.hex():
        raise KeystoreError(f"the keystore {name} did not keep what it was given", hint=_REMEDY)
    return secret, name


def fetch_secret(keystore: Keystore, account: str, *, made_with: str) -> bytes:
    """Ask the keystore for the secret of a slot.

    Args:
        keystore: The service's name, and which backends count as safe.
        account: The entry's account name.
        made_with: The backend that was given the secret, for the message when it is not there.

    Raises:
        KeystoreError: If there is no native keystore, it refuses, or it has no such entry.
        ImportError: If the extra ``keystore`` is not installed.
    """
    backend, name = _native_backend(keystore)
    value = _ask(name, backend.get_password, keystore.service, account)
    if value is None:
        other = "" if name == made_with else f"; the entry was made with {made_with}"
        raise KeystoreError(f"the keystore {name} has no entry for this profile{other}", hint=_LOST)
    try:
        secret = bytes.fromhex(value)
    except (TypeError, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES or secret.hex() != value:
        raise KeystoreError(f"the entry for this profile in the keystore {name} has been changed", hint=_LOST)
    return secret


def store_note(keystore: Keystore, account: str, value: str) -> None:
    """Keep a value that is no secret under this account, in place of the one there is.

    Raises:
        KeystoreError: If there is no native keystore, or it refuses.
        ImportError: If the extra ``keystore`` is not installed.
    """
    backend, name = _native_backend(keystore)
    _ask(name, backend.set_password, keystore.service, account, value)


def fetch_note(keystore: Keystore, account: str) -> str | None:
    """Return the value under this account; raises as :func:`store_note`."""
    backend, name = _native_backend(keystore)
    value: str | None = _ask(name, backend.get_password, keystore.service, account)
    return value


def discard_secret(keystore: Keystore, account: str) -> bool:
    """Remove an entry from the keystore and return whether it was there.

    Raises:
        KeystoreError: If there is no native keystore, or it refuses.
        ImportError: If the extra ``keystore`` is not installed.
    """
    backend, name = _native_backend(keystore)
    if _ask(name, backend.get_password, keystore.service, account) is None:
        return False
    _ask(name, backend.delete_password, keystore.service, account)
    return True


def _native_backend(keystore: Keystore) -> tuple[KeyringBackend, str]:
    """Return the backend that keyring prefers, if it is a safe one, and its full class name.

    The chainer is never used itself: it would write to whichever of its backends accepts. Of those it
    knows, the first safe one is asked directly.
    """
    try:
        import keyring
    except ImportError:
        raise ImportError(
            'the OS keystore needs an extra that is not installed: pip install "ondevice-sdk[keystore]"'
        ) from None
    preferred = _ask("keyring", keyring.get_keyring)
    name = _class_name(preferred)
    candidates = _ask(name, lambda: list(preferred.backends)) if name == _CHAINER else [preferred]
    for backend in candidates:
        if _is_safe(_class_name(backend), keystore.backends):
            return backend, _class_name(backend)
    tried = ", ".join(_class_name(backend) for backend in candidates) or name
    raise KeystoreError(f"this system offers no safe keystore, only {tried}", hint=_REMEDY)


def _is_safe(name: str, allowed: frozenset[str]) -> bool:
    """Say whether the backend is on the list, and not one that no list can make safe."""
    is_readable = name in _NEVER or name.startswith("keyrings.alt.") or "plaintext" in name.lower()
    return name in allowed and not is_readable


def _class_name(backend: object) -> str:
    kind = type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"


def _ask(name: str, call: Callable[..., T], *args: str) -> T:
    """Call into keyring and translate what goes wrong there.

    Backends let through the exceptions of D-Bus, of ctypes and of their platform's own libraries, so
    every kind is caught; their text is dropped, because it may quote the entry.
    """
    try:
        return call(*args)
    except Exception as error:
        raise KeystoreError(f"the keystore {name} refused ({type(error).__name__})", hint=_REMEDY) from None
