"""Contrastive decoding: what the user's adapter adds to the model counts for more than what the model says anyway.

Two contexts of one model read the same tokens, one with the adapter and one without. Tokens that the adapted model
finds plausible are weighed by how much likelier the adapter made them. Source: Bu et al. 2025, arXiv:2506.12109; the
plausible set is that of Li et al. 2023, arXiv:2210.15097.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Self, Unpack

import numpy as np
from numpy.typing import NDArray

from ondevice.config import Contrast
from ondevice.generation.llama.handles import Batch, Context, ContextSettings, Model

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST = math.log(1e-8)
"""The plain model's log-probabilities end here, relative to its likeliest token: below, they are noise."""


def check_contrast(contrast: Contrast) -> None:
    """Refuse numbers that have no meaning.

    Raises:
        ValueError: If one is out of its range.
    """
    if not (math.isfinite(contrast.alpha) and contrast.alpha >= 0):
        raise ValueError(f"alpha must be 0 or more, not {contrast.alpha}")
    if not 0 < contrast.threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, not {contrast.threshold}")


def contrast_logits(
    adapted: NDArray[np.float32], plain: NDArray[np.float32], contrast: Contrast
) -> NDArray[np.float32]:
    """Return the logits of the contrasted distribution; all shapes float32[n_vocabulary].

    Within V = {v: p_adapted(v) ≥ threshold · max p_adapted} a token scores log p_adapted(v) - alpha · log p_plain(v),
    and the scores share the probability that the adapted model gives V. Tokens outside V keep theirs. So the likeliest
    token is that of the paper, and every token has a likelihood, of which an alpha of 0 changes no bit.
    """
    plausible = np.flatnonzero(adapted >= adapted.max() + math.log(contrast.threshold))
    before = adapted[plausible].astype(np.float64)
    anyway = np.maximum(plain[plausible].astype(np.float64) - plain.max(), _LEAST)
    scores = before - contrast.alpha * anyway
    contrasted = adapted.copy()
    contrasted[plausible] = scores + (_log_sum_exp(before) - _log_sum_exp(scores))
    return contrasted


def _log_sum_exp(values: NDArray[np.float64]) -> float:
    top = values.max()
    return float(top + np.log(np.exp(values - top).sum()))


class PairedContext(Context):
    """A context beside which a second one, without the adapter, can do the same; its logits are then contrasted.

    The two evaluate, keep and drop the same tokens, each in a memory of its own. What is personal besides the adapter,
    rows behind the prompt, the plain model does not read: its tokens behind them stand as many positions earlier.
    """

    _create_plain: Callable[[], Context]
    _plain: Context | None = None
    _contrast: Contrast | None = None
    _skipped = range(0)  # positions in the first sequence that the plain model has not read

    @classmethod
    def create(cls, model: Model, **settings: Unpack[ContextSettings]) -> Self:
        """Allocate a context, for now alone.

        Raises:
            GenerationError: If there is not enough memory, or the model cannot be kept in this cache type.
        """
        context = super().create(model, **settings)
        context._create_plain = partial(Context.create, model, **settings)
        return context

    def contrast(self, contrast: Contrast | None) -> None:
        """Contrast the logits from now on, or no more; to begin, the memory must be empty.

        Raises:
            GenerationError: If there is not enough memory for a second context.
        """
        if contrast is None:
            self._free_plain()
        elif self._plain is None:
            self._plain = self._create_plain()
        self._contrast = contrast

    def evaluate(self, batch: Batch) -> None:
        """Run the model over ``batch`` and add it to the memory.

        Raises:
            GenerationError: If llama.cpp refuses, for example because the memory is full.
        """
        super().evaluate(batch)
        if self._plain is not None:
            with batch.earlier(len(self._skipped)):
                self._plain.evaluate(batch)

    def evaluate_personal(self, batch: Batch) -> None:
        """Run the model alone over ``batch``, at the end of the first sequence; the plain model goes on without it.

        The plain model's last logits stay those of the last token that both have read.

        Raises:
            GenerationError: If llama.cpp refuses, for example because the memory is full.
        """
        super().evaluate(batch)
        start = self._skipped.start if self._skipped else batch.start
        self._skipped = range(start, batch.start + batch.native.n_tokens)

    def logits(self, index: int) -> NDArray[np.float32]:
        """Return the logits of the batch's token ``index`` (-1: the last), float32[n_vocabulary].

        Without a contrast the array is a view that the next evaluation overwrites.

        Raises:
            GenerationError: If there are none, or they are not numbers.
        """
        if self._plain is None or self._contrast is None:
            return super().logits(index)
        return self.logits_apart(index)[0]

    def logits_apart(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return the contrasted logits, those with the adapter alone, and the plain ones; each float32[n_vocabulary].

        The latter two are views that the next evaluation overwrites.

        Raises:
            GenerationError: If there are none, or they are not numbers.
            ValueError: If nothing is contrasted.
        """
        if self._plain is None or self._contrast is None:
            raise ValueError("nothing is contrasted: there is one kind of logits")
        adapted, plain = super().logits(index), self._plain.logits(index)
        return contrast_logits(adapted, plain, self._contrast), adapted, plain

    def clear(self) -> None:
        """Forget everything evaluated and overwrite the key-value memory with zeros."""
        super().clear()
        self._skipped = range(0)
        if self._plain is not None:
            self._plain.clear()

    def drop(self) -> None:
        """Forget everything evaluated, and leave the key-value memory to be overwritten by what comes."""
        super().drop()
        self._skipped = range(0)
        if self._plain is not None:
            self._plain.drop()

    def truncate(self, sequence: int, start: int) -> bool:
        """Drop positions from ``start`` on; False where this kind of memory cannot be cut there."""
        is_cut = super().truncate(sequence, start)
        n_skipped = len(self._skipped[: max(0, start - self._skipped.start)])
        if sequence == 0:
            self._skipped = self._skipped[:n_skipped]
        return is_cut if self._plain is None else self._plain.truncate(sequence, start - n_skipped) and is_cut

    def fork(self, source: int, target: int) -> None:
        """Let the sequence ``target`` share everything in ``source``."""
        super().fork(source, target)
        if self._plain is not None:
            self._plain.fork(source, target)

    def close(self) -> None:
        """Free the native objects; calling again has no effect."""
        self._free_plain()
        super().close()

    def _free_plain(self) -> None:
        plain, self._plain = self._plain, None
        if plain is not None:
            plain.clear()
            plain.close()
