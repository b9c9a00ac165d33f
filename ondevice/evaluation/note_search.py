"""Search over the notes of one invented person after another, as the SDK does it for its user."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ondevice.bundle.model_set import ModelSet
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.personalizer.shared_models import SharedModels
from ondevice.records import Draft, Item


class NoteSearch:
    """Finds notes by the retriever ``hybrid``; close it, or use it as a context manager.

    The encoder is loaded once. Each person's notes lie in an encrypted profile of their own under a random key, which
    is destroyed in the end.
    """

    def __init__(self, encoder: Path, *, retriever: str = "hybrid") -> None:
        """Search with the encoder of a bundle's folder; it is loaded when it is first needed."""
        self._models = SharedModels(ModelSet(encoder.parent, encoder=encoder.name, generator=None))
        self._retriever = retriever

    @contextmanager
    def over(self, drafts: Sequence[Draft]) -> Iterator[Callable[[str, int], list[Item]]]:
        """Open the search over some notes: it takes a request and how many to find, and returns the best first.

        Raises:
            NotFoundError: If there is no such encoder.
            InputError: If a note cannot be stored.
        """
        with temporary_profile(self._models, drafts) as (me, _):
            yield lambda request, k: [hit.item for hit in me.search(request, k=k, retriever=self._retriever)]

    def close(self) -> None:
        """Free the encoder."""
        self._models.close()

    def __enter__(self) -> Self:
        """Return the search."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Free the encoder."""
        self.close()
