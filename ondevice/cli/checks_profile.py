"""What ``ondevice doctor`` checks of the profile: file modes without a key, everything else with one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ondevice.cli.access import Unlocking
from ondevice.cli.findings import Finding, attempt
from ondevice.config import DEFAULT_ENCODER
from ondevice.errors import StorageError

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def check_keystore(unlocking: Unlocking) -> Finding:
    """Say whether the operating system's keystore can be used; with ``--keystore`` try it."""
    if unlocking.source.keystore:
        return attempt("keystore", _try_keystore)
    if find_spec("keyring") is None:
        return Finding(
            name="keystore",
            state="note",
            detail="the extra is not installed",
            hint='pip install "ondevice-sdk[keystore]"',
        )
    return Finding(name="keystore", state="ok", detail="installed; tried only with --keystore")


def _try_keystore() -> str:
    from ondevice.vault.keystore import discard_secret, store_secret
    from ondevice.vault.secrets import Keystore

    trial = Keystore(service="ondevice-doctor")
    _, backend = store_secret(trial, "trial")
    discard_secret(trial, "trial")
    return f"{backend} keeps and returns a secret"


def check_profile(unlocking: Unlocking, models: Path, *, wants_inside: bool, accept_loss: bool) -> Iterator[Finding]:
    """Check the profile's modes, and its content where it may be unlocked."""
    profile = unlocking.profile
    if not profile.is_dir():
        yield Finding(name="profile", state="note", detail=f"none at {profile}", hint="run: ondevice init")
        return
    yield attempt("profile's modes", lambda: _check_modes(profile), hint=f"chmod -R go= {profile}")
    if not wants_inside:
        yield Finding(name="profile", state="note", detail="not opened", hint="check it inside with --unlock")
        return
    n_unsplit: list[int] = []
    yield attempt(
        "profile",
        lambda: _check_inside(unlocking, models, n_unsplit, accept_loss=accept_loss),
        hint="run: ondevice restore, from a backup",
    )
    if sum(n_unsplit):
        yield Finding(
            name="passages",
            state="note",
            detail=f"{sum(n_unsplit)} items are not split yet: of long ones only the beginning is searched by meaning",
            hint="run: ondevice reencode",
        )


def _check_modes(profile: Path) -> str:
    """Count files and folders that others could read; Windows keeps user folders private by other means."""
    if os.name != "posix":
        return "guarded by the user's folder"
    if not os.access(profile, os.W_OK):
        return "on a medium that is read-only"
    paths = [profile, *profile.rglob("*")]
    open_to_others = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & ~_allowed(path)]
    if open_to_others:
        raise StorageError(f"{len(open_to_others)} of {len(paths)} files and folders are open to others")
    return f"{len(paths)} files and folders, private"


def _allowed(path: Path) -> int:
    return PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE


def _check_inside(unlocking: Unlocking, models: Path, n_unsplit: list[int], *, accept_loss: bool) -> str:
    """Check the content, and note how many items there are of which an earlier release encoded the beginning alone."""
    from ondevice.errors import CorruptError
    from ondevice.retrieval.encoding.former import kept_encoder

    with unlocking.open_vault(accept_loss=accept_loss) as vault:
        findings = vault.check()
        n_items = vault.items.count()
        encoder = kept_encoder(DEFAULT_ENCODER, vault.vectors.encoders(), models)
        n_unsplit += vault.vectors.count_unsplit().values()
    if findings:
        raise CorruptError("; ".join(str(finding) for finding in findings))
    former = "" if encoder == DEFAULT_ENCODER else f"; for better searches than by {encoder} run: ondevice reencode"
    return f"{n_items} items; pages, search terms, event log and sealed files are whole{former}"
