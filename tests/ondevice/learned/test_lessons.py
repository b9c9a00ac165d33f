"""What stands in the prompts that an adapter learns from: found by the profile's own search, and never too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice import Draft, Filter, ModelSet, Personalizer
from ondevice.adaptation.lessons.pairs import EarlierItems, training_pairs, without
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.errors import AdaptationError, CorruptError, ModelMismatchError
from ondevice.generation.prompts.prompt import query_for
from ondevice.learned.adapter_notes import AdapterPlan
from ondevice.learned.lessons import Lessons, lessons_again, make_lessons
from ondevice.retrieval.lexical import LexicalRetriever

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("stone", "river", "lamp", "window", "paper", "bread", "winter", "engine", "colour", "voice")
SUBJECTS = ("rain", "garden", "harbour")


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Personalizer]:
    with Personalizer.open(tmp_path / "me", app_key=b"k" * 32, models=ModelSet(encoder=None, generator=None)) as opened:
        for day in range(12):
            subject = SUBJECTS[day % 3]
            opened.add(
                f"on day {day} the {subject} was all that mattered",
                kind="mail",
                fields={"title": f"the {subject} once more, {day}"},
                time=START + timedelta(days=day),
            )
        yield opened


def plan_with(items_in_prompt: int = 0, leave_out: tuple[str, ...] = (), select: int | None = None) -> AdapterPlan:
    return AdapterPlan(
        task="LaMP_6",
        filter=None,
        recipe=LoraRecipe(),
        config=TrainingConfig(),
        on_forget="drop",
        items_in_prompt=items_in_prompt,
        leave_out=leave_out,
        select=select,
    )


def lessons_of(me: Personalizer, plan: AdapterPlan) -> Lessons:
    return make_lessons(me.adapters._shelf.items(plan), plan, me.adapters._trainings.source)


def test_each_prompt_gets_the_best_earlier_items(me: Personalizer) -> None:
    pairs = lessons_of(me, plan_with(2)).pairs
    assert [len(pair.items) for pair in pairs] == [0, 1, *[2] * 10]
    for day, pair in enumerate(pairs):
        assert all(item.time < START + timedelta(days=day) for item in pair.items)
        assert pair.item_ids[1:] == tuple(item.id for item in pair.items)
        if day >= 6:
            assert all(SUBJECTS[day % 3] in item.text for item in pair.items), "those of the same subject come first"


def test_without_items_in_prompts_there_are_none(me: Personalizer) -> None:
    lessons = lessons_of(me, plan_with(0))
    assert [len(pair.item_ids) for pair in lessons.pairs] == [1] * 12
    assert len(lessons.item_ids) == 12


def test_what_is_left_out_is_seen_nowhere(me: Personalizer) -> None:
    left_out = tuple(item.id for item in me.items.list()[3:6])
    lessons = lessons_of(me, plan_with(12, left_out))
    assert len(lessons.pairs) == 9
    assert not set(left_out) & set(lessons.item_ids)
    assert not set(left_out) & {item.id for pair in lessons.pairs for item in pair.items}


def test_too_much_left_out_is_told(me: Personalizer) -> None:
    with pytest.raises(AdaptationError, match="7 items give 7"):
        lessons_of(me, plan_with(0, tuple(item.id for item in me.items.list()[:5])))


def test_a_paused_training_has_the_same_lessons_whatever_came_since(me: Personalizer) -> None:
    lessons = lessons_of(me, plan_with(2))
    for number in range(20):
        me.add(f"the rain, the garden, the harbour {number}", kind="mail", time=START - timedelta(days=number + 1))
    ids = set(lessons.item_ids)
    items = [item for item in me.items.list() if item.id in ids]
    again, state = lessons_again(lessons.with_state(b"state"), items, task="LaMP_6")
    assert again == lessons
    assert state == b"state"


def test_items_that_say_something_else_end_a_paused_training(me: Personalizer) -> None:
    data = lessons_of(me, plan_with(2)).with_state(b"state")
    me.items.update(me.items.list()[0].id, fields={})
    with pytest.raises(AdaptationError, match="do not say any more"):
        lessons_again(data, me.items.list(), task="LaMP_6")


@pytest.fixture
def encoded(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    """Yield a profile with vectors: 30 mails about three subjects, two of them too short to teach anything."""
    with Personalizer.open(
        tmp_path / "encoded", app_key=b"k" * 32, models=ModelSet(app_models, encoder="tiny-encoder", generator=None)
    ) as opened:
        for day in range(30):
            text = "ok" if day in (4, 7) else f"{WORDS[day % 10]} {WORDS[day % 7]} {SUBJECTS[day % 3]} and so on {day}"
            opened.add(text, kind="mail", fields={"title": f"mail {day}"}, time=START + timedelta(days=day))
        random = np.random.default_rng(0)  # the tiny encoder finds all texts alike
        of_subjects = 2 * np.eye(3, 32)[np.arange(30) % 3] + random.normal(0, 0.5, (30, 32))
        vectors = opened.vault.vectors
        vectors.drop(opened.encoders.bundle().id)
        vectors.put(opened.encoders.bundle().id, opened.vault.items.rows(), of_subjects.astype(np.float32))
        yield opened


def test_the_best_of_every_kind_are_selected(encoded: Personalizer) -> None:
    lessons = lessons_of(encoded, plan_with(2, select=10))
    assert len(lessons.pairs) == 10
    assert [pair.item_ids for pair in lessons.pairs] == [
        pair.item_ids for pair in lessons_of(encoded, plan_with(2, select=10)).pairs
    ]
    assert all(pair.request != "Generate a subject for the following email: ok" for pair in lessons.pairs)
    kinds = {subject for pair in lessons.pairs for subject in SUBJECTS if subject in pair.request}
    assert kinds == set(SUBJECTS)
    assert lessons.selection[0].startswith("10 of 30 items are learned from: ")
    items = [item for item in encoded.items.list() if item.id in lessons.item_ids]
    assert lessons_again(lessons.with_state(b""), items, task="LaMP_6")[0] == lessons


def test_a_selection_without_vectors_is_refused(me: Personalizer, encoded: Personalizer) -> None:
    with pytest.raises(ValueError, match="opened with encoder=None"):
        lessons_of(me, plan_with(select=10))
    encoded.vault.vectors.drop(encoded.encoders.bundle().id)
    with pytest.raises(ModelMismatchError, match="30 of 30 items have no vector") as caught:
        lessons_of(encoded, plan_with(select=10))
    assert caught.value.hint == "run: ondevice reencode"


def test_a_selection_that_leaves_too_few_is_refused(tmp_path: Path, app_models: Path) -> None:
    with Personalizer.open(
        tmp_path / "short", app_key=b"k" * 32, models=ModelSet(app_models, encoder="tiny-encoder", generator=None)
    ) as short:
        for day in range(12):
            short.add(f"ok {day}", kind="mail", fields={"title": f"mail {day}"}, time=START + timedelta(days=day))
        with pytest.raises(AdaptationError, match="of 12 only 0 are worth learning from"):
            lessons_of(short, plan_with(select=8))


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x02{", b"\xff\xff\xff\xffnot json at all"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptError):
        lessons_again(data, [], task="chat")


def test_lessons_show_no_text(me: Personalizer) -> None:
    assert "harbour" not in repr(lessons_of(me, plan_with(2)))


def history(n_items: int, seed: int = 0) -> list[Draft]:
    """Return a history with doubles, equal times, answers that others tell, words of all lengths and other scripts."""
    random = np.random.default_rng(seed)
    drafts = []
    for number in range(n_items):
        words = [f"{WORDS[place]}" for place in random.integers(0, len(WORDS), 6)]
        text = " ".join(
            [*words, SUBJECTS[number % 3], f"number{number % 17}", "\u6771\u4eac\u306e\u96e8" * (number % 5 == 0)]
        )
        drafts.append(
            Draft(
                text="the same words again" if number % 11 == 0 else text,
                kind="mail" if number % 4 else "note",
                fields={"title": f"about the {SUBJECTS[number % 3]} {number % 9}"},
                time=START + timedelta(hours=int(random.integers(0, n_items // 2))),
                expires_at=datetime(2100, 1, 1, tzinfo=UTC),
            )
        )
    return drafts


@pytest.mark.parametrize("k", [1, 4, 30])
@pytest.mark.parametrize("kinds", [None, ("note",)])
def test_lessons_are_those_of_a_search_among_all_earlier_items_for_each_pair(
    tmp_path: Path, k: int, kinds: tuple[str, ...] | None
) -> None:
    """Each prompt gets what a search finds that is told the ids of all items it may find, one by one."""
    with Personalizer.open(tmp_path / "me", app_key=b"k" * 32, models=ModelSet(encoder=None, generator=None)) as me:
        ids = me.add_many(history(150)).item_ids
        for item_id in ids[::13]:
            me.items.update(item_id, expires_at=datetime(2025, 1, 1, tzinfo=UTC))
        items = me.vault.items.list(None if kinds is None else Filter(kinds=kinds), limit=None, newest_first=False)
        plan = plan_with(k, tuple(item.id for item in items[5:9]))
        retriever = LexicalRetriever(me.vault.lexical, me.vault.items)

        usable = without(items, plan.leave_out)
        expected = []
        for pair in training_pairs(usable, task=plan.task):
            earlier = [item.id for item in EarlierItems(usable).before(pair)]
            query = query_for(pair.task, pair.request)
            ranked = retriever.retrieve(query, k=k, filter=Filter(ids=tuple(earlier))) if earlier else []
            found = me.vault.items.get_rows([row for row, _ in ranked])
            expected.append(pair.with_items([found[row] for row, _ in ranked]))

        assert make_lessons(items, plan, me.adapters._trainings.source).pairs == tuple(expected)
        assert sum(len(pair.items) for pair in expected) > len(expected) // 3


def test_a_longer_history_asks_no_more_of_each_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked at for a pair is what its words match, not every earlier item."""
    from ondevice.adaptation.lessons.leaks import PlantedSecret

    is_told_by, n_asked = PlantedSecret.is_told_by, []

    def counted(self: PlantedSecret, said: object) -> bool:
        n_asked.append(1)
        return is_told_by(self, said)  # type: ignore[arg-type]

    monkeypatch.setattr(PlantedSecret, "is_told_by", counted)
    per_pair = []
    for n_items in (100, 400):
        with Personalizer.open(
            tmp_path / f"{n_items}", app_key=b"k" * 32, models=ModelSet(encoder=None, generator=None)
        ) as me:
            me.add_many(history(n_items))
            n_asked.clear()
            n_pairs = len(lessons_of(me, plan_with(4)).pairs)
            per_pair.append(len(n_asked) / n_pairs)
    assert max(per_pair) < 20
