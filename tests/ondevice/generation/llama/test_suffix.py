"""Rows behind a prompt: they are as good as the tokens that they stand for, and belong to one request alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.errors import ContextOverflowError, GenerationError, ModelMismatchError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.scoring import log_probability
from tests.tiny_generator import EMBEDDING, make_tiny_adapter

PROMPT = "The user likes gardens, trains and early mornings. Write one line about it:"
OTHER = "The user likes gardens, trains and late evenings. What do they like?"
BEHIND = " The"
ANSWER = " roses in the rain, and the early train"
LABELS = ("sci-fi", "comedy", "a", "dark comedy", "c")
NOISE = 0.02
"""Keys and values are half-precision floats: the logits, with a spread of 4, differ by some thousandths."""

Rows = NDArray[np.float32]


def rows_like(seed: int, n: int = 4) -> Rows:
    return np.random.default_rng(seed).standard_normal((n, EMBEDDING)).astype(np.float32)


MINE, YOURS = rows_like(1), rows_like(2, 6)


@pytest.fixture
def whole(tiny_bundle: Bundle) -> Iterator[Callable[[], Engine]]:
    """Open engines of which no bit depends on what was asked before."""
    opened: list[Engine] = []

    def open_one() -> Engine:
        config = EngineConfig(batch_tokens=16, threads=1, reuse_whole_batches=True)
        opened.append(Engine.open(tiny_bundle, config=config))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


def behind(engine: Engine, suffix: Rows | None = None, prompt: str = PROMPT) -> Rows:
    """Return the logits that the answer's first token is chosen from."""
    engine.generate(prompt, max_tokens=1, suffix=suffix)
    return engine._desk.context.logits(-1).copy()


def tokens_and_embeddings(engine: Engine, bundle: Bundle) -> tuple[list[int], Rows]:
    reader = gguf.GGUFReader(bundle.file("model"))
    table = next(tensor.data for tensor in reader.tensors if tensor.name == "token_embd.weight")
    tokens = engine._desk.vocabulary.tokenize_text(BEHIND)
    return tokens, np.array(table[tokens], dtype=np.float32)


def test_embeddings_of_tokens_give_the_logits_of_the_tokens_bit_for_bit(engine, open_engine, tiny_bundle):
    tokens, rows = tokens_and_embeddings(engine, tiny_bundle)
    by_rows = behind(engine, rows)
    other = open_engine()
    other.generate(PROMPT, max_tokens=1)
    other._desk.state.extend(tokens)  # in a batch of their own, as rows are
    assert np.array_equal(by_rows, other._desk.context.logits(-1))
    assert np.allclose(by_rows, behind(open_engine(), prompt=PROMPT + BEHIND), atol=NOISE)


def test_what_follows_embeddings_of_tokens_is_what_follows_the_tokens(engine, open_engine, tiny_bundle):
    _, rows = tokens_and_embeddings(engine, tiny_bundle)
    other, prompt = open_engine(), PROMPT + BEHIND
    assert engine.generate(PROMPT, max_tokens=24, suffix=rows).text == other.generate(prompt, max_tokens=24).text
    assert engine.choose(PROMPT, LABELS, suffix=rows).scores == pytest.approx(
        other.choose(prompt, LABELS).scores, abs=5 * NOISE
    )
    by_rows, by_tokens = engine.log_likelihood(PROMPT, ANSWER, suffix=rows), other.log_likelihood(prompt, ANSWER)
    assert by_rows.shape == by_tokens.shape
    assert np.allclose(by_rows, by_tokens, atol=5 * NOISE)


def test_rows_change_what_the_model_says(engine):
    plain, mine, yours = behind(engine), behind(engine, MINE), behind(engine, YOURS)
    assert min(np.abs(mine - plain).max(), np.abs(yours - plain).max(), np.abs(mine - yours).max()) > 50 * NOISE


def test_rows_longer_than_a_batch_are_read_in_parts(whole, open_engine):
    rows = rows_like(3, 50)
    assert np.allclose(behind(whole(), rows), behind(open_engine(), rows), atol=NOISE)


