"""The personas of one profile by name, opened when they are first needed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from ondevice.bundle.model_set import ModelFolder
from ondevice.safety.once import OnceEach

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.retrieval.encoding.persona_model import PersonaModel


class PersonaModels:
    """Opens persona bundles of a models' folder, each once. Threads may use it at once."""

    def __init__(self, folder: ModelFolder, *, lender: PersonaModels | None = None) -> None:
        """Name where they lie; nothing is opened.

        Args:
            folder: Where the bundles lie.
            lender: Keeps the loaded models for several profiles.
        """
        self.models = folder.models
        self._folder = folder
        self._lender = lender
        self._models: OnceEach[PersonaModel] = OnceEach()
        self._is_closed = False

    def bundle(self, name: str) -> Bundle:
        """Return a persona's verified bundle without loading the model.

        Raises:
            ValueError: If the profile is closed.
            NotFoundError: If the bundle is not in the folder.
            BundleError: If its manifest cannot be used.
            SignatureError: If it is not by one of the publishers.
            CorruptError: If a file is not what the manifest says.
        """
        self._check_open()
        return self._folder.bundle(name, "persona")

    def model(self, name: str) -> PersonaModel:
        """Return a persona, loading it at the first call; raises as :meth:`bundle`, and where it cannot be used."""
        bundle = self.bundle(name)
        if self._lender is not None:
            return self._lender.model(name)
        return self._models.get(bundle.id, lambda: self._load(bundle))

    def close(self) -> None:
        """Free its own models for good."""
        self._is_closed = True
        with ExitStack() as stack:
            for model in self._models.take_all():
                stack.callback(model.close)

    def _load(self, bundle: Bundle) -> PersonaModel:
        from ondevice.retrieval.encoding.persona_model import PersonaModel

        self._check_open()  # load nothing that nobody would close
        return PersonaModel.open(bundle)

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("the profile is closed")
        if self._lender is not None and self._lender._is_closed:
            raise ValueError("the shared models are closed: close them after the profiles")
