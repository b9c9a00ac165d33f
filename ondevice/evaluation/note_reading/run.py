"""A run: who is asked what, under which conditions, with which models, and the report of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ondevice.config import RetrievalConfig
from ondevice.errors import InputError
from ondevice.evaluation.note_reading.answers import NoteAnswers
from ondevice.evaluation.note_reading.asking import Asker, Scored, n_answers
from ondevice.evaluation.note_reading.conditions import NOTE_CONDITIONS, NoteCondition
from ondevice.evaluation.note_reading.figures import rows_of
from ondevice.evaluation.note_reading.invented import holders_of
from ondevice.evaluation.note_reading.questions import Holder
from ondevice.evaluation.note_reading.report import NotesReport
from ondevice.evaluation.note_reading.talks import holders_of_talks
from ondevice.evaluation.people import check_talks, make_people
from ondevice.evaluation.plan import RunConfig
from ondevice.generation.llama.cores import physical_cores
from ondevice.records import ON_UNSUPPORTED, OnUnsupported
from ondevice.signals import Progress


@dataclass(frozen=True, kw_only=True, slots=True)
class NotesPlan:
    """What to measure.

    Args:
        conditions: Which notes stand in the prompts.
        people: So many invented people, of those that nothing is trained on.
        questions: Questions asked of each, as many of each category as there are.
        seed: Which people and which questions.
        talks: So many of the people's stories are told in talks with friends.
        k: Notes that the retriever looks for.
        locomo: A LoCoMo file whose conversations are asked in place of people, or ``None``.
        on_unsupported: What becomes of an answer that is not supported; ``None`` is as where nothing is said.
    """

    conditions: Sequence[NoteCondition] = NOTE_CONDITIONS
    people: int = 8
    questions: int = 24
    seed: int = 0
    talks: int = 0
    k: int = RetrievalConfig().k
    locomo: Path | None = None
    on_unsupported: OnUnsupported | None = None

    def __post_init__(self) -> None:
        """Refuse more talks than there are stories, and to ask nothing.

        Raises:
            ValueError: If a number is out of its range, or there is no condition.
        """
        check_talks(self.talks)
        for name in ("people", "questions", "k"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if not self.conditions:
            raise ValueError("name at least one condition")
        if self.on_unsupported not in (None, *ON_UNSUPPORTED):
            raise ValueError(f"on_unsupported is one of {', '.join(ON_UNSUPPORTED)}, not {self.on_unsupported!r}")

    def holders(self) -> list[Holder]:
        """Make the people, or read the conversations.

        Raises:
            NotFoundError: If the file is missing, or has no question that can be asked.
            InputError: If it has another form.
        """
        if self.locomo is not None:
            return list(holders_of_talks(self.locomo, questions=self.questions, seed=self.seed))
        people = make_people(self.people, split="held_out", seed=self.seed, talks=self.talks)
        return list(holders_of(people, questions=self.questions, seed=self.seed))


def evaluate_notes(
    plan: NotesPlan, config: RunConfig, *, out: Path | None = None, on_progress: Progress | None = None
) -> NotesReport:
    """Ask everybody everything, and gather the figures.

    Args:
        plan: What to measure.
        config: With which models.
        out: A folder that keeps each graded answer, so that a run that is stopped goes on, or ``None``.
        on_progress: Told how many answers there are, and how many there will be.

    Raises:
        NotFoundError: If data or models are missing.
        InputError: If a file has the wrong form, or answers are to be checked that name no sources.
        StorageError: If the disk refuses.
        GenerationError: If the runtime fails.
    """
    started = time.perf_counter()
    holders = plan.holders()
    total = sum(n_answers(holder, plan.conditions) for holder in holders)
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    scored: list[Scored] = []
    with NoteAnswers(out) as answers, Asker(config, answers, k=plan.k, on_unsupported=plan.on_unsupported) as asker:
        prompt_form = asker.prompt_form
        if plan.on_unsupported not in (None, "answer") and prompt_form != "numbered":
            raise InputError(
                f"on_unsupported={plan.on_unsupported!r} needs a language model that reads numbered notes",
                hint="leave it out, or take another generator",
            )
        for holder in holders:
            scored += asker.ask(holder, plan.conditions, told)
    about = {
        "notes of": "invented people, held out" if plan.locomo is None else plan.locomo.name,
        "people" if plan.locomo is None else "conversations": len(holders),
        "notes each, in the mean": round(sum(len(holder.drafts) for holder in holders) / len(holders), 1),
        "questions each": f"at most {plan.questions}, spread over the categories",
        "seed": plan.seed,
        **({"stories told in talks": plan.talks} if plan.talks else {}),
        "model": config.generator,
        "adapter": config.adapter or "none",
        "prompt form": prompt_form,
        "encoder": config.encoder or "none",
        "k": plan.k,
        **({} if plan.on_unsupported is None else {"on unsupported": plan.on_unsupported}),
        "longest answer, tokens": config.max_tokens,
        "threads": config.threads or physical_cores(),
        "seconds in all": round(time.perf_counter() - started, 1),
    }
    return NotesReport(about=about, rows=rows_of(scored, plan.conditions), scored=scored, holders=holders)
