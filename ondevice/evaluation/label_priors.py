"""What a task's labels are worth to the model before it knows what is asked, measured on questions of other users.

The frame of a question is all of it but what it asks about, with as many items before it as the cell has, and with a
summary of that other user, or that user's persona behind it, where the cell has one. The persona too knows the frame
alone. A model asked with a frame alone says which labels it likes anyway.
Nothing of whoever is measured goes in: the questions are of another split and of other users, so what a user's own
items say of the user's labels is not taken off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ondevice.config import PersonaWeights, Sampling
from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.histories import as_items, counted_of, own_history
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.generation.answering import Prepared, Request, prepare
from ondevice.generation.llama.engine import Engine
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prompts.prompt import labels_for, query_for
from ondevice.records import Hit

N_QUESTIONS = 50
"""So many questions, each of another user: without items their frames are alike, with items the mean settles."""

_REMEDY = "name another split with --prior, or use --prior no"
_OPENS = re.compile(r'(?:with the title |\[[12]\]: )"')
_CLOSES = re.compile(r'"(?=, which reference| \[2\]: "|$)')


class Frame(NamedTuple):
    """What the model reads beside the frame of a request: so many items, a summary, a persona that weighs items so."""

    k: int
    has_summary: bool = False
    persona: PersonaWeights | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelPrior:
    """What each label of a task is worth anyway, with ``k`` items in the prompt.

    Args:
        n: The mean over how many questions.
        values: ln p of each label (nats).
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
        """What the model read beside the frame."""
        return Frame(self.k, self.has_summary, self.persona)


def others_of(asked: LampSplit, split: LampSplit) -> LampSplit:
    """Return the questions of ``split`` that priors for ``asked`` are measured on: one a user, and nobody's who asks.

    Raises:
        InputError: If the split is of another task, or one of them has no frame.
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
    kept = split.at(places).first(N_QUESTIONS, per_user=1)
    for question in kept.questions:  # one without a frame shows now, not after an hour
        frame_of(split.task, question.request)
    return kept


def frame_of(task: str, request: str) -> str:
    """Return a request without what it asks about.

    Raises:
        InputError: If it lacks the words that stand before that.
    """
    frame = (
        _without_titles(request)
        if task == "LaMP_1"
        else request.rstrip().removesuffix(query_for(task, request)).rstrip()
    )
    if not frame or frame == request:
        raise InputError(f"a request of the task {task} lacks the words before what it asks about", hint=_REMEDY)
    return frame


def frames(
    split: LampSplit,
    k: int,
    engine: Engine,
    *,
    has_summary: bool = False,
    personas: Sequence[PersonaSuffix] | None = None,
) -> list[Prepared]:
    """Return the prompts that a prior is measured with: each question's frame behind its user's ``k`` newest items.

    Where cells have a summary, that user's own stands before them; where they have a persona, that user's is read
    behind the prompt.
    """
    suffixes = [None] * len(split.questions) if personas is None else personas
    return [
        _framed(split, place, k, engine, has_summary=has_summary, persona=suffix)
        for place, suffix in enumerate(suffixes)
    ]


def prior_lines(priors: Sequence[LabelPrior]) -> list[str]:
    """Return the priors as Markdown."""
    if not priors:
        return []
    lines = [
        "## What labels are worth anyway",
        "",
        "ln p of each label (nats) where the prompt holds everything but what is asked about: the mean over questions "
        "of other users. It is taken off a label's score.",
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


def _without_titles(request: str) -> str:
    """Return a request of LaMP_1 with its titles left out; one that is opened too often takes no longer than others."""
    kept, end = [], 0
    while (opening := _OPENS.search(request, end)) and (closing := _CLOSES.search(request, opening.end())):
        kept += [request[end : opening.end()], '"']
        end = closing.end()
    return "".join((*kept, request[end:]))


def _framed(
    split: LampSplit, place: int, k: int, engine: Engine, *, has_summary: bool, persona: PersonaSuffix | None
) -> Prepared:
    items = as_items(own_history(split, place).drafts)
    newest = sorted(items, key=lambda item: item.time, reverse=True)[:k]
    hits = [Hit(item=item, score=0.0, rank=rank) for rank, item in enumerate(newest, 1)]
    request = Request(
        text=frame_of(split.task, split.questions[place].request),
        task=split.task,
        retriever="recency" if k else "none",
        max_tokens=1,
        sampling=Sampling(),
        stop=(),
        labels=labels_for(split.task),
        summary=counted_of(items, split.task) if has_summary else "",
    )
    return prepare(request, lambda _: hits, engine, persona=lambda: persona)
