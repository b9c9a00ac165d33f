"""Logits of a GGUF model through llama.cpp, and how far they are from another's on the same tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from export.errors import ParityError
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.handles import OUTPUTS_PER_BATCH, Batch, Context, Model
from ondevice.generation.llama.vocabulary import Vocabulary

Logits = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogitsParity:
    """How one model's logits compare with a reference's, over all positions.

    Args:
        cosine_min: The least cosine of two centered rows of logits.
        cosine_mean: Their mean.
        same_top: The share of positions where both find the same token likeliest.
        divergence: Mean Kullback-Leibler divergence from the reference to the candidate (nats), 0 or more.
        n: Positions compared.
    """

    cosine_min: float
    cosine_mean: float
    same_top: float
    divergence: float
    n: int


class LogitsReader:
    """A GGUF model that tells every position's logits; close it to free its memory. Not thread-safe."""

    def __init__(self, gguf: Path, *, context_tokens: int = 512, threads: int | None = None) -> None:
        """Load the model.

        Raises:
            BundleError: If llama.cpp cannot use the file.
            GenerationError: If there is not enough memory for the context.
        """
        self._model = Model.load(gguf)
        longest = min(context_tokens, self._model.trained_context_tokens)
        self._batch = Batch(min(OUTPUTS_PER_BATCH, longest))
        self._context = Context.create(
            self._model,
            context_tokens=longest,
            batch_tokens=self._batch.capacity,
            threads=physical_cores() if threads is None else threads,
        )
        self.vocabulary = Vocabulary(self._model)
        self.context_tokens = longest

    def read(self, tokens: Sequence[int]) -> Logits:
        """Evaluate ``tokens`` from an empty context; return float32[n_tokens, n_vocabulary].

        Raises:
            ValueError: If there are none, or more than the context holds.
            GenerationError: If the runtime fails, or the logits are not numbers.
        """
        if not 0 < len(tokens) <= self.context_tokens:
            raise ValueError(f"there must be 1 to {self.context_tokens} tokens, not {len(tokens)}")
        out = np.empty((len(tokens), self._context.n_vocabulary), dtype=np.float32)
        self._context.clear()
        for start in range(0, len(tokens), self._batch.capacity):
            part = tokens[start : start + self._batch.capacity]
            self._context.evaluate(self._batch.fill(part, start=start, wanted=True))
            for row in range(len(part)):
                out[start + row] = self._context.logits(row)
        return out

    def close(self) -> None:
        """Free the model; calling again has no effect."""
        self._model.close()

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def compare_logits(pairs: Iterable[tuple[Logits, Logits]]) -> LogitsParity:
    """Compare a candidate's logits with a reference's, text by text.

    A constant added to all logits of a position changes no probability, so rows are centered before the cosine.

    Args:
        pairs: Reference and candidate, both float32[n_tokens, n_vocabulary], for each text.

    Raises:
        ParityError: If the shapes differ, a value is not a number, or there is nothing to compare.
    """
    cosines: list[NDArray[np.float64]] = []
    divergences: list[NDArray[np.float64]] = []
    n_same = 0
    for reference, candidate in pairs:
        if reference.shape != candidate.shape:
            raise ParityError(f"the logits have the shape {candidate.shape}, but the reference's {reference.shape}")
        if not (np.isfinite(reference).all() and np.isfinite(candidate).all()):
            raise ParityError("the logits are not numbers everywhere")
        cosines.append(_cosines(reference, candidate))
        divergences.append(_divergences(reference, candidate))
        n_same += int((reference.argmax(axis=1) == candidate.argmax(axis=1)).sum())
    if not cosines:
        raise ParityError("there are no logits to compare")
    cosine = np.concatenate(cosines)
    return LogitsParity(
        cosine_min=float(cosine.min()),
        cosine_mean=float(cosine.mean()),
        same_top=n_same / len(cosine),
        divergence=float(np.concatenate(divergences).mean()),
        n=len(cosine),
    )


def log_probabilities(logits: Logits) -> NDArray[np.float32]:
    """Return ln of the softmax of each row, float32[n, n_vocabulary] → the same shape (nats)."""
    shifted: NDArray[np.float32] = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True, dtype=np.float64)).astype(np.float32)
    return shifted


def _cosines(reference: Logits, candidate: Logits) -> NDArray[np.float64]:
    left = reference - reference.mean(axis=1, keepdims=True, dtype=np.float64)
    right = candidate - candidate.mean(axis=1, keepdims=True, dtype=np.float64)
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    # Two rows without any preference agree; one against a row with preferences does not.
    alike = (np.linalg.norm(left, axis=1) == 0) & (np.linalg.norm(right, axis=1) == 0)
    dots = np.einsum("ij,ij->i", left, right)
    cosines: NDArray[np.float64] = np.where(alike, 1.0, dots / np.where(norms > 0, norms, 1.0))
    return cosines


def _divergences(reference: Logits, candidate: Logits) -> NDArray[np.float64]:
    p, q = log_probabilities(reference), log_probabilities(candidate)
    divergences: NDArray[np.float64] = np.einsum("ij,ij->i", np.exp(p), p - q, dtype=np.float64)
    return np.maximum(divergences, 0.0)
