"""The two models a profile works with, opened when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle import Bundle, Kind, PublisherKey
from ondevice.config import EngineConfig
from ondevice.errors import SignatureError
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.adaptation.weights import BaseModel
    from ondevice.generation.engine import Engine
    from ondevice.generation.model_file import ModelFile
    from ondevice.retrieval.encoder import Encoder


@dataclass(kw_only=True, slots=True)
class Models:
    """Open encoder and generator from one folder at first use, once, from whichever thread asks first.

    Args:
        folder: Where the bundles lie, one folder each.
        encoder_name: The encoder's bundle, or ``None`` to work without vectors.
        generator_name: The language model's bundle, or ``None`` to work without answers.
        config: How the language model is loaded.
        adapter_name: The bundle of an adapter for the language model, or ``None``.
        publishers: Every bundle must be signed by one of these; ``None`` asks for no signature.
        on_engine: Told of a language model that has been loaded, and its bundle, before anyone uses it.
        replaced: Gives, for the language model's bundle, the file to load in place of the bundle's, or ``None``; the
            file is there for the time of the block.
    """

    folder: Path
    encoder_name: str | None
    generator_name: str | None
    config: EngineConfig
    adapter_name: str | None = None
    publishers: Sequence[PublisherKey] | None = None
    on_engine: Callable[[Engine, Bundle], None] | None = field(default=None, repr=False)
    replaced: Callable[[Bundle], AbstractContextManager[ModelFile | None]] | None = field(default=None, repr=False)
    _generator_bundle: Bundle | None = field(default=None, init=False, repr=False)
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
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.encoder_name is None:
            raise ValueError("this profile was opened with encoder=None, so it has no vectors")
        with self._lock:
            if self._encoder_bundle is None:
                self._encoder_bundle = self._open(self.encoder_name, "encoder")
            return self._encoder_bundle

    def encoder(self) -> Encoder:
        """Return the encoder, loading it at the first call; raises as :meth:`encoder_bundle`."""
        self._check_open()
        with self._lock:
            if self._encoder is None:
                from ondevice.retrieval.encoder import Encoder

                self._encoder = Encoder.open(self.encoder_bundle())
            return self._encoder

    def generator_bundle(self) -> Bundle:
        """Return the language model's verified bundle without loading the model.

        Raises:
            ValueError: If there is no generator, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.generator_name is None:
            raise ValueError("this profile was opened with generator=None, so it cannot answer")
        with self._lock:
            if self._generator_bundle is None:
                self._generator_bundle = self._open(self.generator_name, "generator")
            return self._generator_bundle

    def engine(self) -> Engine:
        """Return the language model, loading it at the first call.

        Raises:
            ModelMismatchError: If the adapter was made for another language model.
            GenerationError: If the runtime cannot load it.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`generator_bundle`.
        """
        self._check_open()
        with self._lock:
            if self._engine is None:
                self._engine = self._load_engine(self.generator_bundle())
            return self._engine

    def trainable(self) -> BaseModel:
        """Return the language model's weights as floats, to train on; whoever asked lets them go when done.

        Raises:
            ImportError: If the extra ``adapt`` is not installed.
            ModelMismatchError: If the model has an architecture that cannot be trained.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`generator_bundle`.
        """
        from ondevice.adaptation.weights import load_base

        return load_base(self.generator_bundle().file("model"))

    @property
    def loaded_engine(self) -> Engine | None:
        """The language model if something has loaded it; waits for a loading that is under way."""
        with self._lock:
            return self._engine

    def unload(self) -> bool:
        """Free the language model, which ends every open stream; say whether it was loaded. Its next use loads it anew.

        An answer that another thread is about to begin fails with ``ValueError``.
        """
        with self._lock:
            engine, self._engine = self._engine, None
            if engine is None:
                return False
            engine.close()
            return True

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Drop the language model's prompt state, because forgotten items may stand in it."""
        engine = self.loaded_engine
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

    def _open(self, name: str, kind: Kind) -> Bundle:
        bundle = Bundle.open(self.folder / name, kind=kind, publishers=self.publishers)
        if bundle.publisher is not None and bundle.name != name:
            # Otherwise whoever can write the folder could put one model of the publisher's in another's place.
            raise SignatureError(f"the folder {name!r} holds the signed model {bundle.name!r}")
        return bundle

    def _load_engine(self, base: Bundle) -> Engine:
        from ondevice.generation.adapter_bundle import use_adapter_bundle
        from ondevice.generation.desk import open_desk
        from ondevice.generation.engine import Engine

        adapter = None if self.adapter_name is None else self._open(self.adapter_name, "adapter")
        if adapter is not None:
            adapter.check_base(base)  # before the language model takes its memory
        with nullcontext() if self.replaced is None else self.replaced(base) as file:
            if file is None:
                engine = Engine.open(base, config=self.config)
            else:
                engine = Engine(f"{base.id}+merged", open_desk(base, self.config, file=file))
        try:
            if adapter is not None:
                use_adapter_bundle(engine, adapter, base)
            if self.on_engine is not None:
                self.on_engine(engine, base)
        except BaseException:
            engine.close()
            raise
        return engine

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the profile is closed")
