"""Asking: every request through a real encrypted profile, with it and without, and what came of each.

The profile lies in a temporary folder under a random key, and goes with it. Answers are greedy, and prompts are reused
by whole batches only, so that answers depend neither on the order of the requests nor on what was known already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ondevice.config import Sampling
from ondevice.evaluation.borrower import Borrower
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.harm.answering import MARK_TOKENS, answered
from ondevice.evaluation.harm.answers import HarmAnswer, HarmAnswers
from ondevice.evaluation.harm.leaks import leaked, pieces_of
from ondevice.evaluation.harm.outcomes import Outcome, StaleOutcome
from ondevice.evaluation.harm.plain_request import PlainRequest
from ondevice.evaluation.harm.profiles import HarmProfile
from ondevice.evaluation.harm.ways import WITH_ADAPTER, WITH_ITEMS, HarmWay, Whose
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.learner import Learner, OpenUser, Way
from ondevice.evaluation.ledger import content_key
from ondevice.evaluation.people import grade
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.prompts.refusal import refuses

if TYPE_CHECKING:
    from ondevice.evaluation.plan import RunConfig
    from ondevice.personalizer import Personalizer
    from ondevice.records import Draft

TASK = "chat"
_UNWORN = Way(retriever="")
_LEARNS = Condition(strategy="adapter", k=0, decoding="free")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What came of one profile.

    Args:
        outcomes: Of the requests that need no history.
        stale: Of the questions whose answer has changed.
        wears: Whether an adapter was used: there was one, and it made its own held-out items likelier.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    stale: list[StaleOutcome] = field(default_factory=list)
    wears: bool = False


class HarmAsker(Borrower):
    """Asks with profiles attached."""

    def __init__(self, config: RunConfig, answers: HarmAnswers, learned: LearnedStore, *, learns: bool) -> None:
        """Take the models, which load at first use, and what is known already."""
        super().__init__(config, keeps_weights=learns)
        self._answers = answers
        self._learner = self._learner_over(learned) if learns else None

    def _learner_over(self, learned: LearnedStore) -> Learner:
        return Learner(
            self._config,
            learned,
            base=self._models.generator.bundle().files["model"].sha256,
            encoder_id=lambda: self._models.encoders.bundle().id,
            open_user=self._open_learner,
        )

    def ask(
        self, profile: HarmProfile, stranger: HarmProfile | None, ways: Sequence[HarmWay], told: Callable[[], None]
    ) -> Asked:
        """Attach a profile, and ask what its user asks and what a stranger does, by each way.

        Args:
            profile: What is attached.
            stranger: Another user, for whom it is the wrong profile, or ``None``.
            ways: How requests are answered, beside no personalization.
            told: Called after each answer.

        Raises:
            NotFoundError: If a model is missing.
            AdaptationError: If an adapter is asked for, and cannot be trained.
            GenerationError: If the runtime fails.
        """
        learned = self._learned(profile.drafts) if WITH_ADAPTER.intersection(ways) else _UNWORN
        asked = Asked(wears=learned.wears)
        with temporary_profile(self._models, profile.drafts) as (me, ids):
            asking = _Asking(me=me, profile=profile, pieces=pieces_of(profile.drafts), told=told)
            groups: list[tuple[HarmProfile, Whose]] = [(profile, "own")]
            groups += [] if stranger is None else [(stranger, "other")]
            plain = {user.name: self._plain(asking, user) for user, _ in groups}
            for way in ways:
                worn = learned if way in WITH_ADAPTER else _UNWORN
                with self._worn(me, worn):
                    for user, whose in groups:
                        asked.outcomes.extend(self._by(asking, user, whose, way, worn, plain[user.name]))
                    if way in WITH_ITEMS:
                        asked.stale.extend(self._stale(asking, way, worn, ids))
        asked.outcomes[:0] = [
            _outcome(asking, profile, each, "none", "own", answer, answer)
            for each, answer in zip(profile.requests, plain[profile.name], strict=True)
        ]
        return asked

    def _plain(self, asking: _Asking, user: HarmProfile) -> list[HarmAnswer]:
        return [self._answer(asking, each.text, each.answer, "none", _UNWORN)[0] for each in user.requests]

    def _by(
        self,
        asking: _Asking,
        user: HarmProfile,
        whose: Whose,
        way: HarmWay,
        worn: Way,
        plain: Sequence[HarmAnswer],
    ) -> Iterator[Outcome]:
        for request, without in zip(user.requests, plain, strict=True):
            answer, _ = self._answer(asking, request.text, request.answer, way, worn)
            yield _outcome(asking, user, request, way, whose, answer, without)

    def _stale(self, asking: _Asking, way: HarmWay, worn: Way, ids: Mapping[str, str]) -> Iterator[StaleOutcome]:
        for request in asking.profile.stale:
            answer, shown = self._answer(asking, request.text, request.answer, way, worn)
            new, old = ({ids[each] for each in which} for which in (request.evidence, request.outdated))
            yield StaleOutcome(
                user=asking.profile.name,
                way=way,
                is_right=grade(request, answer.text) == "right",
                # Without what it requires, only what it forbids makes an answer wrong.
                follows_old=grade(replace(request, required=()), answer.text) == "wrong",
                refuses=refuses(answer.text),
                has_both=new <= shown and not old.isdisjoint(shown),
            )

    def _answer(self, asking: _Asking, text: str, right: str, way: HarmWay, worn: Way) -> tuple[HarmAnswer, set[str]]:
        """Return an answer, known or new, and the ids of the items in its prompt."""
        me, config = asking.me, self._config
        engine = me.generator.engine()
        # The right answer shall fit behind the prompt too, however short the answers are that may be written.
        room = max(config.max_tokens, engine.count_tokens(right) + MARK_TOKENS)
        prepared = me.prepare(
            text,
            retriever=None if way in WITH_ITEMS else "none",
            max_tokens=room,
            sampling=Sampling(),
            now=asking.profile.now,
        )
        prepared = replace(prepared, request=replace(prepared.request, max_tokens=config.max_tokens))
        key = content_key(
            model=engine.model_id,
            adapter=self._adapter_id,
            worn=worn.shape[0],
            by_reader=prepared.reads,
            prompt=prepared.prompt,
            answer=right,
            max_tokens=config.max_tokens,
            context_tokens=config.context_tokens,
            threads=self._threads,
        )
        answer = self._answers.get(key)
        if answer is None:
            answer = answered(me, prepared, text, right)
            self._answers.put(key, answer)
        asking.told()
        return answer, {hit.item.id for hit in prepared.sources}

    def _learned(self, drafts: Sequence[Draft]) -> Way:
        if self._learner is None:
            raise ValueError("adapters were not asked for when the models were named")
        return self._learner.way(_LEARNS, TASK, drafts)

    @contextmanager
    def _worn(self, me: Personalizer, way: Way) -> Iterator[None]:
        wears = self._learner is not None and way.wears
        with self._learner.worn(me.generator.engine(), way) if self._learner is not None and wears else nullcontext():
            yield

    @contextmanager
    def _open_learner(self, task: str, drafts: Sequence[Draft], *, encodes: bool) -> Iterator[OpenUser]:
        """Make a profile to learn in, with the weights loaded: what learning takes shall not hold them."""
        self._models.weights.base()
        models = self._models.models if encodes else replace(self._models.models, encoder=None)
        with temporary_profile(self._models.part(models), drafts) as (me, _):
            yield OpenUser(me=me, vault=me.vault, task=task)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Asking:
    """An open profile, what it holds, and whom to tell of each answer."""

    me: Personalizer
    profile: HarmProfile
    pieces: set[str]
    told: Callable[[], None]


def n_answers(profile: HarmProfile, stranger: HarmProfile | None, ways: Sequence[HarmWay]) -> int:
    """Return how many answers a profile takes."""
    requests = len(profile.requests) + (0 if stranger is None else len(stranger.requests))
    return requests * (1 + len(ways)) + len(profile.stale) * len(WITH_ITEMS.intersection(ways))


def _outcome(
    asking: _Asking,
    user: HarmProfile,
    request: PlainRequest,
    way: HarmWay,
    whose: Whose,
    answer: HarmAnswer,
    plain: HarmAnswer,
) -> Outcome:
    # Of the plain answer the same is counted, so that what stands in a profile by chance is known.
    said = (request.text, request.answer, *(() if way == "none" else (plain.text,)))
    return Outcome(
        user=user.name,
        kind=request.kind,
        request=request.text,
        way=way,
        whose=whose,
        text=answer.text,
        nats=answer.nats,
        plain_nats=plain.nats,
        is_right=request.is_answered_by(answer.text),
        plain_is_right=request.is_answered_by(plain.text),
        refuses=refuses(answer.text),
        leaked=leaked(answer.text, asking.pieces, said=said),
    )
