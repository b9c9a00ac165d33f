"""A profile that a test fills and spoils, and the check on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.findings import Section
from ondevice.privacy.inventory import check
from ondevice.privacy.subject import subject_of
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

KEY = AppKey(b"k" * 32)

Checked = Callable[[], Section]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Yield an open profile with five notes; closing it again does nothing."""
    with Vault.create(tmp_path / "me.profile", KEY) as made:
        made.items.put_many([Draft(text=f"note {number} of mine", id=f"i{number}") for number in range(5)])
        yield made


@pytest.fixture
def checked(vault: Vault) -> Checked:
    """Return what closes the profile and checks it."""

    def run() -> Section:
        vault.close()
        with subject_of(vault.path, KEY, ModelSet()) as subject:
            return check(subject)

    return run
