from __future__ import annotations

import gguf
import numpy as np
import pytest

from ondevice.errors import ContextOverflowError, ModelMismatchError
from ondevice.generation.llama.conditioning import soft_prompt_rows
from tests.tiny_generator import EMBEDDING


def test_rows_are_copied_and_frozen():
    rows = np.ones((2, EMBEDDING))
    table = soft_prompt_rows(rows, EMBEDDING)
    rows[:] = 5
    assert table.dtype == np.float32
    assert table.max() == 1
    assert not table.flags.writeable


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (np.ones(EMBEDDING), "a table with at least one row"),
        (np.ones((0, EMBEDDING)), "a table with at least one row"),
        (np.full((1, EMBEDDING), np.nan), "a table of finite numbers"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(rows, said):
    with pytest.raises(ValueError, match=f"the soft prompt must be {said}"):
        soft_prompt_rows(rows, EMBEDDING)


def test_rows_of_another_length_name_both(engine):
    with pytest.raises(ModelMismatchError, match=f"rows of 32 numbers, the model's embeddings have {EMBEDDING}"):
        engine.use_soft_prompt(np.ones((1, 32)))


def test_embeddings_of_tokens_give_the_logits_of_the_tokens(engine, tiny_bundle, logits):
    """A soft prompt made of the prompt's own first embeddings is as good as the tokens themselves."""
    reader = gguf.GGUFReader(tiny_bundle.file("model"))
    table = next(tensor.data for tensor in reader.tensors if tensor.name == "token_embd.weight")
    tokens = engine._desk.vocabulary.tokenize_prompt("A soft prompt, then text")
    by_tokens = logits(engine, "A soft prompt, then text")
    head = 6
    engine.use_soft_prompt(np.array(table[tokens[:head]], dtype=np.float32))
    from ondevice.generation.llama.conditioning import Conditioning

    conditioning: Conditioning = engine._conditioning
    engine._desk.state.read(tokens[head:], conditioning, lambda: False)
    assert np.allclose(engine._desk.context.logits(-1), by_tokens, atol=0.02)


def test_a_soft_prompt_counts_as_prompt(engine):
    plain = engine.generate("hello", max_tokens=1).n_prompt_tokens
    engine.use_soft_prompt(np.ones((5, EMBEDDING)))
    assert engine.generate("hello", max_tokens=1).n_prompt_tokens == plain + 5
    engine.use_soft_prompt(np.ones((engine.context_tokens - 3, EMBEDDING)))
    with pytest.raises(ContextOverflowError):
        engine.generate("hello", max_tokens=1)


def test_a_soft_prompt_longer_than_a_batch_is_read_in_parts(engine):
    engine.use_soft_prompt(np.random.default_rng(0).standard_normal((300, EMBEDDING)))
    answer = engine.generate("hello", max_tokens=3)
    assert answer.n_prompt_tokens == 306
    assert answer.text == engine.generate("hello", max_tokens=3).text
