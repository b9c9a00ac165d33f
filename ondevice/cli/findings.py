"""One line of ``ondevice doctor``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ondevice.errors import OndeviceError


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something looked at: ``ok``, a ``note`` that stops nothing, or ``missing``, which leaves the SDK unusable."""

    name: str
    state: Literal["ok", "note", "missing"]
    detail: str
    hint: str | None = None


def attempt(name: str, work: Callable[[], str], *, hint: str | None = None) -> Finding:
    """Try something: its result is the detail, and any failure a finding with the remedy."""
    try:
        return Finding(name=name, state="ok", detail=work())
    except OndeviceError as error:
        return Finding(name=name, state="missing", detail=error.message, hint=error.hint or hint)
    except ImportError as error:
        return Finding(name=name, state="missing", detail=str(error), hint=hint)
    except Exception as error:
        # A foreign library's own words may quote what it was given, so only the kind of failure is told.
        return Finding(name=name, state="missing", detail=f"failed with {type(error).__name__}", hint=hint)
