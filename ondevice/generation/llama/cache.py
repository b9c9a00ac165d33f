"""The prompt state: what the context holds, for whom, and how much of it the next request may use again.

A state depends on the tokens *and* on everything else that shaped it: the adapter and its scale, the soft prompt, and
whether the plain model reads along for a contrast. (The model and the context's parameters cannot change while a
context lives.) Matching by tokens alone would give one user's state to the next, so a change of any of these drops
what is held. What is dropped lies masked in memory until other requests overwrite it; what is forgotten, or was
evaluated with an adapter that is freed, is overwritten with zeros at once.

Reuse is token by token: the longest common prefix stays. The tokens after it are then evaluated in other batches than
in a cold run, and floating-point sums differ in their last bits; after a change of adapter, scale or soft prompt
nothing stays, and the logits are those of a cold run bit for bit. Where that must always hold, only whole batches of a
prompt are reused: what follows is then cut into the very batches of a cold run.

Rows behind a prompt, its suffix, are one request's alone: they are read anew each time and not kept, and neither they
nor what was written behind them is used again. The prompt in front of them is, as a whole where only rows need logits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ondevice.generation.llama.adapters import Adapter
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.contrast import PairedContext
from ondevice.generation.llama.handles import Batch

_ROW = -1
"""Stands where a row was read: no token is like it, so that no prompt goes on behind it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a prompt was read; incomplete means that it was cancelled between two batches."""

    n_reused: int
    is_complete: bool


class PromptState:
    """The tokens in the context's first sequence. Not thread-safe: the engine lets one request near it."""

    def __init__(self, context: PairedContext, batch: Batch, *, whole_batches: bool = False) -> None:
        """Start with an empty context; ``whole_batches`` reuses nothing that was cut otherwise than in a cold run."""
        self._context = context
        self._batch = batch
        self._whole_batches = whole_batches
        self._n_whole = 0  # tokens in front that were read in whole batches, counted from the first
        self._n_read = 0  # tokens of the prompt that was read last, if it was read to its end
        self._held: list[int] | None = []
        self._conditioning = Conditioning()
        self._key = self._conditioning.key()
        self._soft_is_held = False
        self._has_remains = False  # whether the memory may hold what is no longer of use

    @property
    def end(self) -> int:
        """The next free position."""
        return self._conditioning.n_soft + len(self._held or ())

    def read(self, tokens: Sequence[int], conditioning: Conditioning, is_cancelled: Callable[[], bool]) -> Reading:
        """Bring the context to hold exactly ``tokens`` and the rows behind them, with fresh logits for the last one.

        With rows, the last one is the last row. Under a contrast the plain model's last one is the last token.

        Raises:
            GenerationError: If the runtime fails.
        """
        self._condition(conditioning)
        self._n_read = 0
        rows = conditioning.suffix
        # What is evaluated again in any case, because its logits are not kept and somebody wants them.
        n_wanted = 0 if rows is not None and conditioning.contrast_in_effect is None else 1
        n_reused = self._keep_prefix(tokens, len(tokens) - n_wanted)
        self._read_soft_prompt()
        for start in range(n_reused, len(tokens), self._batch.capacity):
            if is_cancelled():
                return Reading(n_reused=n_reused, is_complete=False)
            self.extend(tokens[start : start + self._batch.capacity])
            if self._whole_batches and start + self._batch.capacity <= len(tokens):
                self._n_whole = start + self._batch.capacity
        self._n_read = len(tokens)
        if rows is not None:
            if is_cancelled():
                return Reading(n_reused=n_reused, is_complete=False)
            self._read_suffix(rows)
        return Reading(n_reused=n_reused, is_complete=True)

    def read_but_last(
        self, tokens: Sequence[int], conditioning: Conditioning, is_cancelled: Callable[[], bool]
    ) -> None:
        """Bring the context to hold ``tokens`` but the last one, by reading all of them; there is no suffix.

        Where just this prompt was read before, it is not read again, whatever was written behind it. No bit depends on
        that.

        Raises:
            GenerationError: If the runtime fails.
        """
        self._condition(conditioning)
        n = len(tokens)
        if self._held is None or self._n_read != n or self._held[:n] != list(tokens):
            self.read(tokens, conditioning, is_cancelled)
        if not self._cut(n - 1):
            self.read(tokens[:-1], conditioning, is_cancelled)
            self._n_read = 0

    def extend(self, tokens: Sequence[int], *, wanted: bool = False) -> None:
        """Evaluate at most one batch of further tokens; ``wanted`` keeps the logits of all of them.

        Raises:
            GenerationError: If the runtime fails.
        """
        position, held = self.end, self._held
        if held is None:
            raise ValueError("the prompt state is unknown: read a prompt first")
        self._held = None  # until the evaluation has returned, nobody knows what the memory holds
        self._context.evaluate(self._batch.fill(tokens, start=position, wanted=wanted))
        held.extend(tokens)
        self._held = held

    def forget(self) -> bool:
        """Drop everything and overwrite the key-value memory with zeros; say whether there was anything."""
        had_state = self._has_state() or self._has_remains
        self._held = None
        self._context.clear()
        self._batch.wipe()
        self._held, self._soft_is_held, self._n_whole, self._has_remains = [], False, 0, False
        return had_state

    def release(self, adapter: Adapter) -> None:
        """Stop using ``adapter``, which is about to be freed, and leave nothing that was evaluated with it."""
        is_in_use = self._conditioning.adapter is adapter
        if is_in_use or self._has_remains:
            self.forget()
        if is_in_use:
            self._condition(Conditioning())

    def release_contrast(self) -> None:
        """Free what a contrast needs."""
        self._condition(replace(self._conditioning, contrast=None))

    def _condition(self, wanted: Conditioning) -> None:
        wanted = replace(wanted, suffix=None)  # one request's alone: not to be kept here until the next
        key = wanted.key()
        if key == self._key and wanted.adapter is self._conditioning.adapter:
            self._context.contrast(wanted.contrast_in_effect)
            self._conditioning = wanted
            return
        self._drop()
        # Through the plain model, so that an adapter which cannot be applied leaves neither its key nor the last
        # user's weights.
        self._context.set_adapter(None, 1.0)
        self._conditioning, self._key = Conditioning(), Conditioning().key()
        self._context.contrast(wanted.contrast_in_effect)
        if wanted.adapter is not None:
            self._context.set_adapter(wanted.adapter.pointer, wanted.scale)
        self._conditioning, self._key = wanted, key

    def _has_state(self) -> bool:
        return self._held is None or bool(self._held) or self._soft_is_held

    def _drop(self) -> None:
        """Use nothing evaluated before again; overwriting it all would make a swap of adapters take milliseconds."""
        self._has_remains |= self._has_state()
        self._held = None
        self._context.drop()
        self._held, self._soft_is_held, self._n_whole = [], False, 0

    def _keep_prefix(self, tokens: Sequence[int], most: int) -> int:
        held = self._held
        if held is None:
            self.forget()
            return 0
        shared = min(len(held), most)
        n = next((i for i in range(shared) if held[i] != tokens[i]), shared)
        if self._whole_batches:
            n = min(n, self._n_whole) // self._batch.capacity * self._batch.capacity
            self._n_whole = n
        return n if self._cut(n) else 0

    def _cut(self, n: int) -> bool:
        """Keep the first ``n`` tokens; where this kind of memory cannot be cut, keep none and say so."""
        held = self._held or []
        self._n_whole = min(self._n_whole, n)
        if n == len(held):
            return True
        self._held = None
        # What is cut off stays masked, which hides numbers but not what is none: rows may be anything.
        is_masked = _ROW not in held[n:] or self._context.is_sound
        if not is_masked or not self._context.truncate(0, self._conditioning.n_soft + n):
            self.forget()
            return False
        self._held = held[:n]
        return True

    def _read_soft_prompt(self) -> None:
        rows = self._conditioning.soft_prompt
        if rows is None or self._soft_is_held:
            return
        held, self._held = self._held, None
        self._evaluate_rows(rows, 0, self._context.evaluate)
        self._held, self._soft_is_held = held, True

    def _read_suffix(self, rows: NDArray[np.float32]) -> None:
        position, held = self.end, self._held
        self._held = None
        self._evaluate_rows(rows, position, self._context.evaluate_personal)
        self._held = [*(held or ()), *[_ROW] * len(rows)]

    def _evaluate_rows(self, rows: NDArray[np.float32], position: int, evaluate: Callable[[Batch], None]) -> None:
        try:
            for start in range(0, len(rows), self._batch.capacity):
                part = np.ascontiguousarray(rows[start : start + self._batch.capacity])
                evaluate(self._batch.fill_embeddings(part, start=position + start))
        finally:
            self._batch.use_tokens()
