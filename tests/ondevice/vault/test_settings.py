from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.vault import AppKey, Vault
from ondevice.vault.settings import Json


@pytest.mark.parametrize("value", [True, 3, 2.5, "text é", [1, "a", None], {"a": {"b": []}}])
def test_values_outlive_the_process(profile_path: Path, app_key: AppKey, value: Json) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.settings.set("key", "before")
        vault.settings.set("key", value)
    with Vault.open(profile_path, app_key) as vault:
        assert vault.settings.get("key") == value


def test_missing_and_removed_values(vault: Vault) -> None:
    assert vault.settings.get("key", 7) == 7
    vault.settings.set("key", 1)
    vault.settings.set("key", None)
    assert vault.settings.get("key") is None


def test_what_is_not_json_is_refused(vault: Vault) -> None:
    with pytest.raises(TypeError):
        vault.settings.set("key", object())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="JSON"):
        vault.settings.set("key", float("nan"))
