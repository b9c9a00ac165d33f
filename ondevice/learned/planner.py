"""Which way of personalizing answers this user best: the gate, asked on the profile's own newest items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import EllipsisType
from typing import TYPE_CHECKING

from ondevice.adaptation.gate.choosing import GateConfig, choose
from ondevice.adaptation.gate.judging import Scores, fits, score_strategies
from ondevice.adaptation.gate.shrinkage import choose_by_population
from ondevice.adaptation.lessons.pairs import PROXIES, EarlierItems, Pair, item_pairs, without
from ondevice.arguments import checks_arguments
from ondevice.errors import NotFoundError
from ondevice.generation.generator import Generator
from ondevice.generation.prompts.prompt import query_for
from ondevice.learned.adapter_notes import ADAPTER
from ondevice.learned.attachment import Attachment
from ondevice.learned.plans import DEFAULT_CONTRAST, PersonalizationPlan, PlanRequest, n_newest
from ondevice.learned.watching import require_there
from ondevice.records import Filter, Item
from ondevice.retrieval.searcher import Searcher
from ondevice.signals import Progress

if TYPE_CHECKING:
    from ondevice.bundle.gains import WayGains
    from ondevice.config import Contrast
    from ondevice.generation.llama.adapters import Adapter
    from ondevice.generation.llama.engine import Engine
    from ondevice.vault.derived import Derived
    from ondevice.vault.vault import Vault

DEFAULT_ADAPTER = "mine"

Ids = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """The adapter to compare: what is kept of it, its weights in memory, and the items it has seen."""

    kept: Derived
    loaded: Adapter
    scale: float
    seen: Ids


@checks_arguments
class Planner:
    """Judges ways of personalizing on a profile: ``me.planner``. What is in use stays in use meanwhile."""

    def __init__(self, vault: Vault, generator: Generator, searcher: Searcher, attachment: Attachment) -> None:
        """Read from these; only a plan that is applied changes something."""
        self._vault = vault
        self._generator = generator
        self._searcher = searcher
        self._attachment = attachment

    def holdout(self, *, task: str = "chat", fraction: float = 0.2, max_items: int = 24) -> Ids:
        """Return the ids of a task's newest items: what :meth:`plan` judges by, once a training has left them out.

        ``me.adapters.train(task=task, leave_out=me.planner.holdout(task=task))``, then ``me.planner.plan(task=task)``.

        Raises:
            ValueError: If there is no such task, or a number is out of range.
        """
        pairs = item_pairs(self._items(), task=task)
        n_held = n_newest(len(pairs), fraction, max_items)
        return tuple(item_id for pair in pairs[len(pairs) - n_held :] for item_id in pair.item_ids)

    def plan(
        self,
        task: str = "chat",
        *,
        adapter: str | EllipsisType | None = ...,
        contrast: Contrast | None = DEFAULT_CONTRAST,
        retriever: str | None = None,
        k: int | None = None,
        held_out: float = 0.2,
        max_held_out: int = 24,
        gate: GateConfig | None = None,
        gains: WayGains | EllipsisType | None = ...,
        apply: bool = False,
        on_progress: Progress | None = None,
    ) -> PersonalizationPlan:
        """Find out how this user is answered best, on the user's own newest items.

        Each of them is asked for again, as the task would, with no items, with those that retrieval finds among the
        earlier ones, and both ways with the adapter. Where it is known what each way gained other users, the way is
        chosen that is expected to gain this user most, and none where nothing surely gains; a few items are enough.
        Where it is not known, what makes the user's own answer likeliest, beyond luck, is chosen, and retrieval where
        nothing does. Only items count that the adapter has not seen: train it with
        ``leave_out=me.planner.holdout(task=task)``. Answers go on meanwhile, with what is in use.

        Args:
            task: What is asked: ``chat`` to write notes, or one of LaMP's tasks.
            adapter: Which adapter to compare; by default the one in use, or else ``mine``; ``None`` for no adapter.
            contrast: How far from the plain model its answers are kept where that is tried; ``None`` does not try it.
            retriever: How items are found; the profile's default.
            k: How many, at most; the profile's default.
            held_out: Part of the task's items to judge by, the newest.
            max_held_out: At most so many.
            gate: How much evidence is asked for.
            gains: What each way of answering gained other users of this task, by its name; by default what the
                language model's bundle tells, if it does; ``None`` for nothing.
            apply: Use the adapter as chosen from then on, or none; a plan with too few items, and without other
                users' gains, chooses retrieval alone.
            on_progress: Told (prompts read, prompts in all), two for each item.

        Raises:
            NotFoundError: If there is no adapter of that name, or an item or the adapter went meanwhile.
            ModelMismatchError: If the adapter was trained on another language model.
            ValueError: If there is no such task or retriever, a number is out of range, the gains are of no way or
                not of retrieval, or the profile was opened with an adapter's bundle or without a language model.
        """
        asked = PlanRequest(
            task=task,
            k=self._searcher.depth(k),
            retriever=self._searcher.retriever_name(retriever),
            adapter=self._adapter_name() if isinstance(adapter, EllipsisType) else adapter,
            contrast=contrast,
            held_out=held_out,
            max_held_out=max_held_out,
            gate=gate,
            gains=self._known_gains(task) if isinstance(gains, EllipsisType) else gains,
        )
        if self._generator.adapter_name is not None:
            raise ValueError(
                f"the profile was opened with the adapter {self._generator.adapter_name!r}, and a plan compares the "
                "profile's own: open it without"
            )
        plan = self._generator.with_engine(lambda engine: self._plan(asked, engine, on_progress))
        return self._applied(plan) if apply else plan

    def _applied(self, plan: PersonalizationPlan) -> PersonalizationPlan:
        """Use the adapter as the plan says, or none, from the next request on and after the next opening."""
        wanted = plan.in_use()
        if wanted is None:
            self._attachment.use_none()
        else:
            self._attachment.use(wanted)
        return replace(plan, is_applied=True)

    def _plan(self, asked: PlanRequest, engine: Engine, on_progress: Progress | None) -> PersonalizationPlan:
        items = self._items()
        pairs, earlier = item_pairs(items, task=asked.task), EarlierItems(items)
        candidate = None if asked.adapter is None else self._candidate(engine, asked.adapter)
        seen = () if candidate is None else candidate.seen
        unseen = {item.id for item in (without(items, seen) if seen else items)}
        usable = [pair for pair in pairs if asked.task not in PROXIES and unseen.issuperset(pair.item_ids)]
        n_wanted = n_newest(len(pairs), asked.held_out, asked.max_held_out)
        held_out, n_too_long = _fitting(engine, usable, n_wanted)
        shown = [pair.with_items(self._found(pair, earlier, asked)) for pair in held_out]
        scores = self._scores(engine, shown, candidate, asked, on_progress)
        if asked.gains is None:
            choice = choose(scores, profile_size=len(pairs), config=asked.gate)
        else:
            choice = choose_by_population(scores, asked.gains, profile_size=len(pairs), config=asked.gate)
        return PersonalizationPlan(
            strategy=choice.strategy,
            why=(*choice.why, *_circumstances(asked, len(pairs), len(usable), len(held_out), n_too_long)),
            table=choice.table,
            n_held_out=choice.n_held_out,
            profile_size=choice.profile_size,
            task=asked.task,
            retriever=asked.retriever,
            k=asked.k,
            adapter=None if candidate is None else candidate.kept.name,
            scale=1.0 if candidate is None else candidate.scale,
            contrast=asked.contrast,
        )

    def _known_gains(self, task: str) -> WayGains | None:
        """Return what the language model's bundle says that other users of a task gained, if it says anything.

        A merged model is another one, which has learned from this user already: of that one nothing is known.
        """
        spec = self._generator.bundle().generator
        return None if spec is None or spec.gains is None or self._attachment.has_merged else spec.gains.get(task)

    def _adapter_name(self) -> str | None:
        """Return which adapter to compare where none is named: the one in use, or else ``mine`` if there is one."""
        chosen = self._attachment.in_use()
        if chosen is not None:
            return chosen.name
        kept = {each.name for each in self._vault.derived.list(ADAPTER) if each.is_there}
        return DEFAULT_ADAPTER if DEFAULT_ADAPTER in kept else None

    def _items(self) -> list[Item]:
        return self._vault.items.list(None, limit=None, newest_first=False)

    def _candidate(self, engine: Engine, name: str) -> _Candidate:
        kept, loaded = self._attachment.load(engine, name)
        chosen = self._attachment.in_use()
        return _Candidate(
            kept=kept,
            loaded=loaded,
            scale=chosen.scale if chosen is not None and chosen.name == name else 1.0,
            seen=tuple(self._vault.derived.item_ids(ADAPTER, name)),
        )

    def _found(self, pair: Pair, earlier: EarlierItems, asked: PlanRequest) -> list[Item]:
        ids = tuple(item.id for item in earlier.before(pair))
        if not ids:
            return []
        query = query_for(pair.task, pair.request)
        hits = self._searcher.search(query, k=asked.k, retriever=asked.retriever, filter=Filter(ids=ids))
        return [hit.item for hit in hits]

    def _scores(
        self,
        engine: Engine,
        pairs: Sequence[Pair],
        candidate: _Candidate | None,
        asked: PlanRequest,
        on_progress: Progress | None,
    ) -> Scores:
        ids = {item_id for pair in pairs for item_id in pair.item_ids}

        def check() -> None:
            self._require(ids, candidate)

        def after_each(done: int, total: int) -> None:
            check()
            if on_progress is not None:
                on_progress(done, total)

        try:
            return score_strategies(
                engine,
                pairs,
                lambda pair: pair.items,
                adapter=None if candidate is None else candidate.loaded,
                scale=1.0 if candidate is None else candidate.scale,
                contrast=asked.contrast,
                check=check,
                on_progress=after_each,
            )
        except ValueError:
            check()  # an adapter that was freed meanwhile says only that it is closed
            raise

    def _require(self, ids: set[str], candidate: _Candidate | None) -> None:
        """Stop where an item was forgotten, or the adapter went or was trained anew, while they were judged."""
        require_there(self._vault, tuple(ids), why="were forgotten while the plan was made", hint="plan again")
        if candidate is not None and candidate.kept not in self._vault.derived.list(ADAPTER):
            raise NotFoundError(
                f"the adapter {candidate.kept.name!r} was replaced or dropped while the plan was made",
                hint="plan again",
            )


def _fitting(engine: Engine, pairs: Sequence[Pair], n_wanted: int) -> tuple[list[Pair], int]:
    """Return the newest pairs, in their order, and how many were passed over because their requests are too long."""
    held_out: list[Pair] = []
    n_too_long = 0
    for pair in reversed(pairs):
        if len(held_out) == n_wanted:
            break
        if fits(engine, pair):
            held_out.append(pair)
        else:
            n_too_long += 1
    return held_out[::-1], n_too_long


def _circumstances(asked: PlanRequest, n_pairs: int, n_unseen: int, n_held_out: int, n_too_long: int) -> list[str]:
    """Return what the choice does not know of: why there is little to judge by, and how to get more."""
    lines = []
    if asked.task in PROXIES:
        lines.append(f"the items hold no answers to what {asked.task!r} asks, so that nothing can be judged by them")
    elif asked.adapter is None:
        lines.append("no adapter was compared: train one to see whether it answers better")
    elif n_held_out < (asked.gate or GateConfig()).fewest_held_out and n_unseen < n_pairs:
        lines.append(
            f"the adapter {asked.adapter!r} has seen {n_pairs - n_unseen} of the {n_pairs} items of {asked.task!r}: "
            "train it without the newest, with leave_out=me.planner.holdout()"
        )
    if n_too_long:
        lines.append(f"{n_too_long} items were passed over: their requests alone do not fit the model's context")
    return lines
