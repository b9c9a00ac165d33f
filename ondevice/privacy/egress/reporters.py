"""The packages here that are known to report their use: whether the job loads them, and whether they are silent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from ondevice.privacy.egress.switches import SWITCHES, Switch

State = Literal["off", "off in this environment", "on"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporter:
    """One package.

    Args:
        switch: What stops it.
        version: Which is installed; ``None`` where it was loaded from elsewhere.
        is_loaded: Whether the job loaded it.
        state: ``off`` where the SDK or its nature keeps it off; or only this process's variables do; or nothing does.
    """

    switch: Switch
    version: str | None
    is_loaded: bool
    state: State


def find_reporters(loaded: Mapping[str, bool]) -> tuple[Reporter, ...]:
    """Return the packages that are installed or were loaded.

    Args:
        loaded: Module → whether it was off in the job, which had no switch in its variables.
    """
    found = []
    for switch in SWITCHES:
        version, is_loaded = _version(switch.distribution), switch.module in loaded
        if version is None and not is_loaded:
            continue
        state: State = "on"
        if loaded[switch.module] if is_loaded else switch.is_off({}):
            state = "off"
        elif switch.is_off(os.environ) and not switch.is_ours:  # where the SDK has set it, another app has not
            state = "off in this environment"
        found.append(Reporter(switch=switch, version=version, is_loaded=is_loaded, state=state))
    return tuple(found)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
