from __future__ import annotations

import numpy as np
import pytest

from ondevice.config import EngineConfig
from ondevice.errors import ContextOverflowError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.handles import OUTPUTS_PER_BATCH, PARALLEL_SEQUENCES
from ondevice.generation.llama.scoring import log_probability
from tests.tiny_generator import make_tiny_generator

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


def test_a_choice_is_the_label_that_is_the_likeliest_whole_answer(engine):
    choice = engine.choose(PROMPT, LABELS)
    sums = {label: float(engine.log_likelihood(PROMPT, label, ends_turn=True).sum()) for label in LABELS}
    assert choice.scores == pytest.approx(sums, abs=NOISE)
    assert choice.label == max(sums, key=sums.__getitem__)
    assert list(choice.scores) == list(LABELS)
    assert choice.n_prompt_tokens == len(PROMPT) + 1


def test_a_score_is_what_the_logits_say_token_by_token_and_of_the_end(engine, open_engine, logits):
    other = open_engine()
    vocabulary = other._desk.vocabulary
    for label, score in engine.choose(PROMPT, ("a", "ab", "b")).scores.items():
        by_hand = sum(
            log_probability(logits(other, PROMPT + label[:place]), *vocabulary.tokenize_text(letter))
            for place, letter in enumerate(label)
        )
        by_hand += log_probability(logits(other, PROMPT + label), vocabulary.end_of_turn)
        assert score == pytest.approx(by_hand, abs=NOISE)


REQUESTS = tuple(f"What is it? {what} It is: " for what in ("rain", "snow", "a tree", "my bike", "17", "Lyon", "zz"))


def test_a_label_that_begins_another_does_not_always_beat_it(tmp_path):
    """Without the end, "t" is at least as likely as "tb" whatever is asked, so that the longer one could never win."""
    with Engine.open(make_tiny_generator(tmp_path, leaning={"b": 3.0})) as engine:
        chosen = {engine.choose(request, ("t", "tb")).label for request in REQUESTS}
        short, long = (float(engine.log_likelihood(PROMPT, label).sum()) for label in ("t", "tb"))
    assert short >= long
    assert chosen == {"tb"}  # behind "t" this model goes on with "b", and does not end


def test_a_prior_is_taken_off(engine):
    plain = engine.choose(PROMPT, LABELS).scores
    prior = {label: -10.0 * number for number, label in enumerate(LABELS)}
    choice = engine.choose(PROMPT, LABELS, prior={**prior, "one more": -1.0})
    assert choice.scores == pytest.approx({label: plain[label] - prior[label] for label in LABELS}, abs=NOISE)
    assert choice.label == max(choice.scores, key=choice.scores.__getitem__)


def test_the_prior_undoes_a_bias_of_the_model(tmp_path):
    """Two models, alike but for a bias for one label: it always wins, until what it is worth anyway is taken off."""
    labels, chosen, calibrated = ("cat", "dog"), {}, {}
    for name, leaning in (("even", {}), ("leaning", {"d": 2.0})):
        with Engine.open(make_tiny_generator(tmp_path / name, leaning=leaning)) as engine:
            prior = dict(engine.choose("What is it?  It is: ", labels).scores)
            chosen[name] = [engine.choose(request, labels).label for request in REQUESTS]
            calibrated[name] = [engine.choose(request, labels, prior=prior).label for request in REQUESTS]
    assert set(chosen["leaning"]) == {"dog"}
    assert set(calibrated["even"]) == set(labels)
    assert calibrated["leaning"] == calibrated["even"]


def test_order_and_company_change_nothing(engine):
    alone = engine.choose(PROMPT, LABELS[:1]).scores[LABELS[0]]
    for labels in (LABELS, LABELS[::-1], tuple(f"label {i}" for i in range(40)) + LABELS):
        assert engine.choose(PROMPT, labels).scores[LABELS[0]] == pytest.approx(alone, abs=NOISE)


def test_more_labels_than_sequences_or_outputs_fit(engine):
    labels = tuple(f"number {i:03}" for i in range(2 * PARALLEL_SEQUENCES + 3))
    assert sum(map(len, labels)) > 2 * OUTPUTS_PER_BATCH
    choice = engine.choose(PROMPT, labels)
    assert choice.scores[labels[-1]] == pytest.approx(
        float(engine.log_likelihood(PROMPT, labels[-1], ends_turn=True).sum()), abs=NOISE
    )


def test_scoring_leaves_the_prompt_for_the_next_request(engine, open_engine):
    engine.choose(PROMPT, LABELS)
    answer = engine.generate(PROMPT, max_tokens=10)
    assert answer.n_reused_tokens == answer.n_prompt_tokens - 1
    assert answer.text == open_engine().generate(PROMPT, max_tokens=10).text
    assert engine.choose(PROMPT, LABELS).n_reused_tokens == answer.n_prompt_tokens - 1


def test_the_same_labels_get_the_same_bits(open_engine):
    assert open_engine().choose(PROMPT, LABELS).scores == open_engine().choose(PROMPT, LABELS).scores


def test_what_was_written_behind_a_prompt_changes_no_bit_of_a_likelihood(tiny_bundle):
    """A prompt that was answered just before is not read again, where whole batches keep every bit as it is."""
    answer, config = "a comedy", EngineConfig(batch_tokens=16, threads=1, reuse_whole_batches=True)
    with Engine.open(tiny_bundle, config=config) as engine:
        cold = engine.log_likelihood(PROMPT, answer, ends_turn=True)
        assert len(cold) == len(answer) + 1
        for ask in (
            lambda: engine.generate(PROMPT, max_tokens=9),
            lambda: engine.choose(PROMPT, LABELS),
            lambda: engine.log_likelihood(PROMPT, "another"),
            lambda: engine.generate(PROMPT + "and then more", max_tokens=9),
            lambda: engine.generate(PROMPT[:-3], max_tokens=9),
            lambda: engine.forget_cache(),
        ):
            ask()
            assert np.array_equal(engine.log_likelihood(PROMPT, answer, ends_turn=True), cold)
        text = engine.generate(PROMPT + "!" * 16, max_tokens=9).text
    with Engine.open(tiny_bundle, config=config) as fresh:
        assert fresh.generate(PROMPT + "!" * 16, max_tokens=9).text == text


def test_a_control_token_in_a_label_is_plain_text(engine):
    assert len(engine.log_likelihood(PROMPT, "</s>")) == 4


@pytest.mark.parametrize("labels", [(), ("a", ""), ("a", "a")])
def test_labels_must_be_distinct_and_not_empty(engine, labels):
    with pytest.raises(ValueError, match="distinct and not empty"):
        engine.choose(PROMPT, labels)


def test_limits_are_named(engine):
    with pytest.raises(ValueError, match="at most 64 tokens, but one has 80"):
        engine.choose(PROMPT, ("x" * 80,))
    with pytest.raises(ValueError, match="answer is empty"):
        engine.log_likelihood(PROMPT, "")
    with pytest.raises(ContextOverflowError, match="but the context holds 1024"):
        engine.choose("x" * 1000, ("y" * 30, "z"))
    with pytest.raises(ContextOverflowError):
        engine.log_likelihood("x" * 1000, "y" * 30)
