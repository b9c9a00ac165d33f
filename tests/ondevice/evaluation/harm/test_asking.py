"""Hand-made users through real encrypted profiles with tiny models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.evaluation.harm.answers import LEDGER, HarmAnswers
from ondevice.evaluation.harm.asking import Asked, HarmAsker, n_answers
from ondevice.evaluation.harm.plain_request import PlainRequest
from ondevice.evaluation.harm.profiles import HarmProfile
from ondevice.evaluation.harm.ways import HarmWay, ways_of
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.people import NotesRequest
from ondevice.evaluation.plan import RunConfig
from ondevice.generation.prompts.refusal import REFUSAL
from ondevice.records import Draft
from tests.ondevice.evaluation.note_reading.made_people import ANN, BOB, NOW
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

HOT = PlainRequest(kind="words", text="What is the opposite of hot?", answer="Cold.", pattern=r"\bcold\b")
SUM = PlainRequest(kind="arithmetic", text="What is 2 plus 2?", answer="4", pattern=r"\b4\b")
TRAIN = NotesRequest(
    text="When does the train to Paris leave?",
    answer="At ten.",
    category="newest",
    required=(("ten",),),
    forbidden=("nine",),
    evidence=("a9",),
    outdated=("a3",),
)
MOVED = Draft(id="a9", text="A train to Paris leaves at ten now.", time=NOW)
ANNS = HarmProfile(name="1 Ann", now=NOW, drafts=(*ANN.drafts, MOVED), requests=(HOT, SUM), stale=(TRAIN,))
BOBS = HarmProfile(name="2 Bob", now=NOW, drafts=BOB.drafts, requests=(SUM,))


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder="tiny-encoder", max_tokens=4, threads=1)


def ask(
    config: RunConfig,
    profile: HarmProfile,
    stranger: HarmProfile | None = None,
    ways: Sequence[HarmWay] = ("retrieval",),
    folder: Path | None = None,
) -> Asked:
    told: list[None] = []
    learns = "adapter" in ways or "both" in ways
    learned = LearnedStore(None if folder is None else folder / "learned")
    with HarmAnswers(folder) as answers, HarmAsker(config, answers, learned, learns=learns) as asker:
        asked = asker.ask(profile, stranger, ways, lambda: told.append(None))
    assert len(told) == n_answers(profile, stranger, ways)
    return asked


def test_requests_are_asked_without_and_with_the_own_profile_and_by_a_stranger(config: RunConfig):
    asked = ask(config, ANNS, BOBS)
    seen = [(each.user, each.request, each.way, each.whose) for each in asked.outcomes]
    assert seen == [
        ("1 Ann", HOT.text, "none", "own"),
        ("1 Ann", SUM.text, "none", "own"),
        ("1 Ann", HOT.text, "retrieval", "own"),
        ("1 Ann", SUM.text, "retrieval", "own"),
        ("2 Bob", SUM.text, "retrieval", "other"),
    ]
    _, plain, _, own, strange = asked.outcomes
    assert plain.lost == 0
    assert own.lost != 0
    assert strange.lost == own.lost  # the same request beside the same items
    (stale,) = asked.stale
    assert stale.has_both
    assert not stale.follows_old


def test_an_empty_profile_takes_nothing(config: RunConfig):
    empty = replace(ANNS, drafts=(), stale=())
    plain, *_, last = ask(config, empty).outcomes
    assert plain.way == "none"
    assert last.way == "retrieval"
    assert [each.lost for each in ask(config, empty).outcomes] == [0.0] * 4
    assert not any(each.leaked for each in ask(config, empty).outcomes)


def test_a_run_goes_on_from_what_was_answered_and_looks_at_it_anew(config: RunConfig, tmp_path: Path):
    ask(config, ANNS, folder=tmp_path)
    file = tmp_path / LEDGER
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(lines) == 5
    known = {(line["request"], n): line for n, line in enumerate(lines)}
    for (request, n), line in known.items():
        is_plain = n < 2
        if request == HOT.text:
            line["text"] = "Cold, said Ann." if is_plain else "Ann and Bob like the train to Paris."
        elif request == SUM.text:
            line["text"] = "4" if is_plain else REFUSAL
        else:
            line["text"] = "At nine."
    file.write_text("".join(json.dumps(line) + "\n" for line in lines[:4]) + json.dumps(lines[4]) + "\n")
    asked = ask(config, ANNS, folder=tmp_path)
    assert len(file.read_text().splitlines()) == 5
    hot, plain_sum, with_hot, with_sum = asked.outcomes
    assert [each.is_right for each in asked.outcomes] == [True, True, False, False]
    assert (with_hot.right_lost, with_sum.right_lost, hot.right_lost) == (1, 1, 0)
    assert (with_hot.leaked, with_sum.leaked, plain_sum.leaked) == (("Paris",), (), ())  # Ann is no item's name
    assert [each.refuses for each in asked.outcomes] == [False, False, False, True]
    (stale,) = asked.stale
    assert stale.follows_old
    assert not stale.is_right
    file.write_text("\n".join(json.dumps(line) for line in lines[:3]) + "\n")
    assert len(ask(config, ANNS, folder=tmp_path).outcomes) == 4
    assert len(file.read_text().splitlines()) == 5


def test_a_model_that_reads_notes_may_name_any_before_the_right_answer(config: RunConfig, tmp_path: Path):
    """The likelihood is summed over the marks, so that a model that begins with one is not held to lose by that."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "tiny-encoder").symlink_to(config.models / "tiny-encoder")
    reader = make_tiny_adapter()
    make_tiny_generator(models / "reading", reader=reader)
    make_tiny_generator(models / "tiny-generator")
    reading = replace(config, models=models, generator="reading")
    with (
        HarmAnswers(tmp_path / "out") as answers,
        HarmAsker(reading, answers, LearnedStore(None), learns=False) as asker,
    ):
        assert asker.prompt_form == "numbered"
        outcomes = asker.ask(replace(ANNS, stale=()), None, ("retrieval",), lambda: None).outcomes
    plain = ask(replace(config, models=models), replace(ANNS, stale=())).outcomes
    assert [each.nats for each in outcomes[:2]] == [each.nats for each in plain[:2]]  # no notes, no reader
    assert all(one.nats != other.nats for one, other in zip(outcomes[2:], plain[2:], strict=True))


