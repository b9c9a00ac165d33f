"""Why answers that notes hold are refused, and what would help: other limits of support, and other looks.

    python -m benchmarks.refusals MODELS

Of invented people of the half of all words that no reader has learned from, other ones than ``ondevice eval notes``
asks. Each question is answered once, unchecked. Where that is refused, or would be withheld, it is asked again: with
the model made to name a note, with two and with six notes, and once more by chance. Writes results/refusals.json and
.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from ondevice import EngineConfig, ModelSet, Personalizer, Sampling, SharedModels
from ondevice.evaluation.note_reading.invented import holders_of
from ondevice.evaluation.note_reading.questions import Holder, NoteQuestion
from ondevice.evaluation.people import make_people
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.checking import another
from ondevice.generation.grammar import Grammar
from ondevice.generation.prompts.chat import turns
from ondevice.generation.prompts.refusal import refuses

N_PEOPLE, N_QUESTIONS, SEED = 6, 24, 1
MAX_TOKENS = 64
NAMING = Grammar.from_gbnf('root ::= "[" [0-9] "]" [^\\x00]*')
"""An answer that begins with a note's number, so that it is no refusal."""
LIMITS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25)
IN_FORCE = LIMITS[-1]
"""The least support that the default model's bundle demands."""
NAMED_LIMIT = 0.2
RESULT = RESULTS / "refusals.json"

Said = tuple[str, float, bool]
"""An answer: right, wrong or refused; its support; and whether all of it stands in the notes that it names."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One question, and what was said to it; looks that were not taken are refused."""

    answerable: bool
    shown: bool
    first: Said
    named: Said = ("refused", 0.0, True)
    two: Said = ("refused", 0.0, True)
    six: Said = ("refused", 0.0, True)
    again: Said = ("refused", 0.0, True)


_ANSWERS = ("first", "named", "two", "six", "again")


def main(arguments: Sequence[str]) -> None:
    """Ask everything, and write the tables."""
    (folder,) = arguments
    people = make_people(N_PEOPLE, split="held_out", seed=SEED)
    with SharedModels(ModelSet(folder, engine=EngineConfig(threads=1, reuse_whole_batches=True))) as models:
        looked = [
            each for holder in holders_of(people, questions=N_QUESTIONS, seed=SEED) for each in _of(holder, models)
        ]
    write(looked)


