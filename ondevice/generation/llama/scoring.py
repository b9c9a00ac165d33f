"""How likely the model finds given answers: per token, and as a choice among labels.

A label's score is ln p of all that the model would write to answer with it: its tokens, and the end of the turn. So
scores are those of events that exclude each other. A label that begins another is told from it by its end; without it
the shorter one could never lose, and a mean per token favours long labels whose later words follow from the first.

What a label is worth without looking is its prior. Less that, a score says what the request and the items add.
Source: Holtzman et al. 2021, arXiv:2104.08315 (a domain's own prior); Zhao et al. 2021, arXiv:2102.09690.

Under a contrast one reading can tell three likelihoods apart, because the two contexts that it needs have evaluated
everything there is to know: that of the contrast, of the model with the adapter, and of the plain model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ondevice.generation.label_prior import prior_of
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.desk import Check, Desk
from ondevice.generation.llama.handles import OUTPUTS_PER_BATCH, PARALLEL_SEQUENCES, Batch, Context
from ondevice.generation.prompts.texts import labels_of

Voices = Callable[[int], Sequence[NDArray[np.float32]]]
"""Gives the logits of the last batch's token of this index, by each distribution that is asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelChoice:
    """The best label; ``scores`` are each one's ln p with the end of the turn, less its prior where given (nats)."""

    label: str
    scores: Mapping[str, float]
    n_prompt_tokens: int
    n_reused_tokens: int
    timings_ms: Mapping[str, float]


def log_probability(logits: NDArray[np.float32], token: int) -> float:
    """Return ln p(token) under the softmax of ``logits``, float32[n_vocabulary] → nats."""
    top = logits.max()
    return float(logits[token] - top - np.log(np.exp(logits - top).sum(dtype=np.float64)))


def score_answer(
    desk: Desk,
    prompt: str,
    conditioning: Conditioning,
    answer: str,
    check: Check | None = None,
    *,
    ends_turn: bool = False,
) -> NDArray[np.float32]:
    """Return ln p of each token of ``answer`` behind ``prompt``, float32[n_tokens] (nats).

    ``check``, here and below, raises where the prompt may not be read any more; it is asked with the turn held.
    ``ends_turn`` adds the end of the turn as the last token.

    Raises:
        ContextOverflowError: If both together do not fit the context.
        ValueError: If the answer is empty and its end is not asked for.
        GenerationError: If the runtime fails.
    """
    row = _row(desk, answer, ends_turn=ends_turn)
    scores: NDArray[np.float32] = _answer_scores(desk, prompt, conditioning, row, _one_voice(desk), check)[0]
    return scores


def score_answer_apart(
    desk: Desk, prompt: str, conditioning: Conditioning, answer: str, check: Check | None = None
) -> NDArray[np.float32]:
    """Return ln p of each token under the contrast, with the adapter alone, and without both: float32[3, n_tokens].

    Raises:
        ContextOverflowError: If both together do not fit the context.
        ValueError: If the answer is empty, or no contrast is in effect.
        GenerationError: If the runtime fails.
    """
    _require_contrast(conditioning)
    return _answer_scores(desk, prompt, conditioning, _row(desk, answer), desk.context.logits_apart, check)


def choose_label(
    desk: Desk,
    prompt: str,
    conditioning: Conditioning,
    labels: Sequence[str],
    check: Check | None = None,
    prior: Mapping[str, float] | None = None,
) -> LabelChoice:
    """Return the label with the highest score behind ``prompt``; of equal ones the first.

    The labels are evaluated side by side, as sequences that share the prompt's memory. ``prior`` is taken off.

    Raises:
        ContextOverflowError: If the prompt and the labels do not fit the context.
        TypeError: If ``labels`` is a single text, or holds anything but texts; or as :func:`prior_of`.
        ValueError: If there are no labels, one is empty or longer than a batch, or two are the same; or as
            :func:`prior_of`.
        GenerationError: If the runtime fails.
    """
    labels = labels_of(labels)
    known = dict.fromkeys(labels, 0.0) if prior is None else prior_of(prior, labels)
    scored = _score_labels(desk, prompt, conditioning, labels, _one_voice(desk), check)
    scores = {label: float(sums[0]) - known[label] for label, sums in zip(labels, scored.sums, strict=True)}
    return LabelChoice(
        label=max(labels, key=scores.__getitem__),
        scores=scores,
        n_prompt_tokens=scored.n_prompt_tokens,
        n_reused_tokens=scored.n_reused_tokens,
        timings_ms=scored.timings_ms,
    )


def score_labels_apart(
    desk: Desk, prompt: str, conditioning: Conditioning, labels: Sequence[str], check: Check | None = None
) -> NDArray[np.float64]:
    """Return each label's ln p under the contrast, with the adapter alone, and without both: float64[3, n_labels].

    The end of the turn is part of it, as in :func:`choose_label`.

    Raises:
        ContextOverflowError: If the prompt and the labels do not fit the context.
        TypeError: As :func:`choose_label`.
        ValueError: As :func:`choose_label`, or if no contrast is in effect.
        GenerationError: If the runtime fails.
    """
    _require_contrast(conditioning)
    scored = _score_labels(desk, prompt, conditioning, labels_of(labels), desk.context.logits_apart, check)
    return np.stack(scored.sums, axis=1)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Scored:
    """Labels behind a prompt: float64[n_voices] for each label, and what it took."""

    sums: list[NDArray[np.float64]]
    n_prompt_tokens: int
    n_reused_tokens: int
    timings_ms: Mapping[str, float]


