"""Whose questions the `feedback` commands ask: the options that say so, and the questions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from export.cli.options import LampOption, SeedOption, SplitOption, TasksOption
from export.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from export.training.requests import Asked
    from ondevice.bundle import FoldSpec

TRAIN = "train"

AskFoldOption = Annotated[
    int | None,
    typer.Option(
        "--ask-fold",
        metavar="N",
        min=1,
        max=2,
        help="Ask fold 1 or 2 of all train and dev users; no model named here may have learned from it.",
    ),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="Questions a task, whole users first.")
]
HistoryOption = Annotated[
    int, typer.Option("--history", metavar="N", min=0, help="Items of each user that become questions too.")
]
HistoryOnlyOption = Annotated[
    bool, typer.Option("--history-only", help="Leave out the data's own questions: the generator was trained on them.")
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """What the options say; see :func:`~export.training.requests.read_asked`."""

    data: LampOption
    tasks: TasksOption = None
    split: SplitOption = TRAIN
    ask_fold: AskFoldOption = None
    limit: LimitOption = None
    history: HistoryOption = 0
    history_only: HistoryOnlyOption = False
    seed: SeedOption = 0

    def __post_init__(self) -> None:
        """Refuse options that leave nothing, or say two things.

        Raises:
            typer.BadParameter: Then.
        """
        if self.history_only and not self.history:
            raise typer.BadParameter("--history-only leaves nothing without --history")
        if self.ask_fold is not None and self.split != TRAIN:
            raise typer.BadParameter(
                f"--ask-fold asks users of the train and the dev files: leave out --split {self.split}"
            )

    def read(self, terminal: Terminal, generator: Path, encoders: Sequence[Path]) -> list[Asked]:
        """Read the questions, and refuse those of users from whom one of these bundles has learned.

        Raises:
            NotFoundError: If a folder or a file is missing.
            InputError: If a file has the wrong form.
            ModelMismatchError: If a bundle has learned from a user who would be asked.
        """
        from export.training.requests import read_asked

        learned_by = _learned_by(terminal, generator, encoders)
        terminal.say(f"reading {self.data.name}")
        asked = list(
            read_asked(
                self.data,
                tasks=None if self.tasks is None else self.tasks.split(","),
                split=self.split,
                ask_fold=self.ask_fold,
                learned_by=learned_by,
                limit=self.limit,
                history=self.history,
                history_only=self.history_only,
                seed=self.seed,
            )
        )
        where = "" if self.ask_fold is None else f" of fold {self.ask_fold}"
        terminal.say(f"{len(asked):,} questions of {len({each.name for each in asked}):,} users{where}")
        return asked


def _learned_by(terminal: Terminal, generator: Path, encoders: Sequence[Path]) -> dict[str, FoldSpec]:
    """Return from which fold each bundle has learned that tells of one; say so where the generator may hide it."""
    from ondevice.bundle import read_manifest

    told = read_manifest(generator)
    if told.learned_fold is None and told.training_data is not None:
        terminal.say(
            f"{generator.name!r} was trained on {told.training_data!r}, and does not tell from which users. Where it "
            "has learned these questions, no item seems to help: ask others, or take --history N --history-only"
        )
    folds = {path.name: read_manifest(path).learned_fold for path in (generator, *encoders)}
    return {name: fold for name, fold in folds.items() if fold is not None}
