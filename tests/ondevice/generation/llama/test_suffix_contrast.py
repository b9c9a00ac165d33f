"""Rows behind a prompt under a contrast: they are the user's, so the plain model goes on without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.config import Contrast, EngineConfig
from ondevice.generation.llama.contrast import contrast_logits
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import EMBEDDING, make_tiny_adapter

PROMPT = "The user likes gardens, trains and early mornings. Write one line about it:"
OTHER = "The user likes gardens, trains and late evenings. What do they like?"
ANSWER = " roses in the rain"
LABELS = ("sci-fi", "comedy", "a", "dark comedy")
EVERYWHERE = Contrast(alpha=0.9, threshold=1e-30)
NOISE = 0.02

MINE, YOURS = (np.random.default_rng(n).standard_normal((n, EMBEDDING)).astype(np.float32) for n in (4, 50))


@pytest.fixture
def open_whole(tiny_bundle: Bundle) -> Iterator[Callable[[], Engine]]:
    """Open engines of which no bit depends on what was asked before; ``YOURS`` is longer than their batches."""
    opened: list[Engine] = []

    def open_one(*, adapted: bool = False, contrasted: bool = False) -> Engine:
        config = EngineConfig(batch_tokens=16, threads=1, reuse_whole_batches=True)
        engine = Engine.open(tiny_bundle, config=config)
        opened.append(engine)
        adapter = engine.load_adapter(make_tiny_adapter()) if adapted else None
        engine.use(adapter, contrast=EVERYWHERE if contrasted else None)
        return engine

    yield open_one
    for engine in opened:
        engine.close()


def behind(engine: Engine, suffix: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    engine.generate(PROMPT, max_tokens=1, suffix=suffix)
    return engine._desk.context.logits(-1).copy()


@pytest.mark.parametrize("rows", [MINE, YOURS])
def test_the_plain_model_reads_the_tokens_alone(open_whole, rows):
    """Each token's logits, bit for bit: rows in front of the adapted model, none in front of the plain one."""
    both, adapted, plain = (
        open_whole(adapted=True, contrasted=True),
        open_whole(adapted=True),
        open_whole(),
    )
    assert np.array_equal(behind(both, rows), contrast_logits(behind(adapted, rows), behind(plain), EVERYWHERE))
    for token in both._desk.vocabulary.tokenize_text(ANSWER):
        for engine in (both, adapted, plain):
            engine._desk.state.extend([token])
        expected = contrast_logits(adapted._desk.context.logits(-1), plain._desk.context.logits(-1), EVERYWHERE)
        assert np.array_equal(both._desk.context.logits(-1), expected)


def test_likelihoods_told_apart_are_those_of_one_model_each(open_whole):
    both, adapted, plain = open_whole(adapted=True), open_whole(adapted=True), open_whole()
    shaped = both.shape(both._conditioning.adapter, contrast=EVERYWHERE)
    apart = both.log_likelihood_apart(PROMPT, ANSWER, shaped=shaped, suffix=MINE)
    assert np.array_equal(apart[0], both.log_likelihood(PROMPT, ANSWER, shaped=shaped, suffix=MINE))
    assert np.array_equal(apart[1], adapted.log_likelihood(PROMPT, ANSWER, suffix=MINE))
    assert np.allclose(apart[2], plain.log_likelihood(PROMPT, ANSWER), atol=NOISE)
    labels = both.choose_apart(PROMPT, LABELS, shaped=shaped, suffix=MINE)
    assert np.array_equal(labels[1], [*adapted.choose(PROMPT, LABELS, suffix=MINE).scores.values()])
    assert np.array_equal(labels[2], [*plain.choose(PROMPT, LABELS).scores.values()])


def test_choices_and_likelihoods_agree(open_whole):
    engine = open_whole(adapted=True, contrasted=True)
    sums = [float(engine.log_likelihood(PROMPT, label, ends_turn=True, suffix=MINE).sum()) for label in LABELS]
    assert [*engine.choose(PROMPT, LABELS, suffix=MINE).scores.values()] == pytest.approx(sums, abs=6 * NOISE)


@pytest.mark.parametrize("earlier", [PROMPT, OTHER, PROMPT + PROMPT])
def test_both_memories_are_cut_where_the_rows_began(open_whole, earlier):
    warm = open_whole(adapted=True, contrasted=True)
    for suffix in (YOURS, None, MINE):
        cold = open_whole(adapted=True, contrasted=True)
        warm.generate(earlier, max_tokens=9, suffix=MINE)
        assert np.array_equal(behind(warm, suffix), behind(cold, suffix))
        assert warm.generate(PROMPT, max_tokens=12, suffix=suffix).text == (
            cold.generate(PROMPT, max_tokens=12, suffix=suffix).text
        )


def test_the_last_token_is_read_again_for_the_plain_model(open_engine):
    """Only then are there logits of it to contrast with; without a contrast nobody wants them."""
    engine = open_engine()
    engine.use(engine.load_adapter(make_tiny_adapter()), contrast=EVERYWHERE)
    engine.generate(PROMPT, max_tokens=9, suffix=MINE)
    assert engine.generate(PROMPT, max_tokens=1, suffix=MINE).n_reused_tokens == len(PROMPT)
    engine.use_contrast(None)
    engine.generate(PROMPT, max_tokens=9, suffix=MINE)
    assert engine.generate(PROMPT, max_tokens=1, suffix=MINE).n_reused_tokens == len(PROMPT) + 1


def test_forgetting_empties_both_memories(open_whole):
    from ondevice.generation.llama.native import lib

    engine = open_whole(adapted=True, contrasted=True)
    engine.generate(PROMPT, max_tokens=1, suffix=MINE)
    context = engine._desk.context
    memories = [lib.llama_get_memory(one.pointer) for one in (context, context._plain)]
    last = len(PROMPT)
    assert [lib.llama_memory_seq_pos_max(memory, 0) for memory in memories] == [last + len(MINE), last]
    assert engine.forget_cache() is True
    assert [lib.llama_memory_seq_pos_max(memory, 0) for memory in memories] == [-1, -1]
    assert np.array_equal(behind(engine), behind(open_whole(adapted=True, contrasted=True)))
