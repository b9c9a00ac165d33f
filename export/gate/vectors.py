"""How near a converted encoder's vectors are to the original's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from export.gate.cpu import cpu_class
from ondevice.bundle import GateResult
from ondevice.errors import BundleError

BATCH = 64


class TextEncoder(Protocol):
    """What turns texts into rows of float32; :class:`ondevice.retrieval.encoding.encoder.Encoder` is one."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[n, d] for n texts that search."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[n, d] for n texts that are searched."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VectorParity:
    """Cosines between two encoders' vectors of the same texts: their mean, 1st percentile and smallest."""

    data: str
    n: int
    cosine_mean: float
    cosine_p1: float
    cosine_worst: float

    def results(self, *, cpu: str | None = None) -> tuple[GateResult, ...]:
        """Return the three numbers as a manifest holds them, for this CPU's class unless another is named."""
        return tuple(
            GateResult(measure=name, value=value, bound=None, data=self.data, n=self.n, cpu=cpu or cpu_class())
            for name, value in (
                ("cosine_mean", self.cosine_mean),
                ("cosine_p1", self.cosine_p1),
                ("cosine_worst", self.cosine_worst),
            )
        )


class RememberedEncoder:
    """An encoder that computes the vector of a text once; for the reference, to which many candidates are compared."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._queries: dict[str, NDArray[np.float32]] = {}
        self._passages: dict[str, NDArray[np.float32]] = {}

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[n, d]; only texts not seen before are encoded."""
        return _remembered(self._queries, self._encoder.encode_queries, texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[n, d]; only texts not seen before are encoded."""
        return _remembered(self._passages, self._encoder.encode_passages, texts)


def measure_vectors(
    reference: TextEncoder,
    candidate: TextEncoder,
    texts: Sequence[str],
    *,
    data: str = "texts",
    on_progress: Callable[[int, int], None] | None = None,
) -> VectorParity:
    """Encode the texts as passages with both and compare.

    Raises:
        ConversionError: If a vector of either is not finite or all zero, or the two differ in dimension.
    """
    if not texts:
        raise ValueError("there must be texts to compare the vectors of")
    return compare_vectors(
        encode(reference.encode_passages, texts, "the reference", on_progress=None),
        encode(candidate.encode_passages, texts, "the converted model", on_progress=on_progress),
        data=data,
    )


def compare_vectors(reference: NDArray[np.float32], candidate: NDArray[np.float32], *, data: str) -> VectorParity:
    """Compare rows of vectors, float32[n, d] each.

    Raises:
        ConversionError: If the shapes differ.
    """
    cosines = cosines_by_row(reference, candidate)
    return VectorParity(
        data=data,
        n=len(cosines),
        cosine_mean=float(cosines.mean()),
        cosine_p1=float(np.percentile(cosines, 1)),
        cosine_worst=float(cosines.min()),
    )


def cosines_by_row(reference: NDArray[np.float32], candidate: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the cosine of each row with the other's same row: float64[n].

    Raises:
        ConversionError: If the shapes differ.
    """
    if reference.shape != candidate.shape:
        raise ConversionError(
            f"the reference gives vectors of the shape {reference.shape}, the converted model {candidate.shape}"
        )
    return np.asarray(np.sum(unit(reference) * unit(candidate), axis=1), dtype=np.float64)


def encode(
    verb: Callable[[Sequence[str]], NDArray[np.float32]],
    texts: Sequence[str],
    who: str,
    *,
    on_progress: Callable[[int, int], None] | None,
) -> NDArray[np.float32]:
    """Encode in batches and check what comes: float32[n, d].

    Raises:
        ConversionError: If the encoder fails, or a vector is not finite, all zero, or of another count than the texts.
    """
    rows: list[NDArray[np.float32]] = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        try:
            vectors = np.asarray(verb(batch), dtype=np.float32)
        except BundleError as error:
            raise ConversionError(f"{who} cannot encode: {error.message}", hint=error.hint) from None
        _check_vectors(vectors, len(batch), who)
        rows.append(vectors)
        if on_progress is not None:
            on_progress(start + len(batch), len(texts))
    return np.concatenate(rows)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the rows at length 1, in double precision so that a cosine near 1 keeps its digits."""
    wide = vectors.astype(np.float64)
    return np.asarray(wide / np.linalg.norm(wide, axis=1, keepdims=True), dtype=np.float64)


def _check_vectors(vectors: NDArray[np.float32], n: int, who: str) -> None:
    if vectors.ndim != 2 or len(vectors) != n:
        raise ConversionError(f"{who} gave an output of the shape {vectors.shape} for {n} texts")
    n_bad = int(np.sum(~np.isfinite(vectors).all(axis=1)))
    if n_bad:
        raise ConversionError(f"{who} gave numbers that are not finite (NaN or infinite) for {n_bad} of {n} texts")
    if not np.abs(vectors).sum(axis=1).all():
        raise ConversionError(f"{who} gave a vector of zeros")


def _remembered(
    known: dict[str, NDArray[np.float32]],
    verb: Callable[[Sequence[str]], NDArray[np.float32]],
    texts: Sequence[str],
) -> NDArray[np.float32]:
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        known.update(zip(new, verb(new), strict=True))
    return np.stack([known[text] for text in texts])
