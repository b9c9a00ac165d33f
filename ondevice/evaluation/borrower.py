"""Whoever asks the models of a run, profile after profile: what they hold from the first question to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ondevice.evaluation.lending import lent_models
from ondevice.generation.llama.cores import physical_cores

if TYPE_CHECKING:
    from ondevice.evaluation.plan import RunConfig


class Borrower:
    """Holds the models of a run; close it, or use it as a context manager. One thread at a time."""

    def __init__(self, config: RunConfig, *, keeps_weights: bool = False) -> None:
        """Take the models, which load at first use.

        Args:
            config: Which models, and how they answer.
            keeps_weights: Whether the weights that trainings start from stay loaded.
        """
        self._config = config
        self._threads = config.threads or physical_cores()
        self._models = lent_models(config, keeps_weights=keeps_weights)
        adapter = self._models.generator.adapter_bundle()
        self._adapter_id = None if adapter is None else adapter.id

    @property
    def prompt_form(self) -> str:
        """How the model is shown items where a question is asked."""
        return self._models.generator.engine().reading_form

    def close(self) -> None:
        """Free the models."""
        self._models.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()