def _one_voice(desk: Desk) -> Voices:
    return lambda index: (desk.context.logits(index),)


def _require_contrast(conditioning: Conditioning) -> None:
    if conditioning.contrast_in_effect is None:
        raise ValueError("without an adapter and a contrast there is one likelihood, and nothing to tell apart")


def _row(desk: Desk, answer: str, *, ends_turn: bool = False) -> list[int]:
    """Return what the model would write to give this answer."""
    row = desk.vocabulary.tokenize_text(answer)
    if ends_turn:
        return [*row, desk.vocabulary.end_of_turn]
    if not row:
        raise ValueError("the answer is empty")
    return row


def _answer_scores(
    desk: Desk, prompt: str, conditioning: Conditioning, row: Sequence[int], voices: Voices, check: Check | None
) -> NDArray[np.float32]:
    tokens = desk.tokens_of(prompt, conditioning, len(row))
    step = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    scores: list[NDArray[np.float64]] = []
    with desk.turn_with(check):
        if conditioning.suffix is None:
            # The prompt's last token is evaluated with the answer: its logits foretell the answer's first.
            desk.state.read_but_last(tokens, conditioning, _never)
            fed = [tokens[-1], *row[:-1]]
        else:
            # No batch holds both a row and a token: what the last row foretells is asked before the answer is read.
            desk.state.read(tokens, conditioning, _never)
            scores.append(_log_probabilities(voices(-1), row[0]))
            fed = [*row[:-1]]
        for start in range(0, len(fed), step):
            part = fed[start : start + step]
            desk.state.extend(part, wanted=True)
            scores += [_log_probabilities(voices(i), row[len(scores) + i]) for i in range(len(part))]
    return np.stack(scores, axis=1).astype(np.float32)


def _score_labels(
    desk: Desk,
    prompt: str,
    conditioning: Conditioning,
    labels: Sequence[str],
    voices: Voices,
    check: Check | None,
) -> _Scored:
    capacity = min(OUTPUTS_PER_BATCH, desk.batch_tokens)
    groups = list(_groups([_row(desk, label, ends_turn=True) for label in labels], capacity))
    n_fed = max(sum(len(label) - 1 for label in group) for group in groups)  # nothing comes behind the end
    tokens = desk.tokens_of(prompt, conditioning, n_fed)
    with desk.turn_with(check):
        started = time.perf_counter()
        reading = desk.state.read(tokens, conditioning, _never)
        first, batch = [logits.copy() for logits in voices(-1)], Batch(capacity)
        read = time.perf_counter()
        sums = [total for group in groups for total in _score_group(desk, batch, first, group, voices)]
        done = time.perf_counter()
    return _Scored(
        sums=sums,
        n_prompt_tokens=len(tokens) + conditioning.n_rows,
        n_reused_tokens=reading.n_reused,
        timings_ms={"read": (read - started) * 1000, "generate": (done - read) * 1000},
    )


def _log_probabilities(voices: Sequence[NDArray[np.float32]], token: int) -> NDArray[np.float64]:
    return np.array([log_probability(logits, token) for logits in voices])


def _score_group(
    desk: Desk, batch: Batch, first: Sequence[NDArray[np.float32]], group: Sequence[Sequence[int]], voices: Voices
) -> Iterator[NDArray[np.float64]]:
    later = _score_rows(desk.context, batch, group, desk.state.end, voices)
    for label, rest in zip(group, later, strict=True):
        yield _log_probabilities(first, label[0]) + sum(rest)


def _groups(labels: Sequence[Sequence[int]], capacity: int) -> Iterator[list[Sequence[int]]]:
    group: list[Sequence[int]] = []
    n_tokens = 0
    for label in labels:
        if len(label) - 1 > capacity:
            raise ValueError(f"a label may have at most {capacity} tokens, but one has {len(label) - 1}")
        if group and (n_tokens + len(label) - 1 > capacity or len(group) == PARALLEL_SEQUENCES - 1):
            yield group
            group, n_tokens = [], 0
        group.append(label)
        n_tokens += len(label) - 1
    yield group


def _score_rows(
    context: Context, batch: Batch, group: Sequence[Sequence[int]], start: int, voices: Voices
) -> list[list[NDArray[np.float64]]]:
    """Return ln p of every token but the first of each label; the first depends on the prompt alone."""
    rows = [label[:-1] for label in group]
    sequences = range(1, len(rows) + 1)
    for sequence in sequences:
        context.fork(0, sequence)
    try:
        context.evaluate(batch.fill_parallel(rows, start=start))
        index = count()
        return [[_log_probabilities(voices(next(index)), token) for token in label[1:]] for label in group]
    finally:
        for sequence in sequences:
            context.truncate(sequence, 0)


def _never() -> bool:
    return False
