"""What a label's prior is worth, and on which questions it is measured best.

    python -m benchmarks.label_priors LAMP MODEL

LAMP is the data's folder, MODEL the bundle of a language model. Of users of the train split, one question each, half
are the prior and half the judges, and then the other way round. The loss is -ln of the own label's share among all.
Writes results/label-priors.*.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.evaluation.label_priors import prior_prompts
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import labels_for, query_for

TASKS, ITEMS, N_USERS = ("LaMP_2", "LaMP_2N", "LaMP_3_amazon_loo"), (0, 4), 60
WAYS = ("no prior", "empty questions", "whole questions")
RESULT = RESULTS / "label-priors.json"


def main(arguments: Sequence[str]) -> None:
    """Score every label of every question, whole and empty, and write the table."""
    data, model = map(Path, arguments)
    with Engine.open(Bundle.open(model, kind="generator"), config=EngineConfig(threads=1)) as engine:
        rows = [_row(read_lamp_split(data / task, "train"), k, engine) for task in TASKS for k in ITEMS]
    write_study(RESULT, {"machine": machine.describe(), "model": model.name, "losses": rows})
    RESULT.with_suffix(".md").write_text(markdown_of(RESULT), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the table of a file that :func:`main` wrote."""
    found = read_study(path)
    rows = found["losses"]
    lines = ["# What a label's prior is worth", "", "Reproduce: `python -m benchmarks.label_priors LAMP MODEL`", ""]
    lines += [f"- {key}: {value}" for key, value in {**found["machine"], "model": found["model"]}.items()]
    lines += [
        "",
        "The likelihood loss of the own label (nats), and the last two compared: mean and standard error.",
        "",
    ]
    head = list(rows[0])
    body = [[f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    lines += ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]
    return "\n".join(lines) + "\n"


def _row(split: LampSplit, k: int, engine: Engine) -> dict[str, object]:
    asked = split.first(N_USERS, per_user=1)
    labels = labels_for(split.task) or ()
    own = np.array([labels.index(gold.strip()) for gold in asked.golds])
    whole, empty = _scores(asked, k, engine, labels), _scores(_emptied(asked), k, engine, labels)
    priors = {"no prior": np.zeros_like(whole), "empty questions": empty, "whole questions": whole}
    losses = {way: _losses(whole, priors[way], own) for way in WAYS}
    difference = losses["whole questions"] - losses["empty questions"]
    return {
        "task": split.name,
        "k": k,
        "users": len(own),
        **{way: float(losses[way].mean()) for way in WAYS},
        "whole less empty": float(difference.mean()),
        "its error": float(difference.std(ddof=1) / len(own) ** 0.5),
    }


def _scores(split: LampSplit, k: int, engine: Engine, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return ln p of each label for each question, float64[questions, labels]."""
    choices = [engine.choose(each.prompt, labels) for each in prior_prompts(split, k, engine)]
    return np.array([[choice.scores[label] for label in labels] for choice in choices])


def _emptied(split: LampSplit) -> LampSplit:
    """Return the questions without what they ask about, behind the same histories."""
    frames = [
        each.request.rstrip().removesuffix(query_for(split.task, each.request)).rstrip() for each in split.questions
    ]
    asked = [replace(each, request=frame) for each, frame in zip(split.questions, frames, strict=True)]
    return replace(split, questions=tuple(asked))


def _losses(whole: NDArray[np.float64], prior: NDArray[np.float64], own: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return each question's loss, less the prior of the half that it is not in."""
    half = np.arange(len(own)) % 2 == 0
    losses = np.zeros(len(own))
    for judges in (half, ~half):
        scores = whole[judges] - prior[~judges].mean(axis=0)
        shares = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        losses[judges] = -shares[np.arange(judges.sum()), own[judges]]
    return losses


if __name__ == "__main__":
    main(sys.argv[1:])
