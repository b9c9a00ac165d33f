"""Errors that leave a worker: inside its reply, because Ray would wrap them, with the whole traceback as their text."""

from __future__ import annotations

import traceback
from pathlib import Path

from export.errors import ClusterError
from ondevice.errors import OndeviceError

Travelling = OndeviceError | ImportError


def travelling(error: Exception) -> Travelling:
    """Return an error that may leave the process: ours as they are, of others only where it happened."""
    if isinstance(error, OndeviceError | ImportError):
        return error
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return ClusterError(
        f"a worker failed with {type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}",
        hint="this is a defect: please report this line",
    )
