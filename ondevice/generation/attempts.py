"""What the model is asked for one answer, in turn: without notes, from them, and once more.

The rule is written here alone. Who reads the answer as a whole, and who reads it in pieces, asks what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from ondevice.generation.checking import another, is_sure, with_both, withheld
from ondevice.generation.prepared import choose

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ondevice.config import Sampling
    from ondevice.generation.grammar import Grammar
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.reading import Reading
    from ondevice.generation.llama.stream import Generation
    from ondevice.generation.prepared import Prepared
    from ondevice.records import Completion

Attempts: TypeAlias = "Generator[Attempt, Completion, Completion]"
"""Yields what to ask, is sent what the model said to it, and returns the answer."""


class _Options(TypedDict):
    max_tokens: int
    max_thinking_tokens: int
    sampling: Sampling
    stop: tuple[str, ...]
    grammar: Grammar | None
    cancel: Callable[[], bool] | None
    check: Check | None
    reading: Reading | None
    suffix: NDArray[np.float32] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One prompt, and how the tokens behind it are chosen.

    Args:
        prepared: What is answered.
        sampling: How tokens are chosen.
        is_held: Whether nothing of what the model says is given before the rule has seen all of it.
        instead_of: The same question with its notes, where this one is without. It has a reason only with the model
            that those were prepared for.
    """

    prepared: Prepared
    sampling: Sampling
    is_held: bool
    instead_of: Prepared | None = field(default=None, repr=False)

    def stream(self, engine: Engine, cancel: Callable[[], bool], check: Check | None) -> Generation:
        """Return what the model says, in pieces; raises as the engine's own ``stream``."""
        return engine.stream(self.prepared.prompt, **self._options(engine, cancel, check))

    def generate(self, engine: Engine, check: Check | None) -> Completion:
        """Return all that the model says, or its choice among labels; raises as the engine's own ``generate``."""
        prepared = self.prepared
        if prepared.request.labels is not None:
            return choose(prepared, engine, prepared.request.labels, check)
        generated = engine.generate(prepared.prompt, **self._options(engine, prepared.request.cancel, check))
        return prepared.completion(generated, generated.text)

    def _options(self, engine: Engine, cancel: Callable[[], bool] | None, check: Check | None) -> _Options:
        if self.instead_of is not None:
            engine.shape_for(self.instead_of.reading)  # which raises where another model has come
        prepared, request = self.prepared, self.prepared.request
        return {
            "max_tokens": request.max_tokens,
            "max_thinking_tokens": request.max_thinking_tokens,
            "sampling": self.sampling,
            "stop": tuple(request.stop),
            "grammar": request.grammar,
            "cancel": cancel,
            "check": check,
            "reading": prepared.reading,
            "suffix": prepared.suffix,
        }


def attempts(prepared: Prepared) -> Attempts:
    """Yield what to ask for an answer, take what the model says to each, and return the answer.

    A question that seems to be about no note is asked without them first, and from them where the model is not sure.
    Where an answer is to be checked, and something in it is made up, or stands in other notes than it names, or it has
    too little support, it is asked for once more. Where that one is supported, it is the answer; otherwise none is
    given. What is cancelled is not asked again: where it would have been checked, it is withheld without a word,
    because nobody knows what the notes say. The numbers of tokens and the times of an answer asked for once more are
    those of both.
    """
    request = prepared.request
    if prepared.alone is not None:
        plain = yield Attempt(prepared=prepared.alone, sampling=request.sampling, is_held=True, instead_of=prepared)
        if plain.finish_reason == "cancelled":
            return withheld(plain, request)
        if is_sure(plain):
            return plain
    is_held = request.on_unsupported != "answer"
    first = yield Attempt(prepared=prepared, sampling=request.sampling, is_held=is_held)
    if not is_held or first.is_supported is not False:
        return first
    if first.finish_reason == "cancelled" or not prepared.has_notes:  # another could rest on nothing either
        return withheld(first, request)
    second = yield Attempt(prepared=prepared, sampling=another(request.sampling), is_held=True)
    both = with_both(first, second)
    is_given = both.finish_reason != "cancelled" and both.is_supported is not False
    return both if is_given else withheld(both, request)


def answered(prepared: Prepared, ask: Callable[[Attempt], Completion]) -> Completion:
    """Return the answer of a model that says to each attempt what ``ask`` returns."""
    asking = attempts(prepared)
    attempt = next(asking)
    while True:
        said = ask(attempt)
        try:
            attempt = asking.send(said)
        except StopIteration as ended:
            answer: Completion = ended.value
            return answer
