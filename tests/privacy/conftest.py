"""A place of its own for a child process, so that whatever it leaves is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def sandbox(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which home, cache and temporary files all lie below ``tmp_path``."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "CI", "ORT_", "ONDEVICE_"))
    }
    for name, folder in {
        "HOME": "home",
        "TMPDIR": "tmp",
        "XDG_CACHE_HOME": "home/cache",
        "XDG_DATA_HOME": "home/data",
    }.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        environment[name] = str(tmp_path / folder)
    return environment | {"PYTHONDONTWRITEBYTECODE": "1"}
