"""Questions and answers of the LaMP tasks whose answer is a text: to train a small adapter on, and to score one."""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(os.environ.get("ONDEVICE_DATA", Path(__file__).parents[2] / "shared" / "data"))
"""Where the evaluation data lie; in ``lamp/`` and ``locomo/``, as these data sets are published."""

TASKS = ("LaMP_4", "LaMP_5_loo", "LaMP_7")
_WORDS = 110


@dataclass(frozen=True, kw_only=True)
class Question:
    """A request and the answer its user wrote."""

    request: str = field(repr=False)
    answer: str = field(repr=False)


def read_questions(split: str, *, per_task: int, seed: int = 0) -> list[Question]:
    """Return up to ``per_task`` questions of each task, at most one a user while there are users left, shuffled."""
    out = []
    for task in TASKS:
        folder = DATA / "lamp" / task
        with gzip.open(folder / f"{split}_questions.json.gz", "rt", encoding="utf-8") as file:
            questions = json.load(file)
        with gzip.open(folder / f"{split}_outputs.json.gz", "rt", encoding="utf-8") as file:
            golds = {gold["id"]: gold["output"] for gold in json.load(file)["golds"]}
        random.Random(seed).shuffle(questions)
        seen: dict[str, int] = {}
        for question in questions:
            user = str(question["user_id"])
            question["turn"] = seen[user] = seen.get(user, -1) + 1
        questions.sort(key=lambda question: int(question["turn"]))
        out += [
            Question(request=" ".join(question["input"].split()[:_WORDS]), answer=golds[question["id"]].strip())
            for question in questions[:per_task]
        ]
    random.Random(seed).shuffle(out)
    return out
