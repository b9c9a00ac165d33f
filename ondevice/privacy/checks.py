"""Which checks there are, in the order in which they run.

A check is a function of the :class:`~ondevice.privacy.subject.Subject` that returns a
:class:`~ondevice.privacy.findings.Section`, in a package of its own; adding one is adding a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ondevice.privacy import leakage
from ondevice.privacy.findings import Section
from ondevice.privacy.subject import Subject

Check: TypeAlias = Callable[[Subject], Section]

CHECKS: dict[str, Check] = {
    "leakage": leakage.check,
}
"""Name → check."""
