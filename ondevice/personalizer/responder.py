"""Answering a request, from the search to the answer, while other threads forget items and change models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.generation.answer_stream import Stream
from ondevice.generation.attempts import Attempt, answered
from ondevice.generation.generator import Generator
from ondevice.generation.preparation import prepare
from ondevice.generation.prepared import Prepared
from ondevice.generation.request import Request
from ondevice.learned.persona import Persona
from ondevice.learned.watching import require_there
from ondevice.personalizer.chooser import Chooser
from ondevice.records import Completion, Filter, SelectorMode
from ondevice.retrieval.searcher import Searcher

if TYPE_CHECKING:
    from ondevice.generation.llama.desk import Check
    from ondevice.vault.vault import Vault

MOST_TIMES = 8
"""So often a prompt is built for one request whose items are forgotten, or whose model is replaced, again and again."""


class Responder:
    """Answers from one profile. Threads may use it at once.

    What stands in a prompt is looked for once more when the model is about to read it and no erasure can come between,
    so that nothing forgotten comes back into the model's memory behind its receipt.
    """

    def __init__(
        self, vault: Vault, generator: Generator, searcher: Searcher, chooser: Chooser, persona: Persona
    ) -> None:
        self._vault = vault
        self._generator = generator
        self._searcher = searcher
        self._chooser = chooser
        self._persona = persona

    def prepare(
        self, asked: Request, selector: SelectorMode | None, *, k: int | None, filter: Filter | None
    ) -> Prepared:
        """Look up the items and build the prompt, or let the selector choose among several."""
        persona = partial(self._persona.suffix, asked, filter)
        if selector is not None:
            return self._generator.with_engine(
                lambda _: self._chooser.prepare(asked, selector, k=k, filter=filter, persona=persona)
            )
        return self._generator.with_engine(
            lambda engine: prepare(
                asked,
                lambda queries: self._searcher.search_all(queries, k=k, retriever=asked.retriever, filter=filter),
                engine,
                nearest=lambda queries: self._searcher.nearest(queries, retriever=asked.retriever, filter=filter),
                persona=persona,
            )
        )

    def generate(self, prepare: Callable[[], Prepared]) -> Completion:
        """Answer what ``prepare`` gives.

        It is asked again where an item of its prompt is gone before it is read, or a language model has come that
        cannot read it.

        Raises:
            NotFoundError, ModelMismatchError: If that happens all of some times.
        """
        for time in range(1, MOST_TIMES + 1):
            prepared = prepare()
            try:
                return self.answer(prepared, self.answer_one)
            except (NotFoundError, ModelMismatchError) as error:
                if time == MOST_TIMES or not self._is_outdated(prepared, error):
                    raise
        raise AssertionError("the last time returns or raises")

    def answer(self, prepared: Prepared, answer: Callable[[Prepared], Completion]) -> Completion:
        """Answer a prepared request, all its candidates where outputs are to be judged."""
        return self._chooser.answer(prepared, answer)

    def answer_one(self, prepared: Prepared) -> Completion:
        """Answer one prompt; where an erasure or another language model ends that, it is begun again.

        Rows of the user are made anew where an item of theirs is gone. A question that seems to be about no note is
        answered without them first, and from them where the model is not sure.

        Raises:
            NotFoundError: If an item in the prompt is no longer there.
            ModelMismatchError: If it was built for a reader, and the language model that has come has none.
            GenerationError: If the runtime fails.
        """
        while True:
            try:
                return answered(prepared, self._ask)
            except NotFoundError:
                renewed = self._renewed(prepared)
                if renewed is prepared:
                    raise
                prepared = renewed

    def _ask(self, attempt: Attempt) -> Completion:
        check = self._check_of(attempt.prepared)
        return self._generator.with_engine(lambda engine: attempt.generate(engine, check))

    def stream(self, prepare: Callable[[], Prepared]) -> Stream:
        """Answer what ``prepare`` gives in pieces; raises as :meth:`answer_one` while it is iterated.

        It is asked again where a language model has come that cannot read the prompt.
        """
        return Stream(prepare(), self._generator, self._check_of, prepare, self._renewed)

    def _check_of(self, prepared: Prepared) -> Check:
        ids, persona = prepared.item_ids, prepared.persona

        def check() -> None:
            require_all_there(self._vault, ids)
            if persona is not None:
                self._persona.require_whole(persona)

        return check

    def _renewed(self, prepared: Prepared) -> Prepared:
        """Return a prompt with the user's rows made anew, where an item of theirs is gone; else the very same one.

        It is tried again as often as that happens: every time takes an item that is gone for good.
        """
        persona = prepared.persona
        if persona is None or self._persona.is_whole(persona):
            return prepared
        return replace(prepared, persona=self._persona.remade(persona, prepared.request))

    def _is_outdated(self, prepared: Prepared, error: Exception) -> bool:
        prompts = (prepared, *prepared.rivals)
        if isinstance(error, ModelMismatchError):
            return any(each.reads for each in prompts)
        try:
            for each in prompts:
                self._check_of(each)()
        except NotFoundError:
            return True
        return False


def require_all_there(vault: Vault, item_ids: Sequence[str]) -> None:
    """Refuse a prompt of which an item was forgotten, or has expired, since it was built.

    Raises:
        NotFoundError: Then.
    """
    require_there(
        vault,
        item_ids,
        why="in the prompt were forgotten, or have expired, since it was built",
        hint="prepare the request again",
    )
