"""The language model: one GGUF file, one context, one request at a time.

Nothing here prints or logs, and no error quotes a prompt. An engine may be used from several threads: requests take
turns. Whoever has a prompt made of items gives a ``check`` with it, which raises where one of them is gone: it is asked
when the request has its turn, and no erasure can come between that and the reading.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.bundle.specs import SupportSpec
from ondevice.config import EngineConfig, Sampling
from ondevice.errors import GenerationError, ModelMismatchError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.adapters import Adapter, reader_of
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.decoding import TextPieces
from ondevice.generation.llama.desk import Check, Desk, open_desk
from ondevice.generation.llama.leftovers import Leftovers
from ondevice.generation.llama.reading import Reading
from ondevice.generation.llama.sampling import TokenChooser
from ondevice.generation.llama.stream import CLOSING_TOKENS, Generated, Generation, Work
from ondevice.generation.llama.weighing import Weighing
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.prompt import PromptForm
from ondevice.generation.prompts.thoughts import ThoughtSplitter, opened
from ondevice.records import ArtifactOutcome

MOST_TIMES = 3
"""So often an answer is begun before erasures wait for it."""


def prompt_form_of(bundle: Bundle) -> PromptForm:
    """Return the form in which a bundle's language model learned to read a user's items."""
    return "numbered" if bundle.generator is not None and bundle.generator.reads_notes else "plain"


class Engine(Weighing):
    """A loaded language model; close it to free its memory."""

    def __init__(
        self,
        model_id: str,
        desk: Desk,
        *,
        prompt_form: PromptForm = "plain",
        reader: Adapter | None = None,
        support: SupportSpec | None = None,
    ) -> None:
        """Work at ``desk``, which the engine closes; use :meth:`open`."""
        self.model_id = model_id
        self.prompt_form = prompt_form
        """The form in which the model by itself learned to read a user's items."""
        self._support = support
        self.context_tokens = desk.context.n_tokens
        super().__init__(desk)
        self._reader = reader
        if reader is not None:
            self._adapters.add(reader)

    @classmethod
    def open(cls, bundle: Bundle, *, config: EngineConfig | None = None) -> Self:
        """Load the bundle's model.

        Raises:
            BundleError: If llama.cpp cannot use the model file.
            GenerationError: If there is not enough memory for the context.
            CorruptError, StorageError: If its reader is damaged or cannot be read.
            ValueError: If the bundle holds no generator, or a setting is out of range.
        """
        desk = open_desk(bundle, config or EngineConfig())
        try:
            return cls(
                bundle.id,
                desk,
                prompt_form=prompt_form_of(bundle),
                reader=reader_of(bundle, desk.model),
                support=None if bundle.generator is None else bundle.generator.support,
            )
        except BaseException:
            desk.close()
            raise

    @property
    def reading_form(self) -> PromptForm:
        """The form in which questions get a user's items now.

        A reader is an adapter that came with the model and has learned to read numbered notes. It is worn for such a
        question alone, and only where no other adapter is in use: everything else is answered as without it.
        """
        return "numbered" if self.wears_reader else self.prompt_form

    @property
    def wears_reader(self) -> bool:
        """Whether questions over notes are answered with the reader now."""
        return self._reader is not None and self._conditioning.adapter is None

    @property
    def support(self) -> SupportSpec | None:
        """How far answers from numbered notes may be relied on now; ``None`` where that was not measured.

        It was measured of the model with its reader, or of one that reads notes by itself, without a user's adapter.
        """
        return self._support if self._conditioning.adapter is None else None

    def lend(self) -> Engine:
        """Return an engine over the same loaded model, for one of several who share it.

        What its answers wear is its own, on top of what this engine's answers wear now, and nobody's prompt is read on
        for another. Closing it takes its adapters and every prompt out of memory, and leaves the model loaded.
        """
        lent = Engine(
            self.model_id, self._desk, prompt_form=self.prompt_form, reader=self._reader, support=self._support
        )
        lent._is_lent, lent._adapters, lent._borrowed = True, set(self._adapters), frozenset(self._adapters)
        lent._conditioning = replace(self._conditioning, whose=object())
        weakref.finalize(lent, _let_go, self._desk.leftovers, lent._adapters, lent._borrowed).atexit = False
        return lent

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes as the content of a message."""
        return self._desk.vocabulary.count(text)

    def content_budget(self, max_tokens: int, *, n_suffix: int = 0) -> int:
        """Return how many tokens the contents of a system and a user message may have together.

        What the chat template adds, a soft prompt, ``n_suffix`` rows behind the prompt and ``max_tokens`` for the
        answer are left out of it.
        """
        frame = self._desk.frame_tokens()
        return max(0, self.context_tokens - self._conditioning.n_soft - n_suffix - max_tokens - frame)

    def learned_budget(self) -> int | None:
        """Return how many tokens those contents may have in a prompt as long as the longest the model learned to use.

        ``None`` where neither the model's bundle nor the settings say how long that is.
        """
        longest = self._desk.prompt_tokens
        return None if longest is None else max(0, longest - self._desk.frame_tokens())

    def render(self, messages: Sequence[Message], *, thinking: bool = False) -> str:
        """Return the prompt for the assistant's next turn, in the model's own chat template.

        Control tokens written in a message are made inert. A model that can think aloud is told not to, unless
        ``thinking`` says so.

        Raises:
            BundleError: If the model has no chat template.
            GenerationError: If the template refuses these messages.
        """
        return self._desk.template.render(messages, thinking=thinking)

    def tokenize_turn(self, messages: Sequence[Message], answer: str) -> tuple[list[int], list[int]]:
        """Return the tokens of the prompt for ``messages``, and those of ``answer`` with the end of its turn.

        They are what the model reads and writes when it serves; control tokens written in a text are made inert.

        Raises:
            BundleError: If the model has no chat template.
            GenerationError: If the template refuses these messages.
        """
        vocabulary = self._desk.vocabulary
        written = vocabulary.tokenize_text(vocabulary.neutralize(answer))
        return vocabulary.tokenize_prompt(self.render(messages)), [*written, vocabulary.end_of_turn]

    def stream(
        self,
        prompt: str,
        *,
        max_tokens: int,
        max_thinking_tokens: int | None = None,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        grammar: Grammar | None = None,
        cancel: Callable[[], bool] | None = None,
        check: Check | None = None,
        yields: bool = True,
        reading: Reading | None = None,
        suffix: NDArray[np.float32] | None = None,
    ) -> Generation:
        """Return an answer to ``prompt`` that arrives in pieces.

        What the model thinks aloud before it answers is no part of the answer nor of ``max_tokens``. Thoughts that are
        longer than ``max_thinking_tokens``, or than the context has room for, are ended, and the answer begins.

        The model works while the stream is iterated. ``cancel`` is asked between tokens and between batches of the
        prompt. A JSON schema's answer is valid whenever the finish reason is ``stop``. An erasure ends the answer, or
        with ``yields`` false waits for it. One that has not begun by then goes on if ``check`` lets it. ``reading``
        says that the prompt has numbered notes, and who reads them; the answer's log-likelihood is then measured.
        ``suffix`` are input embeddings, float32[n, embedding_size], that are read behind the prompt, for this request
        alone; they must be at the scale of the model's own token embeddings.

        Raises:
            ContextOverflowError: If the prompt, the suffix and ``max_tokens`` do not fit the context.
            ModelMismatchError: If the prompt was built for a reader, and this model has none, or the suffix's rows are
                not as long as the model's embeddings.
            ValueError: If a setting is out of range, both a grammar and stop strings are given, or the suffix is no
                table of finite numbers.
        """
        if grammar is not None and stop:
            raise ValueError("stop strings would cut what the grammar demands: give one or the other")
        text = TextPieces(stop, ThoughtSplitter(tag=opened(prompt)))
        conditioning = self._with_suffix(self.shape_for(reading) or self._conditioning, suffix)
        with self._desk.model.uses:
            tokens = self._desk.tokens_of(prompt, conditioning, max_tokens)
            sampling, is_measured = sampling or Sampling(), reading is not None
            chooser = TokenChooser(self._desk.vocabulary, sampling, grammar, is_measured=is_measured)
        room = max(0, self.context_tokens - len(tokens) - conditioning.n_rows - max_tokens - CLOSING_TOKENS)
        return Generation(
            Work(
                desk=self._desk,
                tokens=tokens,
                conditioning=conditioning,
                chooser=chooser,
                text=text,
                max_tokens=max_tokens,
                max_thinking_tokens=room if max_thinking_tokens is None else min(room, max_thinking_tokens),
                adapters=self._adapters,
                engine=self,
                cancel=cancel,
                check=check,
                yields=yields,
            )
        )

    def generate(
        self,
        prompt: str,
        *,
        max_tokens: int,
        max_thinking_tokens: int | None = None,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        grammar: Grammar | None = None,
        cancel: Callable[[], bool] | None = None,
        check: Check | None = None,
        reading: Reading | None = None,
        suffix: NDArray[np.float32] | None = None,
    ) -> Generated:
        """Return the whole answer to ``prompt``; otherwise like :meth:`stream`.

        Where an erasure ends it, it is begun again if ``check`` lets it; the third time is not ended. It is also begun
        again where its adapter goes before it has begun.

        Raises:
            GenerationError: If the runtime fails, an erasure ends it and there is no ``check``, or the model is freed.
        """
        time = 0
        while True:
            time += 1
            answer = self.stream(
                prompt,
                max_tokens=max_tokens,
                max_thinking_tokens=max_thinking_tokens,
                sampling=sampling,
                stop=stop,
                grammar=grammar,
                cancel=cancel,
                check=check,
                yields=time < MOST_TIMES,
                reading=reading,
                suffix=suffix,
            )
            try:
                return answer.collect()
            except GenerationError:
                if check is None or not answer.was_ended or self.is_closed:
                    raise

    def shape_for(self, reading: Reading | None) -> Conditioning | None:
        """Return what shapes an answer to a prompt for the reader: what is in use, and the reader as its adapter.

        ``None`` for every other prompt, which what is in use answers.

        Raises:
            ModelMismatchError: If the prompt was built for a reader, and this model has none.
        """
        return self._reading() if reading is not None and reading.by_reader else None

    def require_here(self) -> None:
        """Refuse to work in a process that was forked from the one that loaded the model.

        Raises:
            GenerationError: There.
        """
        self._desk.turn.require_here()

    def require_outside(self) -> None:
        """Make sure that this thread is not inside an answer, as ``cancel`` is, and may end those under way.

        Raises:
            GenerationError: Otherwise.
        """
        self._desk.turn.require_outside()

    def forget_cache(self) -> bool:
        """End the answer under way, drop the prompt state and overwrite its memory; say whether there was any.

        The key-value memory is filled with zeros. The last logits, and what the allocator keeps of freed texts,
        stay until they are overwritten or the process ends.
        """
        with self.at_rest("items were forgotten"):
            return self._desk.state.forget()

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Forget the prompt state, because items that may stand in it have been forgotten."""
        had_state = self.forget_cache()
        return ArtifactOutcome(
            kind="prompt cache",
            name=self.model_id,
            outcome="cleared" if had_state else "absent",
            count=int(had_state),
        )

    def close(self) -> None:
        """End the answer under way and free the model; calling again has no effect."""
        with self.at_rest("the language model was freed"):
            if self.is_closed:
                return
            if self._is_lent:
                self._give_back()
            else:
                self._desk.close()

    def _reading(self) -> Conditioning:
        if self._reader is None:  # a merged model took the place of the one that the prompt was built for
            raise ModelMismatchError(
                "the prompt was built for a language model with a reader, and this one has none",
                hint="prepare the request again",
            )
        return replace(self._conditioning, adapter=self._reader, scale=1.0, contrast=None)

    def _give_back(self) -> None:
        self.use(None)
        for adapter in self._adapters - self._borrowed:
            self.unload_adapter(adapter)
        self._desk.state.forget()
        self._is_given_back = True

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def _let_go(leftovers: Leftovers, adapters: set[Adapter], borrowed: frozenset[Adapter]) -> None:
    """Have the adapters freed of an engine that nobody closed before it was dropped."""
    for adapter in adapters - borrowed:
        leftovers.add(adapter)
