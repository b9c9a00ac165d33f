"""Small LaMP data sets, made on the spot."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

HEADLINE = "Generate a headline for the following article:"
MOVIE = "Which tag does this movie relate to among the following tags? description:"
TWEET = "Paraphrase the following tweet without any explanation before or after it:"


def write_split(folder: Path, questions: list[dict[str, Any]], golds: list[str], *, split: str = "train") -> None:
    """Write a task's questions and golds as LaMP has them."""
    folder.mkdir(parents=True)
    outputs = [{"id": question["id"], "output": gold} for question, gold in zip(questions, golds, strict=True)]
    for name, value in (("questions", questions), ("outputs", {"task": folder.name, "golds": outputs})):
        with gzip.open(folder / f"{split}_{name}.json.gz", "wt", encoding="utf-8") as file:
            json.dump(value, file)


def write_users(folder: Path, questions: list[dict[str, Any]], golds: list[str], n_train: int = 9) -> None:
    """Write the first users as the train files, the last as the dev files."""
    write_split(folder, questions[:n_train], golds[:n_train])
    write_split(folder.parent / "later", questions[n_train:], golds[n_train:], split="dev")
    for path in (folder.parent / "later").iterdir():
        path.rename(folder / path.name)
    (folder.parent / "later").rmdir()


def headlines(n_users: int, *, n_items: int = 5, dated: bool = False) -> tuple[list[dict[str, Any]], list[str]]:
    """Return one question a user about a word that stands in one item of the profile, the answer a word of theirs."""
    words = ("river", "mountain", "harbour", "village", "orchard", "tower", "meadow")
    questions, golds = [], []
    for user in range(n_users):
        profile = [
            {
                "id": f"{user}-{number}",
                "text": f"They walked to the {words[number % len(words)]} of user {user} on day {number}.",
                "title": f"Walk {user} to the {words[number % len(words)]}",
            }
            | ({"date": f"2024-01-{number + 1:02}"} if dated else {})
            for number in range(n_items)
        ]
        question = {"id": f"q{user}", "user_id": str(user), "profile": profile}
        question["input"] = f"{HEADLINE} A {words[user % n_items]} was seen by user {user}."
        questions.append(question | ({"date": "2024-01-03"} if dated else {}))
        golds.append(f"Seen {user}")
    return questions, golds
