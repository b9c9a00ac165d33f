"""What an engine finds of given answers: how likely each is, and which of several labels is the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.desk import Check
from ondevice.generation.llama.scoring import (
    LabelChoice,
    choose_label,
    score_answer,
    score_answer_apart,
    score_labels_apart,
)
from ondevice.generation.llama.shaping import Shaping


class Weighing(Shaping):
    """The part of :class:`ondevice.generation.llama.engine.Engine` that weighs answers it has not written."""

    def choose(
        self,
        prompt: str,
        labels: Sequence[str],
        *,
        shaped: Conditioning | None = None,
        check: Check | None = None,
        prior: Mapping[str, float] | None = None,
        suffix: NDArray[np.float32] | None = None,
    ) -> LabelChoice:
        """Return the label that the model finds likeliest as the whole answer, less what ``prior`` says of each (nats).

        Of equal labels the first wins. ``shaped`` (:meth:`shape`) holds for this request alone, and so does ``suffix``:
        rows behind the prompt, as in :meth:`ondevice.generation.llama.engine.Engine.stream`.

        Raises:
            ContextOverflowError: If the prompt and the labels do not fit the context.
            ModelMismatchError: If the suffix's rows are not as long as the model's embeddings.
            ValueError: If there are no labels, one is empty, two are the same, the prior lacks one, or the suffix is
                no table of finite numbers.
        """
        return self._with_shape(
            shaped, suffix, lambda shape: choose_label(self._desk, prompt, shape, labels, check, prior)
        )

    def log_likelihood(
        self,
        prompt: str,
        answer: str,
        *,
        shaped: Conditioning | None = None,
        check: Check | None = None,
        ends_turn: bool = False,
        suffix: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return ln p of each token of ``answer``, and with ``ends_turn`` of the turn's end, float32[n_tokens] (nats).

        ``shaped`` and ``suffix`` hold for this request alone, as in :meth:`choose`.

        Raises:
            ContextOverflowError: If all of it together does not fit the context.
            ModelMismatchError, ValueError: Of the suffix, as :meth:`choose`; or if the answer is empty.
        """
        desk = self._desk
        return self._with_shape(
            shaped, suffix, lambda to: score_answer(desk, prompt, to, answer, check, ends_turn=ends_turn)
        )

    def choose_apart(
        self,
        prompt: str,
        labels: Sequence[str],
        *,
        shaped: Conditioning,
        check: Check | None = None,
        suffix: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float64]:
        """Return each label's log-likelihood as contrasted, with the adapter alone, and without, from one reading.

        The model without the adapter does not read ``suffix`` either: it is as personal.

        Shapes: float64[3, n_labels] (nats).

        Raises:
            ContextOverflowError: If the prompt and the labels do not fit the context.
            ValueError: If ``shaped`` has no adapter or no contrast, or as :meth:`choose`.
        """
        return score_labels_apart(self._desk, prompt, self._with_suffix(shaped, suffix), labels, check)

    def log_likelihood_apart(
        self,
        prompt: str,
        answer: str,
        *,
        shaped: Conditioning,
        check: Check | None = None,
        suffix: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return ln p of each token of ``answer`` as contrasted, with the adapter alone, and without, from one reading.

        The model without the adapter does not read ``suffix`` either: it is as personal.

        Shapes: float32[3, n_tokens] (nats).

        Raises:
            ContextOverflowError: If both together do not fit the context.
            ValueError: If ``shaped`` has no adapter or no contrast, or the answer is empty.
        """
        return score_answer_apart(self._desk, prompt, self._with_suffix(shaped, suffix), answer, check)
