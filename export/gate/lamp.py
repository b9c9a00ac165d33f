"""LaMP profiles as retrieval tasks: each question searches the history that stands with it.

Source: Salemi et al. 2023, arXiv:2304.11406 (record form); the searched part of a question is the papers' φ_q. Nobody
judged the entries, so rankings are compared with the original encoder's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from export.errors import DatasetError
from export.gate.retrieval_data import RetrievalData, translated
from ondevice.errors import NotFoundError
from ondevice.generation.prompts.lamp import LAMP_TASKS
from ondevice.importers.lamp import read_lamp_questions

MIN_PROFILE = 2


def lamp_retrieval_data(folder: Path, *, split: str = "dev", limit: int | None = None) -> RetrievalData:
    """Read a task's folder, or a folder of such folders, and let every question search its own profile.

    Questions whose profile has but one text leave nothing to rank; they are left out and counted.

    Args:
        folder: Where ``<split>_questions.json`` or ``.json.gz`` lies, or the folders of several tasks.
        split: ``dev`` or ``train``.
        limit: At most so many questions, evenly taken from every task.

    Raises:
        NotFoundError: If there is no file of that split.
        DatasetError: If a file has another form; it names the file, the question and the field.
    """
    files = _files(folder, split)
    parts = [_task_data(file, folder.name) for file in files]
    if limit is None:
        return _joined(parts, folder.name)
    if limit < len(parts):
        raise ValueError(f"limit {limit} must be {len(parts)} or more, one question of every task")
    return _joined([part.spread(share) for part, share in zip(parts, _shares(parts, limit), strict=True)], folder.name)


def _files(folder: Path, split: str) -> list[Path]:
    names = (f"{split}_questions.json", f"{split}_questions.json.gz")
    for parent in ([folder], sorted(each for each in folder.glob("*") if each.is_dir())):
        found = [path for each in parent for name in names if (path := each / name).is_file()]
        if found:
            return found
    raise NotFoundError(
        f"the folder {folder.name!r} has no {split}_questions.json[.gz]", hint="give a LaMP task's folder, or theirs"
    )


def _task_data(file: Path, name: str) -> RetrievalData:
    with translated(file):
        questions = read_lamp_questions(file)
        # One text twice in a profile would tie with itself.
        asked = [(each, tuple(dict.fromkeys(draft.text for draft in each.history()))) for each in questions]
    whole = [(question, texts) for question, texts in asked if len(texts) >= MIN_PROFILE]
    if not whole:
        raise DatasetError(f"{file.name}: none of {len(asked)} questions has a profile of {MIN_PROFILE} or more")
    place: dict[str, int] = {}
    return RetrievalData(
        name=name,
        candidates=[[place.setdefault(text, len(place)) for text in texts] for _, texts in whole],
        passages=list(place),
        queries=[LAMP_TASKS[question.task].query(question.request) for question, _ in whole],
        n_left_out=len(asked) - len(whole),
    )


def _shares(parts: Sequence[RetrievalData], limit: int) -> list[int]:
    """Return how many questions each task gives: alike, and what a small one lacks comes from the others."""
    shares = [0] * len(parts)
    left = min(limit, sum(len(part.queries) for part in parts))
    while left:
        for index, part in enumerate(parts):
            if left and shares[index] < len(part.queries):
                shares[index] += 1
                left -= 1
    return shares


def _joined(parts: Sequence[RetrievalData], name: str) -> RetrievalData:
    passages: list[str] = []
    candidates: list[list[int]] = []
    for part in parts:
        candidates += [[len(passages) + index for index in chosen] for chosen in part.candidates]
        passages += part.passages
    return RetrievalData(
        name=name,
        passages=passages,
        queries=[query for part in parts for query in part.queries],
        candidates=candidates,
        n_left_out=sum(part.n_left_out for part in parts),
    )
