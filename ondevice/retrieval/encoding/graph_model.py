"""What encoders, selectors and projectors have in common: the graph of a verified bundle, run and closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import KNOWN_INPUTS, PairTokenizer, TextTokenizer, Tokens, batches

_Tokenizer = TypeVar("_Tokenizer", bound=TextTokenizer | PairTokenizer)


class GraphModel:
    """A graph under the id of its bundle. Safe to use from several threads at once; whoever opens it closes it."""

    _noun: str
    """What errors call it."""

    def __init__(self, bundle_id: str, session: Session) -> None:
        self.id = bundle_id
        self._session = session

    def close(self) -> None:
        """Give the graph's memory back."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _finite(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        if not np.isfinite(out).all():
            raise BundleError(f"the {self._noun} {self.id!r} gave a number that is not finite")
        return out


def open_for_tokens(bundle: Bundle, threads: int | None) -> Session:
    """Open a bundle's graph, which must take token ids and nothing more.

    Raises:
        BundleError: If the graph cannot be loaded, or has another input.
    """
    session = Session(bundle.file("model"), threads=threads)
    unknown = sorted(set(session.inputs) - set(KNOWN_INPUTS))
    if unknown:
        raise BundleError(f"the graph of {bundle.name!r} wants the input {unknown[0]!r}, which no tokenizer gives")
    return session


class TextModel(GraphModel, Generic[_Tokenizer]):
    """A graph that takes tokens."""

    def __init__(self, bundle_id: str, tokenizer: _Tokenizer, session: Session) -> None:
        super().__init__(bundle_id, session)
        self._tokenizer = tokenizer

    def forget(self) -> bool:
        """Drop what is kept of texts that went through it; say whether anything may have been."""
        return self._tokenizer.forget()

    def _in_batches(
        self,
        tokens: Sequence[Tokens],
        out: NDArray[np.float32],
        *,
        batch: int,
        on_progress: Callable[[int, int], None] | None,
    ) -> NDArray[np.float32]:
        """Fill ``out`` in batches of like length; its order is that of the tokens."""
        done = 0
        for chosen in batches(tokens, batch=batch):
            out[chosen] = self._run([tokens[index] for index in chosen])
            done += len(chosen)
            if on_progress is not None:
                on_progress(done, len(tokens))
        return out

    def _run(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        """Return one row for each input of a batch."""
        raise NotImplementedError
