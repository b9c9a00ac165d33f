"""What each retriever of a pool did to the language model's answer: the feedback that RSPG learns from.

Retrievers that put the same items into the prompt are one candidate, asked once.

Source: Salemi et al. 2024, arXiv:2404.05970 (RSPG), whose pool is no retrieval, recency, BM25, a dense retriever, and
the two of ROPG, with 4 items each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from export.errors import DatasetError
from export.training.asked_folds import AskedFold
from export.training.asking import AsksAll, Job, RequestFeedback
from export.training.candidates import Vectors, found_by
from export.training.features import features_of
from export.training.feedback_files import read_records
from export.training.requests import Asked
from ondevice.bundle import Cut
from ondevice.generation.prompts.candidates import candidate_text
from ondevice.records import Item
from ondevice.signals import Progress

CUT: Cut = "evenly"
"""How candidates are written now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolCandidate:
    """One prompt that retrievers of the pool lead to, and what came of it.

    Args:
        names: The retrievers that lead to it, in the pool's order.
        text: What a selector reads of it.
        output: What the model answered.
        reward: What that was worth, 0 to 1.
        log_likelihood: How likely the right answer was.
        features: Numbers that a cheap selector may go by, by name.
    """

    names: tuple[str, ...]
    text: str = field(repr=False)
    output: str = field(repr=False)
    reward: float
    log_likelihood: float
    features: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolFeedback:
    """One question and the candidates of the whole pool.

    Args:
        name: Tells the question from all others.
        user: The folder of the task and the user.
        task: The task of the prompt builder.
        pool: All retrievers, in order.
        k: Items in a prompt.
        candidates: The different prompts, in the order of their first retrievers.
        model: The language model's id.
        asked_fold: The fold that the user is in, where the users were divided.
        cut: How the candidates' texts are written, and so what they lose that are too long. Files from before this was
            said have them in brief.
    """

    name: str
    user: str
    task: str
    pool: tuple[str, ...]
    k: int
    candidates: tuple[PoolCandidate, ...]
    model: str
    asked_fold: AskedFold | None = None
    cut: Cut = "end"

    def __post_init__(self) -> None:
        """Refuse candidates that are not the pool's."""
        named = [name for candidate in self.candidates for name in candidate.names]
        if sorted(named) != sorted(self.pool):
            raise ValueError("every retriever of the pool must lead to one candidate")
        if self.cut not in get_args(Cut):
            raise ValueError(f"cut must be one of {', '.join(get_args(Cut))}")

    def reward_of(self, name: str) -> float:
        """Return what one retriever's answer was worth."""
        return next(candidate.reward for candidate in self.candidates if name in candidate.names)


def collect_pool_feedback(
    questions: Iterable[Asked],
    pool: Sequence[str],
    vectors: Mapping[str, Vectors],
    asker: AsksAll,
    *,
    k: int = 4,
    on_progress: Progress | None = None,
) -> list[PoolFeedback]:
    """Answer every question once for each different prompt that the pool leads to.

    Args:
        questions: Those without items leave no choice and are left out.
        pool: Names of retrievers, two or more; built-in ones and names of encoders.
        vectors: By the name of the encoder; ``dense`` and ``hybrid`` are the initial encoder's.
        asker: The language model.
        k: Items in a prompt.
        on_progress: Told of prompts answered and prompts in all.

    Raises:
        DatasetError: If no question has items.
        ValueError: If the pool is no choice, or an encoder's vectors are missing.
    """
    if len(set(pool)) != len(pool) or len(pool) < 2:
        raise ValueError(f"a pool needs two retrievers or more, each once, not {', '.join(pool)}")
    asked_all = [asked for asked in questions if asked.items]
    if not asked_all:
        raise DatasetError("no question has items to show")
    shown = [_shown(asked, pool, vectors, k) for asked in asked_all]
    jobs = [
        Job(pair=asked.pair, shown=tuple(items for items, _ in found))
        for asked, found in zip(asked_all, shown, strict=True)
    ]
    answered = asker.ask_all(jobs, on_progress=on_progress)
    return [
        PoolFeedback(
            name=asked.pair.item_ids[0],
            user=asked.name,
            task=asked.pair.task,
            pool=tuple(pool),
            k=k,
            candidates=tuple(
                _candidate(asked, items, names, came, vectors.get("dense"))
                for (items, names), came in zip(found, feedback, strict=True)
            ),
            model=asker.model_id,
            asked_fold=asked.fold,
            cut=CUT,
        )
        for asked, found, feedback in zip(asked_all, shown, answered, strict=True)
    ]


def read_pool_feedback(path: Path) -> list[PoolFeedback]:
    """Read what :func:`~export.training.feedback_files.write_records` wrote.

    Raises:
        NotFoundError: If there is no such file.
        DatasetError: If a line is something else, or has another pool than the first; it names the line.
        StorageError: If it cannot be read.
    """

    def made_of(value: dict[str, Any]) -> PoolFeedback:
        candidates = tuple(PoolCandidate(**{**each, "names": tuple(each["names"])}) for each in value["candidates"])
        fold = AskedFold.of_json(value.get("asked_fold"))
        return PoolFeedback(**{**value, "candidates": candidates, "pool": tuple(value["pool"]), "asked_fold": fold})

    return read_records(
        path,
        made_of,
        on="a pool",
        origin=lambda record: (record.pool, record.k),
        other="it has another pool than the first line",
    )


def _shown(
    asked: Asked, pool: Sequence[str], vectors: Mapping[str, Vectors], k: int
) -> list[tuple[tuple[Item, ...], tuple[str, ...]]]:
    """Return the different choices of items, each with the retrievers that make it."""
    found: dict[tuple[str, ...], tuple[tuple[Item, ...], list[str]]] = {}
    for name in pool:
        own = vectors.get("dense" if name == "hybrid" else name)
        items = tuple(found_by(name, asked.query, asked.items, k, own))
        found.setdefault(tuple(item.id for item in items), (items, []))[1].append(name)
    return [(items, tuple(names)) for items, names in found.values()]


def _candidate(
    asked: Asked, items: Sequence[Item], names: tuple[str, ...], feedback: RequestFeedback, vectors: Vectors | None
) -> PoolCandidate:
    return PoolCandidate(
        names=names,
        text=candidate_text(asked.pair.task, asked.pair.request, items, cut=CUT),
        output=feedback.text,
        reward=feedback.reward,
        log_likelihood=feedback.log_likelihood,
        features=features_of(asked, items, None if vectors is None else vectors.similarities(asked.query, items)),
    )
