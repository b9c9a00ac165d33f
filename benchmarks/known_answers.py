"""Answers that an evaluation has given, as feedback; the few that are missing are asked for.

Few, because int8 vectors depend on what is encoded with them in the last bits, so near equals may change places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from export.training.asking import AskConfig, Asker, FeedbackStore, Job, RequestFeedback
from export.training.rewards import reward
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.bundle import Bundle
from ondevice.evaluation.answers import STOP, AnswerStore, answer_key, clean
from ondevice.generation.prompts.prompt import labels_for
from ondevice.records import Item


class KnownAnswers:
    """Looks answers up under the keys that the evaluation gave them; use it as a context manager."""

    def __init__(self, base: Bundle, answers: Path, *, threads: int) -> None:
        """Load the model for its tokenizer and template, and read the answers."""
        self._config = AskConfig(threads=threads)
        self._asker = Asker(base, self._config, FeedbackStore(None))
        self._store = AnswerStore(answers)
        self._threads = threads
        self.model_id = self._asker.model_id
        self.n_asked = 0

    def ask_all(
        self, jobs: Sequence[Job], *, on_progress: Callable[[int, int], None] | None = None
    ) -> list[list[RequestFeedback]]:
        """Return each job's feedback, without likelihoods where the answer was known; ``n_asked`` counts the others."""
        found = [[self._known(job.pair, items) for items in job.shown] for job in jobs]
        if on_progress is not None:
            on_progress(len(jobs), len(jobs))
        return found

    def _known(self, pair: Pair, items: Sequence[Item]) -> RequestFeedback:
        labels = labels_for(pair.task)
        key = answer_key(
            model=self.model_id,
            adapter=None,
            prompt=self._asker.prompt(pair, items),
            labels=labels,
            free=None if labels else (self._config.max_tokens, STOP),
            gold=None if labels else pair.answer.strip(),
            context_tokens=self._config.context_tokens,
            threads=self._threads,
        )
        answer = self._store.get(key)
        if answer is None:
            self.n_asked += 1
            return self._asker.ask(pair, items)
        text = clean(answer.text)
        return RequestFeedback(text=text, reward=reward(pair.task, text, pair.answer), log_likelihood=0.0)

    def __enter__(self) -> KnownAnswers:
        return self

    def __exit__(self, *exc: object) -> None:
        self._store.close()
        self._asker.close()
