"""How often each retriever finds the turns that answer a question, over LoCoMo's long conversations.

One encrypted profile a conversation, each question through the same search that an app calls; no language model and no
judge is needed, because the data names the evidence.

Source: Maharana et al. 2024, arXiv:2402.17753.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ondevice.bundle.model_set import ModelSet
from ondevice.config import DEFAULT_ENCODER, RETRIEVERS
from ondevice.errors import NotFoundError
from ondevice.evaluation.intervals import mean_interval
from ondevice.evaluation.ranking import ndcg, recall
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.importers import read_locomo
from ondevice.importers.locomo_questions import ADVERSARIAL, LocomoQuestion, read_locomo_questions
from ondevice.personalizer import Personalizer
from ondevice.signals import Progress

FINDING = RETRIEVERS[1:]


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalPlan:
    """What to measure.

    Args:
        data: A folder of LoCoMo files, or one.
        models: Folder of the model bundles.
        encoder: The encoder's name, or ``None`` to measure only retrievers without vectors.
        retrievers: Names of retrievers, or of further encoders.
        ks: Cut-offs.
    """

    data: Path
    models: Path
    encoder: str | None = DEFAULT_ENCODER
    retrievers: Sequence[str] = FINDING
    ks: Sequence[int] = (1, 5, 10)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalRow:
    """One metric of one retriever, with its 95 % interval over questions."""

    retriever: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    n_left_out: int
    ms_per_query: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    turns: list[str]
    evidence: frozenset[str]
    ms: float


def evaluate_retrieval(plan: RetrievalPlan, *, on_progress: Progress | None = None) -> list[RetrievalRow]:
    """Ask every question that has evidence, with every retriever.

    Left out, and counted, are questions made to have no answer and those whose evidence names no turn of theirs.

    Raises:
        NotFoundError: If data or models are missing.
        InputError: If a file has another form; it names the conversation and the question.
        ValueError: If a retriever needs an encoder and there is none.
    """
    found: dict[str, list[_Found]] = {name: [] for name in plan.retrievers}
    n_left_out = 0
    talks = [(path, talk) for path in _files(plan.data) for talk in _talks(path)]
    for done, (path, talk) in enumerate(talks, start=1):
        n_left_out += _ask(plan, path, talk, found)
        if on_progress is not None:
            on_progress(done, len(talks))
    if not all(found.values()):
        raise NotFoundError(f"{plan.data.name!r} has no question with evidence")
    return [row for name in plan.retrievers for row in _rows(name, found[name], plan.ks, n_left_out)]


def _ask(plan: RetrievalPlan, path: Path, talk: str, found: dict[str, list[_Found]]) -> int:
    """Search one conversation for all its questions, and return how many were left out."""
    drafts = list(read_locomo(path, conversation=talk))
    turns = {str(draft.metadata["dia_id"]) for draft in drafts}
    asked = [each for each in read_locomo_questions(path) if each.conversation == talk]
    usable = [each for each in asked if each.category != ADVERSARIAL and turns & set(each.evidence)]
    trained = [name for name in plan.retrievers if name not in RETRIEVERS]
    models = ModelSet(plan.models, encoder=plan.encoder, generator=None, retrievers=trained)
    with temporary_profile(models, drafts) as (me, _):
        for name in plan.retrievers:
            found[name] += [_search(me, question, name, max(plan.ks), turns) for question in usable]
    return len(asked) - len(usable)


def _search(me: Personalizer, question: LocomoQuestion, retriever: str, k: int, turns: set[str]) -> _Found:
    started = time.perf_counter()
    hits = me.search(question.text, k=k, retriever=retriever)
    ms = (time.perf_counter() - started) * 1000
    names = [str(hit.item.metadata["dia_id"]) for hit in hits]
    return _Found(turns=names, evidence=frozenset(turns & set(question.evidence)), ms=ms)


def _rows(name: str, found: Sequence[_Found], ks: Sequence[int], n_left_out: int) -> list[RetrievalRow]:
    rows = []
    ms = float(np.median([each.ms for each in found]))
    for k in sorted(set(ks)):
        for metric, score in (("recall", _recall), ("ndcg", _ndcg)):
            interval = mean_interval(np.array([score(each, k) for each in found]))
            rows.append(
                RetrievalRow(
                    retriever=name,
                    metric=f"{metric}@{k}",
                    value=interval.value,
                    low=interval.low,
                    high=interval.high,
                    n=len(found),
                    n_left_out=n_left_out,
                    ms_per_query=ms,
                )
            )
    return rows


def _places(found: _Found) -> tuple[list[int], list[int]]:
    """Number the turns, found ones first, as the metrics want them."""
    names = list(dict.fromkeys([*found.turns, *sorted(found.evidence)]))
    return [names.index(name) for name in found.turns], [names.index(name) for name in found.evidence]


def _recall(found: _Found, k: int) -> float:
    ranking, relevant = _places(found)
    return recall(ranking, relevant, k)


def _ndcg(found: _Found, k: int) -> float:
    ranking, relevant = _places(found)
    return ndcg(ranking, dict.fromkeys(relevant, 1.0), k)


def _talks(path: Path) -> list[str]:
    return list(dict.fromkeys(str(draft.metadata["conversation"]) for draft in read_locomo(path)))


def _files(data: Path) -> list[Path]:
    files = [data] if data.is_file() else sorted({*data.glob("*.json"), *data.glob("*.json.gz")})
    if not files:
        raise NotFoundError(f"{data.name!r} has no LoCoMo file (.json or .json.gz)")
    return files
