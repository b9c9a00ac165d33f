"""What is compared: a strategy, how many items it may use, how the answer is decoded, and whose history it reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ondevice.bundle.listing import kind_of
from ondevice.config import Contrast, PersonaWeights
from ondevice.evaluation.histories import History, histories_of
from ondevice.generation.prompts.prompt import labels_for
from ondevice.records import SelectorMode

Decoding = Literal["free", "labels"]
DECODINGS: tuple[Decoding, ...] = ("free", "labels")

Learning = Literal["items", "best items", "items in prompts", "search", "choice"]
"""What is learned from the history before the question: an adapter on its newest items; one on the best of every kind;
one whose training prompts hold other items, as the prompts of answers do; one of the recipe that a search finds; or
which way suits this user."""

NO_PERSONALIZATION = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """One way to personalize an answer.

    Args:
        name: As the command line and the tables have it.
        retriever: The façade's retriever.
        needs_encoder: Whether the history must be encoded for it.
        selector: How a selector chooses the retriever, or ``None``.
        learns: What is learned before the question, or ``None``.
        contrast: How far the answer keeps away from the plain model's, or ``None``.
        has_summary: Whether a counted summary of the history stands in the prompt.
        persona: How a persona weighs the history's items in the rows behind the prompt, or ``None`` without one.
    """

    name: str
    retriever: str
    needs_encoder: bool = False
    selector: SelectorMode | None = None
    learns: Learning | None = None
    contrast: Contrast | None = None
    has_summary: bool = False
    persona: PersonaWeights | None = None

    @property
    def retrieves(self) -> bool:
        """Whether items stand in the prompt, so that their number matters."""
        return self.retriever != "none"

    @property
    def learns_for_k(self) -> bool:
        """Whether what is learned depends on how many items stand in the prompt."""
        return self.learns in ("items in prompts", "choice")


STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        Strategy(name=NO_PERSONALIZATION, retriever="none"),
        Strategy(name="recency", retriever="recency"),
        Strategy(name="bm25", retriever="bm25"),
        Strategy(name="dense", retriever="dense", needs_encoder=True),
        Strategy(name="hybrid", retriever="hybrid", needs_encoder=True),
        Strategy(name="pag", retriever="none", has_summary=True),
        Strategy(name="bm25+pag", retriever="bm25", has_summary=True),
        Strategy(name="pplug", retriever="none", needs_encoder=True, persona="attention"),
        Strategy(name="bm25+pplug", retriever="bm25", needs_encoder=True, persona="attention"),
        Strategy(name="pplug-mean", retriever="none", needs_encoder=True, persona="mean"),
        Strategy(name="pplug-task", retriever="none", needs_encoder=True, persona="task"),
        Strategy(name="rspg-pre", retriever="", needs_encoder=True, selector="rspg-pre"),
        Strategy(name="rspg-post", retriever="", needs_encoder=True, selector="rspg-post"),
        Strategy(name="adapter", retriever="none", learns="items"),
        Strategy(name="bm25+adapter", retriever="bm25", learns="items"),
        Strategy(name="adapter-car", retriever="none", needs_encoder=True, learns="best items"),
        Strategy(name="bm25+adapter-car", retriever="bm25", needs_encoder=True, learns="best items"),
        Strategy(name="oppu", retriever="bm25", learns="items in prompts"),
        Strategy(name="cope", retriever="bm25", learns="items", contrast=Contrast()),
        Strategy(name="milp", retriever="none", learns="search"),
        Strategy(name="bm25+milp", retriever="bm25", learns="search"),
        Strategy(name="auto", retriever="bm25", learns="choice"),
    )
}

RETRIEVAL_ALONE: tuple[str, ...] = tuple(
    name
    for name, strategy in STRATEGIES.items()
    if strategy.learns is None and strategy.selector is None and strategy.persona is None and not strategy.has_summary
)
"""No personalization, and the retrievers: what neither trains, nor needs a selector, a persona or a summary."""
_ENCODER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def strategy_of(name: str) -> Strategy:
    """Return a strategy by name; every other name is an encoder's, which then retrieves.

    Raises:
        ValueError: If no encoder can have such a name.
    """
    if name in STRATEGIES:
        return STRATEGIES[name]
    if not _ENCODER_NAME.fullmatch(name):
        raise ValueError(f"the strategy {name!r} is unknown: choose of {', '.join(STRATEGIES)}, or name an encoder")
    return Strategy(name=name, retriever=name, needs_encoder=True)


def check_strategies(
    names: Sequence[str],
    *,
    models: Path,
    has_encoder: bool,
    has_selector: bool,
    has_persona: bool = False,
    known: Collection[str] = tuple(STRATEGIES),
) -> None:
    """Refuse strategies that cannot be measured.

    Args:
        names: What is wanted.
        models: The folder in which encoders by name must lie.
        has_encoder: Whether there is an encoder.
        has_selector: Whether there is a selector.
        has_persona: Whether there is a persona.
        known: Which of :data:`STRATEGIES` are among the possible ones.

    Raises:
        ValueError: If one is unknown, or needs an encoder, a selector or a persona where there is none.
    """
    possible = [name for name in known if has_encoder or not STRATEGIES[name].needs_encoder]
    for name in names:
        if name in possible:
            if STRATEGIES[name].selector is not None and not has_selector:
                raise ValueError(f"the strategy {name!r} needs a selector: name its bundle with --selector")
            if STRATEGIES[name].persona is not None and not has_persona:
                raise ValueError(f"the strategy {name!r} needs a persona: name its bundle with --persona")
            continue
        is_encoder = name not in STRATEGIES and kind_of(models, name) == "encoder"
        if is_encoder and has_encoder:
            continue
        reason = "needs an encoder" if name in known or is_encoder else "is unknown"
        raise ValueError(
            f"the strategy {name!r} {reason}: choose of {', '.join(possible)}"
            + (f", or name an encoder in {models}" if has_encoder else "")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One cell of the table; ``k`` is 0 where no items stand in the prompt."""

    strategy: str
    k: int
    decoding: Decoding
    history: History = "own"

    def __post_init__(self) -> None:
        """Refuse a cell that has no meaning."""
        if (self.k > 0) != strategy_of(self.strategy).retrieves or self.k < 0:
            raise ValueError(f"the strategy {self.strategy!r} cannot have k = {self.k}")

    @property
    def is_personal(self) -> bool:
        """Whether it is any other than the run without personalization."""
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
        strategies: Names of strategies or encoders; ``none`` is always among the cells.
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
            numbers = sorted(set(ks)) if strategy_of(name).retrieves else [0]
            cells += [
                Condition(strategy=name, k=k, decoding=decoding, history=history)
                for history in histories
                for k in numbers
            ]
    return cells


def _histories(task: str, name: str) -> Sequence[History]:
    """Return the histories a controlled strategy reads.

    What is learned is controlled by another user's alone; in a task's rows there is nothing of a history.
    """
    strategy, histories = strategy_of(name), histories_of(task)
    if strategy.persona == "task" and not strategy.retrieves:
        return ("own",)
    return [history for history in histories if not (strategy.learns is not None and history == "shuffled")]
