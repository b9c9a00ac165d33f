"""Lessons in reading: answers cite the notes they rest on, and what the notes shown do not say is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from export.training.reading import Lesson, ReadingConfig, cited, is_refused, reading_lessons, verdict
from ondevice.evaluation.note_search import NoteSearch
from ondevice.evaluation.people import NotesRequest, Person, make_people
from ondevice.generation.prompts.refusal import REFUSAL
from ondevice.records import Draft, Item
from tests.tiny_models import make_tiny_encoder

NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
CONFIG = ReadingConfig(seed=3)


def note(number: int, text: str) -> Item:
    time = NOW - timedelta(days=number)
    return Item(id=f"n{number}", text=text, kind="note", time=time, added_at=time)


def request(text: str, answer: str = REFUSAL, *, category: str = "fact", **known: tuple[str, ...]) -> NotesRequest:
    required = tuple((each,) for each in known.pop("required", ()))
    return NotesRequest(text=text, answer=answer, category=category, required=required, **known)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NoteSearch]:
    with NoteSearch(make_tiny_encoder(tmp_path_factory.mktemp("models") / "tiny").folder) as search:
        yield search


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return list(make_people(3, split="train", seed=5, talks=6, thorough=True))


@pytest.fixture(scope="module")
def lessons(search: NoteSearch, people: list[Person]) -> list[Lesson]:
    return list(reading_lessons(people, search.over, CONFIG))


def test_an_answer_cites_notes_by_their_place_among_all_oldest_first() -> None:
    notes = [note(1, "newest"), note(9, "oldest"), note(5, "between")]
    one = request("?", "It is so.", evidence=("n5",))
    both = request("?", "It is so.", evidence=("n1", "n9"))
    assert [cited(each, notes) for each in (one, both)] == ["[2] It is so.", "[1][3] It is so."]


def test_what_is_not_wholly_shown_is_refused_and_what_nobody_could_know_is_not_asked() -> None:
    notes = [note(1, "The dentist is on 9 March."), note(2, "The car needs oil.")]
    assert verdict(request("?", "x", evidence=("n1",)), notes) == "answered"
    assert verdict(request("?", "x", evidence=("n1", "n7")), notes) == "refused"
    assert verdict(request("?", "x", evidence=("n8",)), notes) == "refused"
    assert verdict(request("?"), notes) == "refused"
    assert verdict(request("?", "x", evidence=("n8",), outdated=("n1",)), notes) is None
    assert verdict(request("?", "x", evidence=("n8", "n1"), category="newest"), notes) is None
    assert verdict(request("?", "x", evidence=("n8",), required=("9 march",)), notes) is None


def test_of_a_list_over_several_notes_what_is_shown_is_answered() -> None:
    listed = request("?", "Tea, jam and rye.", evidence=("n1", "n2", "n3"), listed=("tea", "jam", "rye"))
    tea, jam, rye, other = note(1, "tea"), note(2, "jam"), note(3, "rye"), note(4, "oil")
    assert verdict(listed, [other]) == "refused"
    assert [verdict(listed, notes) for notes in ([rye, other], [tea, jam, rye])] == ["answered"] * 2
    assert cited(listed, [rye, other]) == "[2] rye."
    assert cited(listed, [other, tea, jam]) == "[2][3] tea and jam."
    assert cited(listed, [tea, jam, rye]) == "[1][2][3] Tea, jam and rye."


def test_lessons_are_true_to_the_people(lessons: list[Lesson], people: list[Person]) -> None:
    known = {(person.name, each.text, each.after): each for person in people for each in person.requests}
    drafts = {person.name: {draft.id: draft for draft in person.drafts} for person in people}
    now = {person.name: person.now for person in people}
    n_cited: Counter[int] = Counter()
    for lesson in lessons:
        notes = lesson.pairs[0].items
        ids = [item.id for item in sorted(notes, key=lambda item: item.time)]
        assert all(pair.items == notes and pair.asked_at == now[lesson.person] for pair in lesson.pairs)
        assert all(item.text == drafts[lesson.person][item.id].text for item in notes)
        for pair in lesson.pairs:
            asked = known[lesson.person, pair.request, pair.earlier]
            if is_refused(pair):
                assert not asked.is_answerable or not set(asked.evidence) <= set(ids)
                continue
            marks = "".join(f"[{number}]" for number, id in enumerate(ids, 1) if id in asked.evidence)
            n_cited[marks.count("[")] += 1
            if asked.listed and not set(ids).issuperset(asked.evidence):
                parts = zip(asked.evidence, asked.listed, strict=True)
                assert all((part in pair.answer) == (id in ids) for id, part in parts)
            else:
                assert pair.answer == f"{marks} {asked.answer}"
    assert n_cited[1] > 20
    assert {is_refused(pair) for lesson in lessons for pair in lesson.pairs if pair.earlier} == {True, False}


def test_groups_hold_answers_and_refusals_over_notes_of_different_number(lessons: list[Lesson]) -> None:
    sizes = Counter(len(lesson.pairs[0].items) for lesson in lessons)
    assert set(sizes) == {2, 3, 4, 5, 6}
    assert max(len(lesson.pairs) for lesson in lessons) <= CONFIG.branches
    mixed = [lesson for lesson in lessons if len({is_refused(pair) for pair in lesson.pairs}) == 2]
    barren = [lesson for lesson in lessons if all(map(is_refused, lesson.pairs))]
    assert len(mixed) > len(lessons) / 3
    assert barren
    assert all(len({(pair.request, pair.earlier) for pair in lesson.pairs}) == len(lesson.pairs) for lesson in lessons)


def test_a_part_is_refused_and_nearly_everything_is_asked(lessons: list[Lesson], people: list[Person]) -> None:
    pairs = [pair for lesson in lessons for pair in lesson.pairs]
    assert sum(map(is_refused, pairs)) / len(pairs) == pytest.approx(0.28, abs=0.02)
    answerable = {each.text for person in people for each in person.requests if each.is_answerable}
    assert len(answerable & {pair.request for pair in pairs if not is_refused(pair)}) > 0.6 * len(answerable)


def test_refused_requests_are_near_the_notes() -> None:
    """Of two that the notes do not answer, the one that shares words with them is asked."""
    drafts = [
        Draft(id=f"n{day}", text=text, time=NOW - timedelta(days=day))
        for day, text in enumerate(["The piano lesson is at noon.", "Milk costs two euros."], 1)
    ]
    requests = [
        request("When is the piano lesson?", "At noon.", evidence=("n1",)),
        request("Who gives the piano lesson?"),
        request("Whose birthday comes next?"),
    ]
    person = Person(name="Ann", now=NOW, drafts=tuple(drafts), requests=tuple(requests))

    class Found:
        def __enter__(self) -> Found:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __call__(self, request: str, k: int) -> Sequence[Item]:
            return [note(int(str(draft.id)[1:]), draft.text) for draft in drafts][:k]

    config = replace(CONFIG, k=1, spread=0, barren=0.0, refused=0.4)
    asked: Counter[str] = Counter()
    for seed in range(12):
        for lesson in reading_lessons([person], lambda _: Found(), replace(config, seed=seed)):
            if not is_refused(lesson.pairs[0]):  # the notes were found for one that they answer
                asked.update(pair.request for pair in lesson.pairs if is_refused(pair))
    assert asked["Who gives the piano lesson?"] > 2 * asked["Whose birthday comes next?"]


def test_the_same_people_and_seed_give_the_same_lessons(
    search: NoteSearch, people: list[Person], lessons: list[Lesson]
) -> None:
    said = [
        [(pair.request, pair.answer, [item.id for item in pair.items]) for pair in lesson.pairs] for lesson in lessons
    ]
    again = list(reading_lessons(people, search.over, CONFIG))
    assert [
        [(pair.request, pair.answer, [item.id for item in pair.items]) for pair in lesson.pairs] for lesson in again
    ] == said
    other = list(reading_lessons(people, search.over, replace(CONFIG, seed=4)))
    assert [[pair.request for pair in lesson.pairs] for lesson in other] != [
        [pair.request for pair in lesson.pairs] for lesson in lessons
    ]


def test_nothing_shows_its_texts(lessons: list[Lesson]) -> None:
    assert lessons[0].pairs[0].request not in repr(lessons[0])


@pytest.mark.parametrize(
    "wrong",
    [{"k": 2}, {"branches": 0}, {"refused": 1.0}, {"barren": 2.0}, {"repeats": 0}, {"sets": 0}, {"helped": -1.0}],
)
def test_numbers_that_leave_nothing_to_read_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be|or more"):
        replace(CONFIG, **wrong)  # type: ignore[arg-type]


def test_long_notes_are_left_out_before_they_would_be_shortened(search: NoteSearch, tmp_path: Path) -> None:
    text = "word " * 200
    drafts = tuple(
        Draft(id=f"n{number}", text=f"piano {number} {text}", time=NOW - timedelta(days=number)) for number in range(6)
    )
    asked = tuple(request(f"Which piano {number}?") for number in range(4))
    person = Person(name="Ann", now=NOW, drafts=drafts, requests=asked)
    found = list(reading_lessons([person], search.over, replace(CONFIG, k=6, spread=0)))
    assert all(len(lesson.pairs[0].items) <= 2 for lesson in found)
