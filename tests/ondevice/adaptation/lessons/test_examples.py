"""Examples are what the engine serves, never longer than allowed; batches hold every example once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice.adaptation.lessons.examples import bucket, epoch_batches, make_examples
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.prompt import build_prompt
from ondevice.records import Item
from tests.tiny_generator import CONTROL, make_tiny_generator

END_OF_TURN = CONTROL.index("<|im_end|>")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    bundle = make_tiny_generator(tmp_path_factory.mktemp("models") / "tiny")
    with Engine.open(bundle, config=EngineConfig(context_tokens=512, threads=1)) as engine:
        yield engine


def pair(request: str, answer: str, *texts: str, task: str = "LaMP_4") -> Pair:
    items = [
        Item(id=f"i{number}", text=text, kind="n", fields={"title": "T"}, time=NOW, added_at=NOW)
        for number, text in enumerate(texts)
    ]
    return Pair(request=request, answer=answer, task=task, item_ids=("x",)).with_items(items)


def text_of(tokens: list[int]) -> str:
    """Read the tiny vocabulary: control tokens, bytes, and one for the space."""
    first = len(CONTROL)
    values = (32 if token == first + 256 else token - first for token in tokens if token >= first)
    return bytes(values).decode("utf-8", "replace")


def test_a_turn_is_what_the_engine_reads_and_writes(engine: Engine) -> None:
    messages = [Message(role="user", content="Who <|im_end|> am I?")]
    prompt, answer = engine.tokenize_turn(messages, "You<|im_end|>")
    assert prompt == engine._desk.vocabulary.tokenize_prompt(engine.render(messages))
    assert text_of(answer) == "You<\u200b|im_end|>"
    assert answer.count(END_OF_TURN) == 1
    assert answer[-1] == END_OF_TURN
    assert engine._desk.vocabulary.ends_turn(answer[-1])


def test_the_prompt_is_the_prompt_builders(engine: Engine) -> None:
    each = pair("Generate a headline for the following article: Rain.", "Wet", "Sun came out.")
    (example,) = make_examples([each], engine, max_tokens=400)
    prompt = build_prompt(each.request, each.items, task="LaMP_4", budget_tokens=300, count_tokens=engine.count_tokens)
    assert example.prompt.tolist() == engine.tokenize_turn(prompt.messages, "")[0]
    assert text_of(example.answer.tolist()) == "Wet"
    assert '"T" is the title for "Sun came out."' in text_of(example.prompt.tolist())


def test_a_summary_stands_before_the_items_as_when_serving_and_goes_where_it_does_not_fit(engine: Engine) -> None:
    each = pair("Generate a headline for the following article: Rain.", "Wet", "Sun came out.")
    summed = replace(each, summary="This user's headlines mostly have 3 words.")
    (example,) = make_examples([summed], engine, max_tokens=400)
    prompt = build_prompt(
        each.request,
        each.items,
        task="LaMP_4",
        budget_tokens=300,
        count_tokens=engine.count_tokens,
        summary=summed.summary,
    )
    assert prompt.has_summary
    assert example.prompt.tolist() == engine.tokenize_turn(prompt.messages, "")[0]
    read = text_of(example.prompt.tolist())
    assert read.index("mostly have 3 words") < read.index("Sun came out.")
    ((short,), (plain,)) = (make_examples([one], engine, max_tokens=110) for one in (summed, each))
    assert short.prompt.tolist() == plain.prompt.tolist()


def test_a_model_that_reads_notes_learns_from_numbered_ones(tmp_path: Path) -> None:
    each = replace(pair("Where is it?", "[1] Here.", "Here.", task="chat"), asked_at=NOW + timedelta(days=1))
    bundle = make_tiny_generator(tmp_path / "reads", reads_notes=True)
    with Engine.open(bundle, config=EngineConfig(context_tokens=512, threads=1)) as reads:
        (example,) = make_examples([each], reads, max_tokens=400)
    read = text_of(example.prompt.tolist())
    assert "Today is Friday 2 January 2026.\n\n[1] n, T: Here. (Thu 1 January, yesterday)" in read
    assert text_of(example.answer.tolist()) == "[1] Here."


def test_earlier_turns_stand_before_the_request_and_go_before_it_is_cut(engine: Engine) -> None:
    each = replace(pair("And when?", "[1] At 9.", "At 9.", task="chat"), earlier=("Who comes?", "Ann comes."))
    for max_tokens, is_told in ((400, True), (60, False)):
        (example,) = make_examples([each], engine, max_tokens=max_tokens)
        read = text_of(example.prompt.tolist())
        assert ("Who comes?" in read, "Ann comes." in read) == (is_told, is_told)
        assert text_of(example.answer.tolist()) == "[1] At 9."
    read = text_of(make_examples([each], engine, max_tokens=400)[0].prompt.tolist())
    assert read.index("At 9.") < read.index("Who comes?") < read.index("Ann comes.") < read.index("And when?")


@pytest.mark.parametrize("task", ["LaMP_4", "chat"])
@pytest.mark.parametrize("request_words", [1, 60, 400])
@pytest.mark.parametrize("answer_words", [1, 60, 400])
@pytest.mark.parametrize("item_words", [0, 90])
def test_nothing_is_longer_than_allowed(
    engine: Engine, task: str, request_words: int, answer_words: int, item_words: int
) -> None:
    texts = ["item " * item_words] if item_words else []
    each = pair("Write: " + "word " * request_words, "reply " * answer_words, *texts, task=task)
    (example,) = make_examples([each], engine, max_tokens=200)
    assert len(example) <= 200
    assert text_of(example.prompt.tolist()).endswith("assistant\n")
    if len(each.answer) < 100:
        assert example.answer[-1] == END_OF_TURN


def test_a_long_request_keeps_its_beginning_and_a_long_answer_does_not_end(engine: Engine) -> None:
    each = pair("Write: " + "word " * 200, "reply " * 200)
    (example,) = make_examples([each], engine, max_tokens=200)
    assert "user\nWrite: word word" in text_of(example.prompt.tolist())
    assert END_OF_TURN not in example.answer.tolist()
    assert len(example) > 190


def test_a_request_without_spaces_is_cut_inside(engine: Engine) -> None:
    (example,) = make_examples([pair("日本語" * 100, "はい")], engine, max_tokens=200)
    assert len(example) <= 200
    assert text_of(example.prompt.tolist()).count("日本語") >= 8


def test_no_room_at_all_is_misuse(engine: Engine) -> None:
    with pytest.raises(ValueError, match="max_tokens 20 leaves no room"):
        make_examples([pair("a", "b")], engine, max_tokens=20)


def test_examples_do_not_show_their_tokens(engine: Engine) -> None:
    (example,) = make_examples([pair("a", "b")], engine, max_tokens=100)
    assert repr(example) == "Example()"


def test_groups_fit_the_limit_and_waste_little() -> None:
    lengths = [5, 30, 7, 31, 200, 6, 29, 90]
    groups = bucket(lengths, limit=100)
    assert groups == [[0, 5, 2], [6, 1, 3], [7], [4]]


def test_every_epoch_takes_each_example_once_in_another_order() -> None:
    lengths = [10 + index % 37 for index in range(200)]
    first, again, second, other = (
        epoch_batches(lengths, batch_tokens=128, seed=seed, epoch=epoch)
        for seed, epoch in ((3, 0), (3, 0), (3, 1), (-3, 0))
    )
    assert first == again
    assert first != second
    assert first != other
    for batches in (first, second, other):
        assert sorted(index for batch in batches for index in batch) == list(range(200))
        assert all(len(batch) * max(lengths[index] for index in batch) <= 128 for batch in batches)
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in first)
    assert padded < 1.25 * sum(lengths)
