"""The language model of one profile: loaded at its first use, freed, replaced, or lent by somebody who keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ondevice.bundle.model_set import ModelFolder
from ondevice.errors import GenerationError
from ondevice.records import ArtifactOutcome
from ondevice.safety.lock_order import Changing, is_changing

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.config import EngineConfig
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.model_file import ModelFile

T = TypeVar("T")
OnEngine: TypeAlias = "Callable[[Engine, Bundle], None]"
Replacement: TypeAlias = "Callable[[Bundle], AbstractContextManager[ModelFile | None]]"


class Generator:
    """Opens the language model when it is first asked for, once, from whichever thread asks first.

    Which locks there are, and in which order they are taken: :mod:`ondevice.safety.lock_order`.
    """

    def __init__(self, folder: ModelFolder, changing: Changing, *, lender: Generator | None = None) -> None:
        """Name the model; nothing is loaded yet.

        Args:
            folder: Where its bundle lies.
            changing: Held by whoever changes the profile. Which language model is loaded changes only then.
            lender: Keeps the loaded model for several profiles. What this profile's answers wear stays its own.
        """
        self._folder = folder
        self._changing = changing
        self._lender = lender
        self.replaced: Replacement | None = None
        """Gives, for the language model's bundle, the file to load in place of the bundle's, or ``None``; the file is
        there for the time of the block."""
        self._loading = threading.RLock()
        self._engine: Engine | None = None
        self._told: Engine | None = None
        self._on_engine: OnEngine | None = None
        self._n_freed = 0
        self._is_closed = False

    @property
    def name(self) -> str | None:
        """The bundle's name; ``None`` in a profile that only searches."""
        return self._folder.models.generator

    @property
    def adapter_name(self) -> str | None:
        """The bundle of an adapter that every answer wears, or ``None``."""
        return self._folder.models.adapter

    def bundle(self) -> Bundle:
        """Return the language model's verified bundle without loading the model.

        Raises:
            ValueError: If there is no generator, or the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        if self.name is None:
            raise ValueError("this profile was opened with generator=None, so it cannot answer")
        return self._folder.bundle(self.name, "generator")

    def adapter_bundle(self) -> Bundle | None:
        """Return the bundle of the adapter that every answer wears, if there is one; raises as :meth:`bundle`."""
        return None if self.adapter_name is None else self._folder.bundle(self.adapter_name, "adapter")

    def engine(self) -> Engine:
        """Return the language model, loading it at the first call.

        Raises:
            ModelMismatchError: If the adapter was made for another language model.
            GenerationError: If the runtime cannot load it, it was loaded before this process was forked, or this
                thread is changing the profile and would wait.
            ValueError, NotFoundError, BundleError, SignatureError, CorruptError: As :meth:`bundle`.
        """
        while True:
            self._check_open()
            engine = self._engine
            if engine is not None:
                engine.require_here()
            if engine is None or engine.is_closed:
                self._load()
            elif engine is self._told:
                return engine
            else:
                self._tell_of(engine)

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

    def tell(self, on_engine: OnEngine | None) -> None:
        """Tell this one of a language model and its bundle before it is used for the first time from now on."""
        self._on_engine, self._told = on_engine, None

    @property
    def loaded(self) -> Engine | None:
        """The language model if something has loaded it; waits for no loading."""
        return self._engine

    def require_replaceable(self) -> None:
        """Refuse to let another language model take this one's place where it is not this profile's alone.

        Raises:
            ValueError: Then.
        """
        if self._lender is not None:
            raise ValueError("the language model is lent to several profiles: a merged model cannot take its place")

    def free(self, why: str = "the language model was freed") -> bool:
        """Free the language model, which ends the answer under way; say whether it was loaded.

        Its next use loads it anew. A lent one stays loaded for the others. Whose answer it ends is told ``why``, a
        clause.

        Raises:
            GenerationError: As :meth:`at_rest`.
        """
        with self.at_rest(why) as engine:
            self._n_freed += 1  # one that is being loaded is not put in place either
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
            engine = self._engine
            with nullcontext() if engine is None else engine.at_rest(why), self._changing:
                if self._engine is engine:
                    yield engine
                    return

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Drop the language model's prompt state, because items that may stand in it have been forgotten."""
        engine = self._engine
        if engine is None:
            return ArtifactOutcome(kind="prompt cache", name="in memory", outcome="absent")
        return engine.erase(rows)

    def require_outside(self) -> None:
        """Make sure that this thread is not inside an answer, as ``cancel`` is, and may free the language model.

        Raises:
            GenerationError: Otherwise.
        """
        if self._engine is not None:
            self._engine.require_outside()

    def close(self) -> None:
        """Free the language model for good; raises as :meth:`require_outside`, and is then still open."""
        self.require_outside()
        self._is_closed = True
        self.free("the profile was closed")

    def _load(self) -> None:
        if is_changing():
            # Whoever loads it waits for this thread before the model is put in place.
            raise GenerationError(
                "the language model is not loaded, and this thread is changing the profile",
                hint="ask for answers outside of the functions that report progress",
            )
        with self._loading:
            if self._engine is not None and not self._engine.is_closed:
                return
            n_freed = self._n_freed
            engine = self._open(self.bundle())
            try:
                with self._changing:
                    self._check_open()
                    if n_freed == self._n_freed:
                        self._engine = engine
            finally:
                if self._engine is not engine:
                    engine.close()

    def _tell_of(self, engine: Engine) -> None:
        """Tell of a language model that is in place, holding nothing: others who share it may be answering."""
        on_engine = self._on_engine
        try:
            if on_engine is not None:
                on_engine(engine, self.bundle())
        except (GenerationError, ValueError):
            if not engine.is_closed:
                raise
        else:
            if on_engine is self._on_engine:
                self._told = engine

    def _open(self, base: Bundle) -> Engine:
        if self._lender is not None:
            return self._lender.engine().lend()
        from ondevice.generation.llama.adapter_bundle import use_adapter_bundle
        from ondevice.generation.llama.desk import open_desk
        from ondevice.generation.llama.engine import Engine, prompt_form_of

        config, adapter = self._folder.models.engine, self.adapter_bundle()
        if adapter is not None:
            adapter.check_base(base)  # before the language model takes its memory
            config = _as_learned(config, base, adapter)
        with nullcontext() if self.replaced is None else self.replaced(base) as file:
            if file is None:
                engine = Engine.open(base, config=config)
            else:
                desk = open_desk(base, config, file=file)
                engine = Engine(f"{base.id}+merged", desk, prompt_form=prompt_form_of(base))
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
        if self._lender is not None and self._lender._is_closed:
            raise ValueError("the shared models are closed: close them after the profiles")


def _as_learned(config: EngineConfig, base: Bundle, adapter: Bundle) -> EngineConfig:
    """Return settings that keep prompts to what both have learned, unless the settings say how long they may be."""
    specs = (base.manifest.generator, adapter.manifest.adapter)
    learned = [spec.prompt_tokens for spec in specs if spec is not None and spec.prompt_tokens is not None]
    return replace(config, prompt_tokens=min(learned)) if learned and config.prompt_tokens is None else config
