"""Small LaMP files in every layout the benchmark has had, made on the spot."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

REQUESTS = {
    "LaMP_1": 'For an author who has written the paper with the title "Trees", which reference is related? '
    'Just answer with [1] or [2] without explanation. [1]: "Forests" [2]: "Oceans"',
    "LaMP_2": "Which tag does this movie relate to among the following tags? description: a robot in space",
    "LaMP_2N": "Which category does this article relate to among the following categories? article: a match",
    "LaMP_3": "What is the score of the following review on a scale of 1 to 5? review: fine tea",
    "LaMP_4": "Generate a headline for the following article: rain in Lyon",
    "LaMP_5": "Generate a title for the following abstract of a paper: we study rain",
    "LaMP_6": "Generate a subject for the following email: the keys are with Bob",
    "LaMP_7": "Paraphrase the following tweet without any explanation before or after it: rain again",
}
GOLDS = {
    "LaMP_1": "[1]",
    "LaMP_2": "sci-fi",
    "LaMP_2N": "sports",
    "LaMP_3": "4",
    "LaMP_4": "Rain in Lyon",
    "LaMP_5": "A study of rain",
    "LaMP_6": "Keys",
    "LaMP_7": "it rains once more",
}


def entry(task: str, number: int | str, **more: Any) -> dict[str, Any]:
    """Return one history entry with the fields of its task."""
    fields: dict[str, dict[str, Any]] = {
        "LaMP_1": {"title": f"paper {number}", "abstract": f"about trees {number}"},
        "LaMP_2": {"tag": "sci-fi", "description": f"a ship {number}"},
        "LaMP_2N": {"category": "sports", "text": f"a match {number}", "title": f"match {number}"},
        "LaMP_3": {"score": "4", "text": f"tea {number}"},
        "LaMP_4": {"title": f"Rain {number}", "text": f"it rained {number}"},
        "LaMP_5": {"title": f"On rain {number}", "abstract": f"rain was studied {number}"},
        "LaMP_6": {"title": f"Keys {number}", "text": f"keys are here {number}"},
        "LaMP_7": {"text": f"so much rain {number}"},
    }
    return {"id": str(number), **fields[task], **more}


def question(task: str, name: str, *, user: str | None = None, n_entries: int = 3, **more: Any) -> dict[str, Any]:
    """Return one question with a history of its own."""
    profile = [entry(task, f"{name}-{number}") for number in range(n_entries)]
    named = {} if user is None else {"user_id": user}
    return {"id": name, "input": REQUESTS[task], "profile": profile, **named, **more}


def write_split(
    folder: Path,
    task: str,
    questions: list[dict[str, Any]],
    *,
    golds: Any = None,
    split: str = "dev",
    zipped: bool = False,
) -> Path:
    """Write the two files of a split into ``folder`` (created) and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if golds is None:
        golds = {"task": task, "golds": [{"id": each["id"], "output": GOLDS[task]} for each in questions]}
    for part, value in (("questions", questions), ("outputs", golds)):
        data = json.dumps(value).encode()
        path = folder / f"{split}_{part}.json"
        if zipped:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data))
        else:
            path.write_bytes(data)
    return folder
