"""What a label's prior is worth: what the model likes anyway, with and without how often each label is right.

    python -m benchmarks.label_priors LAMP MODEL [FOLD]

LAMP is the data's folder, MODEL the bundle of a language model. Of users of the train split, or of one of the two folds
of all users, one question each, half are the prior and half the judges, and then the other way round. The loss is -ln
of the own label's share among all. Writes results/label-priors/MODEL.json and .md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.evaluation.folds import in_fold, read_folds
from ondevice.evaluation.label_priors import prior_prompts
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import labels_for

TASKS, ITEMS, N_USERS = ("LaMP_2", "LaMP_2N", "LaMP_3_amazon_loo"), (0, 4), 60
WAYS = ("no prior", "liking", "liking and frequency")


def main(arguments: Sequence[str]) -> None:
    """Score every label of every question, and write the table."""
    data, model = map(Path, arguments[:2])
    fold = int(arguments[2]) if len(arguments) > 2 else None
    result = RESULTS / "label-priors" / f"{model.name}.json"
    with Engine.open(Bundle.open(model, kind="generator"), config=EngineConfig(threads=1)) as engine:
        rows = [_row(_split(data / task, fold), k, engine) for task in TASKS for k in ITEMS]
    write_study(result, {"machine": machine.describe(), "model": model.name, "fold": fold, "losses": rows})
    result.with_suffix(".md").write_text(markdown_of(result), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the table of a file that :func:`main` wrote."""
    found = read_study(path)
    rows = found["losses"]
    lines = [
        "# What a label's prior is worth",
        "",
        "Reproduce: `python -m benchmarks.label_priors LAMP MODEL [FOLD]`",
        "",
    ]
    lines += [
        f"- {key}: {value}"
        for key, value in {**found["machine"], "model": found["model"], "users": _whose(found["fold"])}.items()
    ]
    lines += [
        "",
        "The likelihood loss of the own label (nats), and the last two compared: mean and standard error.",
        "",
    ]
    head = list(rows[0])
    body = [[f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    lines += ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]
    return "\n".join(lines) + "\n"


def _whose(fold: int | None) -> str:
    return "of the train split" if fold is None else f"of fold {fold}"


def _split(folder: Path, fold: int | None) -> LampSplit:
    return read_lamp_split(folder, "train") if fold is None else in_fold(read_folds(folder), fold)


def _row(split: LampSplit, k: int, engine: Engine) -> dict[str, object]:
    asked = split.first(N_USERS, per_user=1)
    labels = labels_for(split.task) or ()
    own = np.array([labels.index(gold.strip()) for gold in asked.golds])
    scores = _scores(asked, k, engine, labels)
    losses = {way: losses_of(scores, own, way) for way in WAYS}
    difference = losses["liking and frequency"] - losses["liking"]
    return {
        "task": split.name,
        "k": k,
        "users": len(own),
        **{way: float(losses[way].mean()) for way in WAYS},
        "last less liking": float(difference.mean()),
        "its error": float(difference.std(ddof=1) / len(own) ** 0.5),
    }


def _scores(split: LampSplit, k: int, engine: Engine, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return ln p of each label for each question, float64[questions, labels]."""
    choices = [engine.choose(each.prompt, labels) for each in prior_prompts(split, k, engine)]
    return np.array([[choice.scores[label] for label in labels] for choice in choices])


def losses_of(scores: NDArray[np.float64], own: NDArray[np.intp], way: str) -> NDArray[np.float64]:
    """Return each question's loss, less the prior of the half that it is not in.

    Args:
        scores: ln p of each label for each question, float64[questions, labels].
        own: Each question's own label.
        way: One of :data:`WAYS`.
    """
    half = np.arange(len(own)) % 2 == 0
    losses = np.zeros(len(own))
    for judges in (half, ~half):
        weighed = scores[judges] - _prior(scores[~judges], own[~judges], way)
        shares = weighed - np.logaddexp.reduce(weighed, axis=1, keepdims=True)
        losses[judges] = -shares[np.arange(judges.sum()), own[judges]]
    return losses


def _prior(scores: NDArray[np.float64], own: NDArray[np.intp], way: str) -> NDArray[np.float64]:
    if way == "no prior":
        return np.zeros(scores.shape[1])
    liking: NDArray[np.float64] = scores.mean(axis=0)
    if way == "liking":
        return liking
    counts = np.bincount(own, minlength=scores.shape[1]) + 1
    prior: NDArray[np.float64] = liking - np.log(counts / counts.sum())
    return prior


if __name__ == "__main__":
    main(sys.argv[1:])
