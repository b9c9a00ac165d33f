"""Figures of hand-made gradings, reckoned by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice.evaluation.note_reading.answers import NoteAnswer
from ondevice.evaluation.note_reading.asking import Scored
from ondevice.evaluation.note_reading.figures import Figure, rows_of
from ondevice.evaluation.note_reading.invented import score_of
from ondevice.evaluation.note_reading.questions import NoteQuestion


def scored(
    holder: str,
    category: str,
    grade: str,
    *,
    evidence: tuple[str, ...] = ("a",),
    notes: tuple[str, ...] = (),
    cited: tuple[str, ...] = (),
    made_up: tuple[str, ...] = (),
    support: float | None = None,
    condition: str = "retrieval",
    is_lost: bool = False,
    tokens: int = 100,
    seconds: float = 1.0,
) -> Scored:
    question = NoteQuestion(
        number=0, text="q", gold="g", category=category, evidence=evidence, is_answerable=bool(evidence)
    )
    answer = NoteAnswer(
        holder=holder,
        number=0,
        category=category,
        condition=condition,  # type: ignore[arg-type]
        is_again=is_lost,
        request="q",
        text="t",
        mark=grade,
        notes=notes,
        cited=cited,
        made_up=made_up,
        support=support,
        n_prompt_tokens=tokens,
        n_tokens=5,
        seconds=seconds,
    )
    return Scored(question=question, answer=answer, score=score_of(grade, question, is_lost=is_lost))  # type: ignore[arg-type]


GRADED = [
    scored("ann", "fact", "right", notes=("a", "b"), cited=("a",), support=1.0, tokens=100, seconds=1.0),
    scored("ann", "fact", "wrong", notes=("b",), cited=("b",), made_up=("x",), support=0.5, tokens=120, seconds=3.0),
    scored(
        "ann", "two", "right", evidence=("a", "c"), notes=("a",), cited=("a",), support=0.75, tokens=140, seconds=2.0
    ),
    scored("ann", "unsaid", "refused", evidence=(), notes=("d",), support=1.0, tokens=100, seconds=9.0),
    scored("bob", "fact", "refused", notes=("a",), support=1.0, tokens=100, seconds=1.0),
    scored("bob", "unsaid", "wrong", evidence=(), support=0.0, made_up=("y",), tokens=100, seconds=1.0),
    scored("bob", "fact", "refused", evidence=(), is_lost=True, tokens=100, seconds=8.0),
    scored("bob", "fact", "wrong", evidence=(), is_lost=True, tokens=100, seconds=8.0),
]


def test_shares_of_what_they_are_about():
    (row,) = rows_of(GRADED, ["none", "retrieval"])
    assert row.condition == "retrieval"
    found: dict[str, Any] = {name: (figure.value, figure.n, figure.n_people) for name, figure in row.figures.items()}
    # four answerable questions: ann's three and bob's one
    assert found["right"] == (pytest.approx(2 / 4), 4, 2)
    assert found["wrong"] == (pytest.approx(1 / 4), 4, 2)
    assert found["refused wrongly"] == (pytest.approx(1 / 4), 4, 2)
    assert found["refused rightly"] == (pytest.approx(1 / 2), 2, 2)
    assert found["answered all the same"] == (pytest.approx(1 / 2), 2, 2)
    assert found["refused after forgetting"] == (pytest.approx(1 / 2), 2, 1)
    # all of it: ann's first and bob's; any: ann's third too
    assert found["evidence found, all of it"] == (pytest.approx(2 / 4), 4, 2)
    assert found["evidence found, any"] == (pytest.approx(3 / 4), 4, 2)
    # of ann's three answers the first names all of its evidence; bob refused
    assert found["citation right"] == (pytest.approx(1 / 3), 3, 1)
    assert found["support"] == (pytest.approx((1 + 0.5 + 0.75 + 0) / 4), 4, 2)
    assert found["made something up"] == (pytest.approx(2 / 4), 4, 2)
    assert found["tokens of the prompt"] == (pytest.approx(660 / 6), 6, 2)
    assert row.seconds == pytest.approx((1 + 2) / 2)  # 1, 1, 1, 2, 3, 9


def test_categories_count_what_was_right_before_forgetting():
    (row,) = rows_of(GRADED, ["retrieval"])
    counts = {name: (count.total, count.n) for name, count in row.categories.items()}
    assert counts == {"fact": (1, 3), "two": (1, 1), "unsaid": (1, 2)}


def test_people_are_resampled_not_questions():
    # each of ten people is right in all or in nothing, so that ten draws lie under the interval, not a hundred
    alike = [scored(f"p{n % 10}", "fact", "right" if n % 10 < 5 else "wrong") for n in range(100)]
    alone = [scored(f"p{n}", "fact", "right" if n < 50 else "wrong") for n in range(100)]
    (wide,), (narrow,) = rows_of(alike, ["retrieval"]), rows_of(alone, ["retrieval"])
    assert wide.figures["right"].value == narrow.figures["right"].value == 0.5
    assert _width(wide.figures["right"]) > 2 * _width(narrow.figures["right"])


def test_one_person_has_no_interval_and_a_plain_model_no_citations():
    (row,) = rows_of([scored("ann", "fact", "right")], ["retrieval"])
    assert (row.figures["right"].low, row.figures["right"].high) == (None, None)
    assert not {"citation right", "support", "made something up"} & set(row.figures)


def _width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low
