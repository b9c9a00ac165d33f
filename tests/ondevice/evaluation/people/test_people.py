from __future__ import annotations

import re
from hashlib import sha256
from itertools import combinations, pairwise
from random import Random
from time import process_time

import pytest

from ondevice.evaluation.people import grade, make_people, make_person, names
from ondevice.evaluation.people.carriers import carry
from ondevice.evaluation.people.families import FAMILIES
from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.grading import plain
from ondevice.evaluation.people.person import N_ANSWERABLE, N_UNANSWERABLE
from ondevice.evaluation.people.scene import Scene, Split, Wordings
from ondevice.evaluation.people.story import TOLD_BY_ANOTHER, tell
from ondevice.evaluation.people.talks import TALKS

SPLITS: tuple[Split, ...] = ("train", "held_out")
ENDINGS = {(family.ending.required,) for family in FAMILIES if family.ending}
DERIVED = {"computed", "relative day"}
RELATIVE = re.compile(
    r"\b(?:next \w+|tomorrow|today|yesterday|this \w+|last \w+|\w+ \w+ ago|in \w+ days)\b", re.IGNORECASE
)
CAST = ("Mira", "Nils", "Olga")
TALKERS = {"talker", "listener"}
ALL = (*FAMILIES, *TALKS)
each_family = pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
each_split = pytest.mark.parametrize("split", SPLITS)


@pytest.fixture(scope="module")
def people():
    return {
        split: [
            *make_people(40, split=split, thorough=True),
            *make_people(20, split=split, seed=1, talks=26, thorough=True),
        ]
        for split in SPLITS
    }


def questions_of(family: Family) -> list[Wordings]:
    return [asking.questions for asking in family.askings]


def statements_of(family: Family) -> list[Wordings]:
    later = [family.changes] if family.changes else []
    less = [family.glimpse.notes] if family.glimpse else []
    lead = [family.lead] if family.lead else []
    return [*family.notes, *later, *less, *lead, *([family.ending.notes] if family.ending else [])]


def derived_in(family: Family) -> set[str]:
    """Return the slots that no note holds, as they follow from others."""
    noted = {
        slot for wordings in family.notes for split in SPLITS for text in wordings.of(split) for slot in slots_in(text)
    }
    return set(family.slots) - noted


def slots_in(template: str) -> set[str]:
    return {name.lower() for name in re.findall(r"\{(\w+)\}", template)}


def words_of(template: str) -> list[str]:
    return re.findall(r"\{\w+\}|\w+", template.lower())


@each_split
def test_the_same_seed_gives_the_same_people(split):
    assert make_person(5, split=split) == make_person(5, split=split)
    assert make_person(5, split=split) != make_person(6, split=split)
    assert list(make_people(3, split=split, seed=2)) == list(make_people(3, split=split, seed=2))


def test_splits_share_no_topic():
    train = {topic for family in ALL for topic in family.topics[0::2]}
    held_out = {topic for family in ALL for topic in family.topics[1::2]}
    assert train & held_out == set()


@pytest.mark.parametrize(
    "pool",
    [value for name, value in vars(names).items() if name.isupper()],
    ids=[name for name in vars(names) if name.isupper()],
)
def test_splits_share_no_name(pool):
    assert set(pool[0::2]) & set(pool[1::2]) == set()


@each_family
def test_no_topic_stands_twice_in_a_family(family):
    assert len(set(family.topics)) == len(family.topics)


@each_family
def test_splits_share_no_wording_and_none_but_for_a_word(family):
    for wordings in (*statements_of(family), *questions_of(family), family.unsaid):
        for learned in wordings.train:
            for judged in wordings.held_out:
                ours, theirs = words_of(learned), words_of(judged)
                assert ours != theirs
                is_one_off = len(ours) == len(theirs) and sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1
                assert not is_one_off, (learned, judged)


def test_no_family_learns_a_wording_by_which_another_is_judged():
    def of(split: Split) -> set[str]:
        return {
            " ".join(words_of(template))
            for family in ALL
            for wordings in (*statements_of(family), *questions_of(family), family.unsaid)
            for template in wordings.of(split)
        }

    assert of("train") & of("held_out") == set()


