from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.errors import CorruptError
from ondevice.vault import AppKey, Vault
from ondevice.vault.identity import Identity, load_identity


def test_purposes_have_different_keys() -> None:
    identity = Identity(b"\x05" * 32)
    keys = {identity.derive(purpose) for purpose in ("dedupe", "events", "receipts")}
    assert len(keys) == 3
    assert identity.derive("dedupe") == Identity(b"\x05" * 32).derive("dedupe")
    assert repr(identity) == "Identity()"


def test_profiles_have_different_secrets(tmp_path: Path, app_key: AppKey) -> None:
    secrets = []
    for name in "ab":
        with Vault.create(tmp_path / name, app_key) as vault:
            secrets.append(load_identity(vault.database).secret)
    assert secrets[0] != secrets[1]
    assert {len(secret) for secret in secrets} == {32}


def test_lost_identity_is_corrupt(vault: Vault, profile_path: Path, app_key: AppKey) -> None:
    with vault.database.writing() as connection:
        connection.execute("DELETE FROM identity")
    vault.close()
    with pytest.raises(CorruptError, match="identity"):
        Vault.open(profile_path, app_key)
