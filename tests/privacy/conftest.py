"""A place of its own for a child process, so that whatever it leaves is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Sandbox = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def sandbox_below() -> Sandbox:
    """Return a maker of environments in which home, cache and temporary files all lie below a folder."""

    def make(root: Path) -> dict[str, str]:
        # ``CI`` too: then no library is quiet only for a test's sake.
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "CI", "ORT_", "ONDEVICE_"))
        }
        for name, folder in {
            "HOME": "home",
            "TMPDIR": "tmp",
            "XDG_CACHE_HOME": "home/cache",
            "XDG_DATA_HOME": "home/data",
        }.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            environment[name] = str(root / folder)
        return environment | {"PYTHONDONTWRITEBYTECODE": "1"}

    return make


@pytest.fixture
def sandbox(tmp_path: Path, sandbox_below: Sandbox) -> dict[str, str]:
    """Return an environment in which home, cache and temporary files all lie below ``tmp_path``."""
    return sandbox_below(tmp_path)
