"""How a prompt with numbered notes is answered, as it was when the prompt was built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice.bundle.specs import SupportSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Which weights read the notes, and what their answers are worth.

    Args:
        by_reader: Whether the model's reader answers, whatever comes into use meanwhile: the notes are in its form.
        support: How far such an answer may be relied on; ``None`` where that was not measured of the model.
    """

    by_reader: bool = False
    support: SupportSpec | None = None