def test_with_other_rows_a_prompt_is_not_read_again_and_no_bit_differs(engine, open_engine):
    first = engine.generate(PROMPT, max_tokens=9, suffix=MINE)
    assert (first.n_reused_tokens, first.n_prompt_tokens) == (0, len(PROMPT) + 1 + len(MINE))
    second = engine.generate(PROMPT, max_tokens=1, suffix=YOURS)
    assert (second.n_reused_tokens, second.n_prompt_tokens) == (len(PROMPT) + 1, len(PROMPT) + 1 + len(YOURS))
    assert np.array_equal(engine._desk.context.logits(-1), behind(open_engine(), YOURS))


@pytest.mark.parametrize("earlier", [PROMPT, OTHER, PROMPT + BEHIND, PROMPT[:40], PROMPT + PROMPT])
def test_nothing_is_left_of_rows_for_those_who_come_after(whole, earlier):
    """The next request, with other rows or with none, has the bits of an engine that has read nothing else."""
    warm, plain = whole(), behind(whole())
    yours = behind(whole(), YOURS)
    for suffix, expected in ((YOURS, yours), (None, plain), (YOURS, yours)):
        warm.generate(earlier, max_tokens=9, suffix=MINE)
        assert np.array_equal(behind(warm, suffix), expected)


def test_no_prompt_goes_on_behind_rows(engine, open_engine):
    """What the model wrote behind rows is not what a prompt with the same words says."""
    answer = engine.generate(PROMPT, max_tokens=9, suffix=MINE).text
    longer = engine.generate(PROMPT + answer, max_tokens=1)
    assert longer.n_reused_tokens == len(PROMPT) + 1
    assert np.allclose(engine._desk.context.logits(-1), behind(open_engine(), prompt=PROMPT + answer), atol=NOISE)


def test_no_token_is_taken_for_a_row(engine):
    state, tokens = engine._desk.state, engine._desk.vocabulary.tokenize_prompt(PROMPT)
    for token in range(engine._desk.context.n_vocabulary):
        state.read(tokens, Conditioning(suffix=MINE), lambda: False)
        engine._desk.context.logits(-1)
        longer = state.read([*tokens, *[token] * len(MINE), token], Conditioning(), lambda: True)
        assert longer.n_reused == len(tokens)


def test_a_prompt_without_rows_is_reused_as_ever(engine, open_engine):
    engine.generate(PROMPT, max_tokens=9, suffix=MINE)
    shared = len("The user likes gardens, trains and ") + 1  # one token a byte, and the one that begins a text
    assert engine.generate(OTHER, max_tokens=1, suffix=MINE).n_reused_tokens == shared
    assert engine.generate(OTHER, max_tokens=1).n_reused_tokens == len(OTHER)
    assert np.allclose(engine._desk.context.logits(-1), behind(open_engine(), prompt=OTHER), atol=NOISE)


def test_rows_stand_behind_an_adapter_and_a_soft_prompt(whole):
    engine, cold = whole(), whole()
    for each in (engine, cold):
        each.use_soft_prompt(rows_like(5, 3))
    plain = behind(engine, MINE)
    for each in (engine, cold):
        each.use_adapter(each.load_adapter(make_tiny_adapter()))
    adapted = behind(engine, MINE)
    assert engine.generate(PROMPT, max_tokens=1).n_prompt_tokens == len(PROMPT) + 1 + 3
    assert np.array_equal(behind(engine, MINE), adapted)
    assert np.array_equal(behind(cold, MINE), adapted)
    assert np.abs(adapted - plain).max() > 50 * NOISE


def test_choices_and_likelihoods_agree(engine):
    choice = engine.choose(PROMPT, LABELS, suffix=MINE)
    sums = {label: float(engine.log_likelihood(PROMPT, label, ends_turn=True, suffix=MINE).sum()) for label in LABELS}
    assert choice.scores == pytest.approx(sums, abs=NOISE)
    assert choice.scores != pytest.approx(engine.choose(PROMPT, LABELS).scores, abs=1)
    assert choice.n_prompt_tokens == len(PROMPT) + 1 + len(MINE)