def test_adapters_are_trained_on_the_profile_and_worn_for_their_ways_alone(config: RunConfig, tmp_path: Path):
    words = ("rain", "sun", "fog", "snow", "wind", "hail", "frost", "heat", "dew", "ice", "storm", "calm")
    drafts = tuple(Draft(id=f"d{n}", text=f"We had {word} and {word} again.", time=NOW) for n, word in enumerate(words))
    profile = replace(BOBS, drafts=drafts, requests=(HOT, SUM))
    fast = replace(
        config,
        recipe=LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0),
        training=TrainingConfig(epochs=4, learning_rate=3e-2, batch_tokens=400, max_tokens=160),
        every_adapter=True,
    )
    asked = ask(fast, profile, ways=ways_of(["both", "adapter", "retrieval"]), folder=tmp_path)
    assert asked.wears
    nats = {(each.way, each.request): each.nats for each in asked.outcomes}
    assert len(nats) == 8
    for request in (HOT, SUM):
        assert len({nats[way, request.text] for way in ("none", "retrieval", "adapter", "both")}) == 4
    assert len(list((tmp_path / "learned").glob("*.gguf"))) == 1
    again = ask(fast, profile, ways=("adapter",), folder=tmp_path)
    assert len(list((tmp_path / "learned").glob("*.gguf"))) == 1
    assert [each.nats for each in again.outcomes if each.way == "adapter"] == [
        nats["adapter", each.text] for each in (HOT, SUM)
    ]
    few = ask(fast, BOBS, ways=("adapter",))  # two items teach nothing: answered as without
    assert not few.wears
    assert [each.lost for each in few.outcomes] == [0.0, 0.0]


def test_ways_are_named_and_others_refused():
    assert ways_of(["both", "retrieval", "both"]) == ("retrieval", "both")
    for wrong in ([], ["none"], ["retrieval", "rag"]):
        with pytest.raises(ValueError, match="--ways takes some of retrieval, adapter, both"):
            ways_of(wrong)
