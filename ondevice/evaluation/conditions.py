"""What is compared: a strategy, how many items it may use, how the answer is decoded, and whose history it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ondevice.evaluation.histories import History, histories_of
from ondevice.generation.prompts import labels_for

Decoding = Literal["free", "labels"]
DECODINGS: tuple[Decoding, ...] = ("free", "labels")

NO_PERSONALIZATION = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """One way to personalize an answer.

    Args:
        name: As the command line and the tables have it.
        retriever: The façade's retriever.
        needs_encoder: Whether the history must be encoded for it.
    """

    name: str
    retriever: str
    needs_encoder: bool = False


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(name=NO_PERSONALIZATION, retriever="none"),
        Strategy(name="recency", retriever="recency"),
        Strategy(name="bm25", retriever="bm25"),
        Strategy(name="dense", retriever="dense", needs_encoder=True),
        Strategy(name="hybrid", retriever="hybrid", needs_encoder=True),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One cell of the table; without personalization ``k`` is 0."""

    strategy: str
    k: int
    decoding: Decoding
    history: History = "own"

    def __post_init__(self) -> None:
        """Refuse a cell that has no meaning."""
        if self.strategy not in STRATEGIES:
            raise ValueError(f"the strategy {self.strategy!r} is unknown: choose of {', '.join(STRATEGIES)}")
        if (self.k == 0) != (self.strategy == NO_PERSONALIZATION) or self.k < 0:
            raise ValueError(f"the strategy {self.strategy!r} cannot have k = {self.k}")

    @property
    def label(self) -> str:
        """The cell's name in a table, such as ``bm25 k=2, shuffled``."""
        return label_of(self.strategy, self.k, self.history)


def label_of(strategy: str, k: int, history: str) -> str:
    """Return a cell's name in a table or a plot, such as ``bm25 k=2, shuffled``."""
    words = strategy if k == 0 else f"{strategy} k={k}"
    return words if history == "own" else f"{words}, {history}"


def conditions_for(
    task: str, *, strategies: Sequence[str], ks: Sequence[int], decodings: Sequence[Decoding], control: str | None
) -> list[Condition]:
    """Return the cells of one task, the run without personalization first.

    Args:
        task: A task of the prompt builder; where its answer is free text, only free decoding is possible.
        strategies: Names; ``none`` is always among the cells.
        ks: Numbers of items, each at least 1.
        decodings: How answers are decoded.
        control: The strategy that is also run with the control histories, or ``None`` for no controls.

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
            histories = histories_of(task) if name == control else ("own",)
            cells += [
                Condition(strategy=name, k=k, decoding=decoding, history=history)
                for history in histories
                for k in sorted(set(ks))
            ]
    return cells
