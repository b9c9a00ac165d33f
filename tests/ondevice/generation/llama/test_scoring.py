from __future__ import annotations

import numpy as np
import pytest

from ondevice.config import EngineConfig
from ondevice.errors import ContextOverflowError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.handles import OUTPUTS_PER_BATCH, PARALLEL_SEQUENCES
from ondevice.generation.llama.scoring import log_probability

PROMPT = "Which tag fits this movie? "
NOISE = 0.02
LABELS = ("sci-fi", "comedy", "a", "dark comedy", "c")


def test_log_probabilities_are_a_distribution():
    logits = np.array([1.0, 2.0, 700.0, -np.inf], dtype=np.float32)
    assert log_probability(logits, 2) == pytest.approx(0.0)
    even = np.zeros(4, dtype=np.float32)
    assert log_probability(even, 1) == pytest.approx(-np.log(4))


def test_the_likelihood_of_an_answer_is_that_of_its_tokens_one_by_one(engine, open_engine):
    answer = "comedy"
    scores = engine.log_likelihood(PROMPT, answer)
    stepwise, other = [], open_engine()
    for i, letter in enumerate(answer):
        other.generate(PROMPT + answer[:i], max_tokens=1)
        token = other._desk.vocabulary.tokenize_text(letter)[0]
        stepwise.append(log_probability(other._desk.context.logits(-1), token))
    assert scores.dtype == np.float32
    assert np.allclose(scores, stepwise, atol=NOISE)


def test_an_answer_longer_than_a_batch_is_scored_whole(engine, tiny_bundle):
    answer = "x1" * 100
    scores = engine.log_likelihood(PROMPT, answer)
    assert scores.shape == (200,)
    with Engine.open(tiny_bundle, config=EngineConfig(batch_tokens=9)) as small:
        assert np.allclose(small.log_likelihood(PROMPT, answer), scores, atol=5 * NOISE)


def test_a_choice_is_the_label_with_the_best_mean(engine):
    choice = engine.choose(PROMPT, LABELS)
    means = {label: float(engine.log_likelihood(PROMPT, label).mean()) for label in LABELS}
    assert choice.scores == pytest.approx(means, abs=NOISE)
    assert choice.label == max(means, key=means.__getitem__)
    assert list(choice.scores) == list(LABELS)
    assert choice.n_prompt_tokens == len(PROMPT) + 1


def test_order_and_company_change_nothing(engine):
    alone = engine.choose(PROMPT, LABELS[:1]).scores[LABELS[0]]
    for labels in (LABELS, LABELS[::-1], tuple(f"label {i}" for i in range(40)) + LABELS):
        assert engine.choose(PROMPT, labels).scores[LABELS[0]] == pytest.approx(alone, abs=NOISE)


def test_more_labels_than_sequences_or_outputs_fit(engine):
    labels = tuple(f"number {i:03}" for i in range(2 * PARALLEL_SEQUENCES + 3))
    assert sum(map(len, labels)) > 2 * OUTPUTS_PER_BATCH
    choice = engine.choose(PROMPT, labels)
    assert choice.scores[labels[-1]] == pytest.approx(
        float(engine.log_likelihood(PROMPT, labels[-1]).mean()), abs=NOISE
    )


def test_scoring_leaves_the_prompt_for_the_next_request(engine, open_engine):
    engine.choose(PROMPT, LABELS)
    answer = engine.generate(PROMPT, max_tokens=10)
    assert answer.n_reused_tokens == answer.n_prompt_tokens - 1
    assert answer.text == open_engine().generate(PROMPT, max_tokens=10).text
    assert engine.choose(PROMPT, LABELS).n_reused_tokens == answer.n_prompt_tokens - 1


def test_the_same_labels_get_the_same_bits(open_engine):
    assert open_engine().choose(PROMPT, LABELS).scores == open_engine().choose(PROMPT, LABELS).scores


def test_a_control_token_in_a_label_is_plain_text(engine):
    assert len(engine.log_likelihood(PROMPT, "</s>")) == 4


@pytest.mark.parametrize("labels", [(), ("a", ""), ("a", "a")])
def test_labels_must_be_distinct_and_not_empty(engine, labels):
    with pytest.raises(ValueError, match="distinct and not empty"):
        engine.choose(PROMPT, labels)


def test_limits_are_named(engine):
    with pytest.raises(ValueError, match="at most 65 tokens, but one has 80"):
        engine.choose(PROMPT, ("x" * 80,))
    with pytest.raises(ValueError, match="answer is empty"):
        engine.log_likelihood(PROMPT, "")
    with pytest.raises(ContextOverflowError, match="but the context holds 1024"):
        engine.choose("x" * 1000, ("y" * 30, "z"))
    with pytest.raises(ContextOverflowError):
        engine.log_likelihood("x" * 1000, "y" * 30)
