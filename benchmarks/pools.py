"""Feedback on a pool, taken apart: with fewer retrievers, and as a trained selector chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from export.conversion.onnx.classifier import read_classifier
from export.conversion.onnx.classifier_reference import TorchClassifier, open_tokenizer
from export.errors import DatasetError
from export.training.choices import MODES, Mode
from export.training.judge import pairs_of
from export.training.notes import read_selector_note
from export.training.pools import PoolFeedback
from export.training.selector_worth import place_of
from ondevice.retrieval.encoding.selector import decide, shares_of

Chooser = Callable[[PoolFeedback], int]


def without(record: PoolFeedback, names: Sequence[str]) -> PoolFeedback:
    """Return the feedback as it would be without these retrievers in the pool."""
    kept = [
        replace(each, names=tuple(name for name in each.names if name not in names))
        for each in record.candidates
        if not set(each.names) <= set(names)
    ]
    return replace(record, pool=tuple(name for name in record.pool if name not in names), candidates=tuple(kept))


def choosing_without(names: Sequence[str], choose: Chooser) -> Chooser:
    """Return what chooses among the candidates that are left without these retrievers."""

    def chosen(record: PoolFeedback) -> int:
        fewer = without(record, names)
        return place_of(record, fewer.candidates[choose(fewer)].names[0])

    return chosen


def choosers_of(folder: Path, *, default: str, names: Sequence[str] = ()) -> dict[str, Chooser]:
    """Return how a trained selector chooses, from its floats: by the largest share, and as its manifest says.

    Args:
        folder: What ``train rspg`` wrote.
        default: The retriever that stands where no other leads it clearly.
        names: Retrievers that it may not choose.
    """
    note = read_selector_note(folder)
    if note is None:
        raise DatasetError(f"{folder.name!r} is not what train rspg wrote")
    checkpoint = read_classifier(folder)
    model = TorchClassifier.open(checkpoint, open_tokenizer(checkpoint, folder / "tokenizer.json", cut=note.cut))
    known: dict[tuple[str, Mode], list[float]] = {}

    def shares(record: PoolFeedback, mode: Mode) -> list[float]:
        key = (f"{record.user} {record.name}", mode)
        if key not in known:
            known[key] = shares_of(model.score(pairs_of(record, mode), batch=1).tolist())
        return known[key]

    def choose(mode: Mode, least: float | None, record: PoolFeedback) -> int:
        usual = None if least is None else place_of(record, default)
        return decide(shares(record, mode), usual, least or 0.0)

    leads: dict[Mode, float] = {"pre": note.lead_pre, "post": note.lead_post}
    found: dict[str, Chooser] = {f"{mode}, largest share": partial(choose, mode, None) for mode in MODES}
    found |= {f"{mode}, leads {default} by {least:g}": partial(choose, mode, least) for mode, least in leads.items()}
    return {how: choosing_without(names, chooser) for how, chooser in found.items()}
