"""Learning before the question: the adapter, or the choice of a way, that a history gives on the device.

A history is learned from inside an encrypted profile, through the same calls an app makes. What comes of it is kept by
the hash of all that shaped it, because a user's questions mostly share one history.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from ondevice.adaptation.gate.choosing import GateConfig
from ondevice.adaptation.gate.standing import WITH_ADAPTER, WITH_ITEMS
from ondevice.adaptation.lessons.pairs import MIN_PAIRS, item_pairs, without
from ondevice.bundle.gains import WayGains
from ondevice.config import Contrast, PersonaWeights
from ondevice.errors import TooLittleError
from ondevice.evaluation.conditions import STRATEGIES, Condition, Learning
from ondevice.evaluation.histories import as_items
from ondevice.evaluation.learned import KeptLearning, LearnedStore
from ondevice.evaluation.ledger import content_key
from ondevice.evaluation.plan import RunConfig
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.engine import Engine
from ondevice.learned.adapter_notes import ADAPTER
from ondevice.learned.plans import DEFAULT_CONTRAST
from ondevice.personalizer import Personalizer
from ondevice.records import Draft, Filter, SelectorMode
from ondevice.vault.vault import Vault

NAME = "mine"
"""What adapters are called in the profile of a question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How one cell answers one question.

    Args:
        retriever: The façade's retriever.
        learned: What the model wears, or nothing.
        wears: Whether it does.
        contrast: How far the answer keeps away from the plain model's.
        selector: How a selector chooses the retriever, in place of one.
        has_summary: Whether the summary of the history stands in the prompt.
        persona: How the persona behind the prompt weighs the history's items, or ``None`` without one.
    """

    retriever: str
    learned: KeptLearning | None = None
    wears: bool = False
    contrast: Contrast | None = None
    selector: SelectorMode | None = None
    has_summary: bool = False
    persona: PersonaWeights | None = None

    @property
    def shape(self) -> tuple[str | None, Contrast | None]:
        """What shapes the model: the key of what it wears, and the contrast."""
        if not self.wears or self.learned is None:
            return None, None
        return self.learned.key, self.contrast


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class OpenUser:
    """A user with a profile.

    Args:
        me: The open profile.
        vault: What it is kept in.
        task: The task of the user's questions.
    """

    me: Personalizer
    vault: Vault
    task: str


class OpensUsers(Protocol):
    """Whatever makes a profile for a while."""

    def __call__(self, task: str, drafts: Sequence[Draft], *, encodes: bool) -> AbstractContextManager[OpenUser]:
        """Make a profile with this history, with vectors where it encodes, and destroy it in the end."""


class Learner:
    """Learns what cells need, each thing once."""

    def __init__(
        self,
        config: RunConfig,
        store: LearnedStore,
        *,
        base: str,
        encoder_id: Callable[[], str],
        open_user: OpensUsers,
        gains: Mapping[str, WayGains] | None = None,
    ) -> None:
        """Take what lessons are made with.

        Args:
            config: The settings.
            store: What is known.
            base: The hash of the model that is trained on.
            encoder_id: Gives the id of the encoder by whose vectors items are chosen; asked where they are.
            open_user: What makes profiles.
            gains: What ways of answering gained other users, as the model's bundle tells.
        """
        self._config = config
        self._encoder_id = encoder_id
        self._gains = gains or {}
        self._open_user = open_user
        self._store = store
        self._base = base
        self._training = replace(config.training, threads=config.threads or physical_cores())

    def way(self, cell: Condition, task: str, drafts: Sequence[Draft]) -> Way:
        """Return how a cell answers whoever has this history, learning first what has to be learned."""
        strategy = STRATEGIES[cell.strategy]
        if strategy.learns is None:
            raise ValueError(f"the strategy {strategy.name!r} learns nothing")
        learned = self._learned(strategy.learns, cell.k, task, drafts)
        if learned.choice is not None:
            chosen = learned.choice
            return Way(
                retriever=strategy.retriever if chosen in WITH_ITEMS else "none",
                learned=learned,
                wears=chosen in WITH_ADAPTER,
                contrast=DEFAULT_CONTRAST if chosen == "contrast" else None,
            )
        wears = learned.n_bytes > 0 and (learned.has_gained or self._config.every_adapter)
        return Way(retriever=strategy.retriever, learned=learned, wears=wears, contrast=strategy.contrast)

    @contextmanager
    def worn(self, engine: Engine, way: Way) -> Iterator[None]:
        """Let the model wear what a way says, for a while."""
        data = self._store.adapter(way.learned) if way.wears and way.learned is not None else None
        if data is None:
            yield
            return
        adapter = engine.load_adapter(data)
        try:
            engine.use_adapter(adapter)
            engine.use_contrast(way.contrast)
            yield
        finally:
            engine.use_contrast(None)
            engine.use_adapter(None)
            engine.unload_adapter(adapter)

    def _learned(self, learning: Learning, k: int, task: str, drafts: Sequence[Draft]) -> KeptLearning:
        key = content_key(
            base=self._base,
            task=task,
            history=[_plain(draft) for draft in drafts],
            pairs=[[pair.request, pair.answer] for pair in item_pairs(as_items(drafts), task=task)],
            most_items=self._config.lesson_items,
            recipe=self._config.recipe.to_json(),
            training=self._training.to_json(),
            learning=learning,
            # What earlier runs learned, without refits, is still found.
            **({"refit": True} if self._config.refit else {}),
            **self._settings(learning, k, task),
        )
        known = self._store.get(key)
        if known is None:
            with self._open_user(task, drafts, encodes=learning == "best items") as user:
                started = time.perf_counter()
                made = self._learn(user, learning, k)
                seconds = time.perf_counter() - started
            known = replace(made, key=key, n_items=len(drafts), seconds=seconds)
            self._store.put(known)
        return known

    def _settings(self, learning: Learning, k: int, task: str) -> dict[str, Any]:
        """Return what else shapes what is learned in this way."""
        if learning == "best items":
            return {"encoder": self._encoder_id()}
        if learning == "items in prompts":
            return {"items_in_prompt": k}
        if learning == "search":
            return {"evaluations": self._config.evaluations}
        return {"k": k, **self._known_gains(task)} if learning == "choice" else {}

    def _learn(self, user: OpenUser, learning: Learning, k: int) -> KeptLearning:
        if learning == "choice":
            return self._choose(user, k)
        try:
            if learning == "search":
                return self._search(user)
            self._train(user, items_in_prompt=k if learning == "items in prompts" else 0, best=learning == "best items")
        except TooLittleError:  # whoever has so few items is answered without an adapter
            return KeptLearning()
        return self._made(user)

    def _search(self, user: OpenUser) -> KeptLearning:
        """Let the search find a recipe, which may be to train nothing."""
        found = user.me.adapters.search(
            NAME,
            task=user.task,
            filter=self._newest(user),
            recipe=self._config.recipe,
            config=self._training,
            refit=self._config.refit,
            max_evaluations=self._config.evaluations,
        )
        return KeptLearning() if found.adapter is None else self._made(user)

    def _choose(self, user: OpenUser, k: int) -> KeptLearning:
        """Let the gate choose, as an app would: with an adapter that has not seen what it is judged on."""
        me, name = user.me, None
        n_pairs = len(item_pairs(me.items.list(limit=None), task=user.task))
        held_out = me.planner.holdout(task=user.task)
        if self._is_considered(user, n_pairs, held_out):
            self._train(user, leave_out=held_out)
            name = NAME
        plan = me.planner.plan(user.task, k=k, retriever="bm25", adapter=name)
        return KeptLearning(choice=plan.strategy) if name is None else self._made(user, plan.strategy)

    def _known_gains(self, task: str) -> dict[str, Any]:
        """Return what shapes a choice beside the user's items, as JSON values; nothing where nothing is known."""
        ways = self._gains.get(task)
        return {} if ways is None else {"gains": {way: asdict(gain) for way, gain in ways.items()}}

    def _is_considered(self, user: OpenUser, n_pairs: int, held_out: Sequence[str]) -> bool:
        """Say whether the gate would consider an adapter: in small histories only if others' gains by it are known."""
        if n_pairs >= GateConfig().smallest_profile:
            return True
        left = item_pairs(without(user.me.items.list(limit=None), held_out), task=user.task)
        return len(left) >= MIN_PAIRS and any(way in WITH_ADAPTER for way in self._gains.get(user.task, ()))

    def _train(
        self, user: OpenUser, *, items_in_prompt: int = 0, leave_out: Sequence[str] = (), best: bool = False
    ) -> None:
        """Train on the newest items, or on as many that are the best of every kind."""
        user.me.adapters.train(
            NAME,
            task=user.task,
            filter=None if best else self._newest(user, leave_out),
            select=self._config.lesson_items if best else None,
            recipe=self._config.recipe,
            config=self._training,
            items_in_prompt=items_in_prompt,
            leave_out=leave_out,
            refit=self._config.refit,
        )

    def _newest(self, user: OpenUser, leave_out: Sequence[str] = ()) -> Filter:
        """Let the newest items pass, so many as an adapter learns from at most."""
        ids = [item.id for item in user.me.items.list(limit=None) if item.id not in set(leave_out)]
        return Filter(ids=tuple(ids[: self._config.lesson_items]))

    def _made(self, user: OpenUser, choice: str | None = None) -> KeptLearning:
        """Return the profile's adapter with what its training told."""
        (info,) = (info for info in user.me.adapters.list() if info.name == NAME)
        data = user.vault.derived.read(ADAPTER, NAME)
        report = info.report
        return KeptLearning(
            n_bytes=len(data),
            loss_before=None if report is None else report.loss_before,
            loss_after=None if report is None else report.loss_after,
            epochs=None if report is None else report.best_epoch,
            refit_seconds=None if report is None or report.refit != "done" else report.refit_seconds,
            choice=choice,
            adapter=data,
        )


def _plain(draft: Draft) -> list[Any]:
    """Return what an entry teaches, as JSON values."""
    return [draft.text, draft.kind, dict(draft.fields), None if draft.time is None else draft.time.isoformat()]
