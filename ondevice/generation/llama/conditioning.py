"""What shapes an answer besides its tokens: one user's adapter and its scale, a contrast, and rows of embeddings.

Rows in front of the prompt, the soft prompt, shape all that the prompt leaves in memory. Rows behind it, the suffix,
shape the answer alone: what the prompt leaves is of use to a request with other rows, or with none.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.config import Contrast
from ondevice.errors import ModelMismatchError
from ondevice.generation.llama.adapters import Adapter


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Conditioning:
    """What shapes the model's answers besides the tokens.

    Args:
        adapter: One user's LoRA, or none.
        scale: How strongly it applies.
        soft_prompt: Input embeddings before the first token, float32[n, embedding size], or none.
        suffix: One request's input embeddings behind its last token, float32[n, embedding size], or none.
        contrast: How far to keep away from the model without the adapter, or none.
        whose: Tells one who shares the model from another: how much of a prompt was read already says what it was.
    """

    adapter: Adapter | None = None
    scale: float = 1.0
    soft_prompt: NDArray[np.float32] | None = field(default=None, repr=False)
    suffix: NDArray[np.float32] | None = field(default=None, repr=False)
    contrast: Contrast | None = None
    whose: object | None = field(default=None, repr=False)

    @property
    def contrast_in_effect(self) -> Contrast | None:
        """The contrast, where there is an adapter: without one, both models are the same."""
        return None if self.adapter is None else self.contrast

    @property
    def n_soft(self) -> int:
        """Positions that the soft prompt takes."""
        return 0 if self.soft_prompt is None else len(self.soft_prompt)

    @property
    def n_rows(self) -> int:
        """Positions that the rows before the prompt and behind it take together."""
        return self.n_soft + (0 if self.suffix is None else len(self.suffix))

    def key(self) -> tuple[str, float, str, bool, object]:
        """Return what two states must share for one to be of use to the other; the suffix is read anew each time."""
        adapter = "" if self.adapter is None else self.adapter.id
        soft = "" if self.soft_prompt is None else hashlib.sha256(self.soft_prompt.tobytes()).hexdigest()
        return adapter, self.scale if adapter else 0.0, soft, self.contrast_in_effect is not None, self.whose


def check_scale(scale: float) -> float:
    """Return the scale as a float.

    Raises:
        ValueError: If it is not a finite number.
    """
    if not math.isfinite(scale):
        raise ValueError(f"the adapter's scale must be a finite number, not {scale}")
    return float(scale)


def soft_prompt_rows(rows: ArrayLike, embedding_size: int) -> NDArray[np.float32]:
    """Return a read-only copy of the rows of a soft prompt, float32[n, embedding size].

    Raises:
        ValueError: If it is not a table of finite numbers with at least one row.
        ModelMismatchError: If the rows are not as long as the model's embeddings.
    """
    return _checked_rows(rows, embedding_size, "the soft prompt")


def suffix_rows(rows: ArrayLike, embedding_size: int) -> NDArray[np.float32]:
    """Return a read-only copy of the rows behind a prompt, float32[n, embedding size].

    Raises:
        ValueError: If it is not a table of finite numbers with at least one row.
        ModelMismatchError: If the rows are not as long as the model's embeddings.
    """
    return _checked_rows(rows, embedding_size, "the suffix")


def _checked_rows(rows: ArrayLike, embedding_size: int, what: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused as such
        table: NDArray[np.float32] = np.array(rows, dtype=np.float32, order="C")
    if table.ndim != 2 or len(table) == 0:
        raise ValueError(f"{what} must be a table with at least one row of numbers, not of shape {table.shape}")
    if table.shape[1] != embedding_size:
        raise ModelMismatchError(
            f"{what} has rows of {table.shape[1]} numbers, the model's embeddings have {embedding_size}"
        )
    if not np.isfinite(table).all():
        raise ValueError(f"{what} must be a table of finite numbers, and has one that is not")
    table.flags.writeable = False
    return table
