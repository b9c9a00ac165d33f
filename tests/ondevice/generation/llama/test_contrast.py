"""Contrastive decoding: the arithmetic by hand, then two real contexts of a tiny model that must stay in step."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.config import Contrast, EngineConfig, Sampling
from ondevice.errors import GenerationError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.adapters import Adapter
from ondevice.generation.llama.contrast import contrast_logits
from ondevice.generation.llama.decoding import TextPieces
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.scoring import log_probability
from tests.tiny_generator import EMBEDDING, make_tiny_adapter

PROMPT = "The user likes gardens, trains and early mornings. Write one line about it:"
OTHER = "The user likes gardens, trains and late evenings. What do they like?"
LABELS = ("sci-fi", "comedy", "a", "dark comedy", "c")
STRONG = Contrast(alpha=0.9, threshold=0.05)
EVERYWHERE = Contrast(alpha=0.9, threshold=1e-30)
NOISE = 0.02

Logits = Callable[[Engine, str], NDArray[np.float32]]


def _adapted(engine: Engine, seed: int = 1) -> Adapter:
    adapter = engine.load_adapter(make_tiny_adapter(seed=seed))
    engine.use_adapter(adapter)
    return adapter


@pytest.fixture
def contrasted(open_engine: Callable[[], Engine]) -> Engine:
    engine = open_engine()
    _adapted(engine)
    engine.use_contrast(STRONG)
    return engine


def _read(prompt: str, *engines: Engine) -> None:
    for engine in engines:
        engine._desk.state.read(engine._desk.vocabulary.tokenize_prompt(prompt), engine._conditioning, lambda: False)


def _extend(tokens: Sequence[int], *engines: Engine) -> None:
    for engine in engines:
        engine._desk.state.extend(tokens, wanted=True)


def _log(*probabilities: float) -> NDArray[np.float32]:
    return np.log(np.array(probabilities, dtype=np.float32))


def test_the_score_by_hand():
    adapted, plain = _log(0.60, 0.30, 0.09, 0.01), _log(0.64, 0.16, 0.04, 0.16)
    # The last token is below 0.1 · 0.60. The others score 0.60/0.8, 0.30/0.4 and 0.09/0.2: 0.75, 0.75 and 0.45 of 1.95.
    made = np.exp(contrast_logits(adapted, plain, Contrast(alpha=0.5, threshold=0.1)))
    assert made == pytest.approx([0.99 * 0.75 / 1.95, 0.99 * 0.75 / 1.95, 0.99 * 0.45 / 1.95, 0.01], rel=1e-5)


def test_the_contrast_moves_the_first_place_by_hand():
    adapted, plain = _log(0.5, 0.4, 0.1), _log(0.8, 0.1, 0.1)
    assert contrast_logits(adapted, plain, Contrast(alpha=0.1)).argmax() == 0  # 0.511 against 0.504
    assert contrast_logits(adapted, plain, Contrast(alpha=0.2)).argmax() == 1  # 0.523 against 0.634


def test_what_is_not_plausible_never_wins():
    adapted, plain = _log(0.90, 0.08, 0.02), _log(0.999998, 1e-6, 1e-6)
    assert contrast_logits(adapted, plain, Contrast(alpha=0.9, threshold=0.1)).argmax() == 0
    assert contrast_logits(adapted, plain, Contrast(alpha=0.9, threshold=0.05)).argmax() == 1


def test_a_token_the_plain_model_never_says_gains_a_bounded_amount():
    plain = np.array([0.0, -40.0, -np.inf], dtype=np.float32)
    made = contrast_logits(_log(0.4, 0.3, 0.3), plain, Contrast(alpha=0.1))
    assert made[1] == made[2] == pytest.approx(made[0] + np.log(0.3 / 0.4) + 0.1 * np.log(1e8), abs=1e-5)


def test_probabilities_stay_a_distribution_and_alpha_zero_changes_no_bit():
    random = np.random.default_rng(0)
    adapted, plain = (4 * random.standard_normal((2, 500))).astype(np.float32)
    total = np.log(np.exp(adapted.astype(np.float64)).sum())
    for alpha in (0.1, 1.0, 3.0):
        made = contrast_logits(adapted, plain, Contrast(alpha=alpha))
        assert np.log(np.exp(made.astype(np.float64)).sum()) == pytest.approx(total, abs=1e-6)
        assert adapted[made.argmax()] >= adapted.max() + np.log(0.1)
    assert np.array_equal(contrast_logits(adapted, plain, Contrast(alpha=0.0)), adapted)
    assert contrast_logits(adapted, plain, Contrast(alpha=3.0, threshold=1.0)) == pytest.approx(adapted, abs=1e-5)


def test_two_contexts_give_the_contrast_of_two_engines(contrasted, open_engine, logits):
    with_adapter, without = open_engine(), open_engine()
    _adapted(with_adapter)
    expected = contrast_logits(logits(with_adapter, PROMPT), logits(without, PROMPT), STRONG)
    assert np.array_equal(logits(contrasted, PROMPT), expected)


def test_an_answer_is_greedy_under_the_contrast(contrasted, open_engine):
    with_adapter, without = open_engine(), open_engine()
    _adapted(with_adapter)
    expected = b""
    _read(PROMPT, with_adapter, without)
    for _ in range(12):
        adapted, plain = (engine._desk.context.logits(-1) for engine in (with_adapter, without))
        token = int(contrast_logits(adapted, plain, STRONG).argmax())
        expected += without._desk.vocabulary.piece(token)
        _extend([token], with_adapter, without)
    answer = contrasted.generate(PROMPT, max_tokens=12).text
    assert answer == TextPieces(()).push(expected)
    assert answer != with_adapter.generate(PROMPT, max_tokens=12).text
    assert answer != without.generate(PROMPT, max_tokens=12).text


@pytest.mark.parametrize("contrast", [Contrast(alpha=0.0), Contrast(alpha=0.9, threshold=1.0)])
def test_alpha_zero_or_a_threshold_of_one_is_the_adapter_alone(contrasted, open_engine, contrast):
    alone = open_engine()
    _adapted(alone)
    contrasted.use_contrast(contrast)
    assert contrasted.generate(PROMPT, max_tokens=30).text == alone.generate(PROMPT, max_tokens=30).text


def test_a_scale_of_zero_is_the_plain_model(contrasted, open_engine):
    adapter = contrasted._conditioning.adapter
    contrasted.use_adapter(adapter, 0.0)
    assert contrasted.generate(PROMPT, max_tokens=30).text == open_engine().generate(PROMPT, max_tokens=30).text


def test_without_an_adapter_there_is_nothing_to_contrast(contrasted, open_engine, logits):
    logits(contrasted, PROMPT)
    contrasted.use_adapter(None)
    assert np.array_equal(logits(contrasted, PROMPT), logits(open_engine(), PROMPT))
    assert contrasted._desk.context._plain is None


@pytest.mark.parametrize("contrast", [STRONG, EVERYWHERE])
def test_likelihoods_are_those_of_the_contrast(contrasted, open_engine, contrast):
    contrasted.use_contrast(contrast)
    answer, with_adapter, without = "comedy", open_engine(), open_engine()
    _adapted(with_adapter)
    row, expected = without._desk.vocabulary.tokenize_text(answer), []
    tokens = without._desk.vocabulary.tokenize_prompt(PROMPT)
    for engine in (with_adapter, without):
        engine._desk.state.read_but_last(tokens, engine._conditioning, lambda: False)
    _extend([tokens[-1], *row[:-1]], with_adapter, without)
    for i, token in enumerate(row):
        adapted, plain = (engine._desk.context.logits(i) for engine in (with_adapter, without))
        expected.append(log_probability(contrast_logits(adapted, plain, contrast), token))
    scores = contrasted.log_likelihood(PROMPT, answer)
    assert np.array_equal(scores, np.array(expected, dtype=np.float32))
    differ = np.abs(scores - with_adapter.log_likelihood(PROMPT, answer)).max() > 10 * NOISE
    assert differ == (contrast is EVERYWHERE)  # the adapted model finds no letter of the answer plausible


def test_a_choice_is_the_label_with_the_best_sum_under_the_contrast(contrasted):
    # Labels side by side are other batches: noise may carry a token over the edge of the plausible set, where one is.
    contrasted.use_contrast(EVERYWHERE)
    sums = {label: float(contrasted.log_likelihood(PROMPT, label, ends_turn=True).sum()) for label in LABELS}
    choice = contrasted.choose(PROMPT, LABELS)
    assert choice.scores == pytest.approx(sums, abs=6 * NOISE)
    assert choice.label == max(sums, key=sums.__getitem__)


def test_prompt_states_never_mix(contrasted, open_engine, logits):
    """Contrast, adapter alone, plain, another user's adapter, contrast again: each as in a fresh engine."""
    warm = contrasted
    mine, yours = warm._conditioning.adapter, warm.load_adapter(make_tiny_adapter(seed=2))
    cold_pair, cold_alone = open_engine(), open_engine()
    _adapted(cold_pair)
    cold_pair.use_contrast(STRONG)
    expected = logits(cold_pair, PROMPT)
    _adapted(cold_alone)
    assert np.array_equal(logits(warm, PROMPT), expected)
    warm.use_contrast(None)
    assert np.array_equal(logits(warm, PROMPT), logits(cold_alone, PROMPT))
    warm.use_contrast(STRONG)
    assert np.array_equal(logits(warm, PROMPT), expected)
    warm.use_adapter(yours)
    cold_yours = open_engine()
    _adapted(cold_yours, seed=2)
    cold_yours.use_contrast(STRONG)
    assert np.array_equal(logits(warm, PROMPT), logits(cold_yours, PROMPT))
    warm.use_adapter(mine)
    assert np.array_equal(logits(warm, PROMPT), expected)


