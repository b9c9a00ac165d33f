"""The run: every question of a split through a real encrypted profile, once for each cell of the table.

A question brings its own history, so each gets a profile of its own, made in a temporary folder under a random key and
destroyed when its cells are done. Answers are greedy, and prompts are reused by whole batches only, so the numbers
depend on neither the order of the questions nor on what an earlier run left behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from ondevice.bundle.model_set import ModelSet
from ondevice.config import RETRIEVERS
from ondevice.errors import GenerationError
from ondevice.evaluation.answer_book import AnswerBook
from ondevice.evaluation.answered import PARTS, PERSONA, SELECT, Answered, outcomes_of
from ondevice.evaluation.answers import STOP, Answer, AnswerStore, clean
from ondevice.evaluation.borrower import Borrower
from ondevice.evaluation.conditions import Condition, strategy_of
from ondevice.evaluation.histories import History, history_for, lesson_history
from ondevice.evaluation.label_priors import Frame, LabelPrior
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.learner import Learner, OpenUser, Way
from ondevice.evaluation.personas import OtherPersonas, made_persona
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.scores import users_of
from ondevice.evaluation.table import CellOutcome
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.prompt import labels_for
from ondevice.personalizer import Personalizer
from ondevice.personalizer.shared_models import SharedModels
from ondevice.records import Completion, Draft
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.signals import Progress

ROUND_A_LABEL = 4
"""Tokens that a free answer may have beyond those of the longest label: quotation marks, a space, a full stop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """One cell's prompt, how it is answered, and what the labels are worth anyway."""

    cell: Condition
    way: Way
    prepared: Prepared
    prior: LabelPrior | None