@each_family
@each_split
def test_notes_hold_what_is_asked_for_and_questions_do_not(family, split):
    for asking in family.askings:
        for slot in set(asking.needs) - derived_in(family):
            assert any(
                all(slot in slots_in(template) for template in family.notes[place].of(split))
                for place in asking.rests_on
            ), (slot, asking.rests_on)
            assert all(slot in slots_in(template) for template in asking.answers.of(split))
            assert not any(slot in slots_in(template) for template in asking.questions.of(split))
        assert all(slots_in(template) for template in asking.questions.of(split))
    if family.changes:
        assert all(slots_in(template) for template in family.changes.of(split))
    assert all(slots_in(template) for template in family.unsaid.of(split))


@each_family
@each_split
def test_a_glimpse_tells_what_it_says_it_tells_and_leaves_something_open(family, split):
    assert family.glimpse is not None
    tells, derived = set(family.glimpse.tells), derived_in(family)
    for template in family.glimpse.notes.of(split):
        assert slots_in(template) == {"topic"} | (tells - derived), template
    assert any(not set(asking.needs) <= tells for asking in family.askings)


@each_split
def test_every_answer_is_right_for_its_own_request(people, split):
    graded = {
        (request.is_answerable, grade(request, request.answer))
        for person in people[split]
        for request in person.requests
    }
    assert graded == {(True, "right"), (False, "refused")}


@each_split
def test_answers_to_other_requests_of_the_same_note_are_mostly_wrong(people, split):
    swapped = [
        grade(one, another.answer)
        for person in people[split]
        for one, another in pairwise(r for r in person.requests if r.is_answerable)
        if one.required != another.required
    ]
    assert swapped.count("right") < len(swapped) / 20


@each_split
def test_the_evidence_holds_the_values_and_no_note_says_them_as_outdated(people, split):
    checked = 0
    for person in people[split]:
        texts = {draft.id: draft.text for draft in person.drafts}
        times = {draft.id: draft.time for draft in person.drafts}
        for request in person.requests:
            assert all(
                max(times[old] for old in request.outdated) <= times[new]
                for new in request.evidence
                if request.outdated
            )
            evidence = " ".join(texts[id] for id in request.evidence)
            if request.category in DERIVED or RELATIVE.search(evidence) or request.required in ENDINGS:
                continue
            said = f" {plain(evidence)} "
            said += said.replace("'s ", " ")  # what is told of as ``my father's`` is answered as ``father``
            for group in request.required:
                assert any(f" {plain(text)} " in said for text in group), (group, evidence)
                checked += 1
    assert checked > 1000


@each_split
def test_nothing_that_is_left_open_is_answered(people, split):
    for person in people[split]:
        answered = {(each.text.lower(), each.after) for each in person.requests if each.is_answerable}
        left_open = {(each.text.lower(), each.after) for each in person.requests if not each.is_answerable}
        assert answered & left_open == set()
        assert all(not request.required and not request.outdated for request in person.requests if not request.evidence)


def test_only_families_of_one_pool_of_topics_may_leave_open_what_the_other_answers():
    """A person is given each topic of a pool once, so that with one pool no topic is in both families."""
    for one, another in combinations(ALL, 2):
        shared = set(one.topics) & set(another.topics)
        if not shared or one.topics is another.topics:
            continue
        for left_open, answered in ((one, another), (another, one)):
            for split in SPLITS:
                asked = {template for wordings in questions_of(answered) for template in wordings.of(split)}
                theirs = {
                    template
                    for wordings in (left_open.unsaid, *questions_of(left_open))
                    for template in wordings.of(split)
                }
                assert asked & theirs == set(), (one.name, another.name, shared)


@each_family
def test_no_family_leaves_open_what_it_answers(family):
    asked = {template for wordings in questions_of(family) for split in SPLITS for template in wordings.of(split)}
    assert asked & {template for split in SPLITS for template in family.unsaid.of(split)} == set()
    assert len(asked) == sum(len(wordings.of(split)) for wordings in questions_of(family) for split in SPLITS)


@each_split
def test_what_one_says_of_oneself_is_never_received_and_what_says_you_always_is(split):
    source, now = Random(1), make_person(1, split=split).now
    seen = {"mine": 0, "yours": 0, "anybody's": 0}
    for family in FAMILIES * 10:
        scene = Scene(random=source, split=split, now=now, cast=CAST)
        story = tell(scene, family, changes=scene.chance(0.5))
        assert story is not None
        for statement in story.statements:
            draft = carry(scene, statement, me="Me Myself", id="n1")
            assert statement.text in draft.text
            is_received = draft.fields.get("from", "Me Myself") != "Me Myself"
            if re.search(r"\b(?:you|your)\b", statement.text, re.IGNORECASE):
                assert is_received
                assert draft.fields["to"] == "Me Myself"
                seen["yours"] += 1
            elif re.search(r"\b(?:I|my|we|our)\b", statement.text, re.IGNORECASE):
                assert not is_received
                seen["mine"] += 1
            else:
                seen["anybody's"] += 1
    assert min(seen.values()) > 20


