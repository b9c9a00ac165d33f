"""The selector's model: a pair of texts in, one score out, as the bundle's manifest says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, SelectorSpec
from ondevice.errors import ModelMismatchError
from ondevice.retrieval.encoding.graph_model import TextModel, open_for_tokens
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, Tokens, run_graph


class CrossEncoder(TextModel[PairTokenizer]):
    """Scores pairs of texts; higher is better. Safe to use from several threads at once.

    RSPG (arXiv:2404.05970) scores each candidate of a request by itself and takes the best: the candidate's prompt
    alone before anything is generated (an empty second text is none), or the prompt and what was generated from it. A
    pair longer than the bundle's ``max_tokens`` loses the end of its first text, or what its ``cut`` says of it; the
    second is cut only where it alone fills more than three quarters.
    """

    _noun = "selector"

    def __init__(self, *, bundle_id: str, spec: SelectorSpec, tokenizer: PairTokenizer, session: Session) -> None:
        """Take the parts as they are; use :meth:`open`."""
        super().__init__(bundle_id, tokenizer, session)
        self.max_tokens = spec.max_tokens

    @classmethod
    def open(cls, bundle: Bundle, *, threads: int | None = None) -> Self:
        """Load the tokenizer and the graph of a verified bundle. The caller closes.

        Args:
            bundle: A bundle of kind ``selector``; its id becomes the selector's.
            threads: CPU threads; ``None`` takes the physical cores.

        Raises:
            BundleError: If the tokenizer or the graph cannot be used.
            ModelMismatchError: If the graph gives anything but one score for a pair.
        """
        if bundle.selector is None:
            raise bundle.wrong_kind("selector")
        spec = bundle.selector
        tokenizer = PairTokenizer(bundle.file("tokenizer"), model=bundle.name, max_tokens=spec.max_tokens, cut=spec.cut)
        session = open_for_tokens(bundle, threads)
        selector = cls(bundle_id=bundle.id, spec=spec, tokenizer=tokenizer, session=session)
        selector.score([("a", "b"), ("a", "")], batch=2)  # a graph of another shape shows now, not at the first choice
        return selector

    def score(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        batch: int = 1,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> NDArray[np.float32]:
        """Score pairs of texts; the order of the result is the pairs'.

        Shapes: n pairs → float32[n], the model's own numbers (logits), with no bounds.

        Args:
            pairs: What is judged, for example (prompt, output); any text may be empty.
            batch: Pairs run through the graph at once. With 1, a pair has the same score whatever it is compared with;
                with more, an int8 graph takes its steps from the largest value in the batch, so a score moves with
                its company and near equals change places, and on a CPU nothing is gained.
            on_progress: Called with (done, total) after each batch.

        Raises:
            BundleError: If the graph fails or gives a number that is not finite.
            ModelMismatchError: If the graph gives anything but one score for a pair.
        """
        tokens = self._tokenizer.tokenize(pairs)
        out = np.empty(len(pairs), dtype=np.float32)
        return self._in_batches(tokens, out, batch=batch, on_progress=on_progress)

    def __repr__(self) -> str:
        return f"CrossEncoder({self.id!r}, max_tokens={self.max_tokens})"

    def _run(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        scores, _ = run_graph(self._session, tokens)
        if scores.shape not in {(len(tokens),), (len(tokens), 1)}:
            raise ModelMismatchError(
                f"the graph of {self.id!r} gives an array of shape {list(scores.shape)} for {len(tokens)} pairs, "
                "but one score for each is needed"
            )
        return self._finite(scores).reshape(-1)


def shares_of(scores: Sequence[float]) -> list[float]:
    """Return each candidate's share of the choice: the softmax of the scores."""
    weights = np.exp(np.asarray(scores, np.float64) - max(scores))
    return [float(weight) for weight in weights / weights.sum()]


def decide(shares: Sequence[float], default: int | None, lead: float) -> int:
    """Return the place of the candidate that is chosen; of equals the first.

    Args:
        shares: Each candidate's share of the choice.
        default: The place of the candidate that stands where no other leads it clearly, or ``None``.
        lead: By how much another must lead it; 1 never leaves it.
    """
    best = max(range(len(shares)), key=lambda place: (shares[place], -place))
    if default is not None and (lead >= 1 or shares[best] - shares[default] < lead):
        return default
    return best
