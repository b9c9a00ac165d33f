"""Feedback on a pool, taken apart: with fewer retrievers, and as a trained selector chooses."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from export.conversion.onnx.classifier import read_classifier
from export.conversion.onnx.classifier_reference import TorchClassifier, open_tokenizer
from export.conversion.onnx.tokenizing import write_tokenizer
from export.training.choices import MODES, Mode
from export.training.notes import read_selector_note
from export.training.pools import PoolFeedback
from export.training.selector import lead, pairs_of

Chooser = Callable[[PoolFeedback], int]


def without(record: PoolFeedback, names: Sequence[str]) -> PoolFeedback:
    """Return the feedback as it would be without these retrievers in the pool."""
    kept = [
        replace(each, names=tuple(name for name in each.names if name not in names))
        for each in record.candidates
        if not set(each.names) <= set(names)
    ]
    return replace(record, pool=tuple(name for name in record.pool if name not in names), candidates=tuple(kept))


def choosers_of(folder: Path, *, names: Sequence[str] = ()) -> dict[str, Chooser]:
    """Return how a trained selector chooses, by mode and gated by its margin, from its floats.

    Args:
        folder: What ``train rspg`` wrote.
        names: Retrievers that it may not choose, because its pool lacks them.
    """
    scratch = Path(tempfile.mkdtemp(prefix="ondevice-selection-"))
    checkpoint = read_classifier(folder)
    write_tokenizer(checkpoint, scratch / "tokenizer.json")
    model = TorchClassifier.open(checkpoint, open_tokenizer(checkpoint, scratch / "tokenizer.json"))
    note = read_selector_note(folder)
    margin = 1.0 if note is None else note.margin

    def shares(record: PoolFeedback, mode: Mode) -> list[float]:
        scores = model.score(pairs_of(record, mode), batch=1)
        weights = np.exp(scores - scores.max())
        return [float(each) for each in weights / weights.sum()]

    def place_in(record: PoolFeedback, fewer: PoolFeedback, chosen: int) -> int:
        text = fewer.candidates[chosen].text
        return next(place for place, each in enumerate(record.candidates) if each.text == text)

    def choose(mode: Mode, record: PoolFeedback) -> int:
        fewer = without(record, names)
        return place_in(record, fewer, int(np.argmax(shares(fewer, mode))))

    def gated(record: PoolFeedback) -> int:
        fewer = without(record, names)
        first = shares(fewer, "pre")
        if lead(first) >= margin and margin < 1:
            return place_in(record, fewer, int(np.argmax(first)))
        return place_in(record, fewer, int(np.argmax(shares(fewer, "post"))))

    return {**{mode: partial(choose, mode) for mode in MODES}, f"post below {margin:g}": gated}
