"""What is compared: a strategy, how many items it may use, how the answer is decoded, and whose history it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ondevice.config import Contrast
from ondevice.evaluation.histories import History, histories_of
from ondevice.generation.prompts import labels_for

Decoding = Literal["free", "labels"]
DECODINGS: tuple[Decoding, ...] = ("free", "labels")

Learning = Literal["items", "items in prompts", "search", "choice"]
"""What is learned from the history before the question: an adapter on its items; one whose training prompts hold other
items, as the prompts of answers do; one of the recipe that a search finds; or which way suits this user."""

NO_PERSONALIZATION = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """One way to personalize an answer.

    Args:
        name: As the command line and the tables have it.
        retriever: The façade's retriever.
        needs_encoder: Whether the history must be encoded for it.
        learns: What is learned before the question, or ``None``.
        contrast: How far the answer keeps away from the plain model's, or ``None``.
    """

    name: str
    retriever: str
    needs_encoder: bool = False
    learns: Learning | None = None
    contrast: Contrast | None = None

    @property
    def retrieves(self) -> bool:
        """Whether items stand in the prompt, so that their number matters."""
        return self.retriever != "none"


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(name=NO_PERSONALIZATION, retriever="none"),
        Strategy(name="recency", retriever="recency"),
        Strategy(name="bm25", retriever="bm25"),
        Strategy(name="dense", retriever="dense", needs_encoder=True),
        Strategy(name="hybrid", retriever="hybrid", needs_encoder=True),
        Strategy(name="adapter", retriever="none", learns="items"),
        Strategy(name="bm25+adapter", retriever="bm25", learns="items"),
        Strategy(name="oppu", retriever="bm25", learns="items in prompts"),
        Strategy(name="cope", retriever="bm25", learns="items", contrast=Contrast()),
        Strategy(name="milp", retriever="bm25", learns="search"),
        Strategy(name="auto", retriever="bm25", learns="choice"),
    )
}

WITHOUT_TRAINING: tuple[str, ...] = tuple(name for name, strategy in STRATEGIES.items() if strategy.learns is None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One cell of the table; ``k`` is 0 where no items stand in the prompt."""

    strategy: str
    k: int
    decoding: Decoding
    history: History = "own"

    def __post_init__(self) -> None:
        """Refuse a cell that has no meaning."""
        if self.strategy not in STRATEGIES:
            raise ValueError(f"the strategy {self.strategy!r} is unknown: choose of {', '.join(STRATEGIES)}")
        if (self.k > 0) != STRATEGIES[self.strategy].retrieves or self.k < 0:
            raise ValueError(f"the strategy {self.strategy!r} cannot have k = {self.k}")

    @property
    def is_personal(self) -> bool:
        """Whether the answer has anything of a history in it."""
        return self.strategy != NO_PERSONALIZATION

    @property
    def label(self) -> str:
        """The cell's name in a table, such as ``bm25 k=2, shuffled``."""
        return label_of(self.strategy, self.k, self.history)


def label_of(strategy: str, k: int, history: str) -> str:
    """Return a cell's name in a table or a plot, such as ``bm25 k=2, shuffled``."""
    words = strategy if k == 0 else f"{strategy} k={k}"
    return words if history == "own" else f"{words}, {history}"


def conditions_for(
    task: str,
    *,
    strategies: Sequence[str],
    ks: Sequence[int],
    decodings: Sequence[Decoding],
    controls: Sequence[str] = (),
) -> list[Condition]:
    """Return the cells of one task, the run without personalization first.

    Args:
        task: A task of the prompt builder; where its answer is free text, only free decoding is possible.
        strategies: Names; ``none`` is always among the cells.
        ks: Numbers of items, each at least 1.
        decodings: How answers are decoded.
        controls: The strategies that are also run with the control histories.

    Raises:
        ValueError: If a name or a k is not possible.
    """
    possible = DECODINGS if labels_for(task) is not None else ("free",)
    cells: list[Condition] = []
    for decoding in (each for each in DECODINGS if each in decodings and each in possible):
        cells.append(Condition(strategy=NO_PERSONALIZATION, k=0, decoding=decoding))
        for name in dict.fromkeys(strategies):
            if name == NO_PERSONALIZATION:
                continue
            histories = _histories(task, name) if name in controls else ("own",)
            numbers = sorted(set(ks)) if name not in STRATEGIES or STRATEGIES[name].retrieves else [0]
            cells += [
                Condition(strategy=name, k=k, decoding=decoding, history=history)
                for history in histories
                for k in numbers
            ]
    return cells


def _histories(task: str, name: str) -> Sequence[History]:
    """Return the histories a controlled strategy reads; what is learned is controlled by another user's alone."""
    histories = histories_of(task)
    learns = name in STRATEGIES and STRATEGIES[name].learns is not None
    return [history for history in histories if not (learns and history == "shuffled")]
