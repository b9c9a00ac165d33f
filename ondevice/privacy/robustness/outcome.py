"""How a changed copy is met: whether something refuses it, reports it, or nothing does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from ondevice.errors import OndeviceError
from ondevice.privacy.subject import Copy
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault

Outcome = Literal["refused at opening", "found by the check", "not seen", "an error of another library"]


def outcome_of(copy: Copy) -> Outcome:
    """Open a copy, check it wholly, and say what noticed that it was changed."""
    try:
        with copy.open() as vault:
            return "found by the check" if vault.check() else "not seen"
    except OndeviceError:
        return "refused at opening"
    except Exception:
        # Whatever it is, it is no answer that an app could act on.
        return "an error of another library"


def restores(copy: Copy, to: Path) -> bool:
    """Say whether a copy can be restored as a backup; nothing stays of what was made."""
    try:
        Vault.restore(copy.path, to, AppKey(copy.key))
    except OndeviceError:
        return False
    finally:
        shutil.rmtree(to, ignore_errors=True)
    return True
