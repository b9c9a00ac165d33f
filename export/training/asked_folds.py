"""Of which fold of users the questions of a feedback are, so that what learns from them can say so.

Feedback is only worth something where the language model has not learned the questions: then it would know their
answers whatever stands in its prompt. And what learns from the feedback must not be measured on these users either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from export.errors import DatasetError
from ondevice.bundle import FoldSpec
from ondevice.evaluation.folds import FOLDS
from ondevice.safety.strict_json import read_record

_DIGEST = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedFold:
    """One of two folds of a task's users.

    Args:
        fold: 1 or 2.
        digest: The hash of who is in which fold (:func:`~ondevice.evaluation.folds.fold_digest`).
    """

    fold: int
    digest: str

    def __post_init__(self) -> None:
        """Refuse a third fold, and a hash that is none."""
        if self.fold not in FOLDS or not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"fold {self.fold} must be 1 or 2, its digest 16 lowercase hex digits")

    @classmethod
    def of_json(cls, value: Mapping[str, Any] | None) -> Self | None:
        """Read what ``dataclasses.asdict`` made of it, or of none.

        Raises:
            ValueError: If the value is something else.
        """
        return None if value is None else read_record(cls, value, "the fold", ValueError)


class OfFold(Protocol):
    """One question's feedback."""

    @property
    def user(self) -> str:
        """The folder of the task, a stroke, and the user."""

    @property
    def asked_fold(self) -> AskedFold | None:
        """The fold that the user is in, where the users were divided."""


def fold_learned_from(records: Iterable[OfFold]) -> FoldSpec | None:
    """Return from which fold of users those learn that learn from a feedback; ``None`` where no users were divided.

    Raises:
        DatasetError: If the records are of two folds, or of a fold and of users who were not divided.
    """
    folds: set[int | None] = set()
    digests: dict[str, str] = {}
    for record in records:
        found, task = record.asked_fold, record.user.split("/")[0]
        folds.add(None if found is None else found.fold)
        if found is not None and digests.setdefault(task, found.digest) != found.digest:
            raise DatasetError(
                f"the feedback comes from users of {task!r} who were divided in two ways",
                hint="train on feedback that was collected from one state of the data",
            )
    if len(folds) > 1:
        raise DatasetError(
            "the feedback comes from different folds of users",
            hint="train on that of one fold: the other's users are left to measure on",
        )
    fold = folds.pop() if folds else None
    return None if fold is None else FoldSpec(fold=fold, digests=digests)
