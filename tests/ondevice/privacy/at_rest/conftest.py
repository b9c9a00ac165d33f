"""A profile full of a word that nobody else uses, in a home of its own, and the check's answer about it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.at_rest import check
from ondevice.privacy.findings import Finding, Section
from ondevice.privacy.subject import Subject, subject_of
from ondevice.records import Draft
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault

KEY = AppKey(b"k" * 32)
MARKER = "zanzibarquokka"
TEXTS = [f"Note {number}: {MARKER} walked {number} miles along the shore." for number in range(20)]
WITHOUT_MODELS = ModelSet(encoder=None, generator=None)


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies that a check may look at."""

    root: Path
    profile: Path
    temporary: Path
    cache: Path

    def audit(self, plant: Callable[[Subject], object] | None = None, models: ModelSet = WITHOUT_MODELS) -> Section:
        """Run the check, after something was planted once the audit had begun."""
        with subject_of(self.profile, KEY, models) as subject:
            if plant is not None:
                plant(subject)
            return check(subject)

    def found(self, plant: Callable[[Subject], object] | None = None) -> dict[str, Finding]:
        """Return the findings by code, without those that every profile below a temporary folder has."""
        usual = {"parent-readable", "temporary-place", "process-readable", "drill-in-part", "swap", "swap-unknown"}
        usual |= {"core-limit", "core-limit-inherited", "core-handler", "hibernation"}
        section = self.audit(plant)
        codes = {finding.code.removeprefix("at-rest/"): finding for finding in section.findings}
        return {code: finding for code, finding in codes.items() if code not in usual}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name, folder in {
        "HOME": "home",
        "XDG_CACHE_HOME": "home/.cache",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_STATE_HOME": "home/.local/state",
    }.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in ("ONDEVICE_MODELS", "ONDEVICE_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    temporary, cache, place = tmp_path / "tmp", tmp_path / "home/.cache/ondevice", tmp_path / "home/data"
    for made in (temporary, cache, place):
        made.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(place)
    with Vault.create(place / "me.profile", KEY) as vault:
        vault.items.put_many([Draft(text=text, fields={"title": MARKER}, metadata={"place": MARKER}) for text in TEXTS])
    return Home(tmp_path, place / "me.profile", temporary, cache)
