"""The language model: one GGUF file, one context, one request at a time.

Nothing here prints or logs, and no error quotes a prompt. An engine may be used from several threads: requests take
turns.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.bundle import Bundle
from ondevice.config import Contrast, EngineConfig, Sampling
from ondevice.generation.adapters import Adapter, load_adapter
from ondevice.generation.chat import Message
from ondevice.generation.conditioning import Conditioning, check_scale, soft_prompt_rows
from ondevice.generation.contrast import check_contrast
from ondevice.generation.decoding import TextPieces
from ondevice.generation.desk import Desk, open_desk
from ondevice.generation.grammar import Grammar
from ondevice.generation.sampling import TokenChooser
from ondevice.generation.scoring import Choice, choose_label, score_answer, score_answer_apart, score_labels_apart
from ondevice.generation.stream import Generated, Generation, Work
from ondevice.records import ArtifactOutcome

_SEAM_TOKENS = 8
"""Where a template's text meets a message's, tokens may split otherwise than in each alone."""


class Engine:
    """A loaded language model; close it to free its memory."""

    def __init__(self, model_id: str, desk: Desk) -> None:
        """Work at ``desk``, which the engine closes; use :meth:`open`."""
        self.model_id = model_id
        self.context_tokens = desk.context.n_tokens
        self.embedding_size = desk.model.embedding_size
        self._desk = desk
        self._conditioning = Conditioning()
        self._adapters: set[Adapter] = set()
        self._streams: weakref.WeakSet[Generation] = weakref.WeakSet()
        self._is_closed = False

    @classmethod
    def open(cls, bundle: Bundle, *, config: EngineConfig | None = None) -> Self:
        """Load the bundle's model.

        Raises:
            BundleError: If llama.cpp cannot use the model file.
            GenerationError: If there is not enough memory for the context.
            ValueError: If the bundle holds no generator, or a setting is out of range.
        """
        return cls(bundle.id, open_desk(bundle, config or EngineConfig()))

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes as the content of a message."""
        return self._desk.vocabulary.count(text)

    def content_budget(self, max_tokens: int) -> int:
        """Return how many tokens the contents of a system and a user message may have together.

        What the chat template adds, a soft prompt and ``max_tokens`` for the answer are left out of it.
        """
        user = Message(role="user", content="x")
        frames = ([user], [Message(role="system", content="x"), user])
        frame = max(
            len(self._desk.vocabulary.tokenize_prompt(self.render(messages))) - len(messages) * self.count_tokens("x")
            for messages in frames
        )
        return max(0, self.context_tokens - self._conditioning.n_soft - max_tokens - frame - _SEAM_TOKENS)

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt for the assistant's next turn, in the model's own chat template.

        Control tokens written in a message are made inert.

        Raises:
            BundleError: If the model has no chat template.
            GenerationError: If the template refuses these messages.
        """
        return self._desk.template.render(messages)

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
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        grammar: Grammar | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Generation:
        """Return an answer to ``prompt`` that arrives in pieces.

        The model works while the stream is iterated. ``cancel`` is asked between tokens and between batches of the
        prompt. A JSON schema's answer is valid whenever the finish reason is ``stop``.

        Raises:
            ContextOverflowError: If the prompt and ``max_tokens`` do not fit the context.
            ValueError: If a setting is out of range, or both a grammar and stop strings are given.
        """
        if grammar is not None and stop:
            raise ValueError("stop strings would cut what the grammar demands: give one or the other")
        text = TextPieces(stop)
        conditioning = self._conditioning
        tokens = self._desk.tokens_of(prompt, conditioning, max_tokens)
        chooser = TokenChooser(self._desk.vocabulary, sampling or Sampling(), grammar)
        generation = Generation(
            Work(
                desk=self._desk,
                tokens=tokens,
                conditioning=conditioning,
                chooser=chooser,
                text=text,
                max_tokens=max_tokens,
                cancel=cancel,
            )
        )
        self._streams.add(generation)
        return generation

    def generate(
        self,
        prompt: str,
        *,
        max_tokens: int,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        grammar: Grammar | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Generated:
        """Return the whole answer to ``prompt``; otherwise like :meth:`stream`."""
        return self.stream(
            prompt, max_tokens=max_tokens, sampling=sampling, stop=stop, grammar=grammar, cancel=cancel
        ).collect()

    def choose(self, prompt: str, labels: Sequence[str], *, shaped: Conditioning | None = None) -> Choice:
        """Return the label that the model finds likeliest as the answer, by mean log-likelihood per token.

        Of equal labels the first wins. ``shaped`` (:meth:`shape`) holds for this request alone.

        Raises:
            ContextOverflowError: If the prompt and the labels do not fit the context.
            ValueError: If there are no labels, one is empty, or two are the same.
        """
        return choose_label(self._desk, prompt, shaped or self._conditioning, labels)

    def log_likelihood(self, prompt: str, answer: str, *, shaped: Conditioning | None = None) -> NDArray[np.float32]:
        """Return ln p of each token of ``answer`` behind ``prompt``, float32[n_tokens] (nats).

        ``shaped`` (:meth:`shape`) holds for this request alone.

        Raises:
            ContextOverflowError: If both together do not fit the context.
            ValueError: If the answer is empty.
        """
        return score_answer(self._desk, prompt, shaped or self._conditioning, answer)

    def choose_apart(self, prompt: str, labels: Sequence[str], *, shaped: Conditioning) -> NDArray[np.float64]:
        """Return each label's mean log-likelihood as contrasted, with the adapter alone, and without, from one reading.

        Shapes: float64[3, n_labels] (nats).

        Raises:
            ContextOverflowError: If the prompt and the labels do not fit the context.
            ValueError: If ``shaped`` has no adapter or no contrast, or as :meth:`choose`.
        """
        return score_labels_apart(self._desk, prompt, shaped, labels)

    def log_likelihood_apart(self, prompt: str, answer: str, *, shaped: Conditioning) -> NDArray[np.float32]:
        """Return ln p of each token of ``answer`` as contrasted, with the adapter alone, and without, from one reading.

        Shapes: float32[3, n_tokens] (nats).

        Raises:
            ContextOverflowError: If both together do not fit the context.
            ValueError: If ``shaped`` has no adapter or no contrast, or the answer is empty.
        """
        return score_answer_apart(self._desk, prompt, shaped, answer)

    def end_trial(self) -> None:
        """Free the memory that requests under a contrast of their own (:meth:`shape`) have left, if none is in use."""
        if self._conditioning.contrast_in_effect is None:
            with self._desk.turn:
                self._desk.state.release_contrast()

    def shape(self, adapter: Adapter | None, scale: float = 1.0, *, contrast: Contrast | None = None) -> Conditioning:
        """Return what shapes answers with this adapter, or with none, to be tried in single requests.

        What is in use stays in use, also for the requests that other threads make in between. The soft prompt stays.

        Raises:
            ValueError: If this engine has not loaded the adapter, or a number is out of range.
        """
        if adapter is not None:
            self._check_owned(adapter)
        if contrast is not None:
            check_contrast(contrast)
        return replace(self._conditioning, adapter=adapter, scale=check_scale(scale), contrast=contrast)

    def load_adapter(self, data: bytes) -> Adapter:
        """Load one user's GGUF LoRA adapter from memory; it takes effect with :meth:`use_adapter`.

        Raises:
            CorruptError: If the bytes are cut short or damaged.
            BundleError: If they are no adapter at all.
            ModelMismatchError: If the adapter was made for another base model.
        """
        with self._desk.turn:
            adapter = load_adapter(self._desk.model, data)
            self._adapters.add(adapter)
            return adapter

    def unload_adapter(self, adapter: Adapter) -> None:
        """Free an adapter's memory, after it has been taken out of use.

        Raises:
            ValueError: If this engine has not loaded it.
        """
        self._check_owned(adapter)
        if self._conditioning.adapter is adapter:
            self.use_adapter(None)
        self._stop_streams()
        with self._desk.turn:
            self._desk.state.release(adapter)
            self._adapters.discard(adapter)
            adapter.close()

    def use_adapter(self, adapter: Adapter | None, scale: float = 1.0) -> None:
        """Apply one user's adapter, or none, from the next request on. Nothing evaluated before is used again.

        Raises:
            ValueError: If this engine has not loaded it, or the scale is not a finite number.
        """
        if adapter is not None:
            self._check_owned(adapter)
        self._conditioning = replace(self._conditioning, adapter=adapter, scale=check_scale(scale))

    def use_contrast(self, contrast: Contrast | None) -> None:
        """Keep answers, choices and likelihoods away from the model without the adapter, or no more.

        It holds from the next request on, whenever an adapter is in use; without one there is nothing to contrast.
        The plain model then reads along in a context of its own: twice the work, and twice the key-value memory.
        Ending it stops every open stream and frees that memory.

        Raises:
            ValueError: If a number is out of range.
        """
        if contrast is not None:
            check_contrast(contrast)
        ends = contrast is None and self._conditioning.contrast is not None
        self._conditioning = replace(self._conditioning, contrast=contrast)
        if ends:
            self._stop_streams()
            with self._desk.turn:
                self._desk.state.release_contrast()

    def use_soft_prompt(self, rows: ArrayLike | None) -> None:
        """Put input embeddings, float32[n, embedding_size], before every prompt from the next request on, or no more.

        They must be at the scale of the model's own token embeddings.

        Raises:
            ModelMismatchError: If the rows are not as long as the model's embeddings.
            ValueError: If it is not a table of finite numbers.
        """
        table = None if rows is None else soft_prompt_rows(rows, self.embedding_size)
        self._conditioning = replace(self._conditioning, soft_prompt=table)

    def forget_cache(self) -> bool:
        """Stop every open stream, drop the prompt state and overwrite its memory; say whether there was any.

        The key-value memory is filled with zeros. The last logits, and what the allocator keeps of freed texts,
        stay until they are overwritten or the process ends.
        """
        self._stop_streams()
        with self._desk.turn:
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
        """Stop every open stream and free the model; calling again has no effect."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stop_streams()
        with self._desk.turn:
            self._desk.close()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _stop_streams(self) -> None:
        for generation in list(self._streams):
            generation.close()

    def _check_owned(self, adapter: Adapter) -> None:
        if adapter not in self._adapters:
            raise ValueError("the adapter was not loaded by this engine, or has been unloaded")
