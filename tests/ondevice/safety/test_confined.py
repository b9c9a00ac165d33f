"""Keys and secrets leave the objects that hold them in no way that Python offers by itself."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from export.publishing.keys import SigningKey
from ondevice import AppKey, Passphrase, RecoveryCode
from ondevice.safety.confined import Confined
from ondevice.vault import Vault
from ondevice.vault.identity import Identity
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.receipts import Notary

SECRET = b"the secret of the tests, 32 long"
MAKERS: dict[str, Callable[[], object]] = {
    "passphrase": lambda: Passphrase(SECRET.decode()),
    "recovery code": RecoveryCode.generate,
    "app key": lambda: AppKey(SECRET),
    "profile key": lambda: ProfileKey(SECRET),
    "identity": lambda: Identity(SECRET),
    "notary": lambda: Notary(Identity(SECRET)),
    "signing key": lambda: SigningKey.from_seed(SECRET),
}
WAYS: dict[str, Callable[[object], object]] = {
    **{f"pickle {protocol}": partial(pickle.dumps, protocol=protocol) for protocol in range(6)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "state": lambda it: it.__getstate__(),
    "within": lambda it: pickle.dumps({"settings": [it]}),
}


@dataclasses.dataclass
class Settings:
    """What an app might keep its secrets in."""

    secret: object


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_secret_is_neither_pickled_nor_copied(make: Callable[[], object], way: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        way(make())


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_an_apps_settings_do_not_spill_the_secret_inside(make: Callable[[], object]) -> None:
    settings = Settings(make())
    for spill in (dataclasses.asdict, dataclasses.astuple):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            spill(settings)
    assert "secret of" not in repr(settings)


def test_what_works_with_keys_in_a_vault_stays_in_it(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "p", AppKey(SECRET)) as vault:
        for each in (vault, vault.database, vault.sealed, vault.recognizer):
            assert isinstance(each, Confined)
            with pytest.raises(TypeError, match="neither pickled nor copied"):
                copy.copy(each)


def test_secrets_compare_by_what_they_say() -> None:
    assert Passphrase("caf\u00e9") == Passphrase("cafe\u0301")
    assert hash(Passphrase("caf\u00e9")) == hash(Passphrase("cafe\u0301"))
    assert Passphrase("a" * 32) != AppKey(b"a" * 32)
    assert AppKey(SECRET) != AppKey(SECRET[::-1])
    with pytest.raises(AttributeError):
        Passphrase("a").text = "b"  # type: ignore[misc]
