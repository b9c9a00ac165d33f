"""The secrets an app may hand over, as the vault knows them."""

from __future__ import annotations

from ondevice.vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode, Secret


def collect_secrets(
    passphrase: str | None, recovery_code: str | None, app_key: bytes | None, *, keystore: bool
) -> list[Secret]:
    """Return the secrets that were given, in the order of the arguments.

    Raises:
        ValueError: If none was given.
        TypeError: If the app key is not bytes.
    """
    secrets: list[Secret] = []
    if passphrase is not None:
        secrets.append(Passphrase(passphrase))
    if recovery_code is not None:
        secrets.append(RecoveryCode(recovery_code))
    if app_key is not None:
        secrets.append(AppKey(app_key))
    if keystore:
        secrets.append(Keystore())
    if not secrets:
        raise ValueError("give one of passphrase, recovery_code, app_key or keystore=True")
    return secrets
