"""Strategies that learn before the question, for real: a tiny model is trained inside each question's profile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition, conditions_for
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.learned import NOTES, LearnedStore
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import Runner
from ondevice.learned import PopulationGain
from ondevice.learned.adapters import Adapters
from ondevice.learned.lessons import Lessons, make_lessons
from ondevice.passages import ItemText, Span, passage_vectors
from tests.ondevice.evaluation.lamp_files import entry, question, write_split
from tests.tiny_generator import make_tiny_generator

WORDS = ("rain", "sun", "fog", "snow", "wind", "hail", "frost", "heat", "dew", "ice", "storm", "calm")
FAST = TrainingConfig(epochs=4, learning_rate=3e-2, batch_tokens=400, max_tokens=160)


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    recipe = LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0)
    return RunConfig(
        models=app_models,
        generator="tiny-generator",
        encoder=None,
        max_tokens=6,
        threads=1,
        recipe=recipe,
        training=FAST,
    )


@pytest.fixture
def split(tmp_path: Path) -> LampSplit:
    """Two users who write differently about the same things, one with two questions, and one with too few items."""
    asked = []
    for name, user, style, n in (("0", "loud", "{}!!", 12), ("1", "loud", "{}!!", 12), ("2", "calm", "well, {}", 12)):
        profile = [entry("LaMP_4", i, title=style.format(word), text=f"the {word}") for i, word in enumerate(WORDS[:n])]
        asked.append({**question("LaMP_4", name, user=user), "profile": profile})
    asked.append(question("LaMP_4", "3", user="new", n_entries=3))
    return read_lamp_split(write_split(tmp_path / "data" / "LaMP_4", "LaMP_4", asked), "dev")


def cells(*strategies: str, controls: tuple[str, ...] = (), ks: tuple[int, ...] = (1,)) -> list[Condition]:
    return conditions_for("LaMP_4", strategies=strategies, ks=ks, decodings=["free"], controls=controls)


def test_an_adapter_is_trained_once_for_equal_histories_and_changes_answers(split, config, tmp_path):
    wanted, learned = cells("bm25", "adapter", "bm25+adapter", "cope"), LearnedStore(tmp_path / "learned")
    with Runner(config, AnswerStore(None), learned) as runner:
        none, bm25, adapter, both, cope = runner.run(split, wanted)
    assert len(list((tmp_path / "learned").glob("*.gguf"))) == 2  # of three histories that are large enough, two differ
    keys = [each.key for each in adapter.learned]
    assert keys[0] == keys[1] != keys[2]
    assert keys == [each.key for each in both.learned] == [each.key for each in cope.learned]
    assert all((each.loss_after or 9) < (each.loss_before or 0) for each in adapter.learned[:3])
    assert adapter.answers[:3] != none.answers[:3]
    assert both.answers[:3] != bm25.answers[:3]


def test_a_history_that_is_too_small_is_answered_as_without_learning(split, config):
    with Runner(config, store := AnswerStore(None)) as runner:
        wanted = cells("bm25", "adapter", "bm25+adapter", "cope", "oppu")
        found = runner.answer(split, 3, wanted)
        none, bm25, adapter, both, cope, oppu = (found[cell] for cell in wanted)
    assert adapter.text == none.text
    assert both.text == cope.text == oppu.text == bm25.text
    assert len(store) == 2
    assert adapter.learned is not None
    assert adapter.learned.n_bytes == 0


def test_what_was_learned_is_not_learned_again_and_answers_repeat(split, config, tmp_path):
    wanted = cells("adapter", "oppu")
    with Runner(config, AnswerStore(None), LearnedStore(tmp_path / "learned")) as runner:
        first = [outcome.answers for outcome in runner.run(split, wanted)]
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "learned").iterdir()}
    with Runner(config, AnswerStore(None), LearnedStore(tmp_path / "learned")) as runner:
        again = [outcome.answers for outcome in runner.run(split, wanted)]
    assert again == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "learned").iterdir()} == made
    with Runner(config, AnswerStore(None), LearnedStore(None)) as runner:
        anew = [outcome.answers for outcome in runner.run(split, wanted)]
    assert anew == first


def test_other_settings_are_other_adapters(split, config, tmp_path):
    store = LearnedStore(tmp_path / "learned")
    for settings in (config, replace(config, training=replace(FAST, seed=1)), replace(config, lesson_items=8)):
        with Runner(settings, AnswerStore(None), store) as runner:
            runner.answer(split, 0, cells("oppu"))
    assert len(list((tmp_path / "learned").glob("*.gguf"))) == 3


def test_oppu_learns_from_prompts_with_as_many_items_as_are_served(split, config, monkeypatch):
    asked: list[int] = []
    train = Adapters.train

    def noted(self: Adapters, name: str, **options: Any) -> Any:
        asked.append(options["items_in_prompt"])
        return train(self, name, **options)

    monkeypatch.setattr(Adapters, "train", noted)
    with Runner(config, AnswerStore(None)) as runner:
        found = runner.answer(split, 0, wanted := cells("oppu", "bm25+adapter", ks=(1, 3)))
    keys = [learned.key for cell in wanted[1:] if (learned := found[cell].learned) is not None]
    assert asked == [1, 3, 0]  # an adapter for each k, and one that all k share
    assert keys[0] != keys[1]
    assert keys[2] == keys[3]


def test_milp_answers_without_items_and_shares_its_search_with_the_one_that_has_them(split, config):
    quick = replace(config, evaluations=2)
    with Runner(quick, AnswerStore(None)) as runner:
        found = runner.answer(split, 0, wanted := cells("bm25", "milp", "bm25+milp"))
    none, bm25, milp, both = (found[cell] for cell in wanted)
    assert [cell.label for cell in wanted[2:]] == ["milp", "bm25+milp k=1"]
    assert milp.learned is not None
    assert both.learned is not None
    assert milp.learned.key == both.learned.key
    assert milp.n_prompt_tokens == none.n_prompt_tokens
    assert both.n_prompt_tokens == bm25.n_prompt_tokens


def test_an_adapter_by_clusters_learns_from_others_than_the_newest(config, tmp_path, monkeypatch):
    """Ten entries may be learned from; the two oldest are of a kind of their own."""
    old, usual = "the sea was calm again", "over the town came the"
    profile = [entry("LaMP_4", i, title=f"sea {i}", text=f"{old} {i}") for i in range(2)]
    profile += [entry("LaMP_4", i, title=f"{word} {i}", text=f"{usual} {word} {i}") for i, word in enumerate(WORDS)]
    profile += [entry("LaMP_4", i, title=f"{word} {i}", text=f"{usual} {word} {i}") for i, word in enumerate(WORDS, 12)]

    def vectors(_: object, items: list[ItemText], **__: object) -> Any:  # the tiny encoder finds all texts alike
        texts = [item.text for item in items]
        noise = np.stack([np.random.default_rng(list(text.encode())).standard_normal(32) for text in texts])
        matrix = (noise + 9 * np.eye(32)[[int(old in text) for text in texts]]).astype(np.float32) * 0.1
        return passage_vectors([[Span(0, len(text))] for text in texts], matrix)

    monkeypatch.setattr("ondevice.evaluation.lending.RememberingEncoder.encode_items", vectors)
    asked = {**question("LaMP_4", "0", user="one"), "profile": profile}
    split = read_lamp_split(write_split(tmp_path / "data" / "LaMP_4", "LaMP_4", [asked]), "dev")
    learned_from: list[set[str]] = []

    def noted(*arguments: Any) -> Lessons:
        lessons = make_lessons(*arguments)
        learned_from.append({pair.answer for pair in lessons.pairs})
        return lessons

    monkeypatch.setattr("ondevice.learned.trainings.make_lessons", noted)
    clustered = replace(config, encoder="tiny-encoder", lesson_items=10)
    with Runner(clustered, AnswerStore(None), store := LearnedStore(tmp_path / "learned")) as runner:
        wanted = cells("adapter", "adapter-car", "bm25+adapter-car")
        found = runner.answer(split, 0, wanted)
        models = runner.models_for(wanted)
    newest, best = learned_from
    assert newest == {each["title"] for each in profile[-10:]}
    assert len(best) == 10
    assert any(title.startswith("sea") for title in best)
    keys = [each.key for cell in wanted[1:] if (each := found[cell].learned) is not None]
    assert keys[0] != keys[1] == keys[2]
    assert all(store.get(key) is not None for key in keys)
    assert models["encoder"] is not None


def test_items_of_which_too_few_are_worth_it_give_no_adapter(config, tmp_path):
    profile = [entry("LaMP_4", i, title=word, text=word) for i, word in enumerate(WORDS)]  # each a word, too short
    asked = {**question("LaMP_4", "0", user="one"), "profile": profile}
    split = read_lamp_split(write_split(tmp_path / "data" / "LaMP_4", "LaMP_4", [asked]), "dev")
    with Runner(replace(config, encoder="tiny-encoder"), AnswerStore(None)) as runner:
        found = runner.answer(split, 0, wanted := cells("adapter", "adapter-car"))
    none, newest, best = (found[cell] for cell in wanted)
    assert newest.learned is not None
    assert newest.learned.n_bytes > 0
    assert best.learned is not None
    assert best.learned.n_bytes == 0
    assert best.text == none.text


def test_all_of_a_history_is_learned_from_or_the_newest_and_at_last_what_was_held_out(split, config, tmp_path):
    made = {}
    for name, settings in {
        "all": replace(config, lesson_items=None, refit=True),
        "newest": replace(config, lesson_items=9),
        "held out": replace(config, lesson_items=None),
    }.items():
        store = LearnedStore(tmp_path / name)
        with Runner(settings, AnswerStore(None), store) as runner:
            learned = runner.answer(split, 0, wanted := cells("adapter"))[wanted[1]].learned
        assert learned is not None
        assert learned.is_used
        made[name] = (store.adapter(learned), learned)
    assert len({data for data, _ in made.values()}) == 3
    whole, held_out = made["all"][1], made["held out"][1]
    assert (whole.loss_before, whole.loss_after) == (held_out.loss_before, held_out.loss_after)
    assert whole.epochs == held_out.epochs
    assert (whole.refit_seconds is None, held_out.refit_seconds is None) == (False, True)


def test_what_was_learned_before_there_were_refits_is_still_found(split, config, tmp_path):
    folder, wanted = tmp_path / "learned", cells("adapter")
    with Runner(replace(config, lesson_items=48), AnswerStore(None), LearnedStore(folder)) as runner:
        runner.answer(split, 0, wanted)
    (note,) = map(json.loads, (folder / NOTES).read_text("utf-8").splitlines())
    with Runner(replace(config, lesson_items=48, refit=True), AnswerStore(None), LearnedStore(folder)) as runner:
        runner.answer(split, 0, wanted)
    first, second = map(json.loads, (folder / NOTES).read_text("utf-8").splitlines())
    assert first == note
    assert second["key"] != note["key"]


def test_an_adapter_that_gained_nothing_is_only_used_if_every_one_is_wanted(split, config, tmp_path):
    folder, wanted = tmp_path / "learned", cells("adapter")
    with Runner(config, AnswerStore(None), LearnedStore(folder)) as runner:
        runner.answer(split, 0, wanted)
    (note,) = map(json.loads, (folder / NOTES).read_text("utf-8").splitlines())
    note["loss_after"] = note["loss_before"]  # as a training ends that was of no use
    (folder / NOTES).write_text(json.dumps(note) + "\n", "utf-8")
    with Runner(config, AnswerStore(None), LearnedStore(folder)) as runner:
        none, adapter = (runner.answer(split, 0, wanted)[cell] for cell in wanted)
    with Runner(replace(config, every_adapter=True), AnswerStore(None), LearnedStore(folder)) as runner:
        forced = runner.answer(split, 0, wanted)[wanted[1]]
    assert adapter.learned == forced.learned
    assert adapter.learned is not None
    assert adapter.learned.n_bytes > 0
    assert adapter.text == none.text
    assert forced.text != none.text


def test_another_users_adapter_is_the_control(split, config):
    with Runner(config, AnswerStore(None)) as runner:
        outcomes = {
            outcome.condition.label: outcome for outcome in runner.run(split, cells("adapter", controls=("adapter",)))
        }
    assert set(outcomes) == {"none", "adapter", "adapter, other"}  # labels are not shuffled for what is learned
    own, other = outcomes["adapter"], outcomes["adapter, other"]
    assert other.learned[0].key == own.learned[2].key  # the next user's
    assert other.answers[0] != own.answers[0]


def test_the_gate_keeps_retrieval_where_there_is_little_to_judge_by(split, config):
    with Runner(config, AnswerStore(None)) as runner:
        found = runner.answer(split, 0, wanted := cells("bm25", "auto"))
    _, bm25, auto = (found[cell] for cell in wanted)
    assert auto.learned is not None
    assert auto.learned.choice == "rag"
    assert auto.text == bm25.text


def test_the_gate_trains_small_histories_where_others_gains_by_adapters_are_known(split, config, tmp_path):
    gain = PopulationGain(mean=1.0, mean_error=0.0, variance=1e-4, item_variance=1.0, users=50)
    harm = replace(gain, mean=-1.0)
    store = LearnedStore(tmp_path / "learned")
    choices = []
    for name, gains in (("none", {"rag": harm}), ("adapter", {"rag": harm, "adapter": gain})):
        make_tiny_generator(tmp_path / name / "tiny-generator", gains={"LaMP_4": gains})
        with Runner(replace(config, models=tmp_path / name), AnswerStore(None), store) as runner:
            found = [runner.answer(split, place, wanted := cells("auto")) for place in (0, 3)]
        choices += [learned for each in found if (learned := each[wanted[1]].learned) is not None]
    enough, few, trained, untrained = choices
    assert [each.choice for each in choices] == ["none", "none", "adapter", "none"]
    assert (enough.n_bytes, few.n_bytes, untrained.n_bytes) == (0, 0, 0)
    assert trained.n_bytes > 0
    assert enough.key != trained.key


def test_the_gate_takes_the_adapter_where_it_is_clearly_better(config, tmp_path):
    words = [f"{first} and {second}" for first in WORDS for second in WORDS[:7]]
    profile = [entry("LaMP_4", i, title="It is so!", text=f"the {word}") for i, word in enumerate(words)]
    asked = {**question("LaMP_4", "0", user="one"), "profile": profile}
    split = read_lamp_split(write_split(tmp_path / "data" / "LaMP_4", "LaMP_4", [asked]), "dev")
    with Runner(config, AnswerStore(None)) as runner:
        found = runner.answer(split, 0, wanted := cells("auto"))
    none, auto = (found[cell] for cell in wanted)
    assert auto.learned is not None
    assert auto.learned.choice in ("adapter", "both", "contrast")
    assert auto.learned.n_bytes > 0
    assert auto.text != none.text
