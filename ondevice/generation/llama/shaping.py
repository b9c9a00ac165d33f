"""What shapes an engine's answers, and what it holds for that: adapters, a contrast, a soft prompt.

Each change is one step: a request takes all of it as it is when it is made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.config import Contrast
from ondevice.generation.llama.adapters import Adapter, load_adapter
from ondevice.generation.llama.conditioning import Conditioning, check_scale, soft_prompt_rows, suffix_rows
from ondevice.generation.llama.contrast import check_contrast
from ondevice.generation.llama.desk import Desk

T = TypeVar("T")


class Shaping:
    """The part of :class:`ondevice.generation.llama.engine.Engine` that shapes what it says."""

    def __init__(self, desk: Desk) -> None:
        self.embedding_size = desk.model.embedding_size
        self._desk = desk
        self._conditioning = Conditioning()
        self._shaping = threading.Lock()
        self._adapters: set[Adapter] = set()
        self._borrowed: frozenset[Adapter] = frozenset()
        self._is_lent = self._is_given_back = False

    @property
    def is_closed(self) -> bool:
        """Whether the model has been freed."""
        return self._is_given_back or self._desk.is_closed

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

    def end_trial(self) -> None:
        """Let go the memory that requests under a contrast of their own (:meth:`shape`) have left, if none is in use.

        It is freed when the request under way has ended.
        """
        if self._conditioning.contrast_in_effect is None:
            self._desk.leftovers.add_contrast()
            self._free_leftovers()

    def load_adapter(self, data: bytes) -> Adapter:
        """Load one user's GGUF LoRA adapter from memory; it takes effect with :meth:`use`. Open streams stay open.

        Raises:
            CorruptError: If the bytes are cut short or damaged.
            BundleError: If they are no adapter at all.
            ModelMismatchError: If the adapter was made for another base model.
        """
        with self.between_answers():
            adapter = load_adapter(self._desk.model, data)
            self._adapters.add(adapter)
            return adapter

    def unload_adapter(self, adapter: Adapter) -> None:
        """Take an adapter out of use and free its memory, where a stream has the turn as soon as that has ended.

        Raises:
            ValueError: If this engine has not loaded it.
        """
        with self._shaping:
            self._check_owned(adapter)
            self._adapters.discard(adapter)
            if self._conditioning.adapter is adapter:
                self._conditioning = replace(self._conditioning, adapter=None, scale=1.0)
        self._desk.leftovers.add(adapter)
        self._free_leftovers()

    def use(self, adapter: Adapter | None, scale: float = 1.0, *, contrast: Contrast | None = None) -> None:
        """Apply one user's adapter and a contrast, or none, both from the same request on: the next one.

        Nothing evaluated before is used again. A contrast keeps answers, choices and likelihoods away from the model
        without the adapter; without one there is nothing to contrast. The plain model then reads along in a context of
        its own: twice the work, and twice the key-value memory, which is freed when the last answer with it has ended.

        Raises:
            ValueError: If this engine has not loaded the adapter, or a number is out of range.
        """
        if contrast is not None:
            check_contrast(contrast)
        scale = check_scale(scale)
        with self._shaping:
            if adapter is not None:
                self._check_owned(adapter)
            ends = contrast is None and self._conditioning.contrast is not None
            self._conditioning = replace(self._conditioning, adapter=adapter, scale=scale, contrast=contrast)
        if ends:
            self._desk.leftovers.add_contrast()
            self._free_leftovers()

    def use_adapter(self, adapter: Adapter | None, scale: float = 1.0) -> None:
        """Apply one user's adapter, or none, from the next request on; the contrast stays. Raises as :meth:`use`."""
        if adapter is not None:
            self._check_owned(adapter)
        with self._shaping:
            self._conditioning = replace(self._conditioning, adapter=adapter, scale=check_scale(scale))

    def use_contrast(self, contrast: Contrast | None) -> None:
        """Contrast from the next request on (:meth:`use`), or no more; the adapter stays.

        Ending it stops the stream that is open and frees its memory at once.

        Raises:
            ValueError: If a number is out of range.
        """
        if contrast is not None:
            check_contrast(contrast)
        with self._shaping:
            ends = contrast is None and self._conditioning.contrast is not None
            self._conditioning = replace(self._conditioning, contrast=contrast)
        if ends:
            with self.at_rest("the contrast was ended"):
                self._desk.state.release_contrast()

    def use_soft_prompt(self, rows: ArrayLike | None) -> None:
        """Put input embeddings, float32[n, embedding_size], before every prompt from the next request on, or no more.

        They must be at the scale of the model's own token embeddings.

        Raises:
            ModelMismatchError: If the rows are not as long as the model's embeddings.
            ValueError: If it is not a table of finite numbers.
        """
        table = None if rows is None else soft_prompt_rows(rows, self.embedding_size)
        with self._shaping:
            self._conditioning = replace(self._conditioning, soft_prompt=table)

    @contextmanager
    def at_rest(self, why: str) -> Iterator[None]:
        """End the answer under way, and let none begin for the time of the block; a stream's reader is not waited for.

        Where the model is shared, another's answer is waited for (``Turn.claim``). Inside, this thread may call what
        frees or forgets.

        Args:
            why: What happens, as a clause; whose answer it ends is told.

        Raises:
            GenerationError: If this thread is inside an answer itself, as ``cancel`` is.
        """
        with self._desk.turn.claim(why, whose=self if self._is_lent else None):
            yield

    @contextmanager
    def between_answers(self) -> Iterator[None]:
        """Let nothing be evaluated for the time of the block; an open stream goes on afterwards."""
        with self._desk.turn.between():
            if self.is_closed:
                raise ValueError("the model is closed")
            yield

    def _with_suffix(self, shape: Conditioning, suffix: NDArray[np.float32] | None) -> Conditioning:
        """Return the shape of a request whose prompt has these rows behind it.

        Raises:
            ModelMismatchError: If the rows are not as long as the model's embeddings.
            ValueError: If it is not a table of finite numbers.
        """
        return shape if suffix is None else replace(shape, suffix=suffix_rows(suffix, self.embedding_size))

    def _with_shape(
        self, shaped: Conditioning | None, suffix: NDArray[np.float32] | None, ask: Callable[[Conditioning], T]
    ) -> T:
        """Ask with this shape, or with what is in use: anew where its adapter goes while the request waits."""
        while True:
            shape = self._with_suffix(shaped or self._conditioning, suffix)
            try:
                return ask(shape)
            except ValueError:
                is_gone = shape.adapter is not None and shape.adapter.is_closed and not self.is_closed
                if shaped is not None or not is_gone:
                    raise

    def _free_leftovers(self) -> None:
        """Free what is out of use now, unless somebody has the turn, who frees it when giving that back."""
        turn = self._desk.turn
        if turn.take_if_free():
            try:
                self._desk.leftovers.clear()
            finally:
                turn.give()

    def _check_owned(self, adapter: Adapter) -> None:
        if adapter not in self._adapters:
            raise ValueError("the adapter was not loaded by this engine, or has been unloaded")
