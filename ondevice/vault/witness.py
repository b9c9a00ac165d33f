"""The operating system's keystore as a witness of how far a profile had come.

Nothing inside a folder can prove the folder's age: whoever puts back an older copy of all of it puts back its record of
commits too. Where the profile has a keystore slot, the number of the last commit is therefore also given to the
keystore: when the profile is opened and closed, and after each erasure. It stands there under the id of this copy of
the profile, so a restored one is not compared with the one it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from ondevice.errors import KeystoreError
from ondevice.vault.commits import CommitRecord, claimed_copy_id
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.keystore import discard_secret, fetch_note, store_note
from ondevice.vault.secrets import Keystore

_NUMBER = re.compile(r"[0-9]{1,19}")


class Witness:
    """What the keystore knows of one copy of a profile. A keystore that does not answer witnesses nothing."""

    def __init__(self, keystore: Keystore, account: str) -> None:
        self._keystore = keystore
        self._account = account

    def n_missing(self, number: int) -> int:
        """Return how many commits it knows of that come after this last one of the database's."""
        with suppress(KeystoreError, ImportError):
            known = fetch_note(self._keystore, self._account)
            if isinstance(known, str) and _NUMBER.fullmatch(known):
                return max(0, int(known) - number)
        return 0

    def tell(self, number: int) -> None:
        """Let it know the last commit."""
        with suppress(KeystoreError, ImportError):
            store_note(self._keystore, self._account, str(number))


def witness_of(key_file: KeyFile, keystore: Keystore, record: CommitRecord | None) -> Witness | None:
    """Return the witness of a profile that has a keystore slot, and ``None`` for one that has not.

    Args:
        key_file: The profile's.
        keystore: Which backends count as safe; the slot's own service name is used.
        record: The record of the copy's commits; ``None`` or a missing one witnesses nothing.
    """
    service = key_file.keystore_service
    if service is None or record is None or (copy_id := claimed_copy_id(record.path)) is None:
        return None
    return Witness(replace(keystore, service=service), _account(key_file, copy_id))


def dismiss(key_file: KeyFile, copy_ids: Iterable[bytes]) -> None:
    """Remove the entries of copies that are gone.

    Raises:
        KeystoreError: If the keystore refuses.
    """
    if key_file.keystore_service is not None:
        for copy_id in copy_ids:
            discard_secret(Keystore(service=key_file.keystore_service), _account(key_file, copy_id))


def _account(key_file: KeyFile, copy_id: bytes) -> str:
    return f"{key_file.profile_id}/commits/{copy_id.hex()}"
