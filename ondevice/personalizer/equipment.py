"""What a profile is opened with besides its secret, checked before the profile is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ondevice.bundle.model_set import ModelFolder, ModelSet
from ondevice.config import IndexConfig, RetrievalConfig
from ondevice.generation.generator import Generator
from ondevice.learned.weights import Weights
from ondevice.personalizer.shared_models import SharedModels
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.safety.lock_order import Changing
from ondevice.signals import StrPath

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

    def encoders(self) -> Encoders:
        """Return the profile's encoders."""
        return Encoders(self.folder, lender=None if self.lender is None else self.lender.encoders)

    def weights(self, generator: Generator) -> Weights:
        """Return the weights to train on."""
        return Weights(generator) if self.lender is None else self.lender.weights


def equip(models: Models, retrieval: RetrievalConfig | None, index: IndexConfig | None) -> Equipment:
    """Name the models, which load at first use, and check the default retriever against them.

    Raises:
        TypeError: If the models are given as something else.
        ValueError: If the default retriever is unknown or needs an encoder that is not there.
    """
    lender = models if isinstance(models, SharedModels) else None
    folder = ModelFolder(_set_of(models)) if lender is None else lender.folder
    encoders = Encoders(folder)
    settings = retrieval or RetrievalConfig(retriever=RetrievalConfig().retriever if encoders.has_base else "bm25")
    encoders.require_retriever(settings.retriever)
    return Equipment(folder, lender, settings, index or IndexConfig())


def _set_of(models: Models) -> ModelSet:
    if isinstance(models, ModelSet):
        return models
    if models is None or isinstance(models, str) or hasattr(models, "__fspath__"):
        return ModelSet(models)
    raise TypeError(f"models is a ModelSet, SharedModels or a folder, not {type(models).__name__}")
