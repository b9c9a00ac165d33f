"""Some questions with the notes that stood in the prompt, the answer and its mark, for whoever reads along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ondevice.evaluation.note_reading.questions import dice_of
from ondevice.records import Draft

if TYPE_CHECKING:
    from ondevice.evaluation.note_reading.report import NotesReport


def transcript_of(report: NotesReport, n: int, *, seed: int) -> list[dict[str, Any]]:
    """Draw ``n`` questions and return each with its answers under every condition; texts are shown.

    Args:
        report: The run.
        n: How many questions.
        seed: Which ones.
    """
    asked = list(
        dict.fromkeys((each.answer.holder, each.answer.number, each.answer.is_again) for each in report.scored)
    )
    chosen = {asked[place] for place in dice_of(f"{seed} transcript").permutation(len(asked))[:n]}
    notes = {holder.name: {str(draft.id): draft for draft in holder.drafts} for holder in report.holders}
    told: dict[tuple[str, int, bool], dict[str, Any]] = {}
    for each in report.scored:
        answer, question = each.answer, each.question
        key = (answer.holder, answer.number, answer.is_again)
        if key not in chosen:
            continue
        entry = told.setdefault(
            key,
            {
                "holder": answer.holder,
                "category": question.category,
                "request": question.text,
                "wanted": question.gold if question.is_answerable else None,
                "after forgetting": answer.is_again,
                "answers": [],
            },
        )
        drafts = [notes[answer.holder][item_id] for item_id in answer.notes]
        entry["answers"].append(
            {
                "notes": answer.condition,
                "found": [_spoken(draft) for draft in drafts],
                "answer": answer.text,
                "mark": answer.mark,
            }
        )
    return [told[key] for key in asked if key in told]


def _spoken(draft: Draft) -> str:
    return draft.text if draft.time is None else f"{draft.time:%Y-%m-%d} {draft.text}"


def transcript_lines(told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the transcript as lines of text."""
    for entry in told:
        again = ", after forgetting" if entry["after forgetting"] else ""
        yield f"{entry['holder']}, {entry['category']}{again}: {entry['request']}"
        yield f"  wanted: {entry['wanted'] or 'a refusal'}"
        for answer in entry["answers"]:
            yield f"  {answer['notes']}:"
            yield from (f"    - {note}" for note in answer["found"])
            yield f"    {answer['mark']}: {answer['answer']}"
        yield ""
