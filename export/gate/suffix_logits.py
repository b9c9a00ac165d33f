"""What a GGUF model expects behind a prompt and rows of embeddings, through llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from export.gate.logits import Logits, LogitsReader


class SuffixReader(LogitsReader):
    """A GGUF model that reads tokens and then rows; close it to free its memory. Not thread-safe."""

    def read_behind(self, tokens: Sequence[int], rows: NDArray[np.float32]) -> Logits:
        """Return the logits behind the last row, float32[1, n_vocabulary].

        Args:
            tokens: The prompt, from an empty context.
            rows: float32[n, embedding size], one or more, no more than a batch holds.

        Raises:
            ValueError: If both together are more than the context holds, or one of them is empty.
            GenerationError: If the runtime fails, or the logits are not numbers.
        """
        if not len(rows) or not len(tokens) or len(tokens) + len(rows) > self.context_tokens:
            raise ValueError(
                f"{len(tokens)} tokens and {len(rows)} rows must be 1 or more, {self.context_tokens} together at most"
            )
        self._context.clear()
        for start in range(0, len(tokens), self._batch.capacity):  # the logits of the prompt's tokens are not needed
            self._context.evaluate(self._batch.fill(tokens[start : start + self._batch.capacity], start=start))
        held = np.ascontiguousarray(rows, dtype=np.float32)
        try:
            self._context.evaluate(self._batch.fill_embeddings(held, start=len(tokens)))
        finally:
            self._batch.use_tokens()
        return self._context.logits(-1)[None].copy()
