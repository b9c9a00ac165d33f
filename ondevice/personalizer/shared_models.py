"""Models that several open profiles work with at once: a server with many users, an evaluation with many profiles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from ondevice.bundle.model_set import ModelFolder, ModelSet
from ondevice.generation.generator import Generator
from ondevice.learned.weights import Weights
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.encoding.persona_models import PersonaModels
from ondevice.safety.lock_order import Changing

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.retrieval.encoding.encoder import Encoder


class SharedModels:
    """A model set that is loaded once, at its first use, for all profiles that are opened with it.

    ::

        with SharedModels(ModelSet()) as shared:
            ann = Personalizer.open("ann.profile", app_key=ann_key, models=shared)
            bob = Personalizer.open("bob.profile", app_key=bob_key, models=shared)

    Each profile's answers wear what that profile has in use, and nothing of another's. Answers take turns. Where one
    profile forgets items or is closed while another answers, it waits for that answer, but no longer than half a
    minute.

    Close it after the profiles: that frees the models.
    """

    def __init__(
        self,
        models: ModelSet | None = None,
        *,
        keeps_weights: bool = False,
        open_encoder: Callable[[Bundle], Encoder] | None = None,
    ) -> None:
        """Name the models; nothing is loaded yet.

        Args:
            models: Which ones; the default ones.
            keeps_weights: Keep the weights for trainings between them: four bytes a weight in memory.
            open_encoder: Opens an encoder's bundle in a way of its own.

        Raises:
            ValueError: If a further encoder has the name of a built-in retriever.
        """
        self.models = models or ModelSet()
        self.folder = ModelFolder(self.models)
        self.generator = Generator(self.folder, Changing())
        self.encoders = Encoders(self.folder, open_encoder=open_encoder)
        self.personas = PersonaModels(self.folder)
        self.weights = Weights(self.generator, keeps=keeps_weights)
        self._is_part = False

    def part(self, models: ModelSet) -> SharedModels:
        """Return a view with fewer of these models, for a profile that needs no more; closing it frees nothing."""
        part = SharedModels.__new__(SharedModels)
        part.models, part.folder = models, self.folder.part(models)
        part.generator, part.encoders, part.weights = self.generator, self.encoders, self.weights
        part.personas = self.personas
        part._is_part = True
        return part

    def close(self) -> None:
        """Free the models; profiles that are still open can only be closed then.

        Raises:
            GenerationError: If this thread is inside an answer, as ``cancel`` is; nothing is then freed.
        """
        if self._is_part:
            return
        self.generator.require_outside()
        with ExitStack() as closing:
            for part in (self.generator, self.encoders, self.personas, self.weights):
                closing.callback(part.close)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()
