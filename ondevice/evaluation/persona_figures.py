"""What a persona is made of and takes, and whether it tells users apart, as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ondevice.evaluation.answered import PERSONA
from ondevice.evaluation.conditions import label_of
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.scores import users_of
from ondevice.evaluation.statistics.user_means import user_means
from ondevice.evaluation.table import CellOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaFigures:
    """The personas of one task, in one strategy and history.

    Args:
        n: Questions.
        n_without: Questions without an item behind their rows.
        items: Items that have a part in it, in the mean.
        most_items: The most.
        ms: What making its rows adds before the first token, in the mean (ms).
        likeness: The mean cosine between the rows of different users, over pairs of users; ``None`` where the strategy
            has no rows of users, or a single user has items.
    """

    task: str
    strategy: str
    k: int
    history: str
    n: int
    n_without: int
    items: float
    most_items: int
    ms: float
    likeness: float | None


def persona_figures(split: LampSplit, outcomes: Sequence[CellOutcome]) -> list[PersonaFigures]:
    """Return the figures of one task; decodings share them, and the first one's times are told."""
    found: dict[tuple[str, int, str], PersonaFigures] = {}
    for outcome in outcomes:
        condition = outcome.condition
        cell = condition.strategy, condition.k, condition.history
        if outcome.personas and cell not in found:
            found[cell] = _figures(split, outcome)
    return list(found.values())


def persona_lines(figures: Sequence[PersonaFigures]) -> list[str]:
    """Return the figures as Markdown."""
    if not figures:
        return []
    lines = [
        "## Personas",
        "",
        "Milliseconds are what making the rows adds before the first token: the request's vector, the items' parts "
        "and their projection. Reading the rows is part of `read`. Alike is the mean cosine between the rows of "
        "different users, each behind an own request: near 1 they are one for everybody, which is a prompt of the "
        "task.",
        "",
        "| task | strategy | history | questions | without items | items | most | ms | alike |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.task} | {label_of(each.strategy, each.k, 'own')} | {each.history} | {each.n} | {each.n_without} "
        f"| {each.items:.1f} | {each.most_items} | {each.ms:.1f} "
        f"| {'' if each.likeness is None else f'{each.likeness:.3f}'} |"
        for each in figures
    ]
    return [*lines, ""]


def _figures(split: LampSplit, outcome: CellOutcome) -> PersonaFigures:
    told = [
        (user, each.likeness)
        for user, each in zip(users_of(split), outcome.personas, strict=True)
        if each.likeness is not None
    ]
    sizes = [each.n_items for each in outcome.personas]
    condition = outcome.condition
    return PersonaFigures(
        task=split.name,
        strategy=condition.strategy,
        k=condition.k,
        history=condition.history,
        n=len(sizes),
        n_without=sizes.count(0),
        items=fmean(sizes),
        most_items=max(sizes),
        ms=outcome.parts_ms.get(PERSONA, 0.0),
        likeness=float(user_means(np.array([value for _, value in told]), [user for user, _ in told]).mean())
        if told
        else None,
    )
