"""Perplexity of a GGUF model on texts, and by how much it rises from one model to another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import DatasetError, ParityError
from export.gate.logits import LogitsReader, log_probabilities

CONTEXT_TOKENS = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Perplexity:
    """A model's perplexity; ``losses`` are -ln p of each predicted token (nats), in the order of the texts."""

    value: float
    n: int
    losses: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PerplexityRise:
    """By which part perplexity rises (0.01 = one percent), with its standard error, from the same tokens of both."""

    value: float
    standard_error: float
    n: int


def measure_perplexity(
    gguf: Path,
    texts: Sequence[str],
    *,
    context_tokens: int = CONTEXT_TOKENS,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Perplexity:
    """Read every text alone, from the model's own beginning, and return exp of the mean loss per token.

    A text longer than the context is cut there. Control tokens written in a text are plain text.

    Args:
        gguf: The model.
        texts: What it should predict.
        context_tokens: The longest text.
        threads: CPU threads; ``None`` takes the physical cores.
        on_progress: Texts done, and texts in all.

    Raises:
        DatasetError: If the texts have no token to predict.
        BundleError: If llama.cpp cannot use the file.
        GenerationError: If the runtime fails, or the logits are not numbers.
    """
    losses: list[NDArray[np.float32]] = []
    with LogitsReader(gguf, context_tokens=context_tokens, threads=threads) as reader:
        begin = reader.vocabulary.tokenize_prompt("")
        for done, text in enumerate(texts, 1):
            tokens = (begin + reader.vocabulary.tokenize_text(text))[: reader.context_tokens]
            if len(tokens) > 1:
                scores = log_probabilities(reader.read(tokens)[:-1])
                losses.append(-scores[np.arange(len(tokens) - 1), tokens[1:]])
            if on_progress is not None:
                on_progress(done, len(texts))
    if not losses:
        raise DatasetError(f"the {len(texts)} texts have no token to predict")
    every = np.concatenate(losses).astype(np.float64)
    return Perplexity(value=math.exp(every.mean()), n=len(every), losses=every)


def perplexity_rise(reference: Perplexity, candidate: Perplexity) -> PerplexityRise:
    """Compare two models token by token, which takes out how hard the texts are.

    Raises:
        ParityError: If they were not measured on the same tokens.
    """
    if reference.n != candidate.n:
        raise ParityError(f"the models predicted {reference.n} and {candidate.n} tokens: their tokenizers differ")
    differences = candidate.losses - reference.losses
    ratio = math.exp(differences.mean())
    error = ratio * float(differences.std(ddof=1)) / math.sqrt(len(differences)) if len(differences) > 1 else math.inf
    return PerplexityRise(value=ratio - 1, standard_error=error, n=len(differences))
