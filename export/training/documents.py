"""What single items, or small sets of them, did to the language model's answer: the feedback that ROPG learns from.

Source: Salemi et al. 2024, arXiv:2404.05970: the l = 16 items nearest under the initial encoder, each alone in a
prompt. Sets of the size that is served (Zamani & Bendersky 2024; PURPLE, arXiv:2601.12078) are an option.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from export.errors import DatasetError
from export.training.asked_folds import AskedFold
from export.training.asking import AsksAll, Job, RequestFeedback
from export.training.candidates import Vectors, passage_of
from export.training.feedback_files import read_records
from export.training.requests import Asked
from ondevice.records import Item
from ondevice.signals import Progress


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentConfig:
    """Which items of a profile are tried.

    Args:
        candidates: So many, the nearest under the initial encoder (the paper's l).
        set_size: Items in one prompt; the paper trains with 1 and serves 4.
        n_sets: With more than one item a prompt, so many different sets are tried, the nearest items first among them.
        seed: Decides which sets.
    """

    candidates: int = 16
    set_size: int = 1
    n_sets: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that leave no choice."""
        if self.candidates < 2 or self.set_size < 1 or self.n_sets < 2 or self.set_size >= self.candidates:
            raise ValueError(
                f"candidates {self.candidates} and n_sets {self.n_sets} must be 2 or more, "
                f"set_size {self.set_size} between 1 and candidates"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFeedback:
    """One question, the items that were tried for it, and what came of each trial.

    Shapes: ``rewards`` and ``log_likelihoods`` have one number for each of ``tried``.

    Args:
        name: Tells the question from all others.
        user: The folder of the task and the user.
        task: The task of the prompt builder.
        query: What the retriever is asked.
        documents: What the encoder reads of the candidates, the nearest under the initial encoder first.
        tried: For each trial the places of the documents that stood in the prompt; the first is the initial encoder's.
        rewards: What the answers were worth, 0 to 1.
        log_likelihoods: How likely the right answer was (:class:`~export.training.asking.Feedback`).
        plain_reward: What the answer without items was worth.
        encoder: The initial encoder's id.
        model: The language model's id.
        asked_fold: The fold that the user is in, where the users were divided.
    """

    name: str
    user: str
    task: str
    query: str = field(repr=False)
    documents: tuple[str, ...] = field(repr=False)
    tried: tuple[tuple[int, ...], ...]
    rewards: tuple[float, ...]
    log_likelihoods: tuple[float, ...]
    plain_reward: float
    encoder: str
    model: str
    asked_fold: AskedFold | None = None

    def __post_init__(self) -> None:
        """Refuse a record whose parts do not fit."""
        n = len(self.tried)
        places = {place for places in self.tried for place in places}
        if n < 1 or len(self.rewards) != n or len(self.log_likelihoods) != n:
            raise ValueError("every trial needs a reward and a likelihood")
        if not all(self.tried) or not places <= set(range(len(self.documents))):
            raise ValueError("a trial names a document that is not there")


def collect_document_feedback(
    questions: Iterable[Asked],
    vectors: Vectors,
    asker: AsksAll,
    config: DocumentConfig,
    *,
    encoder: str,
    on_progress: Progress | None = None,
) -> list[DocumentFeedback]:
    """Try the candidates of every question; those with fewer than two items leave no choice and are left out.

    Args:
        questions: Whose.
        vectors: Of the initial encoder.
        asker: The language model.
        config: Which items are tried.
        encoder: The initial encoder's id.
        on_progress: Told of prompts answered and prompts in all.

    Raises:
        DatasetError: If no question leaves a choice.
    """
    chosen = [asked for asked in questions if len(asked.items) > 1]
    if not chosen:
        raise DatasetError("no question has two items or more to choose among")
    found = [_candidates(asked, vectors, config) for asked in chosen]
    trials = [_trials(len(items), config, number) for number, items in enumerate(found)]
    jobs = [
        Job(pair=asked.pair, shown=((), *(tuple(items[place] for place in places) for places in tried)))
        for asked, items, tried in zip(chosen, found, trials, strict=True)
    ]
    answered = asker.ask_all(jobs, on_progress=on_progress)
    return [
        _record(asked, items, tried, feedback, encoder=encoder, model=asker.model_id)
        for asked, items, tried, feedback in zip(chosen, found, trials, answered, strict=True)
    ]


def read_document_feedback(path: Path) -> list[DocumentFeedback]:
    """Read what :func:`~export.training.feedback_files.write_records` wrote.

    Raises:
        NotFoundError: If there is no such file.
        DatasetError: If a line is something else, or two lines come from different encoders; it names the line.
        StorageError: If it cannot be read.
    """

    def made_of(value: dict[str, Any]) -> DocumentFeedback:
        tuples = {name: tuple(value[name]) for name in ("documents", "rewards", "log_likelihoods")}
        fold = AskedFold.of_json(value.get("asked_fold"))
        tried = tuple(tuple(places) for places in value["tried"])
        return DocumentFeedback(**{**value, **tuples, "tried": tried, "asked_fold": fold})

    return read_records(
        path,
        made_of,
        on="documents",
        origin=lambda record: record.encoder,
        other="another encoder found these documents",
    )


def _candidates(asked: Asked, vectors: Vectors, config: DocumentConfig) -> list[Item]:
    return [asked.items[place] for place in vectors.nearest(asked.query, asked.items, config.candidates)]


def _trials(n_items: int, config: DocumentConfig, number: int) -> tuple[tuple[int, ...], ...]:
    """Return the places that stand in each prompt: every item alone, or different sets with the nearest items first."""
    size = min(config.set_size, n_items)
    if size == 1:
        return tuple((place,) for place in range(n_items))
    random = np.random.default_rng([config.seed, number])
    found = {tuple(range(size)): None}
    for _ in range(8 * config.n_sets):
        if len(found) == config.n_sets:
            break
        found.setdefault(tuple(sorted(random.permutation(n_items)[:size].tolist())))
    return tuple(found)


def _record(
    asked: Asked,
    items: Sequence[Item],
    tried: tuple[tuple[int, ...], ...],
    feedback: Sequence[RequestFeedback],
    *,
    encoder: str,
    model: str,
) -> DocumentFeedback:
    plain, *each = feedback
    return DocumentFeedback(
        name=asked.pair.item_ids[0],
        user=asked.name,
        task=asked.pair.task,
        query=asked.query,
        documents=tuple(map(passage_of, items)),
        tried=tried,
        rewards=tuple(one.reward for one in each),
        log_likelihoods=tuple(one.log_likelihood for one in each),
        plain_reward=plain.reward,
        encoder=encoder,
        model=model,
        asked_fold=asked.fold,
    )
