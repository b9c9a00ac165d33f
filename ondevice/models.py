"""The models a profile works with, opened when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle import Bundle, Kind, PublisherKey
from ondevice.config import EngineConfig
from ondevice.errors import BundleError, SignatureError
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.adaptation.weights import BaseModel
    from ondevice.generation.engine import Engine
    from ondevice.generation.model_file import ModelFile
    from ondevice.retrieval.encoder import Encoder
    from ondevice.retrieval.selector import CrossEncoder


@dataclass(kw_only=True, slots=True)
class Models:
    """Open encoders, selector and generator from one folder at first use, once, from whichever thread asks first.

    Args:
        folder: Where the bundles lie, one folder each.
        encoder_name: The encoder's bundle, or ``None`` to work without vectors.
        generator_name: The language model's bundle, or ``None`` to work without answers.
        config: How the language model is loaded.
        adapter_name: The bundle of an adapter for the language model, or ``None``.
        publishers: Every bundle must be signed by one of these; ``None`` asks for no signature.
        retriever_names: The bundles of further encoders, each a retriever of its own name.
        selector_name: The bundle of the selector that chooses among retrievers, or ``None``.
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
    retriever_names: Sequence[str] = ()
    selector_name: str | None = None
    on_engine: Callable[[Engine, Bundle], None] | None = field(default=None, repr=False)
    replaced: Callable[[Bundle], AbstractContextManager[ModelFile | None]] | None = field(default=None, repr=False)
    _generator_bundle: Bundle | None = field(default=None, init=False, repr=False)
    _encoder_bundles: dict[str, Bundle] = field(default_factory=dict, init=False, repr=False)
    _encoders: dict[str, Encoder] = field(default_factory=dict, init=False, repr=False)
    _selector_bundle: Bundle | None = field(default=None, init=False, repr=False)
    _selector: CrossEncoder | None = field(default=None, init=False, repr=False)
    _engine: Engine | None = field(default=None, init=False, repr=False)
    _is_closed: bool = field(default=False, init=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)

    def encoder_bundle(self, name: str | None = None) -> Bundle:
        """Return an encoder's verified bundle without loading the model; the profile's own where none is named.

        Raises:
            ValueError: If there is no encoder, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        wanted = self.encoder_name if name is None else name
        if wanted is None:
            raise ValueError("this profile was opened with encoder=None, so it has no vectors")
        with self._lock:
            if wanted not in self._encoder_bundles:
                self._encoder_bundles[wanted] = self._open(wanted, "encoder")
            return self._encoder_bundles[wanted]

    def encoder(self, name: str | None = None) -> Encoder:
        """Return an encoder, loading it at the first call; raises as :meth:`encoder_bundle`."""
        self._check_open()
        with self._lock:
            bundle = self.encoder_bundle(name)
            if bundle.id not in self._encoders:
                self._encoders[bundle.id] = self._load_encoder(bundle)
            return self._encoders[bundle.id]

    def selector_bundle(self) -> Bundle:
        """Return the selector's verified bundle without loading the model.

        Raises:
            ValueError: If there is no selector, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used, or names no retrievers to choose among.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.selector_name is None:
            raise ValueError("this profile was opened without a selector: name its bundle in selector=")
        with self._lock:
            if self._selector_bundle is None:
                bundle = self._open(self.selector_name, "selector")
                if bundle.selector is None or not bundle.selector.pool:
                    raise BundleError(
                        f"the selector {self.selector_name!r} names no retrievers to choose among",
                        hint="take a selector whose manifest has a pool, as RSPG trains them",
                    )
                self._selector_bundle = bundle
            return self._selector_bundle

    def selector(self) -> CrossEncoder:
        """Return the selector, loading it at the first call; raises as :meth:`selector_bundle`."""
        self._check_open()
        with self._lock:
            if self._selector is None:
                from ondevice.retrieval.selector import CrossEncoder

                self._selector = CrossEncoder.open(self.selector_bundle())
            return self._selector

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
        """Free all models for good."""
        with self._lock:
            self._is_closed = True
            for model in (self._engine, self._selector, *self._encoders.values()):
                if model is not None:
                    model.close()
            self._engine = self._selector = None
            self._encoders.clear()

    def _open(self, name: str, kind: Kind) -> Bundle:
        bundle = Bundle.open(self.folder / name, kind=kind, publishers=self.publishers)
        if bundle.publisher is not None and bundle.name != name:
            # Otherwise whoever can write the folder could put one model of the publisher's in another's place.
            raise SignatureError(f"the folder {name!r} holds the signed model {bundle.name!r}")
        return bundle

    def _load_encoder(self, bundle: Bundle) -> Encoder:
        from ondevice.retrieval.encoder import Encoder

        return Encoder.open(bundle)

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
