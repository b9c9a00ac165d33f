"""How likely the model finds given answers: per token, and as a choice among labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.generation.handles import OUTPUTS_PER_BATCH, PARALLEL_SEQUENCES, Batch, Context
from ondevice.generation.loading import Desk


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The likeliest label; ``scores`` are mean log-likelihoods per token (nats), by label."""

    label: str
    scores: Mapping[str, float]
    n_prompt_tokens: int
    n_reused_tokens: int
    timings_ms: Mapping[str, float]


def log_probability(logits: NDArray[np.float32], token: int) -> float:
    """Return ln p(token) under the softmax of ``logits``, float32[n_vocabulary] → nats."""
    top = logits.max()
    return float(logits[token] - top - np.log(np.exp(logits - top).sum(dtype=np.float64)))


def score_answer(desk: Desk, answer: Sequence[int]) -> NDArray[np.float32]:
    """Return ln p of each token of ``answer`` behind the prompt that the state holds, float32[n] (nats).

    The state holds the prompt and the answer afterwards.

    Raises:
        GenerationError: If the runtime fails.
    """
    scores = [log_probability(desk.context.logits(-1), answer[0])]
    step = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    for start in range(0, len(answer) - 1, step):
        part = answer[start : min(start + step, len(answer) - 1)]
        desk.state.extend(part, wanted=True)
        scores += [log_probability(desk.context.logits(i), answer[start + i + 1]) for i in range(len(part))]
    return np.array(scores, dtype=np.float32)


def score_labels(desk: Desk, labels: Sequence[Sequence[int]]) -> list[float]:
    """Return the mean ln p per token of each label behind the prompt that the state holds (nats).

    The labels are evaluated side by side, as sequences that share the prompt's memory. The state holds the prompt
    alone afterwards.

    Raises:
        ValueError: If a label is longer than one batch.
        GenerationError: If the runtime fails.
    """
    first = desk.context.logits(-1).copy()
    capacity = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    batch = Batch(capacity)
    scores: list[float] = []
    for group in _groups(labels, capacity):
        rows = [label[:-1] for label in group]
        later = _score_rows(desk.context, batch, rows, [label[1:] for label in group], desk.state.end)
        for label, rest in zip(group, later, strict=True):
            scores.append((log_probability(first, label[0]) + sum(rest)) / len(label))
    return scores


def _groups(labels: Sequence[Sequence[int]], capacity: int) -> Iterator[list[Sequence[int]]]:
    group: list[Sequence[int]] = []
    n_tokens = 0
    for label in labels:
        if len(label) - 1 > capacity:
            raise ValueError(f"a label may have at most {capacity + 1} tokens, but one has {len(label)}")
        if group and (n_tokens + len(label) - 1 > capacity or len(group) == PARALLEL_SEQUENCES - 1):
            yield group
            group, n_tokens = [], 0
        group.append(label)
        n_tokens += len(label) - 1
    yield group


def _score_rows(
    context: Context, batch: Batch, rows: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], start: int
) -> list[list[float]]:
    if not any(rows):
        return [[] for _ in rows]
    for sequence in range(1, len(rows) + 1):
        context.fork(0, sequence)
    try:
        context.evaluate(batch.fill_parallel(rows, start=start))
        scores, index = [], 0
        for target in targets:
            scores.append([log_probability(context.logits(index + i), token) for i, token in enumerate(target)])
            index += len(target)
        return scores
    finally:
        for sequence in range(1, len(rows) + 1):
            context.truncate(sequence, 0)
