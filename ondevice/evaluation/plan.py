"""What is measured and with which models: plain settings, which open neither a model nor a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle import PublisherKey
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR
from ondevice.errors import NotFoundError
from ondevice.evaluation import LESSON_ITEMS
from ondevice.evaluation.conditions import (
    DECODINGS,
    RETRIEVAL_ALONE,
    Condition,
    Decoding,
    check_strategies,
    conditions_for,
    strategy_of,
)
from ondevice.evaluation.folds import FOLDS, fold_tasks, in_fold, other_fold, read_folds
from ondevice.evaluation.history_questions import with_history_questions
from ondevice.evaluation.item_overlap import KnownItems, disjoint_places
from ondevice.evaluation.label_priors import others_of
from ondevice.evaluation.lamp_data import LampSplit, has_lamp_split, lamp_tasks, read_lamp_split
from ondevice.generation.prompts.prompt import labels_for

TRAIN = "train"
"""The prefix of the files that task adapters and trained retrievers learn from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LampPlan:
    """What to measure.

    Args:
        data: A folder with one folder for each task.
        split: The files' prefix.
        tasks: Names of folders, each measured once; none means all that hold the split.
        strategies: Names of strategies, or of encoders that retrieve; ``none`` is always measured.
        ks: Numbers of items.
        decodings: How answers are decoded; tasks without labels are decoded freely.
        controls: The strategies that are also run with another user's history and with shuffled labels.
        limit: Questions a task, one of each user before a second of any; ``None`` takes all.
        per_user: Questions a user, the first; ``None`` takes all.
        prior: The split whose questions of other users tell what a task's labels are worth anyway, which is taken off
            their scores; ``None`` takes nothing off. Where a fold is asked, they are the other fold's users.
        ask_fold: Ask the users of this fold, those of the train and the dev files together (see
            :mod:`ondevice.evaluation.folds`); ``None`` asks the users of ``split``.
        from_history: So many newest items of each user are questions too (see
            :mod:`ondevice.evaluation.history_questions`).
    """

    data: Path
    split: str = "dev"
    tasks: Sequence[str] = ()
    strategies: Sequence[str] = RETRIEVAL_ALONE
    ks: Sequence[int] = (1, 2, 4)
    decodings: Sequence[Decoding] = DECODINGS
    controls: Sequence[str] = ("bm25",)
    limit: int | None = None
    per_user: int | None = None
    prior: str | None = None
    ask_fold: int | None = None
    from_history: int = 0

    def __post_init__(self) -> None:
        """Refuse to ask nothing, what is no fold, and no number of items.

        Raises:
            ValueError: If ``limit`` or ``per_user`` is below 1, ``from_history`` below 0, or ``ask_fold`` neither fold.
        """
        for name in ("limit", "per_user"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be 1 or more, not {value}")
        if self.ask_fold not in (None, *FOLDS):
            raise ValueError(f"ask_fold must be 1 or 2, not {self.ask_fold}")
        if self.from_history < 0:
            raise ValueError(f"from_history must be 0 or more, not {self.from_history}")

    def splits(self) -> list[LampSplit]:
        """Read the tasks' files, and refuse cells that are not possible: now, not after an hour.

        Raises:
            NotFoundError: If a folder or a file is missing.
            InputError: If a file has the wrong form.
            ValueError: If a strategy or a k is not possible.
        """
        splits = [self._asked(name).in_turn(self.limit, per_user=self.per_user) for name in self._names()]
        for split in splits:
            self.conditions(split)
        return [self._with_others(split) for split in splits]

    def _names(self) -> Sequence[str]:
        """Return the tasks, each once."""
        if self.tasks:
            return tuple(dict.fromkeys(self.tasks))
        return lamp_tasks(self.data, self.split) if self.ask_fold is None else fold_tasks(self.data)

    def _asked(self, name: str) -> LampSplit:
        folder = self.data / name
        if self.ask_fold is None:
            return with_history_questions(read_lamp_split(folder, self.split), self.from_history)
        return in_fold(self.everyone(name), self.ask_fold)

    def _with_others(self, split: LampSplit) -> LampSplit:
        if self.prior is None or labels_for(split.task) is None:
            return split
        if self.ask_fold is not None:
            return replace(split, others=others_of(split, self._other_fold(split)))
        try:
            others = read_lamp_split(self.data / split.name, self.prior)
        except NotFoundError as error:
            raise NotFoundError(
                f"{error}: what labels are worth anyway is measured on these",
                hint="name another split with --prior, or use --prior no",
            ) from None
        return replace(split, others=others_of(split, others))

    def disjoint_places(self, split: LampSplit) -> list[int] | None:
        """Return the places of a task's questions that share no item with its train split; ``None`` without one.

        Where a fold is asked, the other fold stands in for the train split.

        Raises:
            InputError: If a file of the train split has the wrong form.
        """
        if self.ask_fold is not None:
            learned = self._other_fold(split)
            return disjoint_places(split, KnownItems.of(learned.questions, learned.golds))
        folder = self.data / split.name
        if self.split == TRAIN or not has_lamp_split(folder, TRAIN):
            return None
        train = read_lamp_split(folder, TRAIN)
        return disjoint_places(split, KnownItems.of(train.questions, train.golds))

    def everyone(self, name: str) -> LampSplit:
        """Return the questions of all users of a task, of whom this run asks one fold."""
        return with_history_questions(read_folds(self.data / name), self.from_history)

    def _other_fold(self, split: LampSplit) -> LampSplit:
        return in_fold(read_folds(self.data / split.name), other_fold(self.ask_fold or 0))

    @property
    def has_persona(self) -> bool:
        """Whether a strategy needs a persona."""
        return any(strategy_of(name).persona is not None for name in self.strategies)

    @property
    def learns(self) -> bool:
        """Whether a strategy trains adapters."""
        return any(strategy_of(name).learns is not None for name in self.strategies)

    def conditions(self, split: LampSplit) -> list[Condition]:
        """Return one task's cells.

        A task with free text is decoded freely whatever was asked for, and a single user has no other to borrow a
        history from.
        """
        decodings = self.decodings if labels_for(split.task) is not None else ("free",)
        cells = conditions_for(
            split.task, strategies=self.strategies, ks=self.ks, decodings=decodings, controls=self.controls
        )
        is_alone = len({question.user for question in split.questions}) == 1
        return [cell for cell in cells if not (is_alone and cell.history == "other")]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """How a run answers.

    Args:
        models: Folder of the model bundles.
        generator: The language model's name.
        encoder: The encoder's name, or ``None`` to measure only strategies without vectors.
        adapter: The name of an adapter's bundle that the language model wears, or ``None``.
        selector: The name of the selector's bundle, for strategies that choose the retriever, or ``None``.
        persona: The name of the persona's bundle, for strategies whose prompt has rows behind it, or ``None``.
        publishers: Every bundle must be signed by one of these; ``None`` asks for no signature.
        max_tokens: Longest free answer.
        context_tokens: Context of the language model; ``None`` takes the engine's default.
        prompt_tokens: Longest prompt with items in it; ``None`` takes what the model's bundle says.
        threads: CPU threads of the language model and of training; ``None`` takes the physical cores.
        recipe: Where the adapters of strategies that learn have matrices, and how large.
        training: How those adapters are trained.
        lesson_items: So many items an adapter learns from, at most: the newest, or for ``adapter-car`` the best of
            every kind; ``None`` takes all of the history.
        refit: Whether adapters learn their held-out items too in the end.
        evaluations: So many trainings the strategy ``milp`` may spend on one history.
        every_adapter: Whether an adapter that made its held-out items no likelier is used all the same, as in the
            papers; otherwise those users are answered without one.
    """

    models: Path
    generator: str = DEFAULT_GENERATOR
    encoder: str | None = DEFAULT_ENCODER
    adapter: str | None = None
    selector: str | None = None
    persona: str | None = None
    publishers: Sequence[PublisherKey] | None = None
    max_tokens: int = 32
    context_tokens: int | None = None
    prompt_tokens: int | None = None
    threads: int | None = None
    recipe: LoraRecipe = field(default_factory=LoraRecipe)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    lesson_items: int | None = LESSON_ITEMS
    refit: bool = False
    evaluations: int = 12
    every_adapter: bool = False

    def check(self, strategies: Sequence[str]) -> None:
        """Refuse strategies that cannot be measured with these models.

        Raises:
            ValueError: If one is unknown, or needs an encoder, a selector or a persona where there is none.
        """
        check_strategies(
            strategies,
            models=self.models,
            has_encoder=self.encoder is not None,
            has_selector=self.selector is not None,
            has_persona=self.persona is not None,
        )