def write(looked: Sequence[Looked]) -> None:
    """Keep what was said, and its tables."""
    write_study(RESULT, {"machine": machine.describe(), "questions": [asdict(each) for each in looked]})
    RESULT.with_suffix(".md").write_text(markdown_of(RESULT), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the tables of a file that :func:`main` wrote."""
    found = read_study(path)
    looked = [_looked(row) for row in found["questions"]]
    lines = ["# Why answers are refused", "", "Reproduce: `python -m benchmarks.refusals MODELS`", ""]
    lines += [f"- {key}: {value}" for key, value in found["machine"].items()]
    lines += ["", "Of the questions that notes answer, those that are refused as the answers come:", ""]
    lines += ["| why | questions |", "|---|--:|", *_reasons([each for each in looked if each.answerable])]
    lines += ["", "By the least support of an answer that is given, with nothing asked again:", "", *_HEAD]
    lines += [_row(f"{least:g}", looked, lambda each, least=least: [_given(each.first, least)]) for least in LIMITS]  # type: ignore[misc]
    lines += ["", f"At {IN_FORCE:g}, by what is asked again where an answer is refused or withheld:", "", *_HEAD]
    lines += [_row(said, looked, look) for said, look in LOOKS.items()]
    return "\n".join([*lines, ""])


def _of(holder: Holder, models: SharedModels) -> Iterator[Looked]:
    with temporary_profile(models, holder.drafts) as (me, ids):
        for question in holder.questions:
            evidence = {ids[each] for each in question.evidence}

            def ask(
                k: int,
                *,
                question: NoteQuestion = question,
                sampling: Sampling = Sampling(),  # noqa: B008 - frozen
                grammar: Grammar | None = None,
            ) -> tuple[Said, set[str]]:
                return _answer(me, holder, question, k, sampling, grammar)

            first, shown = ask(3)
            looked = Looked(answerable=question.is_answerable, shown=bool(evidence) and evidence <= shown, first=first)
            if _given(first, IN_FORCE) == "refused":
                looked = replace(
                    looked,
                    named=ask(3, grammar=NAMING)[0],
                    two=ask(2)[0],
                    six=ask(6)[0],
                    again=ask(3, sampling=another(Sampling()))[0],
                )
            yield looked


def _answer(
    me: Personalizer, holder: Holder, question: NoteQuestion, k: int, sampling: Sampling, grammar: Grammar | None
) -> tuple[Said, set[str]]:
    """Return what the reader says, and which notes it was shown."""
    prepared = me.prepare(
        question.text,
        earlier=turns(question.earlier),
        k=k,
        max_tokens=MAX_TOKENS,
        sampling=Sampling(),
        now=holder.now,
    )
    generated = me.generator.engine().generate(
        prepared.prompt, max_tokens=MAX_TOKENS, sampling=sampling, grammar=grammar, reading=prepared.reading
    )
    answer = prepared.completion(generated, generated.text)
    mark = "refused" if refuses(answer.text) else holder.score(question, answer.text).mark
    is_borne_out = all(citation.is_borne_out for citation in answer.citations)
    return (mark, answer.support or 0.0, is_borne_out), {hit.item.id for hit in answer.sources}


def _given(said: Said, least: float) -> str:
    """Return what becomes of an answer where only one with so much support is given."""
    mark, support, is_borne_out = said
    return mark if is_borne_out and support >= least else "refused"


def _own(each: Looked) -> bool:
    return each.first[0] == "refused"


Look = Callable[[Looked], Sequence[str]]
LOOKS: Mapping[str, Look] = {
    "nothing": lambda each: [_given(each.first, IN_FORCE)],
    "what is made up, once more by chance": lambda each: [
        _given(each.first, IN_FORCE),
        "refused" if _own(each) or each.first[2] else _given(each.again, IN_FORCE),
    ],
    "what is withheld, once more by chance (in force)": lambda each: [
        _given(each.first, IN_FORCE),
        "refused" if _own(each) else _given(each.again, IN_FORCE),
    ],
    "what is withheld, with two notes": lambda each: [
        _given(each.first, IN_FORCE),
        "refused" if _own(each) else _given(each.two, IN_FORCE),
    ],
    "what is withheld, with six notes": lambda each: [
        _given(each.first, IN_FORCE),
        "refused" if _own(each) else _given(each.six, IN_FORCE),
    ],
    f"what is refused, made to name a note (from {NAMED_LIMIT:g} on)": lambda each: [
        _given(each.first, IN_FORCE),
        _given(each.named, NAMED_LIMIT) if _own(each) else "refused",
    ],
    "what is refused, with six notes, and what is withheld, by chance": lambda each: [
        _given(each.first, IN_FORCE),
        _given(each.six if _own(each) else each.again, IN_FORCE),
    ],
}
"""What is given of an answer and of a second look at it: the first of the two that is no refusal."""

_HEAD = ("| | right | wrong | refused wrongly | refused rightly |", "|---|--:|--:|--:|--:|")


def _row(said: str, looked: Sequence[Looked], look: Look) -> str:
    marks = {each: [_first(look(one)) for one in looked if one.answerable is each] for each in (True, False)}
    shares = [marks[True].count(mark) / len(marks[True]) for mark in ("right", "wrong", "refused")]
    shares.append(marks[False].count("refused") / len(marks[False]))
    return f"| {said} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


def _first(marks: Sequence[str]) -> str:
    return next((mark for mark in marks if mark != "refused"), "refused")


def _reasons(answerable: Sequence[Looked]) -> Iterator[str]:
    own = [each for each in answerable if _own(each)]
    withheld = [each for each in answerable if not _own(each) and _given(each.first, IN_FORCE) == "refused"]
    yield f"| the reader refuses, and was not shown all that answers | {sum(not each.shown for each in own)} |"
    yield f"| the reader refuses, though it was shown that | {sum(each.shown for each in own)} |"
    yield f"| a wrong answer is withheld | {sum(each.first[0] == 'wrong' for each in withheld)} |"
    yield f"| a right answer is withheld | {sum(each.first[0] == 'right' for each in withheld)} |"
    yield f"| none of these: {len(answerable) - len(own) - len(withheld)} of {len(answerable)} are answered | |"


def _looked(row: Mapping[str, Any]) -> Looked:
    """Return a question as it was before JSON made lists of its answers."""
    said: dict[str, Said] = {name: (value[0], value[1], value[2]) for name, value in row.items() if name in _ANSWERS}
    return Looked(answerable=row["answerable"], shown=row["shown"], **said)


if __name__ == "__main__":
    main(sys.argv[1:])
