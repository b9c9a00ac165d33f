"""Which checks there are, in the order in which they run.

A check is a function of the :class:`~ondevice.privacy.subject.Subject` that returns a
:class:`~ondevice.privacy.findings.Section`, in a package of its own; adding one is adding a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ondevice.privacy import at_rest, egress, erasure, inventory, inversion, leakage, robustness, supply_chain
from ondevice.privacy.findings import Section
from ondevice.privacy.subject import Subject

Check: TypeAlias = Callable[[Subject], Section]

CHECKS: dict[str, Check] = {
    "at-rest": at_rest.check,
    "egress": egress.check,
    "erasure": erasure.check,
    "leakage": leakage.check,
    "inversion": inversion.check,
    "inventory": inventory.check,
    "supply-chain": supply_chain.check,
    "robustness": robustness.check,
}
"""Name → check."""
