"""Requests shaped for themselves, and three likelihoods told apart in one reading, on a tiny real model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.config import Contrast, EngineConfig
from ondevice.generation.llama.adapters import Adapter
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import EMBEDDING, make_tiny_adapter

PROMPT = "The user likes gardens, trains and early mornings. Write one line about it:"
ANSWER = " roses in the rain, and the early train to the sea"
LABELS = ("sci-fi", "comedy", "a", "dark comedy")
STRONG = Contrast(alpha=0.9, threshold=1e-6)


@pytest.fixture
def engine(tiny_bundle: Bundle) -> Iterator[Engine]:
    # Whole batches: then no bit depends on what was read before.
    with Engine.open(tiny_bundle, config=EngineConfig(threads=1, reuse_whole_batches=True)) as engine:
        yield engine


@pytest.fixture
def adapter(engine: Engine) -> Adapter:
    return engine.load_adapter(make_tiny_adapter(seed=1))


def in_turn(engine: Engine, adapter: Adapter) -> tuple[list[NDArray[np.float32]], list[list[float]]]:
    """Return the likelihoods and the labels' scores as contrasted, adapted and plain, one after the other."""
    likelihoods, scores = [], []
    for used, contrast in ((adapter, STRONG), (adapter, None), (None, None)):
        engine.use_adapter(used, 0.5)
        engine.use_contrast(contrast)
        likelihoods.append(engine.log_likelihood(PROMPT, ANSWER))
        scores.append([*engine.choose(PROMPT, LABELS).scores.values()])
    return likelihoods, scores


def test_one_reading_tells_three_likelihoods_apart_bit_for_bit(engine: Engine, adapter: Adapter) -> None:
    likelihoods, scores = in_turn(engine, adapter)
    shaped = engine.shape(adapter, 0.5, contrast=STRONG)
    assert np.array_equal(engine.log_likelihood_apart(PROMPT, ANSWER, shaped=shaped), likelihoods)
    assert np.array_equal(engine.choose_apart(PROMPT, LABELS, shaped=shaped), scores)
    assert len({tuple(row) for row in scores}) == 3


def test_a_shape_holds_for_its_own_request_alone(engine: Engine, adapter: Adapter) -> None:
    plain = engine.log_likelihood(PROMPT, ANSWER)
    shaped = engine.shape(adapter)
    tried = engine.log_likelihood(PROMPT, ANSWER, shaped=shaped)
    assert not np.allclose(tried, plain, atol=0.01)
    assert np.array_equal(engine.log_likelihood(PROMPT, ANSWER), plain)
    assert engine.choose(PROMPT, LABELS, shaped=shaped).scores != engine.choose(PROMPT, LABELS).scores
    engine.use_adapter(adapter)
    assert np.array_equal(engine.log_likelihood(PROMPT, ANSWER), tried)
    assert np.array_equal(engine.log_likelihood(PROMPT, ANSWER, shaped=engine.shape(None)), plain)


def test_a_soft_prompt_stays_in_every_shape(engine: Engine) -> None:
    engine.use_soft_prompt(np.ones((2, EMBEDDING)))
    softened = engine.log_likelihood(PROMPT, ANSWER)
    assert np.array_equal(engine.log_likelihood(PROMPT, ANSWER, shaped=engine.shape(None)), softened)


def test_the_memory_of_a_trial_is_freed_unless_a_contrast_is_in_use(engine: Engine, adapter: Adapter) -> None:
    shaped = engine.shape(adapter, contrast=STRONG)
    engine.log_likelihood_apart(PROMPT, ANSWER, shaped=shaped)
    assert engine._desk.context._plain is not None
    engine.end_trial()
    assert engine._desk.context._plain is None
    engine.use_adapter(adapter)
    engine.use_contrast(STRONG)
    before = engine.log_likelihood(PROMPT, ANSWER)
    engine.end_trial()
    assert engine._desk.context._plain is not None
    assert np.array_equal(engine.log_likelihood(PROMPT, ANSWER), before)


def test_refuses_shapes_without_meaning(engine: Engine, adapter: Adapter) -> None:
    for shaped in (engine.shape(None, contrast=STRONG), engine.shape(adapter)):
        with pytest.raises(ValueError, match="nothing to tell apart"):
            engine.log_likelihood_apart(PROMPT, ANSWER, shaped=shaped)
        with pytest.raises(ValueError, match="nothing to tell apart"):
            engine.choose_apart(PROMPT, LABELS, shaped=shaped)
    with pytest.raises(ValueError, match="nothing is contrasted"):
        engine._desk.context.logits_apart(-1)
    with pytest.raises(ValueError, match="scale must be a finite number"):
        engine.shape(adapter, float("nan"))
    with pytest.raises(ValueError, match="threshold must be above 0"):
        engine.shape(adapter, contrast=Contrast(threshold=0.0))
    engine.unload_adapter(adapter)
    with pytest.raises(ValueError, match="not loaded by this engine"):
        engine.shape(adapter)
