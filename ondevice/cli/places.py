"""Where the command line finds the profile and the models: option, environment, platform's folder."""

from __future__ import annotations

import os
from pathlib import Path

from ondevice.config import default_models_dir, default_profile_dir

PROFILE_VARIABLE = "ONDEVICE_PROFILE"
MODELS_VARIABLE = "ONDEVICE_MODELS"


def profile_place(option: Path | None) -> Path:
    """Return the profile's folder."""
    return option or _from_environment(PROFILE_VARIABLE) or default_profile_dir()


def models_place(option: Path | None) -> Path:
    """Return the folder of the model bundles."""
    return option or _from_environment(MODELS_VARIABLE) or default_models_dir()


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
