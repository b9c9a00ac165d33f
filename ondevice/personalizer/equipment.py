"""What a profile is opened with besides its secret, checked before the profile is touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ondevice.bundle.model_set import ModelFolder, ModelNames, ModelSet
from ondevice.config import IndexConfig, KdfConfig, RetrievalConfig
from ondevice.generation.generator import Generator
from ondevice.learned.weights import Weights
from ondevice.personalizer.shared_models import SharedModels
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.encoding.persona_models import PersonaModels
from ondevice.safety.lock_order import Changing
from ondevice.signals import StrPath
from ondevice.vault.secrets import GivenSecrets

Models: TypeAlias = "ModelSet | SharedModels | StrPath | None"
"""Which models: a set, models shared with other profiles, the folder of the default ones, or simply those."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a personalizer is made of besides its vault."""

    folder: ModelFolder
    lender: SharedModels | None
    retrieval: RetrievalConfig
    index: IndexConfig

    def generator(self, changing: Changing) -> Generator:
        """Return the profile's language model; ``changing`` is held by whoever changes the profile."""
        return Generator(self.folder, changing, lender=None if self.lender is None else self.lender.generator)

    def encoders(self, made: Callable[[], Mapping[str, int]]) -> Encoders:
        """Return the profile's encoders; ``made`` tells how many vectors it has of each."""
        return Encoders(self.folder, lender=None if self.lender is None else self.lender.encoders, made=made)

    def personas(self) -> PersonaModels:
        """Return the profile's personas."""
        return PersonaModels(self.folder, lender=None if self.lender is None else self.lender.personas)

    def weights(self, generator: Generator) -> Weights:
        """Return the weights to train on."""
        return Weights(generator) if self.lender is None else self.lender.weights


class EquipmentOptions(ModelNames, total=False):
    """Which models a profile works with, and how it searches; each may be left out, single models included.

    Attributes:
        models: Which models, by a :class:`ModelSet`; or the folder where the default ones lie; or those that other
            profiles work with too (:class:`SharedModels`). By default the default ones in their own folder.
        retrieval: Defaults of a search; without an encoder the default retriever is ``bm25``.
        index: When vectors are searched approximately.
        encoder: A single model of the set, like those that follow, where the others are the default ones.
        generator: The language model; ``None`` only searches.
        adapter: An adapter for the language model, for every user alike.
        retrievers: Further encoders.
        selector: Chooses a retriever for each request that asks for it.
        persona: Turns the user's items into rows that the language model reads behind its prompt.
        publishers: Who may have signed the models.
        engine: How the language model is loaded.
    """

    models: Models
    retrieval: RetrievalConfig | None
    index: IndexConfig | None


class ProfileOptions(GivenSecrets, EquipmentOptions, total=False):
    """What ``create`` and ``open`` take: secrets, models and settings.

    Attributes:
        kdf: Cost of the passphrase's key, where the profile is made.
    """

    kdf: KdfConfig | None


def equip(options: EquipmentOptions) -> Equipment:
    """Name the models, which load at first use, and check the default retriever against them.

    Raises:
        TypeError: If the models are given as something else, or single ones are named beside shared ones.
        ValueError: If the default retriever is unknown or needs an encoder that is not there.
    """
    models, retrieval, index = options.get("models"), options.get("retrieval"), options.get("index")
    named = {name: value for name, value in options.items() if name in ModelNames.__annotations__}
    if named:
        models = _with_names(models, named)
    lender = models if isinstance(models, SharedModels) else None
    folder = ModelFolder(_set_of(models)) if lender is None else lender.folder
    encoders = Encoders(folder)
    settings = retrieval or RetrievalConfig(retriever=RetrievalConfig().retriever if encoders.has_base else "bm25")
    encoders.require_retriever(settings.retriever)
    return Equipment(folder, lender, settings, index or IndexConfig())


def _with_names(models: Models, named: dict[str, Any]) -> ModelSet:
    if isinstance(models, SharedModels):
        raise TypeError("shared models are named where they are shared: SharedModels(ModelSet(…))")
    return replace(_set_of(models), **named)


def _set_of(models: Models) -> ModelSet:
    if isinstance(models, ModelSet):
        return models
    if models is None or isinstance(models, str) or hasattr(models, "__fspath__"):
        return ModelSet(models)
    raise TypeError(f"models is a ModelSet, SharedModels or a folder, not {type(models).__name__}")