class Runner(Borrower):
    """Answers questions."""

    def __init__(self, config: RunConfig, store: AnswerStore, learned: LearnedStore | None = None) -> None:
        """Take the settings, and the answers and lessons that are known already."""
        super().__init__(config, keeps_weights=True)
        self._learner: Learner | None = None
        self._learned = learned or LearnedStore(None)
        self._others = OtherPersonas(config.persona, self._open_other)
        self._book = AnswerBook(
            store,
            self._models.generator.engine,
            adapter_id=self._adapter_id,
            context_tokens=config.context_tokens,
            threads=self._threads,
        )

    def run(
        self, split: LampSplit, conditions: Sequence[Condition], *, on_progress: Progress | None = None
    ) -> list[CellOutcome]:
        """Answer every question of the split under every condition.

        Raises:
            NotFoundError: If a model is missing.
            InputError: If an entry of a history cannot be stored.
        """
        cells: dict[Condition, list[Answered]] = {condition: [] for condition in conditions}
        for place in range(len(split.questions)):
            for condition, answered in self.answer(split, place, conditions).items():
                cells[condition].append(answered)
            if on_progress is not None:
                on_progress(place + 1, len(split.questions))
        return outcomes_of(cells, users_of(split))

    def answer(self, split: LampSplit, place: int, conditions: Sequence[Condition]) -> dict[Condition, Answered]:
        """Answer one question under every condition, one profile for each history that they read."""
        found: dict[Condition, Answered] = {}
        for history in dict.fromkeys(condition.history for condition in conditions):
            cells = [condition for condition in conditions if condition.history == history]
            found.update(self._answer_from(split, place, history, cells))
        return found

    def models_for(self, conditions: Sequence[Condition]) -> dict[str, str | None]:
        """Return the content-derived ids of the models that the conditions use, so that machines can be compared."""
        used = {"generator": self._engine.model_id, "adapter": self._adapter_id}
        encoders = Encoders(self._part(conditions).folder)
        if encoders.models.encoder is not None:
            used["encoder"] = encoders.bundle().id
        if encoders.models.selector is not None:
            used["selector"] = encoders.selector_bundle().id
        if encoders.models.persona is not None:
            used["persona"] = self._models.personas.bundle(encoders.models.persona).id
        further = [name for name in encoders.retriever_names() if name not in RETRIEVERS]
        return {**used, **{f"encoder {name}": encoders.bundle(name).id for name in further}}

    def _answer_from(
        self, split: LampSplit, place: int, history: History, cells: Sequence[Condition]
    ) -> Iterable[tuple[Condition, Answered]]:
        drafts = history_for(split, place, history).drafts
        started = time.perf_counter()
        with self._open_user(split.task, drafts, self._part(cells)) as user:
            has_summary = any(strategy_of(cell.strategy).has_summary for cell in cells) and _summarized(user)
            store_ms = (time.perf_counter() - started) * 1000
            ways = {cell: self._way(split, place, cell, has_summary) for cell in cells}
            gold = split.golds[place].strip()
            asked = [self._prepare(user.me, split, place, cell, ways[cell]) for cell in cells]
            # In the order of their prompts, each shares with the one before as much as any order allows.
            asked.sort(key=lambda each: each.prepared.prompt)
            found: dict[Condition, Answered] = {}
            for shape in dict.fromkeys(way.shape for way in ways.values()):
                alike = [each for each in asked if each.way.shape == shape]
                found.update(self._answered_alike(user.me, alike, gold, store_ms))
            return found.items()

    @contextmanager
    def _open_user(self, task: str, drafts: Sequence[Draft], models: SharedModels) -> Iterator[OpenUser]:
        with temporary_profile(models, drafts) as (me, _):
            yield OpenUser(me=me, vault=me.vault, task=task)

    @contextmanager
    def _open_learner(self, task: str, drafts: Sequence[Draft], *, encodes: bool) -> Iterator[OpenUser]:
        """Make a profile to learn in, with the weights loaded: what learning takes shall not hold them."""
        self._models.weights.base()
        with self._open_user(task, drafts, self._models.part(self._chosen(encodes=encodes))) as user:
            yield user

    @contextmanager
    def _open_other(self, task: str, drafts: Sequence[Draft]) -> Iterator[OpenUser]:
        """Make a profile of a user who is not asked, for the persona."""
        with self._open_user(task, drafts, self._models.part(self._chosen(encodes=True, has_persona=True))) as user:
            yield user

    def _part(self, cells: Sequence[Condition]) -> SharedModels:
        """Return the models that the profile of these cells needs."""
        strategies = [strategy_of(cell.strategy) for cell in cells]
        models = self._chosen(
            encodes=any(strategy.needs_encoder for strategy in strategies),
            retrievers=[each.retriever for each in strategies if each.retriever not in ("", *RETRIEVERS)],
            selects=any(strategy.selector is not None for strategy in strategies),
            has_persona=any(strategy.persona is not None for strategy in strategies),
        )
        return self._models.part(models)

    def _chosen(
        self, *, encodes: bool, retrievers: Sequence[str] = (), selects: bool = False, has_persona: bool = False
    ) -> ModelSet:
        """Return the models of a profile whose items need vectors, or do not; its adapters go beside no other's."""
        return replace(
            self._models.models,
            encoder=self._config.encoder if encodes else None,
            retrievers=retrievers,
            selector=self._config.selector if selects else None,
            persona=self._config.persona if has_persona else None,
            adapter=None,
        )

    @property
    def _engine(self) -> Engine:
        return self._models.generator.engine()

    def _way(self, split: LampSplit, place: int, cell: Condition, has_summary: bool) -> Way:
        """Return how a cell answers; ``has_summary`` says whether the profile has a summary."""
        strategy = strategy_of(cell.strategy)
        if strategy.learns is None:
            return Way(
                retriever=strategy.retriever,
                selector=strategy.selector,
                has_summary=strategy.has_summary and has_summary,
                persona=strategy.persona,
            )
        if self._learner is None:
            bundle = self._models.generator.bundle()
            self._learner = Learner(
                self._config,
                self._learned,
                base=bundle.files["model"].sha256,
                encoder_id=lambda: self._models.encoders.bundle().id,
                open_user=self._open_learner,
                gains=None if bundle.generator is None else bundle.generator.gains,
            )
        return self._learner.way(cell, split.task, lesson_history(split, place, cell.history))

    def _answered_alike(
        self, me: Personalizer, asked: Sequence[_Asked], gold: str, store_ms: float
    ) -> Iterable[tuple[Condition, Answered]]:
        """Answer cells for which the model is shaped alike; it is shaped only if an answer is not known yet."""
        way = asked[0].way
        prompts = [(one, each.prior) for each in asked for one in (each.prepared, *each.prepared.rivals)]
        with ExitStack() as stack:
            if self._learner is not None and not all(self._book.knows(one, way, gold, prior) for one, prior in prompts):
                stack.enter_context(self._learner.worn(me.generator.engine(), way))
            return [(each.cell, self._answered(me, each, gold, store_ms)) for each in asked]

    def _prepare(self, me: Personalizer, split: LampSplit, place: int, cell: Condition, way: Way) -> _Asked:
        labels = labels_for(split.task) if cell.decoding == "labels" else None
        weights = way.persona
        if weights is not None:
            me.persona.use(self._config.persona, weights=weights)
        frame = Frame(0 if way.retriever == "none" else cell.k, way.has_summary, weights)
        prior = self._book.prior(split, frame, self._others.of)
        prepared = me.prepare(
            split.questions[place].request,
            task=split.task,
            retriever=None if way.selector is not None else way.retriever,
            selector=way.selector,
            summary=way.has_summary,
            persona=weights is not None,
            k=max(cell.k, 1),
            max_tokens=self._longest_answer(split.task),
            stop=() if labels else STOP,
            labels=labels,
            label_prior=prior.values if labels and prior else None,
        )
        return _Asked(cell=cell, way=way, prepared=prepared, prior=prior)

    def _longest_answer(self, task: str) -> int:
        """Return a free answer's limit; where labels exist, what goes on behind the longest is wrong in any case."""
        labels = labels_for(task)
        if labels is None:
            return self._config.max_tokens
        longest = max(map(self._engine.count_tokens, labels))
        return min(self._config.max_tokens, longest + ROUND_A_LABEL)

    def _answered(self, me: Personalizer, asked: _Asked, gold: str, store_ms: float) -> Answered:
        prepared, way = asked.prepared, asked.way
        answers: list[Answer] = []

        def answer(each: Prepared) -> Completion:
            answers.append(self._book.answer(me, each, way, gold))
            return _completion(each, answers[-1])

        completion = me.answer(prepared, answer=answer)
        parts = {**completion.timings_ms, "store": store_ms}
        selection, learned = completion.selection, way.learned
        further = [part for part in (SELECT, PERSONA) if part in parts]
        read = {each.request.retriever: each for each in (prepared, *prepared.rivals)}
        return Answered(
            text=clean(completion.text),
            timings_ms={part: parts.get(part, 0.0) for part in (*PARTS, *further)},
            n_prompt_tokens=sum(each.n_prompt_tokens for each in answers),
            n_reused_tokens=sum(each.n_reused_tokens for each in answers),
            learned=None if learned is None else replace(learned, adapter=None, is_used=way.wears),
            choice=None if selection is None else selection.retriever,
            likelihood=self._book.likelihood(
                me, prepared if selection is None else read.get(selection.retriever, prepared), way, gold, asked.prior
            ),
            prior=asked.prior,
            persona=made_persona(prepared, self._models.personas),
        )


def _summarized(user: OpenUser) -> bool:
    """Let the profile count its summary; say whether it could: a history may have nothing that the task counts."""
    try:
        user.me.summaries.make(user.task)
    except GenerationError:
        return False
    return True


def _completion(prepared: Prepared, answer: Answer) -> Completion:
    """Return a kept answer as the model would give it."""
    return Completion(
        text=answer.text,
        sources=prepared.sources,
        retriever=prepared.request.retriever,
        task=prepared.request.task,
        finish_reason="stop",
        n_prompt_tokens=answer.n_prompt_tokens,
        n_reused_tokens=answer.n_reused_tokens,
        n_tokens=answer.n_tokens,
        timings_ms=prepared.times(answer.timings_ms),
        has_summary=prepared.has_summary,
        selection=prepared.selection,
        label_scores=answer.label_scores,
    )