def test_a_prompt_is_reused_in_both_contexts(contrasted, open_engine, logits):
    contrasted.generate(PROMPT, max_tokens=8)
    again = contrasted.generate(PROMPT, max_tokens=1)
    assert again.n_reused_tokens == again.n_prompt_tokens - 1
    contrasted.generate(OTHER, max_tokens=1)
    cold = open_engine()
    _adapted(cold)
    cold.use_contrast(STRONG)
    warm_logits, cold_logits = logits(contrasted, OTHER), logits(cold, OTHER)
    assert np.allclose(warm_logits, cold_logits, atol=10 * NOISE)


def test_another_alpha_needs_no_new_reading(contrasted, open_engine, logits):
    at_strong = logits(contrasted, PROMPT)
    contrasted.use_contrast(replace(STRONG, alpha=0.1))
    assert contrasted.generate(PROMPT, max_tokens=1).n_reused_tokens > 0
    assert not np.allclose(logits(contrasted, PROMPT), at_strong, atol=10 * NOISE)


def test_a_soft_prompt_stands_before_both(contrasted, open_engine, logits):
    rows = np.random.default_rng(0).standard_normal((3, EMBEDDING)).astype(np.float32)
    with_adapter, without = open_engine(), open_engine()
    _adapted(with_adapter)
    for engine in (contrasted, with_adapter, without):
        engine.use_soft_prompt(rows)
    expected = contrast_logits(logits(with_adapter, PROMPT), logits(without, PROMPT), STRONG)
    assert np.array_equal(logits(contrasted, PROMPT), expected)


