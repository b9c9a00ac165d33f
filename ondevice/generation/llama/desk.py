"""From a bundle to a model that is ready to work: weights mapped, context allocated, all of it owned by one stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ondevice.bundle import Bundle
from ondevice.config import MOST_THREADS, EngineConfig
from ondevice.errors import ContextOverflowError
from ondevice.generation.llama.cache import PromptState
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.contrast import PairedContext
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.devices import gpu_layers_of
from ondevice.generation.llama.handles import CACHE_TYPES, Batch, Model
from ondevice.generation.llama.leftovers import Leftovers
from ondevice.generation.llama.model_file import ModelFile
from ondevice.generation.llama.turns import Turn
from ondevice.generation.llama.vocabulary import Vocabulary
from ondevice.generation.prompts.chat import ChatTemplate, Message

DEFAULT_CONTEXT_TOKENS = 4096
_ROUNDED = ("q8_0", "q4_0")
_SEAM_TOKENS = 8
"""Where a template's text meets a message's, tokens may split otherwise than in each alone."""

Check = Callable[[], None]
"""Raises where a prompt may not be read any more, because an item in it is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What every request of an engine works with; whoever has the turn may touch the context and the state."""

    model: Model
    context: PairedContext
    state: PromptState
    vocabulary: Vocabulary
    template: ChatTemplate
    turn: Turn
    leftovers: Leftovers
    batch_tokens: int
    resources: ExitStack
    prompt_tokens: int | None = None
    """The longest prompt that the model learned to use; ``None`` where nothing says."""

    @property
    def is_closed(self) -> bool:
        """Whether the model has been freed."""
        return self.model.is_closed

    def frame_tokens(self) -> int:
        """Return how many tokens the chat template adds at most to a system and a user message, seams included."""
        user = Message(role="user", content="x")
        frames = ([user], [Message(role="system", content="x"), user])
        n_content = self.vocabulary.count("x")
        return _SEAM_TOKENS + max(
            len(self.vocabulary.tokenize_prompt(self.template.render(messages))) - len(messages) * n_content
            for messages in frames
        )

    def tokens_of(self, prompt: str, conditioning: Conditioning, max_tokens: int) -> list[int]:
        """Return a prompt's tokens, sure to fit the context with ``max_tokens`` more.

        Raises:
            ContextOverflowError: If they do not fit.
            ValueError: If the prompt is empty, or ``max_tokens`` below 1.
        """
        if max_tokens < 1:
            raise ValueError(f"max_tokens must be 1 or more, not {max_tokens}")
        tokens = self.vocabulary.tokenize_prompt(prompt)
        if not tokens:
            raise ValueError("the prompt is empty")
        n_prompt = len(tokens) + conditioning.n_rows
        if n_prompt + max_tokens > self.context.n_tokens:
            raise ContextOverflowError(
                f"the request has {n_prompt} tokens and asks for {max_tokens} more, "
                f"but the context holds {self.context.n_tokens}",
                hint="shorten the request, ask for fewer tokens, or open the model with a longer context",
            )
        return tokens

    @contextmanager
    def turn_with(self, check: Check | None) -> Iterator[None]:
        """Have the turn for the time of the block, once ``check`` has not raised: nothing can be erased any more then.

        Raises:
            ValueError: If the model was closed meanwhile.
        """
        with self.turn:
            if self.is_closed:
                raise ValueError("the model is closed")
            if check is not None:
                check()
            yield

    def close(self) -> None:
        """Forget the state and free the native objects; the caller has the turn."""
        self.leftovers.close()
        try:
            self.state.forget()
        finally:
            self.resources.close()


def open_desk(bundle: Bundle, config: EngineConfig, *, file: ModelFile | None = None) -> Desk:
    """Load the bundle's model, or another of its kind from ``file``, and allocate its context.

    Raises:
        BundleError: If llama.cpp cannot use the model file.
        GenerationError: If there is not enough memory for the context.
        ValueError: If the bundle holds no generator, or a setting is out of range.
    """
    if bundle.generator is None:
        raise ValueError(f"the model {bundle.name!r} is no generator")
    threads = min(physical_cores(), MOST_THREADS) if config.threads is None else config.threads
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads must be 1 to {MOST_THREADS}, not {threads}")
    if config.batch_tokens < 1:
        raise ValueError(f"batch_tokens must be 1 or more, not {config.batch_tokens}")
    if config.prompt_tokens is not None and config.prompt_tokens < 1:
        raise ValueError(f"prompt_tokens must be 1 or more, not {config.prompt_tokens}")
    _check_kept(config)
    gpu_layers = gpu_layers_of(config.gpu_layers)
    with ExitStack() as resources:
        source = ModelFile(path=bundle.file("model")) if file is None else file
        model = resources.enter_context(Model.load(source.path, is_mapped=source.is_mapped, gpu_layers=gpu_layers))
        longest = min(bundle.generator.context_tokens, model.trained_context_tokens)
        wanted = min(longest, DEFAULT_CONTEXT_TOKENS) if config.context_tokens is None else config.context_tokens
        if not 1 <= wanted <= longest:
            raise ValueError(f"context_tokens must be between 1 and the model's {longest}, not {wanted}")
        batch = Batch(min(config.batch_tokens, wanted))
        context = resources.enter_context(
            PairedContext.create(
                model,
                context_tokens=wanted,
                batch_tokens=batch.capacity,
                threads=threads,
                cache_type=config.cache_type,
                flash_attention=config.flash_attention,
                uses_gpu=gpu_layers != 0,
            )
        )
        vocabulary = Vocabulary(model)
        state = PromptState(context, batch, whole_batches=config.reuse_whole_batches)
        leftovers = Leftovers(state)
        return Desk(
            model=model,
            context=context,
            state=state,
            vocabulary=vocabulary,
            template=_template(model, vocabulary),
            turn=Turn(leftovers.clear),
            leftovers=leftovers,
            batch_tokens=batch.capacity,
            resources=resources.pop_all(),
            prompt_tokens=bundle.generator.prompt_tokens if config.prompt_tokens is None else config.prompt_tokens,
        )


def _check_kept(config: EngineConfig) -> None:
    if config.cache_type not in CACHE_TYPES:
        raise ValueError(f"cache_type must be one of {', '.join(CACHE_TYPES)}, not {config.cache_type!r}")
    if config.cache_type in _ROUNDED and not config.flash_attention:
        raise ValueError(f"the cache type {config.cache_type} needs flash_attention=True")


def _template(model: Model, vocabulary: Vocabulary) -> ChatTemplate:
    return ChatTemplate(
        model.metadata("tokenizer.chat_template"),
        begin=vocabulary.begin_text,
        end=vocabulary.end_text,
        neutralize=vocabulary.neutralize,
    )
