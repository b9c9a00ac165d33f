"""What the vectors of a user's items tell of how the user writes and labels: no persona can say more than they hold.

Half of each user's items tell of the other half: once through their vectors, read by a linear map that was learned on
other users' items, and once through the signs themselves, which were counted in the texts.

    python -m benchmarks.persona_probe LAMP MODELS --encoder NAME --tasks LaMP_2N,LaMP_7

LAMP is the data's folder, MODELS the bundles'. Writes results/persona-probe.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from export.training.candidates import passage_of
from ondevice.adaptation.lessons.pairs import item_pairs
from ondevice.bundle import Bundle
from ondevice.evaluation.folds import read_folds
from ondevice.evaluation.history_questions import distinct_items
from ondevice.generation.prompts.prompt import labels_for
from ondevice.retrieval.encoding.encoder import Encoder

RESULT = RESULTS / "persona-probe.json"
LEAST_ITEMS, MOST_ITEMS, N_PARTS, RIDGE = 8, 60, 5, 1.0
SIGNS = (
    "capital letters",
    "a small first letter",
    "exclamation marks",
    "a hash sign",
    "an at sign",
    "words",
    "dots in a row",
    "a small i",
    "a smile",
    "a mark at the end",
    "words of chats",
)
_ALL, _SMALLEST = "all", 1e-12
Numbers = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Probe each task and write the table."""
    given = _parsed(arguments)
    rows: list[dict[str, object]] = []
    with Encoder.open(Bundle.open(given.models / given.encoder, kind="encoder"), threads=given.threads) as encoder:
        for task in given.tasks.split(","):
            texts, signs, names = _items_of(given.data / task, given.users)
            vectors = encoder.encode_passages([text for each in texts for text in each]).astype(np.float64)
            ends = np.cumsum([len(each) for each in texts])[:-1]
            by_vectors, by_signs = probe(np.split(vectors, ends), signs)
            rows += [
                {"task": task, "users": len(texts), "sign": name, "vectors": one, "signs": other}
                for name, one, other in zip(names, by_vectors.tolist(), by_signs.tolist(), strict=True)
                if name in (*SIGNS, _ALL)
            ]
    settings = f"--encoder {given.encoder} --tasks {given.tasks} --users {given.users}"
    write_study(RESULT, {"machine": machine.describe(), "settings": settings, "told": rows})
    RESULT.with_suffix(".md").write_text(markdown_of(RESULT), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the table of a kept file."""
    found = read_study(path)
    lines = [
        f"# {path.stem}",
        "",
        f"Reproduce: `python -m benchmarks.persona_probe LAMP MODELS {found['settings']}`",
        "",
        "How much of what differs between users' signs in one half of their items the other half tells (R², users who "
        "were not learned from; 1 is all, 0 nothing): by the vectors of items, or by the signs of these. Labels are "
        "signs too: how often a user gives each.",
        "",
        "| task | users | sign | by vectors | by signs |",
        "|---|--:|---|--:|--:|",
    ]
    lines += [
        f"| {row['task']} | {row['users']} | {row['sign']} | {row['vectors']:.2f} | {row['signs']:.2f} |"
        for row in found["told"]
    ]
    return "\n".join(lines) + "\n"


def probe(vectors: Sequence[Numbers], signs: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """Return how much one half tells of the other's signs: by vectors and by signs, and of all together at the end.

    Shapes: a user's vectors float64[n, dim] and signs float64[n, k] → float64[k + 1] twice.
    """
    random = np.random.default_rng(0)
    part = random.permutation(len(vectors)) % N_PARTS
    halves = [random.permutation(len(each)) for each in vectors]
    told = [order[: len(order) // 2] for order in halves]
    asked = np.array([each[order[len(order) // 2 :]].mean(axis=0) for each, order in zip(signs, halves, strict=True)])
    by_signs = np.array([each[half].mean(axis=0) for each, half in zip(signs, told, strict=True)])
    found = np.zeros((2, *asked.shape))
    for number in range(N_PARTS):
        learned = np.flatnonzero(part != number).tolist()
        read = _reader([vectors[user] for user in learned], [signs[user] for user in learned])
        by_vectors = np.array([read(each[half].mean(axis=0)) for each, half in zip(vectors, told, strict=True)])
        for place, given in enumerate((by_vectors, by_signs)):
            found[place][part == number] = _scaled(given, asked, learned)[part == number]
    left = ((asked - found) ** 2).sum(axis=1)
    differs = ((asked - asked.mean(axis=0)) ** 2).sum(axis=0)
    left, differs = np.c_[left, left.sum(axis=1)], np.append(differs, differs.sum())
    by_vectors, by_signs = 1 - left / np.maximum(differs, _SMALLEST)
    return by_vectors, by_signs


def signs_of(text: str) -> Numbers:
    """Return a text's signs, in the order of :data:`SIGNS`."""
    words = text.split()
    letters = [character for character in text if character.isalpha()]
    found: Numbers = np.array(
        [
            sum(letter.isupper() for letter in letters) / max(1, len(letters)),
            text.lstrip()[:1].islower(),
            text.count("!") / max(1, len(words)),
            "#" in text,
            "@" in text,
            len(words),
            ".." in text,
            "i" in words,
            re.search(r"[:;=]-?[)(DP]|\blol\b|haha", text) is not None,
            text.rstrip().endswith((".", "!", "?")),
            re.search(r"\b(u|ur|gonna|wanna|im|dont|cant)\b", text.lower()) is not None,
        ],
        dtype=np.float64,
    )
    return found


def _items_of(folder: Path, most_users: int) -> tuple[list[list[str]], list[Numbers], list[str]]:
    """Return each user's passages and signs, and what these are called; free texts' signs are in users' deviations."""
    split = read_folds(folder)
    seen: set[str] = set()
    texts, answers = [], []
    for question in split.questions:
        if question.user in seen:
            continue
        seen.add(question.user)
        items = [(item, item_pairs([item], task=split.task)) for item in distinct_items(question)[:MOST_ITEMS]]
        told = [(passage_of(item), pairs[0].answer) for item, pairs in items if pairs]
        if len(told) >= LEAST_ITEMS:
            texts.append([text for text, _ in told])
            answers.append([answer for _, answer in told])
        if len(texts) == most_users:
            break
    labels = labels_for(split.task)
    if labels is not None:
        counted = [np.array([[answer == label for label in labels] for answer in each], np.float64) for each in answers]
        return texts, counted, [*labels, _ALL]
    signs = [np.array([signs_of(answer) for answer in each]) for each in answers]
    spread = np.maximum(np.std([each.mean(axis=0) for each in signs], axis=0), _SMALLEST)
    return texts, [each / spread for each in signs], [*SIGNS, _ALL]


def _reader(vectors: Sequence[Numbers], signs: Sequence[Numbers]) -> Callable[[Numbers], Numbers]:
    """Return a linear map from an item's vector to its signs, learned by ridge regression."""
    given, wanted = np.concatenate(vectors), np.concatenate(signs)
    middle = given.mean(axis=0)
    apart = given - middle
    weights = np.linalg.solve(
        apart.T @ apart + RIDGE * np.eye(given.shape[1]), apart.T @ (wanted - wanted.mean(axis=0))
    )
    return lambda vector: (vector - middle) @ weights


def _scaled(given: Numbers, asked: Numbers, learned: Sequence[int]) -> Numbers:
    """Return what is expected of each user, by a line for each sign that was fitted on those who were learned from."""
    mean, goal = given[learned].mean(axis=0), asked[learned].mean(axis=0)
    apart = given[learned] - mean
    slope = (apart * (asked[learned] - goal)).sum(axis=0) / np.maximum((apart**2).sum(axis=0), _SMALLEST)
    expected: Numbers = (given - mean) * slope + goal
    return expected


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
