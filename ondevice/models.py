"""The models a profile works with, opened when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ondevice.bundle import Bundle, Kind, PublisherKey
from ondevice.config import EngineConfig, default_models_dir
from ondevice.errors import BundleError, GenerationError, SignatureError
from ondevice.loading import OnceEach
from ondevice.lock_order import Changing, is_changing
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.adaptation.weights import BaseModel
    from ondevice.generation.engine import Engine
    from ondevice.generation.model_file import ModelFile
    from ondevice.retrieval.encoder import Encoder
    from ondevice.retrieval.selector import CrossEncoder

T = TypeVar("T")
OnEngine: TypeAlias = "Callable[[Engine, Bundle], None]"


@dataclass(kw_only=True, slots=True)
class Models:
    """Open encoders, selector and generator from one folder at first use, once, from whichever thread asks first.

    Each waits for its own loading alone: a search does not wait for the language model's. Which locks there are, and in
    which order they are taken: :mod:`ondevice.lock_order`.

    Args:
        given_folder: Where the bundles lie, one folder each; ``None`` for the platform's cache folder.
        encoder_name: The encoder's bundle, or ``None`` to work without vectors.
        generator_name: The language model's bundle, or ``None`` to work without answers.
        config: How the language model is loaded.
        adapter_name: The bundle of an adapter for the language model, or ``None``.
        publishers: Every bundle must be signed by one of these; ``None`` asks for no signature.
        retriever_names: The bundles of further encoders, each a retriever of its own name.
        selector_name: The bundle of the selector that chooses among retrievers, or ``None``.
        replaced: Gives, for the language model's bundle, the file to load in place of the bundle's, or ``None``; the
            file is there for the time of the block.
    """

    given_folder: Path | None
    encoder_name: str | None
    generator_name: str | None
    config: EngineConfig
    adapter_name: str | None = None
    publishers: Sequence[PublisherKey] | None = None
    retriever_names: Sequence[str] = ()
    selector_name: str | None = None
    replaced: Callable[[Bundle], AbstractContextManager[ModelFile | None]] | None = field(default=None, repr=False)
    changing: Changing = field(default_factory=Changing, init=False, repr=False)
    """Held by whoever changes the profile. Which language model is loaded changes only while it is held."""
    _bundles: OnceEach[Bundle] = field(default_factory=OnceEach, init=False, repr=False)
    _encoders: OnceEach[Encoder] = field(default_factory=OnceEach, init=False, repr=False)
    _selectors: OnceEach[CrossEncoder] = field(default_factory=OnceEach, init=False, repr=False)
    _generator: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    _engine: Engine | None = field(default=None, init=False, repr=False)
    _on_engine: OnEngine | None = field(default=None, init=False, repr=False)
    _told: Engine | None = field(default=None, init=False, repr=False)
    _n_unloaded: int = field(default=0, init=False, repr=False)
    _is_closed: bool = field(default=False, init=False, repr=False)

    @property
    def folder(self) -> Path:
        """Where the bundles lie. The platform's folder is looked up when it is needed: many openings never do."""
        return self.given_folder or default_models_dir()

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
        return self._bundle(wanted, "encoder")

    def encoder(self, name: str | None = None) -> Encoder:
        """Return an encoder, loading it at the first call; raises as :meth:`encoder_bundle`."""
        bundle = self.encoder_bundle(name)
        return self._encoders.get(bundle.id, lambda: self._if_open(lambda: self._load_encoder(bundle)))

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
        bundle = self._bundle(self.selector_name, "selector")
        if bundle.selector is None or not bundle.selector.pool:
            raise BundleError(
                f"the selector {self.selector_name!r} names no retrievers to choose among",
                hint="take a selector whose manifest has a pool, as RSPG trains them",
            )
        return bundle

    def selector(self) -> CrossEncoder:
        """Return the selector, loading it at the first call; raises as :meth:`selector_bundle`."""
        from ondevice.retrieval.selector import CrossEncoder

        bundle = self.selector_bundle()
        return self._selectors.get(bundle.id, lambda: self._if_open(lambda: CrossEncoder.open(bundle)))

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
        return self._bundle(self.generator_name, "generator")

    def engine(self) -> Engine:
        """Return the language model, loading it at the first call.

        Raises:
            ModelMismatchError: If the adapter was made for another language model.
            GenerationError: If the runtime cannot load it, it was loaded before this process was forked, or this
                thread is changing the profile and would wait.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`generator_bundle`.
        """
        self._check_open()
        engine = self._engine
        if engine is not None:
            engine.require_here()
        return self._load() if engine is None or engine is not self._told else engine

    def with_engine(self, work: Callable[[Engine], T]) -> T:
        """Do something with the language model, and again if it was freed meanwhile because another takes its place.

        Raises:
            ValueError: If the profile is closed; else as :meth:`engine` and ``work``.
        """
        while True:
            engine = self.engine()
            try:
                return work(engine)
            except (GenerationError, ValueError):
                if not engine.is_closed:
                    raise

    def trainable(self) -> BaseModel:
        """Return the language model's weights as floats, to train on; whoever asked lets them go when done.

        Raises:
            ImportError: If the extra ``adapt`` is not installed.
            ModelMismatchError: If the model has an architecture that cannot be trained.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`generator_bundle`.
        """
        from ondevice.adaptation.weights import load_base

        return load_base(self.generator_bundle().file("model"))

    def tell(self, on_engine: OnEngine | None) -> None:
        """Tell this one of a language model and its bundle before it is used for the first time from now on."""
        self._on_engine, self._told = on_engine, None

    @property
    def loaded_engine(self) -> Engine | None:
        """The language model if something has loaded it; waits for no loading."""
        return self._engine

    def require_replaceable(self) -> None:
        """Refuse to let another language model take this one's place where it is not this profile's alone.

        Raises:
            ValueError: Then.
        """

    def unload(self, why: str = "the language model was freed") -> bool:
        """Free the language model, which ends the answer under way; say whether it was loaded.

        Its next use loads it anew. Whose answer it ends is told ``why``, a clause.

        Raises:
            GenerationError: As :meth:`at_rest`.
        """
        with self.at_rest(why) as engine:
            self._n_unloaded += 1  # one that is being loaded is not put in place either
            self._engine = self._told = None
            if engine is not None:
                engine.close()
            return engine is not None

    @contextmanager
    def at_rest(self, why: str) -> Iterator[Engine | None]:
        """End the answer under way, let none begin, and hold ``changing`` for the time of the block.

        Args:
            why: What happens, as a clause; whose answer it ends is told.

        Yields:
            The language model, if it is loaded; none is put in its place meanwhile.

        Raises:
            GenerationError: If this thread is inside an answer, as ``cancel`` is, or is changing the profile already
                and would wait for an answer.
        """
        while True:
            engine = self.loaded_engine
            with nullcontext() if engine is None else engine.at_rest(why), self.changing:
                if self.loaded_engine is engine:
                    yield engine
                    return

    def erase(self, rows: Sequence[int]) -> tuple[ArtifactOutcome, ...]:
        """Drop the language model's prompt state and the words that tokenizers keep, because of forgotten items."""
        n_kept = sum(encoder.forget() for encoder in self._encoders.made())
        n_kept += sum(selector.forget() for selector in self._selectors.made())
        words = ArtifactOutcome(
            kind="tokenizers", name="in memory", outcome="cleared" if n_kept else "absent", count=n_kept
        )
        engine = self.loaded_engine
        if engine is None:
            return ArtifactOutcome(kind="prompt cache", name="in memory", outcome="absent"), words
        return engine.erase(rows), words

    def close(self) -> None:
        """Free all models for good; one that cannot be freed is told of when the others have been."""
        self._is_closed = True
        with ExitStack() as stack:
            for encoder in self._encoders.take_all():
                stack.callback(encoder.close)
            for selector in self._selectors.take_all():
                stack.callback(selector.close)
            stack.callback(self.unload, "the profile was closed")

    def _load(self) -> Engine:
        if is_changing():
            # Whoever loads it waits for this thread before the model is put in place.
            raise GenerationError(
                "the language model is not loaded, and this thread is changing the profile",
                hint="ask for answers outside of the functions that report progress",
            )
        with self._generator:
            while (engine := self._engine) is None or engine is not self._told:
                if engine is not None:
                    self._tell_of(engine)
                    continue
                n_unloaded, base = self._n_unloaded, self.generator_bundle()
                engine = self._load_engine(base)
                try:
                    with self.changing:
                        self._check_open()
                        if n_unloaded == self._n_unloaded:
                            self._tell_of(engine)
                            self._engine = engine
                finally:
                    if self._engine is not engine:
                        engine.close()
            return engine

    def _tell_of(self, engine: Engine) -> None:
        if self._on_engine is not None:
            self._on_engine(engine, self.generator_bundle())
        self._told = engine

    def _bundle(self, name: str, kind: Kind) -> Bundle:
        return self._bundles.get(f"{kind}/{name}", lambda: self._open(name, kind))

    def _open(self, name: str, kind: Kind) -> Bundle:
        bundle = Bundle.open(self.folder / name, kind=kind, publishers=self.publishers)
        if bundle.publisher is not None and bundle.name != name:
            # Otherwise whoever can write the folder could put one model of the publisher's in another's place.
            raise SignatureError(f"the folder {name!r} holds the signed model {bundle.name!r}")
        return bundle

    def _if_open(self, load: Callable[[], T]) -> T:
        """Load nothing that nobody would close."""
        self._check_open()
        return load()

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
        except BaseException:
            engine.close()
            raise
        return engine

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the profile is closed")