def test_the_second_context_lives_only_while_it_is_used(contrasted):
    context = contrasted._desk.context
    assert context._plain is None  # nothing was asked yet
    contrasted.generate(PROMPT, max_tokens=1)
    plain = context._plain
    assert plain is not None
    contrasted.use_contrast(None)
    assert context._plain is None
    with pytest.raises(ValueError, match="the context is closed"):
        _ = plain.pointer
    contrasted.use_contrast(STRONG)
    contrasted.generate(PROMPT, max_tokens=1)
    plain = context._plain
    contrasted.close()
    with pytest.raises(ValueError, match="the context is closed"):
        _ = plain.pointer


def test_ending_the_contrast_stops_an_open_stream(contrasted):
    stream = contrasted.stream(PROMPT, max_tokens=500)
    next(stream)
    contrasted.use_contrast(None)
    assert list(stream) == []
    assert stream.finish_reason == "cancelled"
    assert contrasted.generate(PROMPT, max_tokens=2).n_tokens == 2


def test_cancelling_between_batches_leaves_both_contexts_in_step(contrasted, open_engine, logits):
    asked: list[None] = []

    def cancel() -> bool:
        asked.append(None)
        return len(asked) > 1

    long = "word " * 150
    assert contrasted.generate(long, max_tokens=5, cancel=cancel).finish_reason == "cancelled"
    assert contrasted.generate(long, max_tokens=1).n_reused_tokens == 128
    cold = open_engine()
    _adapted(cold)
    cold.use_contrast(STRONG)
    assert np.array_equal(logits(contrasted, PROMPT), logits(cold, PROMPT))


