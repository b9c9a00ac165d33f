"""Feedback of real users, kept so that the learning can be measured again without a language model.

Each user's history is asked once, on one thread: every one of the newest pairs, with each of its nearest earlier items
alone in the prompt. What is kept are vectors and likelihoods, never a text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ondevice.adaptation.lessons.feedback import REQUEST_TOKENS, Feedback, ask, questions
from ondevice.adaptation.lessons.pairs import item_pairs
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, EngineConfig
from ondevice.evaluation.histories import as_items
from ondevice.evaluation.lamp_data import read_lamp_split
from ondevice.generation.llama.engine import Engine
from ondevice.records import Item
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.vault.items import searchable_text

TASKS = ("LaMP_6_aeslc", "LaMP_4")
N_USERS = 3
N_PAIRS = 24
N_CANDIDATES = 16
MIN_ITEMS = 40
MAX_ITEMS = 120
"""Of a longer history the newest count, so that encoding stays a small part of the work."""


@dataclass(frozen=True, kw_only=True)
class RecordedUser:
    """One person of the data, under a number instead of a name; the oldest feedback first."""

    name: str
    feedback: list[Feedback]
    n_prompts: int
    seconds: float


def recorded(models: Path, data: Path, cache: Path, *, tasks: Sequence[str] = TASKS) -> Iterator[RecordedUser]:
    """Yield the users of each task, asking those that are not in the cache yet."""
    for task in tasks:
        with ExitStack() as stack:
            opened: tuple[Encoder, Engine] | None = None
            for number in range(1, N_USERS + 1):
                file = cache / f"{task}-{number}.npz"
                if not file.exists():
                    if opened is None:
                        opened = _open(models, stack)
                    _record(_histories(data, task)[number - 1], task, opened, file)
                yield _read(file, f"{task}/{number}")


def _open(models: Path, stack: ExitStack) -> tuple[Encoder, Engine]:
    encoder = stack.enter_context(Encoder.open(Bundle.open(models / DEFAULT_ENCODER, kind="encoder"), threads=1))
    bundle = Bundle.open(models / DEFAULT_GENERATOR, kind="generator")
    return encoder, stack.enter_context(Engine.open(bundle, config=EngineConfig(threads=1)))


def _histories(data: Path, task: str) -> list[list[Item]]:
    """Return the histories of the first users that have enough pairs of a length that is asked."""
    split, seen, found = read_lamp_split(data / "lamp" / task, "train"), set[str](), []
    for question in split.questions:
        if question.user in seen:
            continue
        seen.add(question.user)
        items = sorted(as_items(list(question.history())), key=lambda item: (item.time, item.id))[-MAX_ITEMS:]
        pairs = item_pairs(items, task=split.task)
        short = [pair for pair in pairs if len(pair.request) <= 4 * REQUEST_TOKENS]
        if len(pairs) >= MIN_ITEMS and len(short) >= N_PAIRS + 4:
            found.append(items)
        if len(found) == N_USERS:
            return found
    raise ValueError(f"{task} has only {len(found)} users with {MIN_ITEMS} items or more, not {N_USERS}")


def _record(items: list[Item], name: str, opened: tuple[Encoder, Engine], file: Path) -> None:
    encoder, engine = opened
    task = "_".join(name.split("_")[:2])
    started, n_prompts = time.perf_counter(), 0
    matrix = encoder.encode_passages([searchable_text(item.text, item.fields) for item in items])
    places = {item.id: place for place, item in enumerate(items)}

    def count() -> bool:
        nonlocal n_prompts
        n_prompts += 1
        return False

    found = questions(
        item_pairs(items, task=task),
        items,
        encode=encoder.encode_queries,
        vectors=lambda ids: matrix[[places[item_id] for item_id in ids]],
        count_tokens=engine.count_tokens,
        max_candidates=N_CANDIDATES,
    )
    feedback: list[Feedback] = []
    for question in found:
        answer = ask(engine, question, after_each=count)
        if answer is not None:
            feedback.append(answer)
        if len(feedback) == N_PAIRS:
            break
    arrays: dict[str, Any] = {"seconds": np.array(time.perf_counter() - started), "n_prompts": np.array(n_prompts)}
    for place, each in enumerate(reversed(feedback)):
        arrays |= {f"query{place}": each.query, f"vectors{place}": each.vectors, f"rewards{place}": each.rewards}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.stem}.draft.npz")
    np.savez(draft, **arrays)
    draft.replace(file)


def _read(file: Path, name: str) -> RecordedUser:
    with np.load(file, allow_pickle=False) as arrays:
        n = sum(key.startswith("query") for key in arrays.files)
        feedback = [
            Feedback(query=arrays[f"query{i}"], vectors=arrays[f"vectors{i}"], rewards=arrays[f"rewards{i}"])
            for i in range(n)
        ]
        return RecordedUser(
            name=name, feedback=feedback, n_prompts=int(arrays["n_prompts"]), seconds=float(arrays["seconds"])
        )