def test_a_likelihood_is_what_the_logits_say_token_by_token(engine, open_engine):
    other = open_engine()
    scores = engine.log_likelihood(PROMPT, ANSWER, suffix=MINE)
    row = engine._desk.vocabulary.tokenize_text(ANSWER)
    expected = [log_probability(behind(other, MINE), row[0])]
    for token, next_token in pairwise(row):
        other._desk.state.extend([token])
        expected.append(log_probability(other._desk.context.logits(-1), next_token))
    assert np.allclose(scores, expected, atol=NOISE)


def test_an_answer_of_one_token_has_a_likelihood(engine):
    first = engine._desk.vocabulary.tokenize_text("a")[0]
    assert engine.log_likelihood(PROMPT, "a", suffix=MINE) == pytest.approx(
        [log_probability(behind(engine, MINE), first)], abs=NOISE
    )


@pytest.mark.parametrize("prompt", [PROMPT, PROMPT + "!!!!"])
def test_no_bit_of_a_likelihood_depends_on_what_was_asked_before(whole, prompt):
    """The second prompt is five whole batches."""
    cold, plain = (whole().log_likelihood(prompt, ANSWER, suffix=suffix) for suffix in (MINE, None))
    engine = whole()
    asks: list[Callable[[], object]] = [
        lambda: engine.generate(prompt, max_tokens=9, suffix=YOURS),
        lambda: engine.generate(prompt, max_tokens=9),
        lambda: engine.choose(prompt, LABELS, suffix=MINE),
        lambda: engine.log_likelihood(prompt, ANSWER),
        lambda: engine.log_likelihood(prompt, ANSWER, suffix=YOURS),
        lambda: engine.forget_cache(),
    ]
    for ask in asks:
        ask()
        assert np.array_equal(engine.log_likelihood(prompt, ANSWER, suffix=MINE), cold)
        assert np.array_equal(engine.log_likelihood(prompt, ANSWER), plain)


def test_a_stream_says_what_a_whole_answer_says(engine):
    whole_answer = engine.generate(PROMPT, max_tokens=24, suffix=MINE)
    stream = engine.stream(PROMPT, max_tokens=24, suffix=MINE)
    assert "".join(stream) == whole_answer.text
    assert (stream.n_prompt_tokens, stream.finish_reason) == (whole_answer.n_prompt_tokens, whole_answer.finish_reason)
    assert whole_answer.text != engine.generate(PROMPT, max_tokens=24).text


def test_grammars_and_stop_strings_hold(engine):
    schema = {"type": "object", "properties": {"tag": {"enum": ["comedy", "crime"]}}, "required": ["tag"]}
    answer = engine.generate(PROMPT, max_tokens=80, grammar=Grammar.from_json_schema(schema), suffix=MINE)
    assert json.loads(answer.text)["tag"] in ("comedy", "crime")
    text = engine.generate(PROMPT, max_tokens=12, suffix=MINE).text
    stopped = engine.generate(PROMPT, max_tokens=12, stop=[text[4]], suffix=MINE)
    assert (stopped.text, stopped.finish_reason) == (text[: text.index(text[4])], "stop")


def test_threads_with_rows_of_their_own_get_their_own_answers(engine, open_engine):
    expected = [open_engine().generate(PROMPT, max_tokens=12, suffix=suffix).text for suffix in (MINE, YOURS)]
    assert expected[0] != expected[1]
    answers: list[list[str]] = [[], []]

    def ask(place: int) -> None:
        for _ in range(4):
            answers[place].append(engine.generate(PROMPT, max_tokens=12, suffix=(MINE, YOURS)[place]).text)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[text] * 4 for text in expected]


