"""The two models a profile works with, opened when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.generation.engine import Engine
    from ondevice.retrieval.encoder import Encoder


@dataclass(kw_only=True, slots=True)
class Models:
    """Open encoder and generator from one folder at first use, once, from whichever thread asks first.

    Args:
        folder: Where the bundles lie, one folder each.
        encoder_name: The encoder's bundle, or ``None`` to work without vectors.
        generator_name: The language model's bundle, or ``None`` to work without answers.
        config: How the language model is loaded.
    """

    folder: Path
    encoder_name: str | None
    generator_name: str | None
    config: EngineConfig
    _encoder_bundle: Bundle | None = field(default=None, init=False, repr=False)
    _encoder: Encoder | None = field(default=None, init=False, repr=False)
    _engine: Engine | None = field(default=None, init=False, repr=False)
    _is_closed: bool = field(default=False, init=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)

    def encoder_bundle(self) -> Bundle:
        """Return the encoder's verified bundle without loading the model.

        Raises:
            ValueError: If there is no encoder, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.encoder_name is None:
            raise ValueError("this profile was opened with encoder=None, so it has no vectors")
        with self._lock:
            if self._encoder_bundle is None:
                self._encoder_bundle = Bundle.open(self.folder / self.encoder_name, kind="encoder")
            return self._encoder_bundle

    def encoder(self) -> Encoder:
        """Return the encoder, loading it at the first call; raises as :meth:`encoder_bundle`."""
        self._check_open()
        with self._lock:
            if self._encoder is None:
                from ondevice.retrieval.encoder import Encoder

                self._encoder = Encoder.open(self.encoder_bundle())
            return self._encoder

    def engine(self) -> Engine:
        """Return the language model, loading it at the first call.

        Raises:
            ValueError: If there is no generator, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            CorruptError: If a file is not what the manifest says.
            GenerationError: If the runtime cannot load it.
        """
        self._check_open()
        if self.generator_name is None:
            raise ValueError("this profile was opened with generator=None, so it cannot answer")
        with self._lock:
            if self._engine is None:
                from ondevice.generation.engine import Engine

                bundle = Bundle.open(self.folder / self.generator_name, kind="generator")
                self._engine = Engine.open(bundle, config=self.config)
            return self._engine

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Drop the language model's prompt state, because forgotten items may stand in it."""
        with self._lock:
            engine = self._engine
        if engine is None:
            return ArtifactOutcome(kind="prompt cache", name="in memory", outcome="absent")
        return engine.erase(rows)

    def close(self) -> None:
        """Free both models for good."""
        with self._lock:
            self._is_closed = True
            if self._engine is not None:
                self._engine.close()
            if self._encoder is not None:
                self._encoder.close()
            self._engine = self._encoder = None

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the profile is closed")
