"""A profile, models by a publisher of the tests' own, and packages: what the check looks at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.findings import Section
from ondevice.privacy.subject import subject_of
from ondevice.privacy.supply_chain import check
from ondevice.records import Draft
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.ondevice.bundle.signed import OURS, make_bundle
from tests.ondevice.privacy.supply_chain.fake_site import make_site

KEY = AppKey(b"k" * 32)
MARKER = "xylophone-tangerine"

Look: TypeAlias = Callable[..., Section]


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed profile full of a word that must show up nowhere."""
    folder = tmp_path_factory.mktemp("profile") / f"{MARKER}.profile"
    with Vault.create(folder, KEY) as vault:
        vault.items.put_many([Draft(text=f"{MARKER} {number}", metadata={"from": MARKER}) for number in range(3)])
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a models' folder with one signed model, ``tiny``."""
    make_bundle(tmp_path / "models" / "tiny", publisher=OURS)
    return tmp_path / "models"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder of installed packages."""
    return make_site(tmp_path / "site")


@pytest.fixture
def look(profile: Path, models: Path, site: Path) -> Look:
    """Return the check on all of these; only models of the tests' publisher may run."""

    def run(
        *,
        is_pinned: bool = True,
        generator: str | None = "tiny",
        advisories: Path | None = None,
        before: Path | None = None,
    ) -> Section:
        path = [str(folder) for folder in (before, site) if folder is not None]
        publishers = [OURS.key] if is_pinned else None
        model_set = ModelSet(models, encoder=None, generator=generator, publishers=publishers)
        with subject_of(profile, KEY, model_set, advisories=advisories) as subject:
            return check(subject, path=path, today=date(2026, 1, 1))

    return run


def codes(section: Section) -> dict[str, str]:
    """Return code → level of what was found."""
    return {finding.code.removeprefix("supply-chain/"): finding.level for finding in section.findings}