def test_forgetting_empties_both_memories(contrasted):
    from ondevice.generation.llama.native import lib

    contrasted.generate(PROMPT, max_tokens=1)
    context = contrasted._desk.context
    memories = [lib.llama_get_memory(one.pointer) for one in (context, context._plain)]
    assert [lib.llama_memory_seq_pos_max(memory, 0) for memory in memories] == [len(PROMPT), len(PROMPT)]
    assert contrasted.erase([1]).outcome == "cleared"
    assert [lib.llama_memory_seq_pos_max(memory, 0) for memory in memories] == [-1, -1]
    assert contrasted.erase([1]).outcome == "absent"


def test_a_grammar_holds_under_the_contrast(contrasted):
    schema = {"type": "object", "properties": {"tag": {"enum": ["comedy", "crime"]}}, "required": ["tag"]}
    answer = contrasted.generate(PROMPT, max_tokens=80, grammar=Grammar.from_json_schema(schema))
    assert answer.finish_reason == "stop"
    assert json.loads(answer.text)["tag"] in ("comedy", "crime")


def test_drawn_answers_repeat_with_the_seed(contrasted):
    drawn = Sampling(temperature=1.2, seed=3)
    first = contrasted.generate(PROMPT, max_tokens=20, sampling=drawn).text
    contrasted.forget_cache()
    assert contrasted.generate(PROMPT, max_tokens=20, sampling=drawn).text == first


def test_an_adapter_that_goes_takes_the_second_context_with_it(contrasted, open_engine, logits):
    adapter = contrasted._conditioning.adapter
    contrasted.generate(PROMPT, max_tokens=1)
    contrasted.unload_adapter(adapter)
    assert contrasted._desk.context._plain is None
    assert np.array_equal(logits(contrasted, PROMPT), logits(open_engine(), PROMPT))


def test_no_memory_for_a_second_context_leaves_the_plain_model(contrasted, open_engine, logits, monkeypatch):
    def refuse() -> Any:
        raise GenerationError("llama.cpp could not make a context of 1024 tokens", hint="ask for a shorter context")

    with monkeypatch.context() as patch:
        patch.setattr(contrasted._desk.context, "_create_plain", refuse)
        with pytest.raises(GenerationError, match="could not make a context"):
            contrasted.generate(PROMPT, max_tokens=1)
    contrasted.use_adapter(None)
    assert np.array_equal(logits(contrasted, PROMPT), logits(open_engine(), PROMPT))


def test_whole_batches_give_the_bits_of_a_cold_run(tiny_bundle, logits):
    config = EngineConfig(batch_tokens=16, reuse_whole_batches=True)
    with Engine.open(tiny_bundle, config=config) as warm, Engine.open(tiny_bundle, config=config) as cold:
        for engine in (warm, cold):
            _adapted(engine)
            engine.use_contrast(STRONG)
        warm.generate(OTHER, max_tokens=8)
        assert warm.generate(PROMPT, max_tokens=1).n_reused_tokens == 32
        assert np.array_equal(logits(warm, PROMPT), logits(cold, PROMPT))


@pytest.mark.parametrize(
    ("contrast", "said"),
    [
        (Contrast(alpha=-0.1), "alpha must be 0 or more, not -0.1"),
        (Contrast(alpha=float("nan")), "alpha"),
        (Contrast(threshold=0.0), "threshold must be above 0 and at most 1, not 0.0"),
        (Contrast(threshold=1.5), "threshold"),
    ],
)
def test_numbers_out_of_range_are_refused(engine, contrast, said):
    with pytest.raises(ValueError, match=said):
        engine.use_contrast(contrast)
