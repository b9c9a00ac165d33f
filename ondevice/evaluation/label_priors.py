"""What a task's labels are worth to the model whatever is asked, measured on questions of other users.

Each is asked as the cell would ask it: with as many items before it as the cell has, and with a summary of that other
user, or that user's persona behind it, where the cell has one. The mean says which labels the model likes anyway. How
often those others' own answers are each label says how often it is right anyway, and that is left to it: a model that
has learned a task knows it, and a prior without it would take it off. Nothing of whoever is measured goes in: the
questions are of another split and of other users, so what a user's own items say of the user's labels is not taken off.

Source: Zhou et al. 2023, arXiv:2309.17249 (batch calibration, which takes the mean over the questions asked
themselves, and takes all labels for equally frequent).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ondevice.config import PersonaWeights, Sampling
from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.histories import as_items, counted_of, own_history
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.generation.label_prior import mean_scores
from ondevice.generation.llama.engine import Engine
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.preparation import prepare
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.prompt import labels_for
from ondevice.generation.request import Request
from ondevice.records import Hit

N_QUESTIONS = 50
"""So many questions, each of another user."""

_REMEDY = "name another split with --prior, or use --prior no"


class Frame(NamedTuple):
    """What the model reads beside a request: so many items, a summary, a persona that weighs items so."""

    k: int
    has_summary: bool = False
    persona: PersonaWeights | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelPrior:
    """What each label of a task is worth anyway, with ``k`` items in the prompt.

    Args:
        n: The mean over how many questions.
        values: What is taken off each label's ln p (nats); see :func:`prior_values`.
        has_summary: Whether a summary stood there too.
        persona: How the persona behind the prompt weighed items, or ``None`` without one.
    """

    task: str
    k: int
    n: int
    values: Mapping[str, float]
    has_summary: bool = False
    persona: PersonaWeights | None = None

    @property
    def frame(self) -> Frame:
        """What the model read beside the requests."""
        return Frame(self.k, self.has_summary, self.persona)


def others_of(asked: LampSplit, split: LampSplit) -> LampSplit:
    """Return the questions of ``split`` that priors for ``asked`` are measured on: one a user, and nobody's who asks.

    Raises:
        InputError: If the split is of another task.
        NotFoundError: If there is none.
    """
    if split.task != asked.task:
        raise InputError(
            f"{split.name!r} has questions of {split.task} in its split {split.split!r}, and of {asked.task} in "
            f"{asked.split!r}",
            hint=_REMEDY,
        )
    users = {question.user for question in asked.questions}
    requests = {question.request for question in asked.questions}
    places = [
        place
        for place, question in enumerate(split.questions)
        if question.user not in users and question.request not in requests
    ]
    if not places:
        raise NotFoundError(
            f"{split.name!r} has no question of another user in its split {split.split!r} to measure labels' priors on",
            hint=_REMEDY,
        )
    return split.at(places).first(N_QUESTIONS, per_user=1)


def prior_prompts(
    split: LampSplit,
    k: int,
    engine: Engine,
    *,
    has_summary: bool = False,
    personas: Sequence[PersonaSuffix] | None = None,
) -> list[Prepared]:
    """Return the prompts that a prior is measured with: each question behind its user's ``k`` newest items.

    Where cells have a summary, that user's own stands before them; where they have a persona, that user's is read
    behind the prompt.
    """
    suffixes = [None] * len(split.questions) if personas is None else personas
    return [
        _prompt(split, place, k, engine, has_summary=has_summary, persona=suffix)
        for place, suffix in enumerate(suffixes)
    ]


def prior_values(scores: Sequence[Mapping[str, float]], golds: Sequence[str]) -> dict[str, float]:
    """Return each label's mean ln p over questions of others, less ln of how often it is right for them.

    A label that is right for none of them counts as if it were for one of a few more. What is the same for all labels
    decides nothing; it is such that no value is above 0.

    Args:
        scores: Each question's ln p by label.
        golds: The questions' own answers.
    """
    told, right = mean_scores(scores), Counter(gold.strip() for gold in golds)
    n = len(golds) + len(told)
    worth = {label: mean - math.log((right[label] + 1) / n) for label, mean in told.items()}
    most = max(0.0, *worth.values())
    return {label: value - most for label, value in worth.items()}


def prior_lines(priors: Sequence[LabelPrior]) -> list[str]:
    """Return the priors as Markdown."""
    if not priors:
        return []
    lines = [
        "## What labels are worth anyway",
        "",
        "ln p of each label (nats): the mean over questions of other users, less ln of its share of their own answers, "
        "up to what is the same for all. It is taken off a label's score.",
        "",
        "| task | k | questions | labels |",
        "|---|---|---|---|",
    ]
    for each in priors:
        values = sorted(each.values.items(), key=lambda pair: -pair[1])
        told = ", ".join(f"{label} {value:.2f}" for label, value in values)
        further = [
            *(["with a summary"] if each.has_summary else []),
            *([] if each.persona is None else [f"with a persona ({each.persona})"]),
        ]
        lines.append(f"| {each.task} | {', '.join((str(each.k), *further))} | {each.n} | {told} |")
    return [*lines, ""]


def _prompt(
    split: LampSplit, place: int, k: int, engine: Engine, *, has_summary: bool, persona: PersonaSuffix | None
) -> Prepared:
    items = as_items(own_history(split, place).drafts)
    newest = sorted(items, key=lambda item: item.time, reverse=True)[:k]
    hits = [Hit(item=item, score=0.0, rank=rank) for rank, item in enumerate(newest, 1)]
    request = Request(
        text=split.questions[place].request,
        task=split.task,
        retriever="recency" if k else "none",
        max_tokens=1,
        sampling=Sampling(),
        stop=(),
        labels=labels_for(split.task),
        summary=counted_of(items, split.task) if has_summary else "",
    )
    return prepare(request, lambda _: hits, engine, persona=lambda: persona)
