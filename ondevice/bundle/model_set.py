"""Which models a profile works with, where they lie, and who must have signed them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

from ondevice.bundle.folder import Bundle
from ondevice.bundle.signature import PublisherKey
from ondevice.bundle.specs import Kind
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, EngineConfig, default_models_dir
from ondevice.errors import SignatureError
from ondevice.safety.once import OnceEach
from ondevice.signals import StrPath


@dataclass(frozen=True, slots=True)
class ModelSet:
    """The models of a profile, by the names of their bundles; ``ModelSet()`` are the default ones.

    Args:
        folder: Where the bundles lie, one folder each. ``None`` takes ``$ONDEVICE_MODELS``, or else the platform's
            cache folder.
        encoder: Turns texts into vectors. ``None`` leaves the retrievers ``dense`` and ``hybrid`` out.
        generator: The language model. ``None`` only searches.
        adapter: An adapter (LoRA) for the language model, for every user alike.
        retrievers: Further encoders; each is a retriever of its own name.
        selector: Chooses a retriever for each request that asks for it. The encoders of its pool are retrievers too, as
            far as they are in the folder.
        persona: Turns the user's items into rows that the language model reads behind its prompt.
        publishers: Every model must be signed by one of these publishers and lie in a folder of its own name. ``None``
            asks for no signature.
        engine: How the language model is loaded.
    """

    folder: StrPath | None = None
    encoder: str | None = field(default=DEFAULT_ENCODER, kw_only=True)
    generator: str | None = field(default=DEFAULT_GENERATOR, kw_only=True)
    adapter: str | None = field(default=None, kw_only=True)
    retrievers: Sequence[str] = field(default=(), kw_only=True)
    selector: str | None = field(default=None, kw_only=True)
    persona: str | None = field(default=None, kw_only=True)
    publishers: Sequence[PublisherKey] | None = field(default=None, kw_only=True)
    engine: EngineConfig = field(default=EngineConfig(), kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what names no model.

        Raises:
            TypeError: If the folder is no path, a name no text, or the retrievers are one text.
        """
        if self.folder is not None and not isinstance(self.folder, str | os.PathLike):
            raise TypeError(f"folder is a path, not {type(self.folder).__name__}")
        if isinstance(self.retrievers, str):
            raise TypeError("retrievers is a sequence of names, not one str: write [name]")
        for role in ("encoder", "generator", "adapter", "selector", "persona"):
            name = getattr(self, role)
            if name is not None and not isinstance(name, str):
                raise TypeError(f"{role} is the name of a bundle, a str, not {type(name).__name__}")
        object.__setattr__(self, "retrievers", tuple(self.retrievers))


class ModelNames(TypedDict, total=False):
    """What a :class:`ModelSet` names, for whoever names it where the profile is opened."""

    encoder: str | None
    generator: str | None
    adapter: str | None
    retrievers: Sequence[str]
    selector: str | None
    persona: str | None
    publishers: Sequence[PublisherKey] | None
    engine: EngineConfig


class ModelFolder:
    """The bundles of a model set, each verified once, by whichever thread asks first."""

    def __init__(self, models: ModelSet) -> None:
        """Name them; nothing is read yet."""
        self.models = models
        self._bundles: OnceEach[Bundle] = OnceEach()

    def part(self, models: ModelSet) -> ModelFolder:
        """Return these bundles for somebody who works with others of them; what is verified stays so."""
        part = ModelFolder(replace(models, folder=self.models.folder, publishers=self.models.publishers))
        part._bundles = self._bundles
        return part

    @property
    def path(self) -> Path:
        """The folder. The platform's is looked up when it is needed: many openings never do."""
        return default_models_dir() if self.models.folder is None else Path(self.models.folder)

    def bundle(self, name: str, kind: Kind) -> Bundle:
        """Return the verified bundle of this name; the model is not loaded.

        Raises:
            NotFoundError: If it is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        return self._bundles.get(f"{kind}/{name}", lambda: self._open(name, kind))

    def _open(self, name: str, kind: Kind) -> Bundle:
        bundle = Bundle.open(self.path / name, kind=kind, publishers=self.models.publishers)
        if bundle.publisher is not None and bundle.name != name:
            # Otherwise whoever can write the folder could put one model of the publisher's in another's place.
            raise SignatureError(f"the folder {name!r} holds the signed model {bundle.name!r}")
        return bundle
