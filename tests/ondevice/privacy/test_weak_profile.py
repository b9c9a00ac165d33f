"""A profile whose passphrase costs too little to guess: the SDK refuses it, and an audit says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.config import KdfConfig
from ondevice.errors import CorruptError, LockedError
from ondevice.privacy import audit
from ondevice.privacy.robustness import examination, tampering
from ondevice.privacy.robustness.crashing import Crashes
from ondevice.records import Draft
from ondevice.vault import kdf
from ondevice.vault.secrets import Passphrase
from ondevice.vault.vault import Vault

WEAK = KdfConfig(passes=1, memory_kib=1024, lanes=1)


@pytest.fixture
def weak_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a profile as somebody's changed SDK would make it."""
    path = tmp_path / "weak.profile"
    with monkeypatch.context() as changed:
        changed.setattr(kdf, "MIN_PASSES", 1)
        changed.setattr(kdf, "MIN_MEMORY_KIB", 1024)
        with Vault.create(path, Passphrase("correct horse"), kdf=WEAK) as vault:
            vault.items.put_many([Draft(text="a note")])
    return path


def test_an_audit_of_it_is_made_and_says_so(weak_profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Which profile is killed and changed makes no difference there: the copies have keys of their own.
    monkeypatch.setattr(examination, "crash", lambda *_, **__: Crashes())
    monkeypatch.setattr(tampering, "_LIMIT_S", 1.0)
    with pytest.raises(CorruptError):
        Vault.open(weak_profile, Passphrase("correct horse"))
    models = ModelSet(weak_profile.parent, encoder=None, generator=None)
    report = audit(weak_profile, passphrase="correct horse", checks=["at-rest", "robustness"], models=models)
    levels = {finding.code: finding.level for section in report.sections for finding in section.findings}
    assert levels["at-rest/key-derivation"] == "high"
    assert not [code for code in levels if code.endswith("ended-early")]


def test_a_wrong_passphrase_still_opens_nothing(weak_profile: Path) -> None:
    with pytest.raises(LockedError):
        audit(weak_profile, passphrase="wrong")
