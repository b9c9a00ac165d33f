"""Every error this SDK raises on purpose, and the exit code the command line gives it.

::

    OndeviceError                  1
    ├ LockedError                  3   no key, or not the right one
    │  └ KeystoreError                 the operating system's keystore refused or is not safe
    ├ CorruptError                 4   an authentication tag or a file hash fails
    ├ VersionError                 5   written by a newer release
    ├ NotFoundError                6   unknown profile, item, slot, model or file
    ├ BundleError                  7   a model folder that cannot be used
    │  ├ ManifestError                 missing, unknown or ill-typed field
    │  ├ SignatureError                not signed by a publisher the app trusts
    │  └ ModelMismatchError            dimension, encoder or base model differs
    ├ ContextOverflowError         8   the request alone exceeds the model's context
    ├ GenerationError              9   the language model's runtime failed
    ├ ExportError                 10   raised by the ``export`` package, see ``export.errors``
    ├ ProfileBusyError            11   another process has the profile open
    ├ StorageError                12   the disk or the operating system refused
    │  ├ ProfileExistsError            there is something at that path already
    │  └ CipherUnavailableError        the SQLCipher library is missing or not what it says
    ├ InputError                  13   a file or value from outside has the wrong form
    └ AdaptationError             14   nothing could be learned from this history
       └ TooLittleError                too few items, or too few that differ, for an adapter

A filter's key that looks misspelt is a :class:`MisspeltKeyWarning` where the app would go on with no results.

Misuse by the programmer stays ``ValueError`` or ``TypeError``; a missing extra is an
``ImportError`` that names the install command. No message ever holds the user's text or keys.
"""

from __future__ import annotations

from typing import ClassVar


class OndeviceError(Exception):
    """Base of the tree: one lowercase sentence, and optionally what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Keep the sentence and the remedy apart, so that a caller can show either."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the sentence, followed by the hint in parentheses where there is one."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class LockedError(OndeviceError):
    """The profile has no key, or not the right one."""

    exit_code = 3


class KeystoreError(LockedError):
    """The operating system's keystore is missing, refused, or would keep keys readable."""


class CorruptError(OndeviceError):
    """Stored bytes fail their authentication tag or hash."""

    exit_code = 4


class VersionError(OndeviceError):
    """The data was written in a format newer than this release knows."""

    exit_code = 5


class NotFoundError(OndeviceError):
    """There is no such profile, item, slot, model or file."""

    exit_code = 6


class BundleError(OndeviceError):
    """A model folder cannot be used."""

    exit_code = 7


class ManifestError(BundleError):
    """A bundle's manifest lacks a field, or has one that is unknown or ill-typed."""


class SignatureError(BundleError):
    """A bundle is not signed by one of the publishers that the app trusts."""


class ModelMismatchError(BundleError):
    """Dimension, encoder or base model differs from what the data was made with."""


class ContextOverflowError(OndeviceError):
    """The request alone does not fit the model's context."""

    exit_code = 8


class GenerationError(OndeviceError):
    """The language model's runtime failed."""

    exit_code = 9


class ProfileBusyError(OndeviceError):
    """Another process, or another object in this one, has the profile open."""

    exit_code = 11


class StorageError(OndeviceError):
    """The disk or the operating system refused a read or a write."""

    exit_code = 12


class ProfileExistsError(StorageError):
    """There is something at the path of a profile that should be new."""


class CipherUnavailableError(StorageError):
    """The SQLCipher library is missing or does not encrypt."""


class InputError(OndeviceError):
    """A file or value from outside has the wrong form."""

    exit_code = 13


class AdaptationError(OndeviceError):
    """Nothing could be learned from this history: too little of it, too little memory, or the training diverged."""

    exit_code = 14


class TooLittleError(AdaptationError):
    """Too few items, or too few that differ or are worth it, for an adapter to learn from."""


class MisspeltKeyWarning(UserWarning):
    """A filter names a metadata key that no item has, and items have one that is spelt almost the same."""
