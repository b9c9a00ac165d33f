"""Answers that were given before; two strategies that build the same prompt share one answer.

The file holds what the model wrote about the data set; it belongs beside the data set, not on a user's device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ondevice.evaluation.ledger import Ledger, content_key
from ondevice.safety.strict_json import read_record

STOP = ("\n",)
"""Every answer of LaMP is one line."""
LABEL_SCORE = "sum with end"
"""How labels are weighed, a part of keys: an answer that was chosen otherwise is another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer, and what it took to get it when it was computed.

    Args:
        label_scores: Where it was chosen among labels, what each one scored (nats).
        gold_nats: How likely the model found the user's own answer: the mean of -ln p over its tokens and the end of
            the turn (nats); ``None`` where that was not asked.
    """

    text: str = field(repr=False)
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float]
    label_scores: Mapping[str, float] = field(default_factory=dict, repr=False)
    gold_nats: float | None = None


def answer_key(
    *,
    model: str,
    adapter: str | None,
    prompt: str,
    context_tokens: int | None,
    threads: int,
    labels: Sequence[str] | None = None,
    prior: Mapping[str, float] | None = None,
    free: tuple[int, Sequence[str]] | None = None,
    gold: str | None = None,
    contrast: tuple[float, float] | None = None,
    rows: str | None = None,
) -> str:
    """Return the hash of all that shapes an answer; the last bits depend on the threads, and now and then a word.

    Args:
        model: The model's id.
        adapter: What the model wears.
        prompt: What it reads.
        context_tokens: Its context, where one was asked for.
        threads: In how many parts its sums are taken.
        labels: What it chooses among.
        prior: What is taken off their scores.
        free: The longest free answer, and what ends it.
        gold: The user's own answer, whose likelihood is kept with a free one.
        contrast: How far the answer keeps away from the plain model's.
        rows: The hash of the rows that it reads behind the prompt.
    """
    return content_key(
        model=model,
        adapter=adapter,
        prompt=prompt,
        labels=labels,
        free=free,
        context_tokens=context_tokens,
        threads=threads,
        **({} if contrast is None else {"contrast": contrast}),
        **({} if rows is None else {"rows": rows}),
        **({} if labels is None else {"score": LABEL_SCORE, "prior": prior}),
        **({} if gold is None else {"gold": gold}),
    )


class AnswerStore(Ledger[Answer]):
    """A file of answers by key, or memory alone; close it, or use it as a context manager."""

    def __init__(self, path: Path | None) -> None:
        """Read what ``path`` holds; see :class:`~ondevice.evaluation.ledger.Ledger`."""
        super().__init__(path, noun="an answer", to_json=asdict, from_json=_answer_of)

    @classmethod
    def remembering(cls, answers: Mapping[str, Answer]) -> Self:
        """Return a store in memory alone that knows these answers; what is put there leaves the mapping as it is."""
        store = cls(None)
        store.remember(answers)
        return store


def _answer_of(value: Mapping[str, Any]) -> Answer:
    return read_record(Answer, {"label_scores": {}, "gold_nats": None, **value}, "the line", ValueError)


def clean(text: str) -> str:
    """Return a free answer without the quotation marks that chat models like to put around a title."""
    line = text.strip()
    return line[1:-1].strip() if len(line) > 1 and line[0] == line[-1] == '"' else line
