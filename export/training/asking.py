"""Asking the frozen language model: what it answers with these items in the prompt, and how likely it finds the truth.

The prompt is the device's own, by the device's own code, so what helps here helps there. Answers are greedy and prompts
are reused by whole batches only: a question's feedback does not depend on what was asked before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from export.errors import DatasetError
from export.training.rewards import reward
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.evaluation.answers import LABEL_SCORE, STOP, clean
from ondevice.evaluation.ledger import Ledger, content_key
from ondevice.generation.label_prior import log_shares
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import build_prompt, labels_for
from ondevice.records import Item
from ondevice.safety.strict_json import read_record


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFeedback:
    """What the language model did with some items in its prompt.

    Args:
        text: What it answered; the likeliest label where the task has labels.
        reward: What that is worth, 0 to 1.
        log_likelihood: How likely it found the right answer: its mean ln p per token (nats), or, where the task has
            labels, ln of its share among them, each as the whole answer with its end.
    """

    text: str = field(repr=False)
    reward: float
    log_likelihood: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One question, to be asked once with each of these items in its prompt."""

    pair: Pair = field(repr=False)
    shown: tuple[tuple[Item, ...], ...] = field(repr=False)


class AsksAll(Protocol):
    """Whatever gets feedback for many jobs: this process, or several machines."""

    @property
    def model_id(self) -> str:
        """The content-derived id of the model that answers."""

    def ask_all(
        self, jobs: Sequence[Job], *, on_progress: Callable[[int, int], None] | None = None
    ) -> list[list[RequestFeedback]]:
        """Return each job's feedback in the order of what was shown; told of prompts done and prompts in all."""


class FeedbackStore(Ledger[RequestFeedback]):
    """A file of feedback by key, or memory alone. It holds what the model wrote about the data set."""

    def __init__(self, path: Path | None) -> None:
        """Read what ``path`` holds; see :class:`~ondevice.evaluation.ledger.Ledger`."""
        super().__init__(path, noun="feedback", to_json=asdict, from_json=_feedback_of)


@dataclass(frozen=True, kw_only=True, slots=True)
class AskConfig:
    """How the model is asked.

    Args:
        max_tokens: Longest free answer.
        context_tokens: Context of the model; ``None`` takes the engine's default.
        threads: CPU threads; ``None`` takes the physical cores. They are part of the key: last bits depend on them.
    """

    max_tokens: int = 32
    context_tokens: int | None = None
    threads: int | None = None

    @property
    def engine(self) -> EngineConfig:
        """How the engine is opened for this."""
        return EngineConfig(context_tokens=self.context_tokens, threads=self.threads, reuse_whole_batches=True)


class Asker:
    """One language model that is asked the same questions with various items; close it, or use it as a context manager.

    One thread at a time.
    """

    def __init__(self, base: Bundle, config: AskConfig, store: FeedbackStore) -> None:
        """Load the model of a verified bundle, and take what is known already.

        Raises:
            BundleError: If the model cannot be used.
        """
        self._engine = Engine.open(base, config=config.engine)
        self._config = config
        self._threads = config.threads or physical_cores()
        self._store = store

    @property
    def model_id(self) -> str:
        """The content-derived id of the model."""
        return self._engine.model_id

    def prompt(self, pair: Pair, items: Sequence[Item]) -> str:
        """Return the prompt that a device would build of the question and these items, best first.

        Raises:
            ContextOverflowError: If the question alone does not fit.
        """
        labels = labels_for(pair.task)
        n_answer = self._config.max_tokens if labels is None else sum(map(self._engine.count_tokens, labels))
        n_gold = self._engine.count_tokens(pair.answer) if labels is None else 0
        built = build_prompt(
            pair.request,
            items,
            task=pair.task,
            budget_tokens=self._engine.content_budget(max(n_answer, n_gold)),
            count_tokens=self._engine.count_tokens,
            form=self._engine.prompt_form,
            now=pair.asked_at,
            learned_tokens=self._engine.learned_budget(),
        )
        return self._engine.render(built.messages)

    def ask(self, pair: Pair, items: Sequence[Item] = ()) -> RequestFeedback:
        """Answer a question with these items in its prompt, or look up what is known.

        Raises:
            ContextOverflowError: If the question alone does not fit.
            StorageError: If the feedback cannot be kept.
        """
        prompt = self.prompt(pair, items)
        labels = labels_for(pair.task)
        key = content_key(
            model=self.model_id,
            prompt=prompt,
            gold=pair.answer,
            task=pair.task,
            labels=labels,
            free=None if labels else (self._config.max_tokens, STOP),
            score=LABEL_SCORE if labels else None,
            context_tokens=self._config.context_tokens,
            threads=self._threads,
        )
        known = self._store.get(key)
        if known is None:
            known = self._answered(pair, prompt, labels)
            self._store.put(key, known)
        return known

    def ask_all(
        self, jobs: Sequence[Job], *, on_progress: Callable[[int, int], None] | None = None
    ) -> list[list[RequestFeedback]]:
        """Ask job by job; raises as :meth:`ask`."""
        done, total = 0, sum(len(job.shown) for job in jobs)
        found = []
        for job in jobs:
            found.append([self.ask(job.pair, items) for items in job.shown])
            done += len(job.shown)
            if on_progress is not None:
                on_progress(done, total)
        return found

    def close(self) -> None:
        """Free the model."""
        self._engine.close()

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _answered(self, pair: Pair, prompt: str, labels: Sequence[str] | None) -> RequestFeedback:
        if labels is None:
            text = clean(self._engine.generate(prompt, max_tokens=self._config.max_tokens, stop=STOP).text)
            likelihood = float(self._engine.log_likelihood(prompt, pair.answer).mean())
        elif pair.answer in labels:
            choice = self._engine.choose(prompt, labels)
            text, likelihood = choice.label, log_shares(choice.scores)[pair.answer]
        else:
            raise DatasetError(f"the answer of a question of {pair.task} is none of the task's labels")
        return RequestFeedback(text=text, reward=reward(pair.task, text, pair.answer), log_likelihood=likelihood)


def _feedback_of(value: Mapping[str, Any]) -> RequestFeedback:
    return read_record(RequestFeedback, value, "the line", ValueError)
