"""How large the histories of another user are beside the own ones, and what was left out of them.

A control tells nothing about whose history it is where it has more to read, or holds the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from ondevice.evaluation.histories import other_history, own_history
from ondevice.evaluation.lamp_data import LampSplit


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlSize:
    """Another user's histories in one task, question by question.

    Args:
        n: Questions.
        own: Entries of the own history, in the mean.
        other: Entries of the other one, in the mean.
        n_equal: Questions for which both have as many.
        least: The smallest other history, as a part of the own one.
        n_guarded: Entries left out because they give the answer away.
        n_cut: Entries left out because the other history was longer.
    """

    task: str
    n: int
    own: float
    other: float
    n_equal: int
    least: float
    n_guarded: int
    n_cut: int


def control_size(split: LampSplit) -> ControlSize:
    """Return the sizes of one task.

    Raises:
        ValueError: If the split has a single user.
    """
    places = range(len(split.questions))
    own = [len(own_history(split, place).drafts) for place in places]
    others = [other_history(split, place) for place in places]
    sizes = [len(other.drafts) for other in others]
    return ControlSize(
        task=split.name,
        n=len(places),
        own=fmean(own),
        other=fmean(sizes),
        n_equal=sum(mine == theirs for mine, theirs in zip(own, sizes, strict=True)),
        least=min(theirs / mine if mine else 1.0 for mine, theirs in zip(own, sizes, strict=True)),
        n_guarded=sum(other.n_guarded for other in others),
        n_cut=sum(other.n_cut for other in others),
    )


def control_size_lines(sizes: Sequence[ControlSize]) -> list[str]:
    """Return the sizes as a Markdown table."""
    if not sizes:
        return []
    lines = [
        "## Another user's histories",
        "",
        "Entries of a history in the mean over the questions. Left out: what gives the answer away, by the question's "
        "rules and by the other user's; and the oldest, where the other history was longer than the own one.",
        "",
        "| task | questions | own | another's | as many | smallest | left out: answer | left out: size |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.task} | {each.n} | {each.own:.1f} | {each.other:.1f} | {each.n_equal} | {each.least:.0%} "
        f"| {each.n_guarded} | {each.n_cut} |"
        for each in sizes
    ]
    return [*lines, ""]
