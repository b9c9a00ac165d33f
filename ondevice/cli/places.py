"""Where the command line finds the profile and the models: option, environment, platform's folder."""

from __future__ import annotations

import os
from pathlib import Path

from ondevice.config import default_models_dir, default_profile_dir

PROFILE_VARIABLE = "ONDEVICE_PROFILE"


def profile_place(option: Path | None) -> Path:
    """Return the profile's folder."""
    named = os.environ.get(PROFILE_VARIABLE)
    return option or (Path(named) if named else default_profile_dir())


def models_place(option: Path | None) -> Path:
    """Return the folder of the model bundles."""
    return option or default_models_dir()
