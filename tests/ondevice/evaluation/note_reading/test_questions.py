from __future__ import annotations

from collections import Counter

from ondevice.evaluation.note_reading.questions import NoteQuestion, drawn


def questions(**n_of: int) -> list[NoteQuestion]:
    names = [name for name, n in n_of.items() for _ in range(n)]
    return [NoteQuestion(number=place, text="q", gold="g", category=name) for place, name in enumerate(names)]


def test_each_category_is_drawn_as_often_while_it_lasts():
    chosen = drawn(questions(few=1, many=20, some=5), 9, seed="s")
    assert Counter(each.category for each in chosen) == {"few": 1, "many": 4, "some": 4}


def test_the_order_stays_and_the_same_seed_draws_the_same():
    asked = questions(one=10, two=10)
    chosen = drawn(asked, 6, seed="s")
    assert [each.number for each in chosen] == sorted(each.number for each in chosen)
    assert chosen == drawn(asked, 6, seed="s")
    assert chosen != drawn(asked, 6, seed="other")


def test_no_more_are_drawn_than_there_are():
    asked = questions(one=2, two=1)
    assert drawn(asked, 50, seed="s") == tuple(asked)
    assert drawn([], 5, seed="s") == ()


def test_no_text_in_a_repr():
    question = NoteQuestion(number=0, text="secret words", gold="secret answer", category="c")
    assert "secret" not in repr(question)
