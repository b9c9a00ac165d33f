"""The arguments and options that commands about learning share, and what they refuse."""

from __future__ import annotations

from typing import Annotated

import typer

from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.adaptation.recipes.recipe import TrainingConfig
from ondevice.cli.failing import UsageError
from ondevice.generation.prompts.prompt import TASKS

ADAPTER = "mine"
"""What an adapter is called unless the user says otherwise."""

SETTINGS = TrainingConfig()
TASK_NAMES = "chat, or one of LaMP's tasks: LaMP_1 … LaMP_7, LaMP_2N."

NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="The adapter.", show_default=ADAPTER)]
LearnedTaskOption = Annotated[str, typer.Option("--task", help=f"What to learn: {TASK_NAMES}")]
EpochsOption = Annotated[int, typer.Option("--epochs", min=1, help="Passes over the items.")]
LearningRateOption = Annotated[float, typer.Option("--learning-rate", min=1e-8, help="Of the optimizer.")]
ItemsInPromptOption = Annotated[
    int,
    typer.Option(
        "--items-in-prompt", metavar="N", min=0, help="Learn with so many earlier items in each prompt, at most."
    ),
]
SelectOption = Annotated[
    int | None,
    typer.Option(
        "--select",
        metavar="N",
        min=MIN_PAIRS,
        help="Learn from so many items at most, the best of every kind.",
        show_default="all",
    ),
]
RefitOption = Annotated[
    bool,
    typer.Option(
        "--refit/--no-refit", help="In the end learn the newest items too, for as long as they told; if time allows."
    ),
]
PRIVACY = Privacy()
EpsilonOption = Annotated[
    float | None,
    typer.Option(
        "--epsilon",
        metavar="E",
        min=0.0,
        help="Learn with noise, so that the adapter tells little of any one item: 1 is strict, 8 usual.",
        show_default="no noise",
    ),
]
DeltaOption = Annotated[float, typer.Option("--delta", help="With --epsilon: the chance that its bound fails.")]
JudgeOption = Annotated[
    bool, typer.Option("--judge", help="Leave the newest items out, for adapt explain to judge by.")
]


def require_name(name: str) -> None:
    """Refuse what is no adapter's name, before anything is asked for or opened."""
    from ondevice.vault.derived import is_derived_name

    if not is_derived_name(name):
        raise UsageError("an adapter's name has 1 to 40 of a-z, 0-9, dash and underscore")


def require_task(task: str) -> None:
    """Refuse a task that there is not."""
    if task not in TASKS:
        raise UsageError(f"there is no such task: choose one of {', '.join(TASKS)}")
