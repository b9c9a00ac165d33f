"""What a language model reads behind a prompt that tells of the user, and of which items it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ondevice.config import PersonaWeights
from ondevice.records import Filter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PersonaSuffix:
    """Rows for one request, float32[n, embedding size].

    Args:
        persona: The name of the persona that made them.
        rows: The rows.
        item_rows: The numbers of all items that have a part in them, which are never given again.
        filter: Which items count.
        weights: How they were weighed.
    """

    persona: str
    rows: NDArray[np.float32] = field(repr=False)
    item_rows: tuple[int, ...] = field(repr=False)
    filter: Filter | None = field(repr=False)
    weights: PersonaWeights

    @property
    def digest(self) -> str:
        """The SHA-256 of the rows."""
        return hashlib.sha256(self.rows.tobytes()).hexdigest()


MakeSuffix: TypeAlias = "Callable[[], PersonaSuffix | None]"
"""Makes the rows of the request at hand; ``None`` where it gets none."""
