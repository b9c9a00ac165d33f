"""What a profile is opened with besides its secret, checked before the profile is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TypeAlias

from ondevice.bundle.model_set import ModelFolder, ModelNames, ModelSet
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


def equip(models: Models, named: ModelNames, retrieval: RetrievalConfig | None, index: IndexConfig | None) -> Equipment:
    """Name the models, which load at first use, and check the default retriever against them.

    Args:
        models: Which ones.
        named: What is named beside them, in place of what they name themselves.
        retrieval: Defaults of a search.
        index: When vectors are searched approximately.

    Raises:
        TypeError: If the models are given as something else, or something is named that no model set has.
        ValueError: If the default retriever is unknown or needs an encoder that is not there.
    """
    if named:
        models = _with_names(models, named)
    lender = models if isinstance(models, SharedModels) else None
    folder = ModelFolder(_set_of(models)) if lender is None else lender.folder
    encoders = Encoders(folder)
    settings = retrieval or RetrievalConfig(retriever=RetrievalConfig().retriever if encoders.has_base else "bm25")
    encoders.require_retriever(settings.retriever)
    return Equipment(folder, lender, settings, index or IndexConfig())


def _with_names(models: Models, named: ModelNames) -> ModelSet:
    for name in named:
        if name not in ModelNames.__annotations__:
            near = get_close_matches(name, ModelNames.__annotations__, n=1)
            raise TypeError(f"there is no argument {name!r}" + (f": did you mean {near[0]}?" if near else ""))
    if isinstance(models, SharedModels):
        raise TypeError("shared models are named where they are shared: SharedModels(ModelSet(…))")
    return replace(_set_of(models), **named)


def _set_of(models: Models) -> ModelSet:
    if isinstance(models, ModelSet):
        return models
    if models is None or isinstance(models, str) or hasattr(models, "__fspath__"):
        return ModelSet(models)
    raise TypeError(f"models is a ModelSet, SharedModels or a folder, not {type(models).__name__}")
