"""The user's past requests, asked again: which of the items that were there then would have helped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ondevice.adaptation.lessons.feedback import Feedback, Question, ask, questions
from ondevice.adaptation.lessons.pairs import MIN_PAIRS, item_pairs
from ondevice.errors import AdaptationError, GenerationError
from ondevice.generation.generator import Generator
from ondevice.learned.item_source import ItemSource
from ondevice.learned.watching import require_there
from ondevice.records import Filter
from ondevice.retrieval.encoding.encoders import Encoders

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


class PastRequests:
    """One round of asking; an item that is forgotten meanwhile ends it."""

    def __init__(self, vault: Vault, generator: Generator, encoders: Encoders) -> None:
        self._vault = vault
        self._generator = generator
        self._encoders = encoders
        self._questions: Sequence[Question] = ()
        self.item_ids: tuple[str, ...] = ()
        """Every item that has a part in it: those asked about, and those in the prompts."""
        self.n_prompts = 0
        self.is_cut = False
        """Whether the time ran out before all was asked."""

    def find(self, task: str, filter: Filter | None, *, max_pairs: int, max_candidates: int) -> None:
        """Choose what to ask, the newest first.

        Raises:
            AdaptationError: If there is too little.
            ModelMismatchError: If items lack vectors of this encoder.
            ValueError: If there is no such task.
        """
        items = self._vault.items.list(filter, limit=None, newest_first=False)
        pairs = item_pairs(items, task=task)
        matrix = ItemSource(self._vault, self._encoders).vectors([item.id for item in items])
        places = {item.id: place for place, item in enumerate(items)}
        found = questions(
            pairs,
            items,
            encode=self._encoders.encoder().encode_queries,
            vectors=lambda ids: matrix[[places[item_id] for item_id in ids]],
            count_tokens=lambda text: self._generator.with_engine(lambda engine: engine.count_tokens(text)),
            max_candidates=max_candidates,
        )
        self._questions = list(islice(found, max_pairs))
        if len(self._questions) < MIN_PAIRS:
            raise AdaptationError(
                f"a refinement needs {MIN_PAIRS} requests of the task {task!r} with two earlier items each, but "
                f"{len(items)} items give {len(self._questions)}",
                hint="add items; until then search with hybrid or dense",
            )
        self.item_ids = tuple(dict.fromkeys(item_id for each in self._questions for item_id in each.item_ids))

    def ask(
        self,
        *,
        deadline: float | None,
        on_progress: Callable[[int, int], None] | None,
        cancel: Callable[[], bool] | None,
    ) -> list[Feedback] | None:
        """Return what came of the questions, the oldest first; ``None`` if it was cancelled.

        Args:
            deadline: On the clock of ``time.monotonic``; what is asked by then is returned.
            on_progress: Told (prompts read, prompts in all).
            cancel: Signal after each prompt.

        Raises:
            NotFoundError: If an item was forgotten meanwhile.
            GenerationError: If the language model's runtime fails, or another takes its place meanwhile.
        """
        engine, total = self._generator.engine(), sum(len(question.candidates) for question in self._questions)
        is_cancelled = False

        def after_each() -> bool:
            nonlocal is_cancelled
            self.n_prompts += 1
            self.require_all_there()
            if on_progress is not None:
                on_progress(self.n_prompts, total)
            is_cancelled = cancel is not None and cancel()
            self.is_cut = deadline is not None and time.monotonic() > deadline and self.n_prompts < total
            return is_cancelled or self.is_cut

        feedback: list[Feedback] = []
        for question in self._questions:
            try:
                answer = ask(engine, question, after_each=after_each, check=self.require_all_there)
            except ValueError:
                if not engine.is_closed:
                    raise
                raise GenerationError(
                    "another language model was put in place while the refinement was learned, and nothing of it is "
                    "kept",
                    hint="learn it again",
                ) from None
            if is_cancelled:
                return None
            if answer is not None:
                feedback.append(answer)
            if self.is_cut:
                break
        return feedback[::-1]

    def require_all_there(self) -> None:
        """Refuse to go on where an item was forgotten since the questions were chosen.

        Raises:
            NotFoundError: Then.
        """
        require_there(
            self._vault,
            self.item_ids,
            why="were forgotten while the refinement was learned, and nothing of it is kept",
            hint="learn it again",
        )
