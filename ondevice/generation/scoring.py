"""How likely the model finds given answers: per token, and as a choice among labels."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ondevice.generation.conditioning import Conditioning
from ondevice.generation.desk import Desk
from ondevice.generation.handles import OUTPUTS_PER_BATCH, PARALLEL_SEQUENCES, Batch, Context


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


def score_answer(desk: Desk, prompt: str, conditioning: Conditioning, answer: str) -> NDArray[np.float32]:
    """Return ln p of each token of ``answer`` behind ``prompt``, float32[n_tokens] (nats).

    Raises:
        ContextOverflowError: If both together do not fit the context.
        ValueError: If the answer is empty.
        GenerationError: If the runtime fails.
    """
    row = desk.vocabulary.tokenize_text(answer)
    if not row:
        raise ValueError("the answer is empty")
    tokens = desk.tokens_of(prompt, conditioning, len(row))
    step = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    with desk.turn:
        desk.state.read(tokens, conditioning, _never)
        scores = [log_probability(desk.context.logits(-1), row[0])]
        for start in range(0, len(row) - 1, step):
            part = row[start : min(start + step, len(row) - 1)]
            desk.state.extend(part, wanted=True)
            scores += [log_probability(desk.context.logits(i), row[start + i + 1]) for i in range(len(part))]
    return np.array(scores, dtype=np.float32)


def choose_label(desk: Desk, prompt: str, conditioning: Conditioning, labels: Sequence[str]) -> Choice:
    """Return the likeliest label behind ``prompt``; of equal ones the first.

    The labels are evaluated side by side, as sequences that share the prompt's memory.

    Raises:
        ContextOverflowError: If the prompt and the labels do not fit the context.
        ValueError: If there are no labels, one is empty or longer than a batch, or two are the same.
        GenerationError: If the runtime fails.
    """
    if not labels or not all(labels) or len(set(labels)) != len(labels):
        raise ValueError(f"labels must be distinct and not empty, but there are {len(labels)}")
    capacity = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    rows = [desk.vocabulary.tokenize_text(label) for label in labels]
    groups = list(_groups(rows, capacity))
    tokens = desk.tokens_of(prompt, conditioning, max(sum(map(len, group)) for group in groups))
    with desk.turn:
        started = time.perf_counter()
        reading = desk.state.read(tokens, conditioning, _never)
        first, batch = desk.context.logits(-1).copy(), Batch(capacity)
        read = time.perf_counter()
        means = [mean for group in groups for mean in _score_group(desk, batch, first, group)]
        done = time.perf_counter()
    scores = dict(zip(labels, means, strict=True))
    return Choice(
        label=max(labels, key=scores.__getitem__),
        scores=scores,
        n_prompt_tokens=len(tokens) + conditioning.n_soft,
        n_reused_tokens=reading.n_reused,
        timings_ms={"read": (read - started) * 1000, "generate": (done - read) * 1000},
    )


def _score_group(
    desk: Desk, batch: Batch, first: NDArray[np.float32], group: Sequence[Sequence[int]]
) -> Iterator[float]:
    later = _score_rows(desk.context, batch, group, desk.state.end)
    for label, rest in zip(group, later, strict=True):
        yield (log_probability(first, label[0]) + sum(rest)) / len(label)


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


def _score_rows(context: Context, batch: Batch, group: Sequence[Sequence[int]], start: int) -> list[list[float]]:
    """Return ln p of every token but the first of each label; the first depends on the prompt alone."""
    rows = [label[:-1] for label in group]
    if not any(rows):
        return [[] for _ in rows]
    sequences = range(1, len(rows) + 1)
    for sequence in sequences:
        context.fork(0, sequence)
    try:
        context.evaluate(batch.fill_parallel(rows, start=start))
        index = count()
        return [[log_probability(context.logits(next(index)), token) for token in label[1:]] for label in group]
    finally:
        for sequence in sequences:
            context.truncate(sequence, 0)


def _never() -> bool:
    return False
