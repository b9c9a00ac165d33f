"""Which questions seem to be about none of the notes, and how sure the model is of its own words then.

    python -m benchmarks.general_questions MODELS

Of invented people of the part that is learned from: general requests, questions that notes answer, questions that none
answers, and questions whose notes were forgotten. It tells how many of each kind seem to be about no note, at each
limit of nearness, and how many of these are given a plain answer at the limit in force. Writes
results/general-questions.json and .md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from ondevice import EngineConfig, ModelSet, Personalizer, SharedModels
from ondevice.evaluation.harm.plain_requests import PLAIN_REQUESTS
from ondevice.evaluation.note_reading.invented import holders_of
from ondevice.evaluation.note_reading.questions import Holder
from ondevice.evaluation.people import make_people
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.checking import LEAST_SURE
from ondevice.generation.prompts.general import FAR, names_no_note
from ondevice.generation.prompts.refusal import refuses

N_PEOPLE, N_QUESTIONS, SEED = 12, 120, 11
LIMITS = (0.2, 0.25, 0.3, FAR, 0.4)
KINDS = ("general", "answered", "unanswered", "forgotten")
RESULT = RESULTS / "general-questions.json"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One question: its kind, how near the nearest note is, whether its words name no note, and its text."""

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

    kind: str
    is_right: bool
    sureness: float


def main(arguments: Sequence[str]) -> None:
    """Look at every question, ask those that seem general, and write the tables."""
    (folder,) = arguments
    people = make_people(N_PEOPLE, split="train", seed=SEED, thorough=True)
    with SharedModels(ModelSet(folder, engine=EngineConfig(threads=1))) as models:
        seen = [
            each for holder in holders_of(people, questions=N_QUESTIONS, seed=0) for each in _looked_at(holder, models)
        ]
        asked = list(_asked([each for each in seen if each.seems_general(FAR)], models))
    write_study(
        RESULT,
        {"machine": machine.describe(), "seeming": _seeming(seen), "plain": [_given(kind, asked) for kind in KINDS]},
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
    lines += [f"Asked without notes, at {FAR}; given is an answer of whose words the model is {LEAST_SURE} sure.", ""]
    return "\n".join([*lines, *_table(found["plain"]), ""])


def _looked_at(holder: Holder, models: SharedModels) -> Iterator[Seen]:
    with temporary_profile(models, holder.drafts) as (me, ids):
        single = [question for question in holder.questions if not question.earlier]
        kinds = [("general", request.text) for request in PLAIN_REQUESTS]
        kinds += [("answered" if question.is_answerable else "unanswered", question.text) for question in single]
        yield from [_seen(me, kind, text) for kind, text in kinds]
        me.forget([*dict.fromkeys(ids[gone] for gone in holder.forgotten)])
        yield from [_seen(me, "forgotten", question.text) for question in holder.asked_again if not question.earlier]


def _seen(me: Personalizer, kind: str, text: str) -> Seen:
    (nearest,) = me.search(text, retriever="dense", k=1)
    spec = me.encoders.bundle().encoder
    near = nearest.score if spec is None else spec.nearness(nearest.score)
    found = [hit.item.text for hit in me.search(text)]
    return Seen(kind=kind, nearest=near, names_none=names_no_note([text], found), text=text)


def _asked(seen: Sequence[Seen], models: SharedModels) -> Iterator[Asked]:
    rights = {request.text: request for request in PLAIN_REQUESTS}
    with temporary_profile(models, ()) as (me, _):
        for kind, text in dict.fromkeys((each.kind, each.text) for each in seen):
            answer = me.generate(text, retriever="none", on_unsupported="answer")
            yield Asked(
                kind=kind,
                is_right=kind == "general" and rights[text].is_answered_by(answer.text),
                sureness=0.0 if refuses(answer.text) else answer.support or 0.0,
            )


def _seeming(seen: Sequence[Seen]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for kind in KINDS:
        here = [each for each in seen if each.kind == kind]
        shares = {f"< {limit}": sum(each.seems_general(limit) for each in here) / len(here) for limit in LIMITS}
        rows.append({"kind": kind, "questions": len(here), **shares})
    return rows


def _given(kind: str, asked: Sequence[Asked]) -> dict[str, object]:
    here = [each for each in asked if each.kind == kind]
    given = [each for each in here if each.sureness >= LEAST_SURE]
    return {
        "kind": kind,
        "asked": len(here),
        "right": sum(each.is_right for each in here),
        "given": len(given),
        "given and right": sum(each.is_right for each in given),
    }


def _table(rows: Sequence[dict[str, object]]) -> list[str]:
    head = list(rows[0])
    body = [[f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()] for row in rows]
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]


if __name__ == "__main__":
    main(sys.argv[1:])
