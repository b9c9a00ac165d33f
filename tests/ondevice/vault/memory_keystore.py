"""A keystore in memory, in the place of the operating system's."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from ondevice.vault import Keystore
from ondevice.vault.secrets import NATIVE_BACKENDS


class Memory(KeyringBackend):  # type: ignore[misc]  # keyring is not type-checked
    """A keystore that forgets with the process."""

    priority = 0.5

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked(f"entry of {username} stays shut")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("none")


KEYSTORE = Keystore(backends=NATIVE_BACKENDS | {f"{Memory.__module__}.{Memory.__qualname__}"})