def test_a_stream_keeps_its_rows_whatever_becomes_of_the_table(engine, open_engine):
    rows = MINE.copy()
    stream = engine.stream(PROMPT, max_tokens=12, suffix=rows)
    rows[:] = 0
    assert "".join(stream) == open_engine().generate(PROMPT, max_tokens=12, suffix=MINE).text


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        (np.full((2, EMBEDDING), np.nan), ValueError, "the suffix must be a table of finite numbers"),
        (np.full((2, EMBEDDING), 1e300), ValueError, "the suffix must be a table of finite numbers"),
        (np.ones((0, EMBEDDING)), ValueError, r"the suffix must be a table with at least one row .* \(0, 64\)"),
        (np.ones(EMBEDDING), ValueError, r"the suffix must be a table .* \(64,\)"),
        (np.ones((2, 32)), ModelMismatchError, "the suffix has rows of 32 numbers, the model's embeddings have 64"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is(engine, rows, error, said):
    asks: list[Callable[[], object]] = [
        lambda: engine.stream(PROMPT, max_tokens=1, suffix=rows),
        lambda: engine.generate(PROMPT, max_tokens=1, suffix=rows),
        lambda: engine.choose(PROMPT, LABELS, suffix=rows),
        lambda: engine.log_likelihood(PROMPT, ANSWER, suffix=rows),
    ]
    for ask in asks:
        with pytest.raises(error, match=said):
            ask()
    assert engine.forget_cache() is False


def test_the_context_must_hold_the_rows_too(engine):
    room = engine.context_tokens - len(PROMPT) - 1
    assert engine.generate(PROMPT, max_tokens=room - 4, suffix=MINE, cancel=lambda: True).n_tokens == 0
    asks: list[Callable[[], object]] = [
        lambda: engine.generate(PROMPT, max_tokens=room - 3, suffix=MINE),
        lambda: engine.choose(PROMPT, ["abc"], suffix=rows_like(1, room - 2)),
        lambda: engine.log_likelihood(PROMPT, "abc", suffix=rows_like(1, room - 2)),
    ]
    for ask in asks:
        with pytest.raises(ContextOverflowError):
            ask()
    assert engine.content_budget(50, n_suffix=4) == engine.content_budget(50) - 4


def test_a_request_that_is_cancelled_before_its_rows_leaves_the_prompt(engine):
    asked: list[None] = []

    def cancel() -> bool:
        asked.append(None)
        return len(asked) > 1  # before the prompt, before the rows

    assert engine.generate(PROMPT, max_tokens=5, suffix=MINE, cancel=cancel).finish_reason == "cancelled"
    assert engine._desk.state.end == len(PROMPT) + 1
    assert engine.generate(PROMPT, max_tokens=1, suffix=MINE).n_reused_tokens == len(PROMPT) + 1


def test_forgetting_takes_the_rows_along(engine):
    from ondevice.generation.llama.native import lib

    engine.generate(PROMPT, max_tokens=1, suffix=MINE)
    memory = lib.llama_get_memory(engine._desk.context.pointer)
    assert lib.llama_memory_seq_pos_max(memory, 0) == len(PROMPT) + len(MINE)
    assert engine._desk.state._conditioning.suffix is None  # what is kept of a request has no rows
    assert engine.forget_cache() is True
    assert lib.llama_memory_seq_pos_max(memory, 0) == -1
    assert engine.forget_cache() is False


def test_rows_that_give_no_numbers_are_overwritten_and_not_only_masked(engine, open_engine):
    """What is no number would show through the mask that hides the last request's keys and values."""
    desk, rows = engine._desk, np.full((50, EMBEDDING), np.nan, dtype=np.float32)
    desk.state.read(desk.vocabulary.tokenize_prompt(PROMPT), Conditioning(suffix=rows), lambda: False)
    with pytest.raises(GenerationError, match="not numbers"):
        desk.context.logits(-1)
    long = "x" + PROMPT  # enough tokens in one batch for the attention that does not skip what is masked
    assert np.array_equal(behind(engine, prompt=long), behind(open_engine(), prompt=long))
