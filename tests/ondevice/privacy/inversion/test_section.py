"""What is made of the numbers: a result counts only where the instrument works, and none of them fails an audit."""

from __future__ import annotations

import pytest

from ondevice.evaluation.intervals import Interval
from ondevice.privacy.inversion.attack import Attacked
from ondevice.privacy.inversion.persona_rows import PersonaAttacked, RowsRead
from ondevice.privacy.inversion.recovery import SIZES, Recovered
from ondevice.privacy.inversion.section import section


def about(value: float) -> Interval:
    return Interval(value=value, low=value - 0.05, high=value + 0.05)


def found(own: float, *, others: float = 0.1, frequent: float = 0.1, random: float = 0.1) -> tuple[Recovered, ...]:
    return tuple(
        Recovered(
            n_guesses=size,
            own=about(own),
            precision=0.5,
            other=about(others),
            frequent=about(frequent),
            random=about(random),
        )
        for size in SIZES
    )


def attacked(tried: tuple[Recovered, ...], own: tuple[Recovered, ...]) -> Attacked:
    return Attacked(
        encoder="some-encoder",
        n_texts=9,
        n_wordless=1,
        n_stored=10,
        n_guessable=50,
        n_words=100,
        tried=tried,
        own=own,
        coarser=((8, own),),
        lengths=(),
        n_of_other_text=0,
        n_tokenizer_words=1000,
    )


GOOD, CHANCE = found(0.4), found(0.12)


@pytest.mark.parametrize(
    ("tried", "own", "code"),
    [
        (GOOD, GOOD, "words-recovered"),
        (CHANCE, GOOD, "words-recovered"),
        (CHANCE, CHANCE, "weak-instrument"),
        (GOOD, found(0.4, random=0.3), "weak-instrument"),
        (found(0.4, random=0.3), GOOD, "weak-instrument"),
        (GOOD, CHANCE, None),
        (GOOD, found(0.4, others=0.35), None),
        (GOOD, found(0.4, frequent=0.35), None),
    ],
)
def test_vectors_are_said_to_be_read_where_chance_reads_less(
    tried: tuple[Recovered, ...], own: tuple[Recovered, ...], code: str | None
) -> None:
    made = section([attacked(tried, own)], [], [], [])
    assert [each.code for each in made.findings] == ([f"inversion/{code}"] if code else [])
    assert made.verdict == ("noted" if code else "passed")


def told(items: float, others: float, words: tuple[Recovered, ...]) -> RowsRead:
    return RowsRead(n_histories=9, told=about(items), told_by_others=about(others), words=words)


@pytest.mark.parametrize(
    ("tried", "own", "code"),
    [
        (0.9, 0.8, "items-told"),
        (0.5, 0.8, "items-told"),
        (0.5, 0.52, "weak-instrument"),
        (0.9, 0.52, None),
    ],
)
def test_rows_are_said_to_tell_items_where_another_historys_do_not(tried: float, own: float, code: str | None) -> None:
    rows = PersonaAttacked(persona="mine", n_rows=4, tried=told(tried, 0.5, GOOD), own=told(own, 0.5, CHANCE))
    made = section([], [rows], [], [])
    assert [each.code for each in made.findings] == ([f"inversion/{code}"] if code else [])


def test_words_of_rows_are_told_where_they_are_more_than_chance() -> None:
    def text(words: tuple[Recovered, ...]) -> str:
        rows = PersonaAttacked(persona="mine", n_rows=4, tried=told(0.9, 0.5, GOOD), own=told(0.8, 0.5, words))
        return section([], [rows], [], []).findings[0].text

    assert "reads 40 %" in text(GOOD)
    assert "reads" not in text(CHANCE)
