"""The language model's weights as floats, for a training on them."""

from __future__ import annotations

import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.generation.generator import Generator

if TYPE_CHECKING:
    from ondevice.adaptation.lora.weights import BaseModel


class Weights:
    """Loads them for each training, or once for all."""

    def __init__(self, generator: Generator, *, keeps: bool = False) -> None:
        """Name the model.

        Args:
            generator: Whose weights they are.
            keeps: Keep them between trainings, which leave them as they were: four bytes a weight in memory.
        """
        self._generator = generator
        self._keeps = keeps
        self._kept: BaseModel | None = None
        self._lent: weakref.ref[BaseModel] | None = None
        self._lock = threading.Lock()

    def base(self) -> BaseModel:
        """Return them; whoever asked lets them go when done.

        A training puts matrices on them. What is kept is in one training's hands at a time; another gets its own.

        Raises:
            ImportError: If the extra ``adapt`` is not installed.
            ModelMismatchError: If the model has an architecture that cannot be trained.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As ``Generator.bundle``.
        """
        with self._lock:
            if not self._keeps or (self._lent is not None and self._lent() is not None):
                return self._load()
            if self._kept is None:
                self._kept = self._load()
            lent = replace(self._kept)
            self._lent = weakref.ref(lent)
            return lent

    def close(self) -> None:
        """Let go what was kept."""
        self._kept = None

    def _load(self) -> BaseModel:
        from ondevice.adaptation.lora.weights import load_base

        return load_base(self._generator.bundle().file("model"))