@each_split
def test_notes_are_dated_before_now_the_oldest_first_with_ids_of_their_own(people, split):
    for person in people[split]:
        times = [draft.time for draft in person.drafts]
        assert times == sorted(times)
        assert all(time.date() <= person.now.date() for time in times)
        assert len({draft.id for draft in person.drafts}) == len(person.drafts)


def test_what_is_to_be_forgotten_is_what_one_answer_rests_on_alone(people):
    person = make_person(7, split="held_out")
    assert person.forgotten
    for id in person.forgotten:
        assert any(request.evidence == (id,) for request in person.requests)


def test_a_sample_has_so_many_of_both_kinds_and_a_thorough_person_has_all():
    sample, all_of_it = make_person(3, split="train"), make_person(3, split="train", thorough=True)
    assert sum(request.is_answerable for request in sample.requests) == N_ANSWERABLE
    assert len(sample.requests) == N_ANSWERABLE + N_UNANSWERABLE
    assert sample.drafts == all_of_it.drafts
    assert len(all_of_it.requests) > len(sample.requests)


def test_requests_of_many_kinds_are_asked(people):
    for split in SPLITS:
        categories = {request.category for person in people[split] for request in person.requests}
        assert {"fact", "newest", "date", "number", "name", "place", "two notes", "never said"} <= categories


def test_nothing_that_a_person_wrote_is_in_a_repr():
    person = make_person(2, split="train")
    assert person.requests[0].text not in repr(person)
    assert person.drafts[0].text not in repr(person)
    assert person.requests[0].answer not in repr(person.requests[0])


def test_people_are_made_fast():
    start = process_time()
    for split in SPLITS:
        assert len(list(make_people(40, split=split))) == 40
    assert process_time() - start < 10


@pytest.mark.parametrize("family", TALKS, ids=lambda family: family.name)
@each_split
def test_a_talk_is_told_in_the_first_person_and_asked_of_by_name(family, split):
    assert len(family.told_by) == len(family.notes)
    assert set(family.told_by) <= TALKERS
    for wordings in statements_of(family):
        if wordings is not family.lead:
            assert not any(slots_in(template) & TALKERS for template in wordings.of(split))
    for wordings in (*questions_of(family), family.unsaid):
        assert all(slots_in(template) & TALKERS for template in wordings.of(split))


def speaker_of(draft) -> str:
    return str(draft.fields["from"]) if "from" in draft.fields else draft.text.partition(":")[0]


@each_split
def test_a_question_about_a_talk_names_who_told_it_and_in_vain_who_did_not(split):
    told = told_by_another = 0
    for person in make_people(20, split=split, talks=20, thorough=True):
        drafts = {draft.id: draft for draft in person.drafts}
        for request in person.requests:
            if request.category.startswith("told ") and request.evidence and not request.after:
                assert all(speaker_of(drafts[id]) in request.text for id in request.evidence)
                told += 1
            elif request.category == TOLD_BY_ANOTHER:
                told_by_another += 1
    assert min(told // 4, told_by_another) > 50


@each_split
def test_a_list_over_turns_tells_what_each_of_them_adds(people, split):
    n_lists = 0
    for person in people[split]:
        ids = {draft.id for draft in person.drafts}
        for request in person.requests:
            assert ids.issuperset(request.evidence)
            if request.listed:
                n_lists += 1
                assert len(request.listed) == len(request.evidence) > 1
                assert all(part in request.answer.lower() for part in request.listed)
    assert n_lists > 10


def test_people_without_talks_are_those_that_they_were():
    """Figures of people without talks stay comparable when talks are added."""
    person = make_person(3, split="held_out")
    texts = [*(draft.text for draft in person.drafts), *(request.text for request in person.requests)]
    assert sha256("\n".join(texts).encode()).hexdigest()[:16] == "87e4912e2ec706f8"


@pytest.mark.parametrize("talks", [-1, 27])
def test_more_talks_than_stories_are_refused(talks):
    with pytest.raises(ValueError, match="talks must be 0 to 26"):
        make_person(1, split="train", talks=talks)
