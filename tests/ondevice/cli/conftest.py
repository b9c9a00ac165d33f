"""A profile that a recovery code opens (no costly key derivation), and a way to run commands on it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ondevice import KdfConfig, ModelSet, Personalizer, RecoveryCode
from ondevice.cli import app
from ondevice.vault.kdf import MIN_LANES, MIN_MEMORY_KIB, MIN_PASSES
from tests.command_line import Ran, Run, descriptor


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process."""
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("ONDEVICE_PROFILE", "ONDEVICE_MODELS"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, stdin: str = "") -> Ran:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a passphrase cost no more than it must in this process: each is derived anew for every command."""
    cheap = KdfConfig(passes=MIN_PASSES, memory_kib=MIN_MEMORY_KIB, lanes=MIN_LANES)
    for module in ("ondevice.personalizer.personalizer", "ondevice.vault.keyfile"):
        monkeypatch.setattr(f"{module}.KdfConfig", lambda: cheap)


@pytest.fixture(scope="session")
def code() -> str:
    return RecoveryCode.generate().text


@pytest.fixture(scope="session")
def new_profile(code: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty profile: to copy it takes a small part of the time that making one does."""
    path = tmp_path_factory.mktemp("new") / "me.profile"
    Personalizer.create(path, recovery_code=code, models=ModelSet(encoder=None)).close()
    return path


@pytest.fixture
def profile(profile_path: Path, new_profile: Path) -> Path:
    shutil.copytree(new_profile, profile_path)
    return profile_path


@pytest.fixture
def on_profile(run: Run, profile: Path, code: str) -> Run:
    """Run a command on the profile, unlocked, without models."""

    def call(*arguments: str, stdin: str = "") -> Ran:
        return run(*arguments, "--profile", str(profile), "--recovery-fd", descriptor(code), stdin=stdin)

    return call


@pytest.fixture
def with_models(on_profile: Run, app_models: Path) -> Run:
    """Run a command on the profile, unlocked, with the tiny models."""

    def call(*arguments: str, stdin: str = "") -> Ran:
        given = ("--models", str(app_models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        return on_profile(*arguments, *given, stdin=stdin)

    return call
