"""Which questions seem to be about none of the notes, and how sure the model is of its own words then.

    python -m benchmarks.general_questions MODELS

Of invented people: general requests, questions that notes answer, questions that none answers, and questions whose
notes were forgotten. The rule was made on people of the half of all words that is learned from; the other half is told
apart. It tells how many of each kind seem to be about no note, at each limit of nearness, and how many of these are
given a plain answer at each limit of sureness. Writes results/general-questions.json and .md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from ondevice import EngineConfig, ModelSet, Personalizer, SharedModels
from ondevice.evaluation.harm.plain_requests import PLAIN_REQUESTS
from ondevice.evaluation.note_reading.invented import holders_of
from ondevice.evaluation.note_reading.questions import Holder
from ondevice.evaluation.people import Split, make_people
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.checking import LEAST_SURE
from ondevice.generation.prompts.general import FAR, names_no_note
from ondevice.generation.prompts.refusal import refuses

N_QUESTIONS = 120
HALVES: Mapping[Split, tuple[int, int]] = {"train": (12, 11), "held_out": (6, 1)}
"""Of each half of all words, so many people, and which."""
LIMITS = (0.2, 0.25, 0.3, FAR, 0.4)
SURE = (0.0, LEAST_SURE, 0.6, 0.7, 0.8, 0.9)
KINDS = ("general", "answered", "unanswered", "forgotten")
RESULT = RESULTS / "general-questions.json"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One question: its kind, how near the nearest note is, whether its words name no note, and its text."""

    half: str
    kind: str
    nearest: float
    names_none: bool
    text: str

    def seems_general(self, limit: float) -> bool:
        """Say whether it seems to be about no note, at this limit of nearness."""
        return self.names_none and self.nearest < limit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the model said to one without notes: whether that is right, if that can be told, and how sure it is."""

    half: str
    kind: str
    is_right: bool
    sureness: float


def main(arguments: Sequence[str]) -> None:
    """Look at every question, ask those that seem general, and write the tables."""
    (folder,) = arguments
    with SharedModels(ModelSet(folder, engine=EngineConfig(threads=1))) as models:
        seen = [each for half in HALVES for each in _seen_of(half, models)]
        asked = list(_asked([each for each in seen if each.seems_general(FAR)], models))
    write_study(
        RESULT,
        {"machine": machine.describe(), "seeming": _seeming(seen), "plain": _given(asked)},
    )
    RESULT.with_suffix(".md").write_text(markdown_of(RESULT), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the tables of a file that :func:`main` wrote."""
    found = read_study(path)
    lines = [
        "# Questions about none of the notes",
        "",
        "Reproduce: `python -m benchmarks.general_questions MODELS`",
        "",
    ]
    lines += [f"- {key}: {value}" for key, value in found["machine"].items()]
    lines += ["", f"The share of each kind that seems to be about no note; {FAR} is the limit in force.", ""]
    lines += [*_table(found["seeming"]), ""]
    lines += [f"Those asked without notes, at {FAR}, and how many get such an answer, by how sure the model must be of"]
    lines += [f"its words; {LEAST_SURE} is in force. Of the general ones: right of so many given.", ""]
    return "\n".join([*lines, *_table(found["plain"]), ""])


def _seen_of(half: Split, models: SharedModels) -> Iterator[Seen]:
    n_people, seed = HALVES[half]
    people = make_people(n_people, split=half, seed=seed, thorough=True)
    for holder in holders_of(people, questions=N_QUESTIONS, seed=0):
        yield from _looked_at(half, holder, models)


def _looked_at(half: Split, holder: Holder, models: SharedModels) -> Iterator[Seen]:
    with temporary_profile(models, holder.drafts) as (me, ids):
        single = [question for question in holder.questions if not question.earlier]
        kinds = [("general", request.text) for request in PLAIN_REQUESTS]
        kinds += [("answered" if question.is_answerable else "unanswered", question.text) for question in single]
        yield from [_seen(half, me, kind, text) for kind, text in kinds]
        me.forget([*dict.fromkeys(ids[gone] for gone in holder.forgotten)])
        yield from [
            _seen(half, me, "forgotten", question.text) for question in holder.asked_again if not question.earlier
        ]


def _seen(half: Split, me: Personalizer, kind: str, text: str) -> Seen:
    if not names_no_note([text], ()):  # whatever is found
        return Seen(half=half, kind=kind, nearest=1.0, names_none=False, text=text)
    (nearest,) = me.search(text, retriever="dense", k=1)
    spec = me.encoders.bundle().encoder
    near = nearest.score if spec is None else spec.nearness(nearest.score)
    found = [hit.item.text for hit in me.search(text)]
    return Seen(half=half, kind=kind, nearest=near, names_none=names_no_note([text], found), text=text)


def _asked(seen: Sequence[Seen], models: SharedModels) -> Iterator[Asked]:
    rights = {request.text: request for request in PLAIN_REQUESTS}
    with temporary_profile(models, ()) as (me, _):
        for half, kind, text in dict.fromkeys((each.half, each.kind, each.text) for each in seen):
            answer = me.generate(text, retriever="none", on_unsupported="answer")
            yield Asked(
                half=half,
                kind=kind,
                is_right=kind == "general" and rights[text].is_answered_by(answer.text),
                sureness=0.0 if refuses(answer.text) else answer.support or 0.0,
            )


def _seeming(seen: Sequence[Seen]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for half, kind in product(HALVES, KINDS):
        here = [each for each in seen if (each.half, each.kind) == (half, kind)]
        shares = {f"< {limit}": sum(each.seems_general(limit) for each in here) / len(here) for limit in LIMITS}
        rows.append({"half": half, "kind": kind, "questions": len(here), **shares})
    return rows


def _given(asked: Sequence[Asked]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for half, kind in product(HALVES, KINDS):
        here = [each for each in asked if (each.half, each.kind) == (half, kind)]
        cells: dict[str, object] = {}
        for sure in SURE:
            given = [each for each in here if each.sureness > 0 and each.sureness >= sure]
            n_right = sum(each.is_right for each in given)
            cells[f">= {sure}"] = f"{n_right} of {len(given)}" if kind == "general" else len(given)
        rows.append({"half": half, "kind": kind, "asked": len(here), **cells})
    return rows


def _table(rows: Sequence[dict[str, object]]) -> list[str]:
    head = list(rows[0])
    body = [[f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]


if __name__ == "__main__":
    main(sys.argv[1:])
